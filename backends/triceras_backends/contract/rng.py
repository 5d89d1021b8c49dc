"""Random numbers from a counter-based hash: see `triceras_backends.hashing`.

`seed` is an int32 tensor (or NumPy array) of two elements, (key, counter), as drawn from
a SeedGenerator: equal seeds give equal numbers, on every backend. Shapes are static.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from triceras_backends.contract.types import DType, Shape, Tensor


def random_seed_scope() -> AbstractContextManager[Any]:
    """Within it, Variables that hold seeds are created, where the backend reads them fastest."""


def random_next_seed(seed: Tensor) -> Tensor:
    """The seed after this one, a tensor: its counter is one higher, and wraps."""


def random_bits(shape: Shape, seed: Tensor) -> Tensor:
    """32 random bits an element, as int32. Bit-exact over backends."""


def random_uniform(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Uniform floats in [minval, maxval). Bit-exact over backends for [0, 1).

    ValueError: minval > maxval, both Python numbers.
    """


def random_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Normal floats, up to 6.6 standard deviations from the mean (8.6 in float64)."""


def random_truncated_normal(shape: Shape, mean: Any, stddev: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Normal floats cut off at two standard deviations from the mean."""


def random_randint(shape: Shape, minval: Any, maxval: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Uniform integers in [minval, maxval). Bit-exact over backends.

    Python bounds may span the whole dtype; integer tensors as bounds may lie less than 2**32 apart.
    ValueError: an empty range of Python bounds, or one outside the dtype.
    """


def random_categorical(logits: Tensor, num_samples: int, dtype: DType, seed: Tensor) -> Tensor:
    """(batch, num_samples) class indices, drawn with probabilities softmax(logits), logits (batch, classes).

    Probabilities are rounded to multiples of 2**-30; a class of probability 0 is never drawn.
    """


def random_dropout(inputs: Tensor, rate: float, noise_shape: Any, seed: Tensor) -> Tensor:
    """inputs with a share `rate` of elements zeroed, the others divided by 1 - rate.

    `noise_shape`: the mask's shape, None entries taken from inputs. The mask is bit-exact.
    Integers become config.floatx(). ValueError: a rate outside [0, 1].
    """


def random_shuffle(x: Tensor, axis: int, seed: Tensor) -> Tensor:
    """x with its slices along `axis` in a random order. Bit-exact over backends."""


def random_gamma(shape: Shape, alpha: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Gamma floats of shape parameter alpha (broadcast to `shape`) and scale 1."""


def random_beta(shape: Shape, alpha: Any, beta: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Beta floats."""


def random_binomial(shape: Shape, counts: Any, probabilities: Any, dtype: DType, seed: Tensor) -> Tensor:
    """Numbers of successes in `counts` trials, in a float dtype."""
