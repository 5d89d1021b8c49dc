"""FeatureSpace: the columns of a table, each encoded in its way, as the input of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.inputs import Input
from triceras.layers.layer import Layer
from triceras.layers.mapping import Rescaling
from triceras.layers.preprocessing.category_encoding import CategoryEncoding
from triceras.layers.preprocessing.data_normalization import Normalization
from triceras.layers.preprocessing.discretization import Discretization
from triceras.layers.preprocessing.feature import Cross, Feature, TFDIdentity
from triceras.layers.preprocessing.hashed_crossing import HashedCrossing
from triceras.layers.preprocessing.hashing import Hashing
from triceras.layers.preprocessing.host import held, shape_of
from triceras.layers.preprocessing.integer_lookup import IntegerLookup
from triceras.layers.preprocessing.string_lookup import StringLookup
from triceras.ops.symbolic import KerasTensor
from triceras.utils.registry import publish
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object
from triceras.utils.text import as_text
from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.variable import unique_name


class FeatureSpace(Layer):
    """Encodes the features of structured data, each in its way, and joins them to one vector.

    After `adapt` it can be called on data, mapped over a dataset, or made the first part of a model by `get_inputs`
    and `get_encoded_features`.

    Args:
        features: a dict of names to features: what the methods below give, or the name of one ("float",
            "float_rescaled", "float_normalized", "float_discretized", "integer_categorical", "string_categorical",
            "integer_hashed", "string_hashed").
        output_mode: "concat" joins the encoded features, in order of their names, crosses after them; "dict" gives
            each by its name.
        crosses: combinations of features that are encoded too: tuples of names, or what `cross` gives.
        crossing_dim: how many bins crosses given as tuples have.
        hashing_dim: how many bins "integer_hashed" and "string_hashed" have.
        num_discretization_bins: how many bins "float_discretized" has.

    Input: a dict of names to values, of shape (batch,) or (batch, 1), or () for a single row. Output: (batch, width),
    or a dict of such.

    Raises ValueError: no features, unknown names, features that are not numbers where they are to be joined, or a
    call before `adapt` where a feature needs it. Raises KeyError: data without a feature.

    Example:
        >>> space = keras.utils.FeatureSpace(
        ...     features={"age": "float_normalized", "job": "string_categorical"}, output_mode="concat"
        ... )
        >>> data = {"age": np.array([20.0, 40.0, 60.0]), "job": np.array(["cook", "clerk", "cook"])}
        >>> space.adapt([data])
        >>> np.round(keras.ops.convert_to_numpy(space(data)), 2).tolist()
        [[-1.2200000286102295, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.2200000286102295, 0.0, 1.0, 0.0]]
    """

    def __init__(
        self,
        features: Any,
        output_mode: str = "concat",
        crosses: Any = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, autocast=False)
        where = f"FeatureSpace {self.name!r}"
        if not features:
            raise ValueError(f"{where} needs features; got: {features!r}")
        if output_mode not in ("concat", "dict"):
            raise ValueError(f'{where}: output_mode must be "concat" or "dict"; got: {output_mode!r}')
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins, self.output_mode = num_discretization_bins, output_mode
        self.features = {key: self._feature(key, value) for key, value in features.items()}
        self.crosses = [self._cross(value) for value in crosses or []]
        self.crosses_by_name = {cross.name: cross for cross in self.crosses}
        self.inputs = {key: Input(shape=(1,), dtype=feature.dtype, name=key) for key, feature in self.features.items()}
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crossers = {
            cross.name: HashedCrossing(cross.crossing_dim, output_mode=cross.output_mode, name=cross.name)
            for cross in self.crosses
        }
        self.one_hot_encoders: dict[str, Any] = {}
        self.encoded_features: Any = None
        self._is_adapted = not self._adaptable()

    def _feature(self, key: str, value: Any) -> Feature:
        if isinstance(value, Feature):
            return value
        if isinstance(value, dict):
            return deserialize_keras_object(value)
        sizes = {
            "float_discretized": {"num_bins": self.num_discretization_bins},
            "integer_hashed": {"num_bins": self.hashing_dim},
            "string_hashed": {"num_bins": self.hashing_dim},
        }
        if value not in _KINDS:
            raise ValueError(
                f"FeatureSpace {self.name!r}: the feature {key!r} must be one of {', '.join(_KINDS)}, or made by "
                f"one of the methods of these names; got: {value!r}"
            )
        return getattr(type(self), value)(name=key, **sizes.get(value, {}))

    def _cross(self, value: Any) -> Cross:
        if isinstance(value, dict):
            value = deserialize_keras_object(value)
        cross = value if isinstance(value, Cross) else Cross(value, self.crossing_dim)
        unknown = [name for name in cross.feature_names if name not in self.features]
        if unknown:
            raise ValueError(
                f"FeatureSpace {self.name!r}: crosses must be of its features, {', '.join(self.features)}; got: "
                f"{', '.join(map(repr, unknown))}"
            )
        return cross

    # -- kinds of features -------------------------------------------------------------------------------

    @classmethod
    def cross(cls, feature_names: Any, crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """A combination of features, hashed to crossing_dim bins; output_mode "one_hot" or "int"."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A feature of that dtype, preprocessed by any layer; output_mode "one_hot", "int" or "float"."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """A number as it is."""
        return Feature("float32", TFDIdentity(name=_layer_name(name, "float")), "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """A number times scale plus offset."""
        return Feature("float32", Rescaling(scale, offset, name=_layer_name(name, "float_rescaled")), "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """A number shifted and scaled to mean 0 and variance 1, as `adapt` measures them."""
        return Feature("float32", Normalization(axis=-1, name=_layer_name(name, "float_normalized")), "float")

    @classmethod
    def float_discretized(
        cls, num_bins: int, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """A number as the bin that it lies in; `adapt` finds the boundaries where they are not given."""
        layer = Discretization(
            bin_boundaries=bin_boundaries,
            num_bins=None if bin_boundaries is not None else num_bins,
            name=_layer_name(name, "float_discretized"),
        )
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """An integer as its place among those that `adapt` finds."""
        name = _layer_name(name, "integer_categorical")
        return Feature("int32", IntegerLookup(max_tokens, num_oov_indices, name=name), output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """A string as its place among those that `adapt` finds."""
        name = _layer_name(name, "string_categorical")
        return Feature("string", StringLookup(max_tokens, num_oov_indices, name=name), output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """A string as a bin, by its hash."""
        return Feature("string", Hashing(num_bins, name=_layer_name(name, "string_hashed")), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """An integer as a bin, by its hash."""
        return Feature("int32", Hashing(num_bins, name=_layer_name(name, "integer_hashed")), output_mode)

    # -- adapting --------------------------------------------------------------------------------------------

    def _adaptable(self) -> list[str]:
        """The names of features whose layers learn from data."""
        return [
            key
            for key, layer in self.preprocessors.items()
            if (isinstance(layer, Normalization) and layer.input_mean is None)
            or (isinstance(layer, Discretization) and layer.bin_boundaries is None)
            or (isinstance(layer, (IntegerLookup, StringLookup)) and layer.input_vocabulary is None)
            or (hasattr(layer, "adapt") and not isinstance(layer, _OWN))
        ]

    def adapt(self, dataset: Any) -> None:
        """Measures what features need to know of the data: means, boundaries, vocabularies.

        Args:
            dataset: gives dicts of names to values, without targets: a tf.data.Dataset, a DataLoader, any other
                iterable of them; or one such dict.

        Raises ValueError: something else; batches that are no dicts.
        """
        if isinstance(dataset, dict):
            dataset = [dataset]
        if not hasattr(dataset, "__iter__"):
            raise ValueError(f"FeatureSpace {self.name!r}: adapt() takes a dataset of dicts; got: {dataset!r}")
        if hasattr(dataset, "__next__"):  # can be read only once
            dataset = list(dataset)
        for key in self._adaptable():
            self.preprocessors[key].adapt(_Column(self.name, dataset, key))
        self._is_adapted = True
        self.encoded_features = None
        self.get_encoded_features()

    def _check_adapted(self) -> None:
        if not self._is_adapted:
            raise ValueError(f"FeatureSpace {self.name!r} must adapt() to data before it is used.")

    # -- encoding --------------------------------------------------------------------------------------------

    def get_inputs(self) -> dict[str, Any]:
        """The symbolic inputs by the features' names. Raises ValueError: `adapt` comes first."""
        self._check_adapted()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """The symbolic output for `get_inputs()`. Raises ValueError: `adapt` comes first."""
        self._check_adapted()
        if self.encoded_features is None:
            self.encoded_features = self._encoded(self.inputs)
            self.built = True
        return self.encoded_features

    def __call__(self, data: Any) -> Any:
        """The encoded features of a dict of values; of a single row, without the axis of the batch."""
        self._check_adapted()
        if not isinstance(data, dict):
            raise ValueError(f"FeatureSpace {self.name!r} is called with a dict; got: {data!r}")
        missing = [key for key in self.features if key not in data]
        if missing:
            raise KeyError(f"FeatureSpace {self.name!r}: the data have no {', '.join(map(repr, missing))}.")
        self.get_encoded_features()
        values = {key: self._value(data[key], feature.dtype) for key, feature in self.features.items()}
        single = all(len(shape_of(x)) == 0 for x in values.values() if not isinstance(x, KerasTensor))
        found = self._encoded({key: _column(x) for key, x in values.items()})
        if not single or any(isinstance(x, KerasTensor) for x in values.values()):
            return found
        return (
            {key: ops.squeeze(x, 0) for key, x in found.items()} if isinstance(found, dict) else ops.squeeze(found, 0)
        )

    def _value(self, x: Any, dtype: str) -> Any:
        if isinstance(x, KerasTensor):
            return x
        if dtype == "string":
            x = held(x)
            return x if B.is_tensor(x) else as_text(x, where=f"FeatureSpace {self.name!r}: a feature of strings")
        return ops.cast(ops.convert_to_tensor(x), dtype)

    def _encoded(self, values: dict[str, Any]) -> Any:
        found = {key: self.preprocessors[key](x) for key, x in values.items()}
        crossed = {
            name: self.crossers[name]([found[key] for key in cross.feature_names])
            for name, cross in self.crosses_by_name.items()
        }
        merged = {key: self._one_hot(key, found[key]) for key in sorted(found)}
        merged |= {name: crossed[name] for name in sorted(crossed)}
        if self.output_mode == "dict":
            return merged
        for name, x in merged.items():
            if not dtypes.is_float(x.dtype if isinstance(x, KerasTensor) else B.dtype_of(x)):
                raise ValueError(
                    f"FeatureSpace {self.name!r}: the feature {name!r} is not encoded, so it cannot be joined to the "
                    'others. Encode it, or take output_mode="dict".'
                )
        return ops.concatenate(list(merged.values()), axis=-1)

    def _one_hot(self, key: str, x: Any) -> Any:
        if self.features[key].output_mode != "one_hot":
            return x
        depth = _cardinality(self.preprocessors[key])
        encoder = self.one_hot_encoders.get(key)
        if encoder is None or encoder.num_tokens != depth:
            encoder = CategoryEncoding(depth, output_mode="multi_hot", name=f"{key}_one_hot_encoder")
            self.one_hot_encoders = {**self.one_hot_encoders, key: encoder}
        return encoder(x)

    # -- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            "features": serialize_keras_object(self.features),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    def get_build_config(self) -> dict[str, Any]:
        """What each feature's layer was built for."""
        return {key: feature.preprocessor.get_build_config() for key, feature in self.features.items()}

    def build_from_config(self, config: dict[str, Any] | None) -> None:
        """Builds the features' layers for what `get_build_config` gave."""
        for key, shapes in (config or {}).items():
            self.features[key].preprocessor.build_from_config(shapes)


_KINDS = (
    "float", "float_rescaled", "float_normalized", "float_discretized", "integer_categorical", "string_categorical",
    "integer_hashed", "string_hashed",
)  # fmt: skip
_OWN = (Normalization, Discretization, IntegerLookup, StringLookup)


def _layer_name(name: str | None, kind: str) -> str:
    return f"{name or unique_name(kind)}_preprocessor"


def _column(x: Any) -> Any:
    """Values as (batch, 1)."""
    rank = len(x.shape)
    if rank >= 2:
        return x
    if isinstance(x, np.ndarray):
        return x.reshape(-1, 1)
    return ops.reshape(x, (1, 1)) if rank == 0 else ops.expand_dims(x, -1)


class _Column:
    """A feature's values in a dataset of dicts."""

    def __init__(self, owner: str, dataset: Any, key: str) -> None:
        self.owner, self.dataset, self.key = owner, dataset, key

    def __iter__(self) -> Iterator[Any]:
        for batch in self.dataset:
            if not isinstance(batch, dict):
                raise ValueError(
                    f"FeatureSpace {self.owner!r}: adapt() takes a dataset of dicts of features, without targets; got "
                    f"a {type(batch).__name__}."
                )
            yield _column(held(batch[self.key]))


def _cardinality(layer: Any) -> int:
    """How many integers a layer gives. Raises ValueError: that cannot be told."""
    if hasattr(layer, "vocabulary_size"):
        return layer.vocabulary_size()
    if getattr(layer, "bin_boundaries", None) is not None:
        return len(layer.bin_boundaries) + 1
    for name in ("num_bins", "num_tokens"):
        if getattr(layer, name, None) is not None:
            return getattr(layer, name)
    raise ValueError(f"FeatureSpace: how many categories the layer {layer!r} gives is unknown, so none can be encoded.")


publish("keras.utils", {"FeatureSpace": FeatureSpace})
