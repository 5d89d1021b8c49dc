"""TextVectorization: sentences to numbers of words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from triceras.layers.preprocessing import splitting
from triceras.layers.preprocessing.encoding import COUNT, INT, MULTI_HOT, ONE_HOT, TF_IDF, Shape, check_mode
from triceras.layers.preprocessing.host import HostLayer, batches_of, dtype_kind, held, shape_of
from triceras.layers.preprocessing.string_lookup import StringLookup
from triceras.utils.text import as_text


class TextVectorization(HostLayer):
    """Sentences to numbers of words, or to vectors of the words in them. Computed on the host.

    Each string is standardized, split into tokens, these joined to n-grams, and looked up in a vocabulary, which is
    given or found by `adapt`. Place 0 is padding and place 1 unknown tokens; in other modes than "int" there is no
    padding, and place 0 is the unknown ones'.

    Args:
        max_tokens: `adapt` keeps at most so many places, special ones among them; None keeps all.
        standardize: "lower" (of ASCII letters), "strip_punctuation", "lower_and_strip_punctuation", None, or a
            function of a NumPy array of strings that gives one of the same shape.
        split: "whitespace", "character", None, or a function of a NumPy array of strings that gives a list of tokens
            for each.
        ngrams: an integer, for n-grams of up to so many tokens, or a tuple of the lengths; None only tokens.
        output_mode: "int" the tokens' places in order; "multi_hot" 1 for each token that occurs; "count" how often;
            "tf_idf" the count times the token's idf weight, as of StringLookup.
        output_sequence_length: the length to which "int" output is cut or padded; None is the longest of the batch.
        pad_to_max_tokens: vectors have the length max_tokens, whatever the vocabulary.
        vocabulary: tokens in a list or array, or the path of a file with one in each line; then `adapt` is not to
            be called.
        idf_weights: for "tf_idf" and a vocabulary, the tokens' weights.
        sparse, ragged: only False; tensors are dense and rectangular.
        encoding: of strings that come as bytes.

    Input: (batch,) or (batch, 1) strings, as lists, NumPy arrays, or TensorFlow's string tensors. Output: (batch,
    output_sequence_length) int64; else (batch, places), floats.

    Raises ValueError: arguments that do not go together or unknown names, no vocabulary when called, an input of
    another shape. Raises TypeError: inputs that are no strings.

    Example:
        >>> layer = keras.layers.TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["The cat sat.", "The dog!"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'the', 'sat', 'dog', 'cat']
        >>> keras.ops.convert_to_numpy(layer(["the dog", "the cat and the dog"])).tolist()
        [[2, 4, 0, 0], [2, 5, 1, 2]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = INT,
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("vocabulary_size", None)  # of a configuration
        unknown = set(kwargs) - {"dtype", "trainable", "autocast", "activity_regularizer"}
        if unknown:
            raise ValueError(f"TextVectorization got unknown arguments: {', '.join(sorted(unknown))}.")
        super().__init__(name=name, **kwargs)
        where = f"TextVectorization {self.name!r}"
        _check_choice(where, "standardize", standardize, tuple(splitting.STANDARDIZE))
        _check_choice(where, "split", split, tuple(splitting.SPLIT))
        check_mode(where, output_mode, (INT, ONE_HOT, MULTI_HOT, COUNT, TF_IDF), sparse)
        if output_mode != INT and output_sequence_length is not None:
            raise ValueError(f'{where}: output_sequence_length goes with output_mode="int"; got: {output_mode!r}')
        if ragged:
            raise ValueError(f"{where}: tensors are rectangular; ragged=True is not supported.")
        self.max_tokens, self.standardize, self.split = max_tokens, standardize, split
        self._given_ngrams, self.ngrams = ngrams, _lengths(where, ngrams)
        self.output_mode, self.output_sequence_length = output_mode, output_sequence_length
        self.sparse, self.ragged, self.encoding = sparse, ragged, encoding
        self.input_vocabulary, self.input_idf_weights = vocabulary, idf_weights
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=output_mode,
            encoding=encoding,
            dtype=kwargs.get("dtype"),
        )
        self._lookup_layer.built = True  # it has nothing to build

    # -- the vocabulary -------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Makes the vocabulary of the tokens in data, the most frequent first; what was there before is lost.

        Args:
            data: strings, as an array or list, or a dataset of batches of them.
            batch_size: not used: arrays are taken whole.
            steps: at most so many batches.

        Raises ValueError: the vocabulary was given.
        """
        self._lookup_layer._check_free()
        self.reset_state()
        for batch in batches_of(data, steps, f"TextVectorization {self.name!r}"):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Counts the tokens of one batch of strings."""
        self._lookup_layer._check_free()
        self._lookup_layer._counter.add(self._documents(held(data)))

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forgets what was counted."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The tokens by their places; without padding and unknown tokens where asked so."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many places there are, padding and unknown tokens among them."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the tokens; arguments and errors as of StringLookup.set_vocabulary."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # -- calling ------------------------------------------------------------------------------------------

    def _standardized(self, x: Any) -> np.ndarray[Any, Any]:
        texts = self._text(x, self.encoding or "utf-8")
        if callable(self.standardize):
            return as_text(_listed(self.standardize(texts.astype(str))), where="What `standardize` gives")
        function = None if self.standardize is None else splitting.STANDARDIZE[self.standardize]
        return texts if function is None else _each(function, texts)

    def _documents(self, x: Any) -> list[list[str]]:
        """The tokens of each row."""
        texts = self._standardized(x)
        if self.split is None:
            rows = texts.reshape(-1, texts.shape[-1] if texts.ndim > 1 else 1).tolist()
        elif callable(self.split):
            rows = [
                as_text(row, where="What `split` gives").tolist()
                for row in _listed(self.split(texts.ravel().astype(str)))
            ]
        else:
            rows = [splitting.SPLIT[self.split](text) for text in texts.ravel().tolist()]
        lengths = self.ngrams
        return rows if lengths is None else [splitting.ngrams(row, lengths) for row in rows]

    def call(self, inputs: Any) -> Any:
        x = held(inputs)
        shape = shape_of(x)
        if dtype_kind(x) != "s":
            raise TypeError(f"Layer {self.name!r} takes strings; got numbers of shape {shape}.")
        if self.split is not None and len(shape) > 1 and shape[-1] not in (1, None):
            raise ValueError(
                f"Layer {self.name!r} splits strings, so its input must have the shape (batch,) or (batch, 1); "
                f"got: {shape}. Split before with split=None."
            )
        self._lookup_layer._known  # noqa: B018 - raises where there is none
        return self._on_host(self._vectorized, [x], self.compute_output_shape(shape))

    def _vectorized(self, x: Any) -> np.ndarray[Any, Any]:
        shape = np.shape(x)
        rows = self._documents(x)
        places = [self._lookup_layer.lookup(np.array(row, dtype=object)) for row in rows]
        if self.output_mode == INT:
            length = self.output_sequence_length
            if self.split is None and length is None and len(shape) < 2 and self.ngrams is None:
                return np.array([row[0] for row in places], "int64").reshape(shape)
            return _padded(places, length, 0).reshape(
                *self._rows(shape), -1 if length is None and rows else length or 0
            )
        encoded = self._lookup_layer.encoded(_padded(places, None, -1))
        return encoded.reshape(*self._rows(shape), *encoded.shape[1:])

    def _rows(self, shape: Any) -> Any:
        """The shape of the rows that an input of a shape has."""
        return shape[:-1] if len(shape) > 1 else shape

    @property
    def _output_dtype(self) -> str:
        return self._lookup_layer._output_dtype

    def compute_output_shape(self, input_shape: Any) -> Shape:
        rows = self._rows(tuple(input_shape))
        if self.output_mode == INT:
            if self.split is None and self.ngrams is None and self.output_sequence_length is None:
                return tuple(input_shape)
            return (*rows, self.output_sequence_length)
        tokens = (None,) if self.output_mode == ONE_HOT else ()
        return (*rows, *tokens, self._lookup_layer._depth)

    def get_config(self) -> dict[str, Any]:
        lookup = self._lookup_layer.get_config()
        return {
            **super().get_config(),
            "max_tokens": self.max_tokens,
            "standardize": self.standardize,
            "split": self.split,
            "ngrams": self._given_ngrams,
            "output_mode": self.output_mode,
            "output_sequence_length": self.output_sequence_length,
            "pad_to_max_tokens": self._lookup_layer.pad_to_max_tokens,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "vocabulary": lookup["vocabulary"],
            "idf_weights": lookup["idf_weights"],
            "encoding": self.encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    # -- files --------------------------------------------------------------------------------------------

    def save_assets(self, dir_path: str) -> None:
        """Writes the vocabulary to the file vocabulary.txt of a directory, a token a line."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: str) -> None:
        """Reads what `save_assets` wrote."""
        self._lookup_layer.load_assets(dir_path)


def _check_choice(where: str, name: str, value: Any, known: tuple[str, ...]) -> None:
    if value is not None and not callable(value) and value not in known:
        raise ValueError(
            f"{where}: {name} must be one of {', '.join(map(repr, known))}, None or a function; got: {value!r}"
        )


def _lengths(where: str, ngrams: Any) -> tuple[int, ...] | None:
    """The lengths that `ngrams` means."""
    if ngrams is None:
        return None
    if isinstance(ngrams, int) and not isinstance(ngrams, bool):
        return tuple(range(1, ngrams + 1))
    if isinstance(ngrams, tuple) and all(isinstance(length, int) for length in ngrams):
        return ngrams
    raise ValueError(f"{where}: ngrams must be None, an integer or a tuple of integers; got: {ngrams!r}")


def _each(function: Callable[[str], str], texts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    made = np.empty(texts.size, dtype=object)
    made[:] = [function(text) for text in texts.ravel().tolist()]
    return made.reshape(texts.shape)


def _listed(x: Any) -> Any:
    """What a user's function gave: ragged tensors of TensorFlow as lists."""
    return x.to_list() if hasattr(x, "to_list") else x


def _padded(rows: list[Any], length: int | None, filler: int) -> np.ndarray[Any, Any]:
    """Rows of places, cut or filled up to a length; None is the longest row's."""
    length = max(map(len, rows), default=0) if length is None else length
    whole = np.full((len(rows), length), filler, "int64")
    for row, places in zip(whole, rows, strict=True):
        row[: len(places)] = places[:length]
    return whole
