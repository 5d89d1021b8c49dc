"""Copies, spaced numbers and matrices from other primitives."""

from __future__ import annotations

import math
from typing import Any

from triceras_backends import checks, config, dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived.operands import floated

# -- copies ----------------------------------------------------------------------------------


def array(b: Any, x: Any, dtype: Any = None) -> Tensor:
    made = b.convert_to_tensor(x, dtype)
    return b.copy(made) if b.is_tensor(x) or isinstance(x, b.Variable) else made


def empty(b: Any, shape: Any, dtype: Any = None) -> Tensor:
    return b.zeros(shape, dtype)


def empty_like(b: Any, x: Tensor, dtype: Any = None) -> Tensor:
    return b.zeros_like(x, dtype)


# -- spaced numbers --------------------------------------------------------------------------

# How far a float may be from a whole number, relatively, to be taken for it.
_ROUNDING = 2e-6


def logspace(
    b: Any,
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    base: Tensor = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    if num < 0:
        raise ValueError(f"logspace: num must not be negative; got: {num}")
    scalar = dtypes.weak_kind(base) is not None
    if not scalar:
        start, stop, base = floated(b, start, stop, base)
        zero = b.zeros_like(base)
        start, stop = b.add(start, zero), b.add(stop, zero)
        base = b.expand_dims(b.add(base, b.zeros_like(b.add(start, stop))), axis)
    exponents = b.linspace(start, stop, num, endpoint=endpoint, axis=axis)
    return _in(b, b.power(float(base) if scalar else base, exponents), dtype)


def _in(b: Any, x: Tensor, dtype: Any) -> Tensor:
    """Floats in the dtype asked for, whole numbers whole."""
    if dtype is None:
        return x
    if dtypes.standardize_dtype(dtype) in dtypes.INTEGERS:
        near = b.round(x)
        x = b.where(b.less_equal(b.abs(b.subtract(x, near)), b.multiply(b.abs(near), _ROUNDING)), near, x)
    return b.cast(x, dtype)


def geomspace(
    b: Any,
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    if num < 0:
        raise ValueError(f"geomspace: num must not be negative; got: {num}")
    start, stop = floated(b, start, stop)
    both = b.zeros_like(b.add(start, stop))
    start, stop = b.add(start, both), b.add(stop, both)
    sign = b.sign(start)
    low, high = (b.multiply(sign, end) for end in (start, stop))
    low, high = (b.log(b.where(b.greater(end, 0), end, math.nan)) for end in (low, high))
    x = b.multiply(b.expand_dims(sign, axis), b.exp(b.linspace(low, high, num, endpoint=endpoint, axis=axis)))
    rank = len(b.static_shape(x))
    place = b.reshape(b.arange(num), [-1 if i == axis % rank else 1 for i in range(rank)])
    x = b.where(b.equal(place, 0), b.expand_dims(start, axis), x)
    if endpoint and num > 1:
        x = b.where(b.equal(place, num - 1), b.expand_dims(stop, axis), x)
    return _in(b, x, dtype)


# -- windows ---------------------------------------------------------------------------------


def _angles(b: Any, n: int, whole: float) -> Tensor:
    """n numbers from 0 to `whole`."""
    return b.multiply(b.arange(n, dtype=config.floatx()), whole / (n - 1))


def bartlett(b: Any, x: Any) -> Tensor:
    n = checks.length("bartlett", x)
    return b.ones((n,)) if n < 2 else b.subtract(1.0, b.abs(b.subtract(_angles(b, n, 2.0), 1.0)))


def _cosines(name: str, *weights: float) -> Any:
    """A window that is a sum of cosines of multiples of an angle."""

    def window(b: Any, x: Any) -> Tensor:
        n = checks.length(name, x)
        if n < 2:
            return b.ones((n,))
        terms = [b.multiply(w, b.cos(_angles(b, n, 2 * math.pi * i))) for i, w in enumerate(weights) if i]
        total = weights[0]
        for term in terms:
            total = b.add(total, term)
        return total

    window.__name__ = window.__qualname__ = name
    return window


blackman = _cosines("blackman", 0.42, -0.5, 0.08)
hamming = _cosines("hamming", 0.54, -0.46)
hanning = _cosines("hanning", 0.5, -0.5)

# -- matrices --------------------------------------------------------------------------------


def tri(b: Any, N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    return b.tril(b.ones((N, N if M is None else M), dtype), k)


def vander(b: Any, x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    x = b.convert_to_tensor(x)
    checks.vector("vander", b.static_shape(x), N)
    x = b.expand_dims(b.cast(x, "int32") if b.dtype_of(x) == "bool" else x, 1)
    columns = _powers(b, x, b.static_shape(x)[0] if N is None else N)
    return columns if increasing else b.flip(columns, 1)


def _powers(b: Any, x: Tensor, n: int | None) -> Tensor:
    """A column's powers from 0, side by side: products, because those have derivatives of any order at 0."""
    if n is None:  # a graph knows the number when it runs
        return b.power(x, b.arange(b.shape(x)[0], dtype=b.dtype_of(x)))
    powers, width = b.ones_like(x), 1
    if not n:
        return b.getitem(powers, (slice(None), slice(0, 0)))
    while width < n:
        more = b.multiply(b.getitem(powers, (slice(None), slice(0, n - width))), x)
        powers, width = b.concatenate([powers, more], 1), 2 * width
        x = b.square(x) if width < n else x
    return powers


def diagflat(b: Any, x: Tensor, k: int = 0) -> Tensor:
    return b.diag(b.ravel(x), k)
