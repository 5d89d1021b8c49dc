"""Layers that make one tensor of several."""

from __future__ import annotations

import functools
import string
from collections.abc import Callable
from typing import Any

from triceras import ops
from triceras.layers.layer import Layer

Shape = tuple[int | None, ...]


def _broadcast(shapes: list[Shape]) -> Shape:
    """The shape of an elementwise operation: batch axes first, then aligned at the end.
    Raises ValueError: sizes that do not fit."""
    rank = max(map(len, shapes))
    aligned = [(*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]) for shape in shapes]
    result: list[int | None] = []
    for sizes in zip(*aligned, strict=True):
        known = {size for size in sizes if size not in (None, 1)}
        if len(known) > 1:
            raise ValueError(f"Tensors of shapes {shapes} cannot be merged: sizes {sorted(known)} differ.")  # type: ignore[type-var]
        result.append(known.pop() if known else None if None in sizes else 1)
    return tuple(result)


def _is_list(shapes: Any) -> bool:
    return isinstance(shapes, (list, tuple)) and all(isinstance(shape, (list, tuple)) for shape in shapes)


class _Merge(Layer):
    """Element by element over a list of tensors. Tensors of lower rank are stretched over the axes
    after the first that they lack; axes of size 1 are stretched too.

    Raises ValueError: not a list of tensors, or shapes that do not fit.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        self.compute_output_shape(input_shape)

    def _check(self, input_shape: Any) -> None:
        if not _is_list(input_shape) or not input_shape:
            raise ValueError(f"Layer {self.name!r} must be called on a list of tensors; got shapes {input_shape}.")
        batches = {shape[0] for shape in input_shape if len(shape)} - {None}
        if len(batches) > 1:
            raise ValueError(f"Layer {self.name!r} cannot merge batches of sizes {sorted(batches)}.")

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"Layer {self.name!r} must be called on a list of tensors; got {type(inputs).__name__}.")
        rank = max(len(x.shape) for x in inputs)
        return self._merge([_of_rank(x, rank) for x in inputs])

    def _merge(self, tensors: list[Any]) -> Any:
        raise TypeError(f"{type(self).__name__} must define _merge(self, tensors).")

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return _broadcast([tuple(shape) for shape in input_shape])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where every input that has a mask keeps the step; None if none has one."""
        masks = [m for m in (mask or []) if m is not None]
        return functools.reduce(ops.logical_and, masks) if masks else None


def _of_rank(x: Any, rank: int) -> Any:
    """x with axes of size 1 after the first, until it has this rank."""
    for _ in range(rank - len(x.shape)):
        x = ops.expand_dims(x, 1)
    return x


class Add(_Merge):
    __doc__ = f"The sum.\n\n    {_Merge.__doc__}"

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.add, tensors)


class Multiply(_Merge):
    __doc__ = f"The product.\n\n    {_Merge.__doc__}"

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.multiply, tensors)


class Average(_Merge):
    __doc__ = f"The mean.\n\n    {_Merge.__doc__}"

    def _merge(self, tensors: list[Any]) -> Any:
        return ops.divide(functools.reduce(ops.add, tensors), len(tensors))


class Maximum(_Merge):
    __doc__ = f"The largest.\n\n    {_Merge.__doc__}"

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.maximum, tensors)


class Minimum(_Merge):
    __doc__ = f"The smallest.\n\n    {_Merge.__doc__}"

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.minimum, tensors)


class Subtract(_Merge):
    __doc__ = f"The first of two less the second.\n\n    {_Merge.__doc__}"

    def _check(self, input_shape: Any) -> None:
        super()._check(input_shape)
        if len(input_shape) != 2:
            raise ValueError(f"Layer {self.name!r} must be called on exactly 2 tensors; got {len(input_shape)}.")

    def _merge(self, tensors: list[Any]) -> Any:
        if len(tensors) != 2:
            raise ValueError(f"Layer {self.name!r} must be called on exactly 2 tensors; got {len(tensors)}.")
        return ops.subtract(*tensors)


class Concatenate(_Merge):
    """The tensors one after the other along `axis`, equal in all other sizes.

    Raises ValueError: not a list of tensors, ranks or sizes that differ.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"Layer {self.name!r} must be called on a list of tensors; got {type(inputs).__name__}.")
        return ops.concatenate(list(inputs), axis=self.axis)

    def _check(self, input_shape: Any) -> None:
        if not _is_list(input_shape) or not input_shape:
            raise ValueError(f"Layer {self.name!r} must be called on a list of tensors; got shapes {input_shape}.")

    def compute_output_shape(self, input_shape: Any) -> Shape:
        ranks = {len(shape) for shape in input_shape}
        if len(ranks) > 1 or not -min(ranks) <= self.axis < min(ranks):
            raise ValueError(f"Layer {self.name!r} cannot join shapes {input_shape} along axis {self.axis}.")
        axis = self.axis % ranks.pop()
        result: list[int | None] = []
        for i, sizes in enumerate(zip(*input_shape, strict=True)):
            known = [size for size in sizes if size is not None]
            if i == axis:
                result.append(sum(known) if len(known) == len(sizes) else None)
            elif len(set(known)) > 1:
                raise ValueError(
                    f"Layer {self.name!r} needs equal sizes on every axis but {self.axis}; got shapes {input_shape}."
                )
            else:
                result.append(known[0] if known else None)
        return tuple(result)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks joined as the tensors are, inputs without one kept whole; None if none has one."""
        if not mask or all(m is None for m in mask):
            return None
        rank = len(inputs[0].shape)
        axis = self.axis % rank
        full = [
            ops.ones_like(x, dtype="bool") if m is None else ops.broadcast_to(_to_the_right(m, rank), ops.shape(x))
            for x, m in zip(inputs, mask, strict=True)
        ]
        joined = ops.concatenate(full, axis=axis)
        return ops.all(joined, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def _to_the_right(mask: Any, rank: int) -> Any:
    for _ in range(rank - len(mask.shape)):
        mask = ops.expand_dims(mask, -1)
    return mask


class Dot(_Merge):
    """The products of two tensors' vectors along an axis each, example by example.

    Args:
        axes: the axis of both, or one each; neither may be 0.
        normalize: whether the vectors are brought to length 1 first, which gives cosines.

    The result has the first tensor's other axes, then the second's; (batch, 1) if there are none.
    Raises ValueError: not two tensors, or sizes that differ.
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = axes if isinstance(axes, (list, tuple)) else (axes, axes)
        if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise ValueError(f"Dot: axes must be an int or two ints; got: {axes!r}")
        self.axes = axes
        self.normalize = normalize

    def _pair(self, shapes: Any) -> tuple[int, int]:
        """The axis of each tensor, counted from the first. Raises ValueError: out of range, or the batch's."""
        pair = self.axes if isinstance(self.axes, (list, tuple)) else (self.axes, self.axes)
        found = []
        for axis, shape in zip(pair, shapes, strict=True):
            if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
                raise ValueError(
                    f"Layer {self.name!r}: axis {axis} is no axis of shape {tuple(shape)} after the batch's."
                )
            found.append(axis % len(shape))
        return found[0], found[1]

    def _check(self, input_shape: Any) -> None:
        if not _is_list(input_shape) or len(input_shape) != 2:
            raise ValueError(f"Layer {self.name!r} must be called on a list of 2 tensors; got shapes {input_shape}.")

    def call(self, inputs: Any) -> Any:
        first, second = inputs
        i, j = self._pair([x.shape for x in inputs])
        if self.normalize:
            first, second = ops.normalize(first, i), ops.normalize(second, j)
        letters = iter(string.ascii_letters)
        batch, shared = next(letters), next(letters)
        names = [batch + "".join(next(letters) for _ in x.shape[1:]) for x in (first, second)]
        names = [name[:at] + shared + name[at + 1 :] for name, at in zip(names, (i, j), strict=True)]
        kept = "".join(name[1:].replace(shared, "") for name in names)
        out = ops.einsum(f"{names[0]},{names[1]}->{batch}{kept}", first, second)
        return out if kept else ops.expand_dims(out, -1)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        first, second = (tuple(shape) for shape in input_shape)
        i, j = self._pair([first, second])
        if None not in (first[i], second[j]) and first[i] != second[j]:
            raise ValueError(
                f"Layer {self.name!r}: sizes of axes {i} and {j} differ in shapes {first} and {second}."
            )  # fmt: skip
        shape = (first[0], *first[1:i], *first[i + 1 :], *second[1:j], *second[j + 1 :])
        return shape if len(shape) > 1 else (*shape, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: the steps are gone."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def _functional(layer: type[Layer]) -> Callable[..., Any]:
    def merge(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return layer(*args, **kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = layer.__name__.lower()
    merge.__doc__ = f"The layer `{layer.__name__}`, made with these arguments and called on the tensors."
    return merge


add = _functional(Add)
subtract = _functional(Subtract)
multiply = _functional(Multiply)
average = _functional(Average)
maximum = _functional(Maximum)
minimum = _functional(Minimum)
concatenate = _functional(Concatenate)
dot = _functional(Dot)
