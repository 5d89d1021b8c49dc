"""Array primitives: creation, shape, indexing, sorting.

Shapes are sequences of ints. An axis or index out of range, or shapes that do not fit,
raise ValueError naming the operation, what it got and what it needs.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Axis, DType, Shape, Tensor, Tensors

# -- creation: the default dtype is config.floatx() ----------------------------------------


def zeros(shape: Shape, dtype: DType | None = None) -> Tensor:
    """A tensor of zeros."""


def ones(shape: Shape, dtype: DType | None = None) -> Tensor:
    """A tensor of ones."""


def full(shape: Shape, fill_value: Tensor, dtype: DType | None = None) -> Tensor:
    """A tensor filled with `fill_value` (broadcast to `shape`)."""


def zeros_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    """Zeros with x's shape, and its dtype unless `dtype` is given."""


def ones_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    """Ones with x's shape, and its dtype unless `dtype` is given."""


def full_like(x: Tensor, fill_value: Tensor, dtype: DType | None = None) -> Tensor:
    """`fill_value` with x's shape, and its dtype unless `dtype` is given."""


def arange(start: Tensor, stop: Tensor = None, step: Tensor = None, dtype: DType | None = None) -> Tensor:
    """Numbers from `start` (0 if only one is given) up to but without `stop`, by `step` (1).

    Dtype: promoted from the arguments; int32 for Python ints. Element i is start + i step, rounded once; there
    are ceil((stop - start) / step) of them, computed in double precision. ValueError: a step of 0.
    """


def linspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType | None = None,
    axis: int = 0,
) -> Tensor:
    """`num` numbers evenly spaced over [start, stop] (half-open if not `endpoint`).

    With `retstep`, also the spacing. The new axis stands at `axis`.
    """


def eye(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Tensor:
    """An (N, M) matrix with ones on the k-th diagonal; M defaults to N."""


def identity(n: int, dtype: DType | None = None) -> Tensor:
    """The (n, n) identity matrix."""


def meshgrid(*x: Tensor, indexing: str = "xy") -> Any:
    """Coordinate matrices, a list with one tensor an input, from 1-D coordinate vectors."""


def tril(x: Tensor, k: int = 0) -> Tensor:
    """x with the elements above the k-th diagonal of its last two axes zeroed."""


def triu(x: Tensor, k: int = 0) -> Tensor:
    """x with the elements below the k-th diagonal of its last two axes zeroed."""


def diag(x: Tensor, k: int = 0) -> Tensor:
    """A vector becomes the k-th diagonal of a matrix; of a matrix, its k-th diagonal."""


def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonal over two axes, which are removed; the diagonal is the last axis."""


# -- shape -------------------------------------------------------------------------------


def reshape(x: Tensor, newshape: Shape) -> Tensor:
    """x's elements, row-major, in `newshape`; one -1 is worked out. An int is a 1-D shape."""


def transpose(x: Tensor, axes: Shape | None = None) -> Tensor:
    """Axes permuted to the order `axes`; reversed if None."""


def ravel(x: Tensor) -> Tensor:
    """x flattened to one dimension."""


def expand_dims(x: Tensor, axis: Axis) -> Tensor:
    """x with size-1 axes put in at `axis` (positions in the result)."""


def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    """x without its size-1 axes, all or those named. ValueError if a named one is not 1."""


def moveaxis(x: Tensor, source: Axis, destination: Axis) -> Tensor:
    """x with the axes `source` moved to `destination`, the others in order."""


def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    """x with two axes exchanged."""


def broadcast_to(x: Tensor, shape: Shape) -> Tensor:
    """x broadcast to `shape` by NumPy's rules."""


def concatenate(xs: Tensors, axis: int = 0) -> Tensor:
    """Tensors joined along an existing axis; their dtypes are promoted to one."""


def stack(x: Tensors, axis: int = 0) -> Tensor:
    """Tensors of one shape joined along a new axis; their dtypes are promoted to one."""


def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> Any:
    """The slices of x along `axis`, a list, without that axis."""


def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    """x cut along `axis`, a list: into n equal parts, or before each index of a list."""


def tile(x: Tensor, repeats: Any) -> Tensor:
    """x repeated as a block, `repeats` times an axis (an int repeats the last)."""


def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    """Each element of x repeated along `axis` (flattened if None); `repeats` an int or one an element."""


def flip(x: Tensor, axis: Axis = None) -> Tensor:
    """x with the order of its elements reversed along `axis`, or every axis."""


def roll(x: Tensor, shift: Any, axis: Axis = None) -> Tensor:
    """x's elements shifted along `axis`, those pushed out coming back in; flattened if None."""


def pad(x: Tensor, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    """x enlarged by (before, after) elements an axis; an int or one pair serves every axis.

    `mode`: "constant" (`constant_values`, a number, 0 by default), "empty" (not defined), "edge", "reflect" and
    "symmetric" (mirrored without and with the edge itself), "wrap" or "circular"; "linear_ramp" (falling to 0),
    and each line's "maximum", "minimum", "mean" or "median", which for integers are rounded, the ramp downwards.
    Axes are padded one after another, as NumPy does. ValueError: another mode, `constant_values` with a mode that
    is not "constant", negative widths, or an empty axis to be repeated.
    """


# -- indexing ----------------------------------------------------------------------------


def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """Elements of x at `indices` along `axis` (flattened if None).

    Negative indices count from the end; those out of range give NaN for floats, and the
    nearest end for integers, on every backend (no data-dependent error inside jit).
    """


def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """Elements of x picked by `indices` of x's rank along `axis`, the other axes broadcast.

    Negative indices and those out of range as in `take`.
    """


def slice(inputs: Tensor, start_indices: Any, shape: Shape) -> Tensor:
    """The block of static `shape` that begins at `start_indices` (ints or an int tensor).

    Starts are moved so that the block lies inside, as XLA does.
    """


def slice_update(inputs: Tensor, start_indices: Any, updates: Tensor) -> Tensor:
    """A copy of `inputs` with the block at `start_indices` replaced by `updates`."""


def scatter(indices: Tensor, values: Tensor, shape: Shape) -> Tensor:
    """Zeros of `shape` with `values` added at `indices` (..., depth); repeated indices add up.

    Negative indices count from the end; those out of range are dropped. ValueError: indices of floats.
    """


def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    """A copy of `inputs` with `updates` written at `indices` (n, depth).

    `reduction`: None (replace; the last of repeated indices is not defined), "add",
    "max", "min" or "mul". Negative indices count from the end; those out of range are dropped. The result has
    inputs' dtype, to which updates are cast. ValueError: another reduction, or indices of floats.
    """


def rows(x: Tensor, indices: Any) -> Tensor:
    """x's slices along its first axis at `indices`, a 1-D int32 array that is known to be in range.

    The gather of the training loop: unlike `take`, nothing is checked or wrapped.
    """


def getitem(x: Tensor, key: Any) -> Tensor:
    """`x[key]` as NumPy indexing: ints, slices with any step, None, Ellipsis, int and bool arrays."""


# -- sorting -----------------------------------------------------------------------------


def sort(x: Tensor, axis: int = -1) -> Tensor:
    """x sorted along `axis`, ascending, stable, NaN last; flattened if axis is None."""


def argsort(x: Tensor, axis: int = -1) -> Tensor:
    """Indices (int32) that sort x along `axis`, ascending and stable; flattened if None."""


def top_k(x: Tensor, k: int, sorted: bool = True) -> Any:
    """The k largest along the last axis and their int32 indices; of ties, the first ones."""


def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    """Where `values` would be put into a sorted 1-D tensor to keep it sorted, int32."""
