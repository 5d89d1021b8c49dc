"""Order statistics, averages that skip NaN, histograms, correlation.

`axis` and `keepdims` are those of the reductions. Operations named nan... take NaN for
missing: they reduce the other elements; integers and booleans have no NaN and are reduced
as without the prefix. float16 and bfloat16 are computed in float32 where sums or
interpolations take part. What does not fit raises ValueError naming the operation.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Axis, DType, Tensor

# -- averages and spreads ------------------------------------------------------------------


def average(x: Tensor, axis: Axis = None, weights: Tensor = None) -> Tensor:
    """The mean of x weighted by `weights`, divided by their sum; without them the mean. Float.

    `weights` has x's shape, or is 1-D with the size of x along `axis` (an int). Weights that
    sum to 0 give NaN or an infinity.
    """


def ptp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """From peak to peak: the largest element minus the smallest. bool gives int32.

    Elements that tie share the gradient equally. ValueError: nothing to reduce.
    """


def median(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The element in the middle, or the mean of the two there. As `quantile` at 0.5."""


def quantile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The q-th quantile along `axis`: the element at q * (n - 1) in sorted order. Float, in x's precision.

    `q` in [0, 1] is a number or has any shape, which comes first in the result's. Between two
    elements `method` decides: "linear" interpolates, "lower" and "higher" take either,
    "midpoint" their mean and "nearest" the nearer (half way the one with the even index).
    NaN in a slice gives NaN. The gradient goes to the elements that took part, by their
    weight, and with "linear" to q; equal elements count in their order in x.

    ValueError: nothing to reduce, another method, a q out of range; a tensor's values are
    clipped to the range instead. (Hyndman and Fan 1996, definition 7.)
    """


def percentile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """As `quantile`, of q / 100."""


# -- reductions that skip NaN ----------------------------------------------------------------


def nansum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`sum` of what is not NaN, 0 if nothing is. Dtype as `sum`."""


def nanprod(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`prod` of what is not NaN, 1 if nothing is. Dtype as `prod`."""


def nancumsum(x: Tensor, axis: int | None = None, dtype: DType | None = None) -> Tensor:
    """`cumsum` with NaN as 0."""


def nancumprod(x: Tensor, axis: int | None = None, dtype: DType | None = None) -> Tensor:
    """`cumprod` with NaN as 1."""


def nanmax(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`max` of what is not NaN, NaN if nothing is. ValueError: nothing to reduce."""


def nanmin(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`min` of what is not NaN, NaN if nothing is. ValueError: nothing to reduce."""


def nanargmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """`argmax` with NaN as -inf; -1 if there are only NaN. int32."""


def nanargmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """`argmin` with NaN as +inf; -1 if there are only NaN. int32."""


def nanmean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`mean` of what is not NaN, NaN if nothing is. Float."""


def nanvar(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`var` (divisor n) of what is not NaN, NaN if nothing is. Float."""


def nanstd(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The square root of `nanvar`. Float."""


def nanmedian(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`median` of what is not NaN, NaN if nothing is. Float."""


def nanquantile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """`quantile` of what is not NaN, NaN if nothing is. Float."""


def nanpercentile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """As `nanquantile`, of q / 100."""


# -- correlation and distance ------------------------------------------------------------------


def corrcoef(x: Tensor) -> Tensor:
    """Pearson's correlation of the rows of x (variables, observations), in [-1, 1]. Float.

    A scalar for a vector or a single row. A constant row has NaN. ValueError: more than two dimensions.
    """


def correlate(x1: Tensor, x2: Tensor, mode: str = "valid") -> Tensor:
    """Cross-correlation of two vectors, c[k] = sum over n of x1[n + k] * x2[n]. Float.

    `mode`: "full", every overlap (n1 + n2 - 1 of them); "same", the middle max(n1, n2) of
    these; "valid", where the shorter lies within the longer. ValueError: another mode, an
    empty vector, or one that is no vector.
    """


def cdist(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean distance of each point of x (..., n, d) to each of y (..., m, d): (..., n, m). Float.

    Leading axes broadcast. From differences, so that near points keep their digits; the
    gradient between equal points is 0. ValueError: a rank below 2, different d.
    """


# -- counting ----------------------------------------------------------------------------------


def bincount(x: Tensor, weights: Tensor = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """How often each integer from 0 occurs in x (n,), or the sum of its `weights`; (b, n) counts by row.

    As long as the largest plus one, and at least `minlength`: in a compiled function on
    PyTorch or JAX, where that is unknown, ValueError (`segment_sum` takes a fixed length).
    int32, or the dtype of `weights` (bool as int32). ValueError: negative elements (left out
    where values are unknown), sparse=True. TypeError: x of floats.
    """


def histogram(x: Tensor, bins: int = 10, range: Any = None) -> Any:
    """Counts of the elements of a vector in equal bins over `range`, and the bins' edges. Both float.

    `range` is (low, high), by default x's smallest and largest; where they are equal, half
    is taken off and added. Bins are half-open but for the last one, which holds `high`; what
    lies outside, and NaN, is not counted. TypeError: bins that is no int. ValueError: bins
    below 1, a range that descends, x that is no vector.
    """


def digitize(x: Tensor, bins: Tensor) -> Tensor:
    """Index of the bin of each element, int32: i where bins[i - 1] <= x < bins[i], NaN after the last.

    `bins` (a vector or list) ascends. ValueError: bins that is no vector.
    """


def unique(
    x: Tensor,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Tensor = None,
) -> Any:
    """The different elements of x, flattened, or its different slices along `axis`, ascending.

    Asked for anything more, a tuple: the values; with `return_index`, where each stands
    first; with `return_inverse`, which of them each element of x is (x's shape, or a vector
    for slices); with `return_counts`, how many there are of each; all int32. Slices are
    ordered by their first element, then the next. Each NaN is different. Always sorted,
    whatever `sorted` says.

    `size` fixes how many there are, as a compiled function on PyTorch or JAX needs: the
    first ones, or filled up with `fill_value` (0), the first's index and count 0. The
    inverse is then that of all. ValueError: an axis out of range, a negative size.
    """


def argpartition(x: Tensor, kth: int, axis: int = -1) -> Tensor:
    """Indices (int32) by which the kth element stands where sorting puts it, smaller before, larger after.

    Flattened if axis is None; a negative kth counts from the end. Each side is in order too:
    this is a stable `argsort`. ValueError: kth or axis out of range.
    """


def in_top_k(targets: Tensor, predictions: Tensor, k: int) -> Tensor:
    """Whether fewer than k predictions are larger than that of the target: (...) and (..., classes) give (...). Bool.

    So all classes that tie at the border are in. False where the target is no class or its
    prediction is not finite; NaN elsewhere counts as not larger.
    ValueError: shapes that do not fit. TypeError: targets that are no integers.
    """


# -- differences -----------------------------------------------------------------------------


def diff(a: Tensor, n: int = 1, axis: int = -1) -> Tensor:
    """The n-th difference along `axis`, which gets n shorter. Dtype as a; of bool, whether neighbours differ.

    ValueError: a negative n, a scalar.
    """


def trapezoid(y: Tensor, x: Tensor = None, dx: Tensor = 1.0, axis: int = -1) -> Tensor:
    """The integral of y along `axis` by the trapezoidal rule, over points x, or `dx` apart. Float.

    `x` has y's shape, or is 1-D along `axis`.
    """
