"""IntegerLookup: integers to their places in a vocabulary, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.preprocessing.encoding import INT, TF_IDF, encode
from triceras.layers.preprocessing.host import dtype_kind, held, shape_of, to_numpy
from triceras.layers.preprocessing.index_lookup import IndexLookup
from triceras_backends.active import backend as B

_INT32 = np.iinfo("int32")


class IntegerLookup(IndexLookup):
    """Integers to their places in a vocabulary, or the integers of places.

    The places: 0 for the mask token, if there is one and output_mode is "int"; then num_oov_indices for integers
    that the vocabulary does not have; then the vocabulary's. Computed on the device, by a binary search; on the host
    where unknown ones are hashed or an error, or the vocabulary goes beyond 32 bits.

    Args:
        max_tokens: `adapt` keeps at most so many places, special ones among them; None keeps all.
        num_oov_indices: places for unknown integers, shared out by `oov_method`; with 0 such integers are an error.
        mask_token: what stands for nothing: place 0, or in other modes than "int" nowhere.
        oov_token: what stands for unknown integers in `get_vocabulary` and where places are inverted.
        vocabulary: integers in a list or array, or the path of a file with one in each line; then `adapt` is not to
            be called.
        vocabulary_dtype: only "int64".
        idf_weights: for "tf_idf" and a vocabulary, the integers' inverse document frequencies.
        invert: places to integers instead.
        output_mode: as of StringLookup.
        sparse: only False; tensors are dense.
        pad_to_max_tokens: encodings have the length max_tokens, whatever the vocabulary.
        oov_method: "floormod" puts unknown x at place x mod num_oov_indices, "farmhash" at its hash mod that.
        salt: an integer or two, for another hash; for "farmhash".

    Input: (batch, tokens) integers. Output: the same shape, int64; else (batch, places), floats.

    Raises ValueError: arguments that do not go together, a vocabulary with repeated integers or none, no vocabulary
    when called, unknown integers with num_oov_indices=0. Raises TypeError: inputs that are no integers.

    Example:
        >>> layer = keras.layers.IntegerLookup(vocabulary=[12, 36, 1138, 42])
        >>> keras.ops.convert_to_numpy(layer(np.array([[12, 1138, 42], [42, 1000, 36]]))).tolist()
        [[1, 3, 4], [4, 0, 2]]
        >>> layer.get_vocabulary()
        [-1, 12, 36, 1138, 42]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = INT,
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        where = "IntegerLookup" if name is None else f"IntegerLookup {name!r}"
        if vocabulary_dtype != "int64":
            raise ValueError(f'{where}: vocabulary_dtype must be "int64"; got: {vocabulary_dtype!r}')
        if salt is not None and oov_method != "farmhash":
            raise ValueError(f'{where}: salt goes with oov_method="farmhash"; got: {oov_method!r}')
        self.vocabulary_dtype = vocabulary_dtype
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            sparse,
            pad_to_max_tokens,
            oov_method,
            salt,
            name,
            **kwargs,
        )

    def _tokens_of(self, x: Any) -> np.ndarray[Any, Any]:
        array = to_numpy(x)
        if array.dtype.kind in "OUS":  # of a file
            try:
                return array.astype(str).astype("int64")
            except ValueError:
                pass
        if array.dtype.kind not in "iub":
            raise TypeError(f"Layer {self.name!r} looks integers up; got: {array.dtype}")
        return array.astype("int64")

    def _set_tokens(self, tokens: list[Any]) -> None:
        super()._set_tokens(tokens)
        extra = [] if self.mask_token is None else [self.mask_token]
        places = [0 if self.output_mode == INT else -1] * len(extra) + list(self._places.values())
        keys = np.array([*extra, *tokens], "int64")
        order = np.argsort(keys, kind="stable")
        self._keys, self._key_places = keys[order], np.array(places, "int32")[order]
        fits = not keys.size or (keys.min() >= _INT32.min and keys.max() <= _INT32.max)
        hashed = self.num_oov_indices > 1 and self.oov_method == "farmhash"
        self._on_device = bool(fits and keys.size and self.num_oov_indices > 0 and not hashed)

    def _oov_bins(self, tokens: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if self.oov_method == "farmhash":
            return super()._oov_bins(tokens)
        return tokens % self.num_oov_indices

    def call(self, inputs: Any) -> Any:
        x = held(inputs)
        if dtype_kind(x) != "i":
            raise TypeError(f"Layer {self.name!r} looks integers up; got an input of another dtype: {inputs!r}")
        self._known  # noqa: B018 - raises where there is none
        if self.invert:
            return self._integers(ops.convert_to_tensor(x))
        if not self._on_device:
            return self._on_host(self._looked_up, [x], self.compute_output_shape(shape_of(x)))
        return self._encoded_on_device(self._places_on_device(ops.convert_to_tensor(x)))

    def _integers(self, places: Any) -> Any:
        table = np.array([*self.get_vocabulary(), self.oov_token], "int64")
        known = ops.logical_and(places >= 0, places < len(table) - 1)
        rows = ops.where(known, places, len(table) - 1)
        return ops.cast(ops.take(ops.convert_to_tensor(table), rows, axis=0), "int64")

    def _places_on_device(self, x: Any) -> Any:
        x = ops.cast(x, "int64" if B.dtype_of(x) == "int64" else "int32")
        keys = ops.convert_to_tensor(self._keys, B.dtype_of(x))
        rows = ops.minimum(ops.searchsorted(keys, x), len(self._keys) - 1)
        found = ops.equal(ops.take(keys, rows, axis=0), x)
        first = 1 if self.mask_token is not None and self.output_mode == INT else 0
        unknown: Any = first
        if self.num_oov_indices > 1:
            unknown = ops.cast(ops.mod(x, self.num_oov_indices), "int32") + first
        return ops.where(found, ops.take(ops.convert_to_tensor(self._key_places), rows, axis=0), unknown)

    def _encoded_on_device(self, places: Any) -> Any:
        if self.output_mode == INT:
            return ops.cast(places, self._output_dtype)
        dtype = self._output_dtype
        if self.output_mode != TF_IDF:
            return encode(places, self.output_mode, self._depth or 0, dtype)
        counts = encode(places, "count", self._depth or 0, dtype)
        weights = np.asarray(self._idf)
        return counts * ops.convert_to_tensor(np.pad(weights, (0, (self._depth or 0) - len(weights))), dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocabulary_dtype": self.vocabulary_dtype}
