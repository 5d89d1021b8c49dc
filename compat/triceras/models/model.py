"""Model: a Layer that can be trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import optree

from triceras.layers.layer import Layer
from triceras.models import configs
from triceras.models.summary import print_summary
from triceras.ops import symbolic
from triceras.train.trainer import Trainer
from triceras.utils.serialization import serialize_keras_object


class Model(Trainer, Layer):
    """A layer with `compile`, `fit`, `evaluate` and `predict`, in one of two styles.

    Subclasses make layers in `__init__` and use them in `call(self, inputs, training=False)`.
    `Model(inputs, outputs)`, with what `Input` gave and what was computed from it, is a
    `Functional` model; a subclass may call `super().__init__(inputs=..., outputs=...)` too.

    Args:
        inputs, outputs: symbolic tensors, in any structure.
        trainable, name: as of a Layer.

    Raises ValueError: outputs that do not come from the inputs, layers of one name.

    Example:

    >>> inputs = keras.Input((3,))
    >>> model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    >>> model.output_shape
    (None, 2)
    """

    # Set by `functional`, which stands on this module.
    functional_class: ClassVar[Any] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _is_functional(args, kwargs):
            cls = Model.functional_class
        new = super().__new__
        return new(cls) if new is object.__new__ else new(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _is_functional(args, kwargs):
            self.__class__ = Model.functional_class.mixed_into(type(self))
            Model.functional_class.__init__(self, *args, **kwargs)
        else:
            super().__init__(*args, **kwargs)

    def build(self, *input_shape: Any) -> None:
        """Makes the weights by running `call` abstractly on inputs of these shapes, in floats: a
        tuple, or a list or dict of tuples for such inputs."""
        if type(self).call is Layer.call or not input_shape:
            return
        shapes = input_shape[0] if len(input_shape) == 1 else list(input_shape)
        symbolic.infer_outputs(self.call, (_tensors_of(shapes, self.dtype),), {})

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A model that does not define build() is built by the first call itself."""
        if type(self).build is not Model.build:
            super()._build_for(args, kwargs)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of that name or place.

        Raises ValueError: there is none, listing those there are; both or neither given.
        """
        if (name is None) == (index is None):
            raise ValueError(f"get_layer takes a name or an index, one of them; got name={name!r}, index={index!r}.")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"Model {self.name!r} has {len(layers)} layers; there is no layer {index}.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in layers) or "none"
        raise ValueError(f"Model {self.name!r} has no layer {name!r}; its layers: {known}.")

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Prints the layers with output shapes and numbers of parameters, and totals.

        Args:
            line_length: the width in characters; None fits the terminal.
            positions: the columns' right ends, as shares of the width or in characters.
            print_fn: called with the text; None prints.
            expand_nested: whether the layers of models inside are shown.
            show_trainable: whether a column says what is trainable.
            layer_range: (first, last): patterns of the names of the first and the last layer shown.

        Raises ValueError: a layer_range that matches nothing.
        """
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def to_json(self, **kwargs: Any) -> str:
        """The model's architecture as JSON, for `model_from_json`; kwargs are json.dumps'."""
        described = serialize_keras_object(self)
        return json.dumps(configs.to_plain(described), **kwargs)


def _is_functional(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return "outputs" in kwargs and (len(args) == 1 or "inputs" in kwargs) or len(args) >= 2


def _tensors_of(shapes: Any, dtype: str) -> Any:
    return optree.tree_map(lambda shape: symbolic.KerasTensor(shape, dtype), shapes, is_leaf=configs.is_shape)
