"""What a layer demands of its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras_backends import dtypes


class InputSpec:
    """What a layer demands of one input, as its `input_spec`: rank, sizes of axes. None demands nothing.

    Args:
        dtype: a dtype.
        shape: a tuple of sizes, None for any.
        ndim: the rank.
        max_ndim: the largest rank.
        min_ndim: the smallest rank.
        axes: a dict of axes, negative ones from the end, and their sizes.
        allow_last_axis_squeeze: whether a last axis of size 1 may be missing or added.
        name: the input's name.
        optional: whether None may be given instead.

    Raises TypeError: axes that are no dict of ints. Raises ValueError: an axis beyond the largest
    rank, a shape that is no sequence of sizes, an unknown dtype.

    Example:

    >>> class Halves(keras.layers.Layer):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.input_spec = keras.layers.InputSpec(ndim=2, axes={-1: 4})
    ...     def call(self, x):
    ...         return x[:, :2], x[:, 2:]
    >>> left, right = Halves()(np.zeros((3, 4)))
    >>> keras.ops.shape(right)
    (3, 2)
    >>> Halves()(np.zeros((3, 5)))
    Traceback (most recent call last):
    ...
    ValueError: Input 0 of layer 'halves_1' is incompatible with the layer: expected axis -1 ... found 5...
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
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.standardize_dtype(dtype)
        if shape is not None and not isinstance(shape, (list, tuple)):
            raise ValueError(f"InputSpec: shape must be a sequence of sizes and None; got: {shape!r}")
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = self._checked_axes(axes or {})
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional

    def _checked_axes(self, axes: Any) -> dict[int, int]:
        try:
            found = {int(axis): size for axis, size in axes.items() if size is not None}
        except (AttributeError, TypeError, ValueError):
            raise TypeError(f"InputSpec: axes must be a dict of axes and sizes; got: {axes!r}") from None
        most = self.ndim if isinstance(self.ndim, int) else self.max_ndim
        if most is not None and any(axis >= most for axis in found):
            raise ValueError(f"InputSpec: an axis of {found} is beyond the rank of {most}.")
        return found

    def get_config(self) -> dict[str, Any]:
        """The arguments, for `from_config`."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """The InputSpec that `get_config` described."""
        return cls(**config)

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
