"""Layers that make one tensor of several."""

from __future__ import annotations

import functools
import string
from typing import Any

from triceras import ops
from triceras.layers.layer import Layer

Shape = tuple[int | None, ...]


def _broadcast(layer: str, shapes: list[Shape]) -> Shape:
    """The shape of an elementwise operation: batch axes first, then aligned at the end.
    Raises ValueError: sizes that do not fit."""
    rank = max(map(len, shapes))
    aligned = [(*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]) for shape in shapes]
    result: list[int | None] = []
    for sizes in zip(*aligned, strict=True):
        known = {size for size in sizes if size not in (None, 1)}
        if len(known) > 1:
            raise ValueError(f"Layer {layer!r}: tensors of shapes {shapes} cannot be merged: sizes differ.")
        result.append(known.pop() if known else None if None in sizes else 1)
    return tuple(result)


def _is_list(shapes: Any) -> bool:
    return isinstance(shapes, (list, tuple)) and all(isinstance(shape, (list, tuple)) for shape in shapes)


class _Merge(Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = ()) -> None:
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
        return _broadcast(self.name, [tuple(shape) for shape in input_shape])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where any input keeps the step; None unless all inputs have a mask."""
        given = self._checked_masks(inputs, mask)
        if given is None or any(m is None for m in given):
            return None
        rank = max(len(m.shape) for m in given)
        return functools.reduce(ops.logical_or, [_to_the_right(m, rank) for m in given])

    def _checked_masks(self, inputs: Any, mask: Any) -> Any:
        """A mask or None for each input; None for no mask at all. Raises ValueError: anything else."""
        if mask is None:
            return None
        if not isinstance(mask, (list, tuple)) or not isinstance(inputs, (list, tuple)) or len(mask) != len(inputs):
            raise ValueError(
                f"Layer {self.name!r}: compute_mask() takes a list of inputs and a list of as many masks; got: {mask!r}"
            )
        return mask


def _of_rank(x: Any, rank: int) -> Any:
    """x with axes of size 1 after the first, until it has this rank."""
    for _ in range(rank - len(x.shape)):
        x = ops.expand_dims(x, 1)
    return x


def _to_the_right(mask: Any, rank: int) -> Any:
    """A mask with axes of size 1 at the end, until it has this rank."""
    for _ in range(rank - len(mask.shape)):
        mask = ops.expand_dims(mask, -1)
    return mask


class _MaskedMerge(_Merge):
    """A merge that leaves out what is masked: a place takes part where its tensor's mask keeps it."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if not isinstance(mask, (list, tuple)) or all(m is None for m in mask):
            return super().call(inputs)
        rank = max(len(x.shape) for x in inputs)
        kept = [None if m is None else _of_rank(_to_the_right(m, len(x.shape)), rank)
                for x, m in zip(inputs, mask, strict=True)]  # fmt: skip
        return self._merge_kept([_of_rank(x, rank) for x in inputs], kept)

    def _merge_kept(self, tensors: list[Any], kept: list[Any]) -> Any:
        result, valid = tensors[0], kept[0]
        for x, own in zip(tensors[1:], kept[1:], strict=True):
            both = self._merge([result, x])
            both = both if valid is None else ops.where(valid, both, x)
            result = both if own is None else ops.where(own, both, result)
            valid = None if valid is None or own is None else ops.logical_or(valid, own)
        return result


class Add(_Merge):
    """The sum of tensors, element by element.

    Tensors of lower rank are stretched over the axes after the first that they lack, and axes of
    size 1 are stretched too. Where all have masks, the result's is their union.

    Shapes: a list of tensors, each (batch, ...), to (batch, ...).

    Raises ValueError: not a list of tensors, batches of different sizes, or other sizes that do not fit.

    Example:

    >>> x, y = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Add()([x, y])).tolist()
    [[3.0, 8.0]]
    """

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.add, tensors)


class Multiply(_MaskedMerge):
    """The product of tensors, element by element.

    Tensors of lower rank are stretched over the axes after the first that they lack, and axes of
    size 1 are stretched too. Where all have masks, the result's is their union,
    and a masked place of one tensor counts as 1; one masked in all is 0.

    Shapes: a list of tensors, each (batch, ...), to (batch, ...).

    Raises ValueError: not a list of tensors, batches of different sizes, or other sizes that do not fit.

    Example:

    >>> x, y = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Multiply()([x, y])).tolist()
    [[2.0, 15.0]]
    """

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.multiply, tensors)

    def _merge_kept(self, tensors: list[Any], kept: list[Any]) -> Any:
        result = super()._merge_kept(tensors, kept)
        if any(m is None for m in kept):
            return result
        return ops.where(functools.reduce(ops.logical_or, kept), result, ops.zeros_like(result))


class Average(_Merge):
    """The mean of tensors, element by element.

    Tensors of lower rank are stretched over the axes after the first that they lack, and axes of
    size 1 are stretched too. Where all have masks, the result's is their union.

    Shapes: a list of tensors, each (batch, ...), to (batch, ...).

    Raises ValueError: not a list of tensors, batches of different sizes, or other sizes that do not fit.

    Example:

    >>> x, y = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Average()([x, y])).tolist()
    [[1.5, 4.0]]
    """

    def _merge(self, tensors: list[Any]) -> Any:
        return ops.divide(functools.reduce(ops.add, tensors), len(tensors))


class Maximum(_MaskedMerge):
    """The largest of tensors, element by element.

    Tensors of lower rank are stretched over the axes after the first that they lack, and axes of
    size 1 are stretched too. Where all have masks, the result's is their union,
    and a masked place of one tensor is left out.

    Shapes: a list of tensors, each (batch, ...), to (batch, ...).

    Raises ValueError: not a list of tensors, batches of different sizes, or other sizes that do not fit.

    Example:

    >>> x, y = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Maximum()([x, y])).tolist()
    [[2.0, 5.0]]
    """

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.maximum, tensors)


class Minimum(_MaskedMerge):
    """The smallest of tensors, element by element.

    Tensors of lower rank are stretched over the axes after the first that they lack, and axes of
    size 1 are stretched too. Where all have masks, the result's is their union,
    and a masked place of one tensor is left out.

    Shapes: a list of tensors, each (batch, ...), to (batch, ...).

    Raises ValueError: not a list of tensors, batches of different sizes, or other sizes that do not fit.

    Example:

    >>> x, y = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Minimum()([x, y])).tolist()
    [[1.0, 3.0]]
    """

    def _merge(self, tensors: list[Any]) -> Any:
        return functools.reduce(ops.minimum, tensors)


class Subtract(_Merge):
    """The first of two tensors less the second, element by element.

    Tensors of lower rank are stretched over the axes after the first that they lack, and axes of
    size 1 are stretched too. Where all have masks, the result's is their union.

    Shapes: a list of two tensors, each (batch, ...), to (batch, ...).

    Raises ValueError: not a list of two tensors, batches of different sizes, or other sizes that do not fit.

    Example:

    >>> x, y = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Subtract()([x, y])).tolist()
    [[-1.0, 2.0]]
    """

    def _check(self, input_shape: Any) -> None:
        super()._check(input_shape)
        if len(input_shape) != 2:
            raise ValueError(f"Layer {self.name!r} must be called on exactly 2 tensors; got {len(input_shape)}.")

    def _merge(self, tensors: list[Any]) -> Any:
        if len(tensors) != 2:
            raise ValueError(f"Layer {self.name!r} must be called on exactly 2 tensors; got {len(tensors)}.")
        return ops.subtract(*tensors)


class Concatenate(_Merge):
    """Tensors one after the other along an axis.

    Masks are joined too; a tensor without one counts as kept whole.

    Args:
        axis: the axis, which negative numbers count from the end.

    Shapes: a list of tensors, equal but for the size of `axis`, to one whose size there is the sum.

    Raises ValueError: not a list of tensors, ranks or sizes that differ, an axis that they have not.

    Example:

    >>> x, y = np.array([[1.0, 2.0]]), np.array([[3.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Concatenate()([x, y])).tolist()
    [[1.0, 2.0, 3.0]]
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
        given = self._checked_masks(inputs, mask)
        if given is None or all(m is None for m in given):
            return None
        rank = len(inputs[0].shape)
        axis = self.axis % rank
        full = [
            ops.ones_like(x, dtype="bool") if m is None else ops.broadcast_to(_to_the_right(m, rank), ops.shape(x))
            for x, m in zip(inputs, given, strict=True)
        ]
        return ops.any(ops.concatenate(full, axis=axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


class Dot(_Merge):
    """The scalar products of two tensors' vectors along an axis of each, example by example.

    Args:
        axes: the axis of both, or a pair of one each; not that of the batch.
        normalize: whether the vectors are brought to length 1 first, which gives their cosines.

    Shapes: a list of two tensors to the first one's other axes, then the second one's without the
    batch; (batch, 1) if there are none. With axes (2, 1), [(batch, a, n), (batch, n, b)] give (batch, a, b).

    Raises TypeError: axes that are no ints. Raises ValueError: not two axes or not two tensors;
    an axis that a tensor has not, the batch's, or sizes that differ.

    Example:

    >>> x, y = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    >>> keras.ops.convert_to_numpy(keras.layers.Dot(axes=1)([x, y])).tolist()
    [[11.0]]
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = axes if isinstance(axes, (list, tuple)) else (axes, axes)
        if any(isinstance(axis, bool) or not isinstance(axis, int) for axis in pair):
            raise TypeError(f"Dot: axes must be an int or two ints; got: {axes!r}")
        if len(pair) != 2:
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


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of a list of tensors, element by element: the layer `Add` of `kwargs`, on `inputs`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The difference of a list of tensors, element by element: the layer `Subtract` of `kwargs`, on `inputs`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of a list of tensors, element by element: the layer `Multiply` of `kwargs`, on `inputs`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of a list of tensors, element by element: the layer `Average` of `kwargs`, on `inputs`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The largest of a list of tensors, element by element: the layer `Maximum` of `kwargs`, on `inputs`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smallest of a list of tensors, element by element: the layer `Minimum` of `kwargs`, on `inputs`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Tensors one after the other along an axis: the layer `Concatenate` of `axis` and `kwargs`, on `inputs`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Scalar products of two tensors' vectors: the layer `Dot` of `axes` and `kwargs`, on `inputs`."""
    return Dot(axes=axes, **kwargs)(inputs)
