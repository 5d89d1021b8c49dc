"""What a layer demands of its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras_backends import dtypes


class InputSpec:
    """Demands on one input: rank, sizes of axes, dtype. None demands nothing.

    Args:
        dtype: a dtype.
        shape: sizes, None for any.
        ndim, max_ndim, min_ndim: the rank, or its bounds.
        axes: axis to size, negative axes from the end.
        allow_last_axis_squeeze: whether a last axis of size 1 may be missing or added.
        name: the input's name.

    Example:

    >>> layer = keras.layers.Dense(2)
    >>> layer.input_spec = keras.InputSpec(ndim=2)
    >>> keras.ops.shape(layer(np.ones((4, 3))))
    (4, 2)
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.standardize_dtype(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items() if size is not None}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name

    def __repr__(self) -> str:
        given = {k: v for k, v in vars(self).items() if v not in (None, {}, False)}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in given.items())})"

    def problem(self, shape: tuple[int | None, ...]) -> str | None:
        """What is wrong with an input of this shape, as "expected ..., found ..."; None if nothing is."""
        rank = len(shape)
        if self.ndim is not None and rank != self.ndim and not self._squeezes(shape):
            return f"expected ndim={self.ndim}, found ndim={rank}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected at most ndim={self.max_ndim}, found ndim={rank}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected at least ndim={self.min_ndim}, found ndim={rank}"
        for axis, size in self.axes.items():
            if not -rank <= axis < rank:
                return f"expected an axis {axis} of size {size}, found ndim={rank}"
            if shape[axis] not in (size, None):
                return f"expected axis {axis} to have size {size}, found {shape[axis]}"
        if self.shape is not None:
            for axis, (want, got) in enumerate(zip(self.shape, shape, strict=False)):
                if want is not None and got is not None and want != got:
                    return f"expected axis {axis} to have size {want}, found {got}"
        return None

    def _squeezes(self, shape: tuple[int | None, ...]) -> bool:
        if not self.allow_last_axis_squeeze or self.ndim is None:
            return False
        dropped = len(shape) == self.ndim + 1 and shape[-1] == 1
        missing = len(shape) == self.ndim - 1 and self.shape is not None and self.shape[-1] == 1
        return dropped or missing
