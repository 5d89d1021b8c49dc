"""Reductions: many elements to one, along axes.

Conventions: `axis` is None (all), an int or a tuple of ints, negative counts from the
end; `keepdims` keeps reduced axes with size 1. An axis out of range raises ValueError
naming the axis and the rank. Reducing nothing gives the operation's identity (sum 0,
prod 1, all True, any False), NaN for mean, and ValueError for max, min, argmax, argmin.
"""

from __future__ import annotations

from triceras_backends.contract.types import Axis, DType, Tensor


def sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Sum. bool, int8 and int16 add up in int32; uint8 and uint16 in uint32."""


def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: DType | None = None) -> Tensor:
    """Product, in `dtype`, or in x's with small integers widened as in `sum`."""


def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Arithmetic mean. Integers and booleans give the default float."""


def var(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Population variance (divisor n). Float; float16 is accumulated in float32."""


def std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Population standard deviation, the square root of `var`. Float."""


def max(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Tensor = None) -> Tensor:
    """Largest element (at least `initial`). Elements that tie share the gradient equally."""


def min(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Tensor = None) -> Tensor:
    """Smallest element (at most `initial`). Elements that tie share the gradient equally."""


def amax(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """As `max`."""


def amin(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """As `min`."""


def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are non-zero. Bool."""


def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element is non-zero. Bool."""


def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the first largest element, int32; in the flattened tensor if axis is None."""


def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the first smallest element, int32; in the flattened tensor if axis is None."""


def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    """Number of non-zero elements, int32."""


def logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))), shifted by the maximum so that it does not overflow. Float."""


def cumsum(x: Tensor, axis: int | None = None, dtype: DType | None = None) -> Tensor:
    """Running sum along `axis`; of the flattened tensor if axis is None. bool gives int32."""


def cumprod(x: Tensor, axis: int | None = None, dtype: DType | None = None) -> Tensor:
    """Running product along `axis`; of the flattened tensor if axis is None. bool gives int32."""
