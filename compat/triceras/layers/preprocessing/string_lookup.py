"""StringLookup: strings to their places in a vocabulary, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras.layers.preprocessing.encoding import INT
from triceras.layers.preprocessing.host import dtype_kind, held, shape_of
from triceras.layers.preprocessing.index_lookup import IndexLookup


class StringLookup(IndexLookup):
    """Strings to their places in a vocabulary, or the strings of places. Computed on the host.

    The places: 0 for the mask token, if there is one and output_mode is "int"; then num_oov_indices for tokens that
    the vocabulary does not have; then the tokens.

    Args:
        max_tokens: `adapt` keeps at most so many places, special ones among them; None keeps all.
        num_oov_indices: places for unknown tokens, shared out by their hash; with 0 such tokens are an error.
        mask_token: what stands for nothing: place 0, or in other modes than "int" nowhere.
        oov_token: what stands for unknown tokens in `get_vocabulary` and where places are inverted.
        vocabulary: tokens in a list or array, or the path of a file with one in each line; then `adapt` is not to
            be called.
        idf_weights: for "tf_idf" and a vocabulary, the tokens' inverse document frequencies.
        invert: places to strings instead.
        output_mode: "int" the places; "one_hot" a vector for each; "multi_hot" 1 where a token occurs in the last
            axis; "count" how often; "tf_idf" the count times the token's idf weight,
            log(1 + documents / (1 + documents with it)).
        pad_to_max_tokens: such vectors have the length max_tokens, whatever the vocabulary.
        sparse: only False; tensors are dense.
        encoding: of strings that come as bytes.
        salt: an integer or two, for another hash of unknown tokens.

    Input: (batch, tokens) strings, as lists, NumPy arrays, or TensorFlow's string tensors. Output: the same shape,
    int64; else (batch, places), floats. Inverted: strings, in a NumPy array (TensorFlow: a string tensor).

    Raises ValueError: arguments that do not go together, a vocabulary with repeated tokens or none, no vocabulary
    when called, unknown tokens with num_oov_indices=0. Raises TypeError: inputs that are no strings.

    Example:
        >>> layer = keras.layers.StringLookup(vocabulary=["a", "b", "c"])
        >>> keras.ops.convert_to_numpy(layer([["a", "c", "d"], ["d", "a", "b"]])).tolist()
        [[1, 3, 0], [0, 1, 2]]
        >>> layer = keras.layers.StringLookup()
        >>> layer.adapt(["a", "b", "b", "c", "c", "c"])
        >>> layer.get_vocabulary()
        ['[UNK]', 'c', 'b', 'a']
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = INT,
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
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
            salt=salt,
            name=name,
            **kwargs,
        )

    def _tokens_of(self, x: Any) -> np.ndarray[Any, Any]:
        return self._text(x, self.encoding or "utf-8")

    def call(self, inputs: Any) -> Any:
        x = held(inputs)
        shape = shape_of(x)
        if self.invert:
            return self._on_host(self._strings, [x], shape, "string")
        if dtype_kind(x) != "s":
            raise TypeError(f"Layer {self.name!r} looks strings up; got numbers of shape {shape}.")
        return self._on_host(self._looked_up, [x], self.compute_output_shape(shape))

    def _strings(self, places: Any) -> np.ndarray[Any, Any]:
        places = np.asarray(places)
        self._known  # noqa: B018 - raises where there is none
        table = np.array([*self.get_vocabulary(), self.oov_token], dtype=object)
        return table[np.where((places >= 0) & (places < len(table) - 1), places, len(table) - 1)]

    @property
    def _output_dtype(self) -> str:
        return "string" if self.invert else super()._output_dtype

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "encoding": self.encoding}
