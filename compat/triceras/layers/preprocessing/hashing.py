"""Hashing: values of any number to a fixed number of bins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from triceras.layers.preprocessing.encoding import (
    COUNT,
    INT,
    MULTI_HOT,
    ONE_HOT,
    Shape,
    check_mode,
    encode_on_host,
    encoded_shape,
)
from triceras.layers.preprocessing.host import HostLayer, dtype_kind, held, shape_of
from triceras.utils.fingerprints import fingerprints, keyed_fingerprints
from triceras_backends import config

Key = tuple[int, int]


def hashes(values: Any, key: Key | None, as_texts: Callable[[Any], Any]) -> np.ndarray[Any, Any]:
    """The 64-bit hash of each value of an array of integers or strings: of a number, that of its decimal digits."""
    numbers = values.dtype.kind in "biuf"
    flat = (values.astype("int64") if numbers else as_texts(values)).ravel().tolist()
    places = {value: place for place, value in enumerate(dict.fromkeys(flat))}
    strings = [str(value).encode("utf-8", "surrogateescape") for value in places]
    found = fingerprints(strings) if key is None else keyed_fingerprints(strings, key)
    return found[[places[value] for value in flat]].reshape(values.shape)


def hash_key(layer: str, salt: Any) -> list[int] | None:
    """A salt as the two numbers of a key. Raises ValueError, naming the layer: it is neither one integer nor two."""
    if salt is None:
        return None
    if isinstance(salt, (int, np.integer)) and not isinstance(salt, bool):
        return [int(salt), int(salt)]
    if isinstance(salt, (tuple, list)) and len(salt) == 2:
        return list(salt)
    raise ValueError(f"{layer}: salt must be an integer or a pair of integers; got: {salt!r}")


class Hashing(HostLayer):
    """Integers or strings as numbers of bins, hash(value) mod num_bins: no vocabulary is needed, and values collide.

    The hash is FarmHash's Fingerprint64 (https://github.com/google/farmhash); with a salt, SipHash-2-4 keyed by it
    (https://www.aumasson.jp/siphash/siphash.pdf). Values and results are the same on every backend. Computed on
    the host.

    Args:
        num_bins: how many bins; with a mask_value, the one of number 0 is its own.
        mask_value: a value that goes to bin 0, where no other goes.
        salt: an integer or two, the key of another hash function.
        output_mode: "int" the bins' numbers; "one_hot", "multi_hot" and "count" as of CategoryEncoding.
        sparse: only False; tensors are dense.

    Input: (batch, samples) strings or integers. Output: the same shape, int64; else (batch, num_bins).

    Raises ValueError: num_bins below 1, another salt or output mode, or a float dtype for mode "int".

    Example:
        >>> layer = keras.layers.Hashing(num_bins=3)
        >>> keras.ops.convert_to_numpy(layer(["A", "B", "C", "D", "E"])).tolist()
        [1, 0, 1, 1, 2]
        >>> keras.ops.convert_to_numpy(keras.layers.Hashing(3, mask_value="")([["A", ""]])).tolist()
        [[1, 0]]
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = INT,
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == INT else config.floatx()
        super().__init__(**kwargs)
        where = f"Hashing {self.name!r}"
        if num_bins is None or num_bins <= 0:
            raise ValueError(f"{where}: num_bins must be a positive integer; got: {num_bins!r}")
        check_mode(where, output_mode, (INT, ONE_HOT, MULTI_HOT, COUNT), sparse)
        if output_mode == INT and self.compute_dtype not in ("int32", "int64"):
            raise ValueError(f"{where}: numbers of bins are int32 or int64; got: dtype={self.compute_dtype!r}")
        self.num_bins, self.mask_value, self.output_mode, self.sparse = num_bins, mask_value, output_mode, sparse
        self.salt = hash_key(where, salt)

    def call(self, inputs: Any) -> Any:
        x = held(inputs)
        return self._on_host(self._encoded, [x], self.compute_output_shape(shape_of(x)))

    def _encoded(self, values: Any) -> np.ndarray[Any, Any]:
        return encode_on_host(self._bins(values), self.output_mode, self.num_bins, self.compute_dtype)

    def _bins(self, values: Any) -> np.ndarray[Any, Any]:
        if dtype_kind(values) == "s":
            values = self._text(values)
        key = None if self.salt is None else (self.salt[0], self.salt[1])
        found = hashes(values, key, self._text)
        if self.mask_value is None:
            return (found % np.uint64(self.num_bins)).astype("int64")
        if self.num_bins == 1:
            return np.zeros(found.shape, "int64")
        bins = (found % np.uint64(self.num_bins - 1)).astype("int64") + 1
        return np.where(values == self.mask_value, 0, bins)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return encoded_shape(self.output_mode, input_shape, self.num_bins)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }
