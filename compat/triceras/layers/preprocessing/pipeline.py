"""Pipeline: preprocessing layers one after the other."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object


class Pipeline(Layer):
    """Layers called one after the other, for preprocessing data outside of a model.

    Unlike a Sequential model it has no weights of its own to build, is no model, and takes calls as those of
    training unless it is told otherwise, so that random layers draw.

    Args:
        layers: a list of layers.

    Input: what the first layer takes. Output: what the last one gives; the input itself where there is none.

    Raises TypeError: layers is no list or tuple, or holds something that cannot be called.

    Example:
        >>> pipeline = keras.layers.Pipeline([keras.layers.Rescaling(2.0), keras.layers.Rescaling(1.0, offset=1.0)])
        >>> keras.ops.convert_to_numpy(pipeline(np.array([[0.0, 3.0]], "float32"))).tolist()
        [[1.0, 7.0]]
    """

    def __init__(self, layers: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        if not isinstance(layers, (list, tuple)) or not all(map(callable, layers)):
            raise TypeError(f"Pipeline {self.name!r}: layers must be a list of layers; got: {layers!r}")
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Any]:
        """The layers, in order."""
        return list(self._pipeline_layers)

    def build(self, input_shape: Any) -> None:
        """Nothing is to be made: the layers are built by the call."""

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        outputs = inputs
        for layer in self._pipeline_layers:
            kwargs: dict[str, Any] = {}
            signature = getattr(layer, "_signature", None)
            if signature is not None and signature.takes_training:
                kwargs["training"] = training
            if signature is not None and "mask" in signature.takes_masks and mask is not None:
                kwargs["mask"] = mask
            outputs = layer(outputs, **kwargs)
        return outputs

    def get_config(self) -> dict[str, Any]:
        return {"layers": [serialize_keras_object(layer) for layer in self._pipeline_layers], "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A pipeline from what `get_config` gave, of new layers."""
        layers = [deserialize_keras_object(layer) for layer in config["layers"]]
        return cls(layers, name=config.get("name"))
