"""A layer called on symbolic tensors: its weights are made, its outputs' shapes and dtypes found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optree

from triceras.ops import symbolic
from triceras.ops.nodes import Operation
from triceras_backends import dtypes


class SymbolicCall(Operation):
    """The part of a Layer that answers symbolic calls."""

    # Whether a subclass of Layer says itself what shape it returns.
    _declares_shape = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_output_shape" in vars(cls) and SymbolicCall not in cls.__bases__:
            cls._declares_shape = True

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The layer's result for symbolic arguments, as KerasTensors without a history.

        By `compute_output_shape`, in the layer's dtype, where a subclass defines it and the
        inputs are floats; otherwise by evaluating `call` abstractly. Builds the layer.
        """
        layer: Any = self
        if layer.built:
            return self._output_spec(args, kwargs)
        with layer._first_use():
            layer._build_for(args, kwargs)
            layer.built = True
            if args:
                layer._check_inputs(args[0])
            # Layers inside that build() did not build are built by running `call`.
            if all(inner.built for inner in layer.layers):
                return self._output_spec(args, kwargs)
            return symbolic.infer_outputs(self, args, kwargs)

    def _output_spec(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        layer: Any = self
        dtype = getattr(layer, "compute_dtype", layer.dtype)
        if self._declares_shape and len(args) == 1 and not symbolic.is_symbolic(kwargs) and _floats(args[0]):
            layer._check_inputs(args[0])
            shapes = optree.tree_map(lambda x: x.shape, args[0])
            return _tensors_of(layer.compute_output_shape(shapes), dtype)
        return symbolic.infer_outputs(self, args, kwargs)


def _floats(tree: Any) -> bool:
    leaves = optree.tree_leaves(tree, none_is_leaf=True)
    return all(x.__class__ is symbolic.KerasTensor and x.dtype in dtypes.FLOATS for x in leaves)


def _tensors_of(shapes: Any, dtype: str) -> Any:
    """A KerasTensor for each shape in a structure of shapes."""
    if isinstance(shapes, Mapping):
        return {key: _tensors_of(shape, dtype) for key, shape in shapes.items()}
    if all(size is None or isinstance(size, int) for size in shapes):
        return symbolic.KerasTensor(shapes, dtype)
    return type(shapes)(_tensors_of(shape, dtype) for shape in shapes)
