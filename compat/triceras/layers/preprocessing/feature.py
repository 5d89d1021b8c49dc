"""What a FeatureSpace is told of its features: Feature and Cross."""

from __future__ import annotations

from typing import Any

from triceras.layers.layer import Layer
from triceras.utils.registry import publish
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object

MODES = ("int", "one_hot", "float")


class TFDIdentity(Layer):
    """The inputs themselves: the preprocessing of numbers that need none."""

    def build(self, input_shape: Any) -> None:
        """Nothing is to be made."""

    def call(self, x: Any) -> Any:
        return x

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config()


class Feature:
    """A feature: the dtype of its values, the layer that preprocesses them, and how that layer's output is encoded.

    Args:
        dtype: "float32", "int32" or "string", or another dtype.
        preprocessor: a layer, or its configuration.
        output_mode: "one_hot" encodes the layer's integers; "int" and "float" leave its output as it is.

    Raises ValueError: another output mode.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        _check_mode("output_mode", output_mode, MODES)
        self.dtype, self.output_mode = dtype, output_mode
        self.preprocessor = deserialize_keras_object(preprocessor) if isinstance(preprocessor, dict) else preprocessor

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, for `from_config`."""
        return {
            "dtype": self.dtype,
            "preprocessor": serialize_keras_object(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Feature:
        """A feature from what `get_config` gave."""
        return cls(**config)


class Cross:
    """A combination of features, hashed to so many bins.

    Args:
        feature_names: the features' names.
        crossing_dim: how many bins.
        output_mode: "one_hot", or "int" the bin's number.

    Raises ValueError: another output mode.
    """

    def __init__(self, feature_names: Any, crossing_dim: int, output_mode: str = "one_hot") -> None:
        _check_mode("output_mode", output_mode, ("int", "one_hot"))
        self.feature_names, self.crossing_dim = tuple(feature_names), crossing_dim
        self.output_mode = output_mode

    @property
    def name(self) -> str:
        """The features' names, joined."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, for `from_config`."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        """A cross from what `get_config` gave."""
        return cls(**config)


def _check_mode(argument: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"FeatureSpace: {argument} must be one of {', '.join(map(repr, allowed))}; got: {value!r}")


# Where the real Keras keeps them, which configurations name.
publish(
    "keras.src.layers.preprocessing.feature_space", {"TFDIdentity": TFDIdentity, "Feature": Feature, "Cross": Cross}
)
