"""The random functions. What `seed` may be: see `triceras.random`."""

from __future__ import annotations

from typing import Any

from triceras.ops import symbolic
from triceras.seeds import draw_seed
from triceras_backends.active import backend as B
from triceras_backends.dtypes import standardize_dtype


def _shape(shape: Any) -> tuple[Any, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal floats of that mean and standard deviation.

    Args:
        shape: the shape of the result.
        mean, stddev: numbers, or tensors that broadcast to `shape`.
        dtype: a float dtype; None is `config.floatx()`.
        seed: see `triceras.random`.

    Raises ValueError: a dtype that is not a float one.
    """
    return B.random_normal(_shape(shape), mean, stddev, standardize_dtype(dtype), draw_seed(seed))


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal floats, of which those beyond two standard deviations from the mean do not occur.

    Arguments as for `normal`. The result's standard deviation is 0.88 stddev.
    """
    return B.random_truncated_normal(_shape(shape), mean, stddev, standardize_dtype(dtype), draw_seed(seed))


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Floats spread evenly over [minval, maxval): minval may occur, maxval does not.

    Args:
        shape: the shape of the result.
        minval, maxval: numbers, or tensors that broadcast to `shape`.
        dtype: a float dtype; None is `config.floatx()`.
        seed: see `triceras.random`.

    Raises ValueError: a dtype that is not a float one, or minval > maxval.
    """
    return B.random_uniform(_shape(shape), minval, maxval, standardize_dtype(dtype), draw_seed(seed))


def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Integers from minval to maxval - 1, all equally likely to within 2**-32 of their probability.

    Args:
        shape: the shape of the result.
        minval, maxval: integers, or integer tensors that lie less than 2**32 apart.
        dtype: an integer dtype; the range may be all of it.
        seed: see `triceras.random`.

    Raises ValueError: a dtype that is not an integer one, an empty range, or one that it does not hold.
    """
    return B.random_randint(_shape(shape), minval, maxval, standardize_dtype(dtype), draw_seed(seed))


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Class indices drawn for each row of logits, of shape (batch, num_samples).

    Args:
        logits: log-probabilities of shape (batch, classes), up to a constant in each row.
        num_samples: how many classes to draw in each row, independently.
        dtype: the integer dtype of the result.
        seed: see `triceras.random`.

    Raises ValueError: logits that are not of rank 2.
    """
    if logits.__class__ is symbolic.KerasTensor:
        return symbolic.call(categorical, logits, num_samples, dtype=dtype, seed=seed)
    logits = B.convert_to_tensor(logits)
    shape = B.static_shape(logits)
    if len(shape) != 2:
        raise ValueError(f"logits must have the shape (batch, classes); got shape {shape}.")
    return B.random_categorical(logits, num_samples, standardize_dtype(dtype), draw_seed(seed))


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """inputs with a share `rate` of the elements set to zero and the others divided by 1 - rate.

    Args:
        inputs: a float tensor.
        rate: a number in [0, 1].
        noise_shape: the mask's shape, which broadcasts to inputs' (an entry None is inputs' size);
            None for a mask of its own for every element.
        seed: see `triceras.random`.

    Raises ValueError: a rate outside [0, 1], or a noise_shape that does not broadcast.
    """
    if inputs.__class__ is symbolic.KerasTensor:
        return symbolic.call(dropout, inputs, rate, noise_shape=noise_shape, seed=seed)
    return B.random_dropout(inputs, rate, noise_shape, draw_seed(seed))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """x with its slices along `axis` in a random order. Raises ValueError: x has no such axis."""
    if x.__class__ is symbolic.KerasTensor:
        return symbolic.call(shuffle, x, axis=axis, seed=seed)
    return B.random_shuffle(x, axis, draw_seed(seed))


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Gamma floats of shape parameter alpha and scale 1; NaN where alpha is not positive.

    Args:
        shape: the shape of the result.
        alpha: a number, or a tensor that broadcasts to `shape`. No gradient reaches it.
        dtype: a float dtype; None is `config.floatx()`.
        seed: see `triceras.random`.

    Raises ValueError: a dtype that is not a float one, or an alpha that does not broadcast.
    """
    return B.random_gamma(_shape(shape), alpha, standardize_dtype(dtype), draw_seed(seed))


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Beta floats of parameters alpha and beta, which are as `gamma`'s alpha."""
    return B.random_beta(_shape(shape), alpha, beta, standardize_dtype(dtype), draw_seed(seed))


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Any:
    """How many of `counts` trials succeed, each with probability `probabilities`: floats.

    Args:
        shape: the shape of the result.
        counts, probabilities: numbers, or tensors that broadcast to `shape`. NaN results for
            counts below 0 and probabilities outside [0, 1].
        dtype: a float dtype; None is `config.floatx()`.
        seed: see `triceras.random`.

    Raises ValueError: a dtype that is not a float one, or parameters that do not broadcast.
    """
    return B.random_binomial(_shape(shape), counts, probabilities, standardize_dtype(dtype), draw_seed(seed))
