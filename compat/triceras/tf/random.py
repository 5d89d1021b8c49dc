"""tf.random: numbers by TensorFlow's names. The streams are Triceras's own, equal on every backend."""

from __future__ import annotations

from typing import Any

from triceras import random
from triceras.seeds import set_random_seed
from triceras.tf.dtypes import as_dtype


def set_seed(seed: int) -> None:
    """Begins every stream of random numbers anew."""
    set_random_seed(seed)


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: Any = None, name: str | None = None
) -> Any:
    """Normal numbers."""
    return random.normal(shape, mean=mean, stddev=stddev, dtype=dtype, seed=seed)


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: Any = None, name: str | None = None
) -> Any:
    """Normal numbers within two standard deviations of the mean."""
    return random.truncated_normal(shape, mean=mean, stddev=stddev, dtype=dtype, seed=seed)


def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", seed: Any = None, name: str | None = None
) -> Any:
    """Uniform floats, or integers for an integer dtype (maxval is needed then)."""
    if as_dtype(dtype).is_integer:
        if maxval is None:
            raise ValueError(f"tf.random.uniform needs maxval for the integer dtype {dtype}.")
        return random.randint(shape, minval, maxval, dtype=dtype, seed=seed)
    return random.uniform(shape, minval=minval, maxval=1.0 if maxval is None else maxval, dtype=dtype, seed=seed)


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """Rows in a random order."""
    return random.shuffle(value, axis=0, seed=seed)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None, name: str | None = None) -> Any:
    """Class indices drawn by their logits."""
    return random.categorical(logits, num_samples, dtype=dtype, seed=seed)
