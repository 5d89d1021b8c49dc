"""HashedCrossing: combinations of categories to a fixed number of bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras.layers.preprocessing.encoding import INT, ONE_HOT, Shape, check_mode, encode_on_host, encoded_shape
from triceras.layers.preprocessing.hashing import hashes
from triceras.layers.preprocessing.host import HostLayer, dtype_kind, held, shape_of
from triceras.utils.fingerprints import joined
from triceras_backends import config

# What the combination of no features hashes to.
_NOTHING = np.uint64(0xDECAFCAFFE)


class HashedCrossing(HostLayer):
    """Combinations of two features or more, as numbers of bins: hash(a, b, ...) mod num_bins.

    A linear model, which could not know otherwise, learns from it what a and b mean together. Integers stand for
    themselves and strings for their FarmHash fingerprint; the fingerprints are combined in order. Computed on the
    host; the same on every backend.

    Args:
        num_bins: how many bins.
        output_mode: "int" the bin's number, or "one_hot" its indicator vector.
        sparse: only False; tensors are dense.

    Input: a list or tuple of strings or integers, each of shape (batch,) or (batch, 1), or scalars. Output: the same
    shape, int64; "one_hot" (batch, num_bins).

    Raises ValueError: fewer than two features, of different or other shapes, or floats; another output mode.

    Example:
        >>> layer = keras.layers.HashedCrossing(num_bins=5)
        >>> features = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])
        >>> keras.ops.convert_to_numpy(layer(features)).tolist()
        [1, 4, 1, 1, 3]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = INT,
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        if dtype is None:
            dtype = "int64" if output_mode == INT else config.floatx()
        super().__init__(name=name, dtype=dtype, **kwargs)
        where = f"HashedCrossing {self.name!r}"
        check_mode(where, output_mode, (INT, ONE_HOT), sparse)
        if output_mode == INT and self.compute_dtype not in ("int32", "int64"):
            raise ValueError(f"{where}: numbers of bins are int32 or int64; got: dtype={self.compute_dtype!r}")
        self.num_bins, self.output_mode, self.sparse = num_bins, output_mode, sparse

    def call(self, inputs: Any) -> Any:
        features = self._checked(inputs)
        return self._on_host(self._encoded, features, self.compute_output_shape([shape_of(x) for x in features]))

    def _checked(self, inputs: Any) -> list[Any]:
        where = f"HashedCrossing {self.name!r}"
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"{where} takes a list or tuple of features; got: {inputs!r}")
        if len(inputs) < 2:
            raise ValueError(f"{where} crosses at least two features; got {len(inputs)}: {inputs!r}")
        features = [held(x) for x in inputs]
        shapes = [shape_of(x) for x in features]
        if len({len(shape) for shape in shapes}) > 1 or any(
            len({*sizes} - {None}) > 1 for sizes in zip(*shapes, strict=True)
        ):
            raise ValueError(f"{where}: the features must have one shape; got: {', '.join(map(str, shapes))}")
        if any(len(shape) > 2 or (len(shape) == 2 and shape[1] != 1) for shape in shapes):
            raise ValueError(f"{where}: features have the shape (), (batch,) or (batch, 1); got: {shapes[0]}")
        if any(dtype_kind(x) == "f" for x in features):
            raise ValueError(f"{where}: features are integers or strings; got floats.")
        return features

    def _encoded(self, *features: Any) -> np.ndarray[Any, Any]:
        total: Any = _NOTHING
        for values in features:
            own = (
                values.astype("int64").astype("uint64")
                if dtype_kind(values) == "i"
                else hashes(values, None, self._text)
            )
            total = joined(total, own)
        bins = np.asarray(total % np.uint64(self.num_bins)).astype("int64")
        return encode_on_host(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return encoded_shape(self.output_mode, input_shape[0], self.num_bins)

    def get_config(self) -> dict[str, Any]:
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }
