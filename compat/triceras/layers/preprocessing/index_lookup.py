"""What IntegerLookup and StringLookup share: a vocabulary, its state while it is found, and its encodings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from triceras.layers.preprocessing.encoding import (
    COUNT,
    INT,
    MULTI_HOT,
    ONE_HOT,
    TF_IDF,
    Shape,
    check_mode,
    encode_on_host,
    encoded_shape,
)
from triceras.layers.preprocessing.hashing import hash_key, hashes
from triceras.layers.preprocessing.host import HostLayer, batches_of
from triceras.layers.preprocessing.vocabulary import Counter, check_vocabulary, idf_of, read_vocabulary
from triceras_backends import dtypes

MODES = (INT, ONE_HOT, MULTI_HOT, COUNT, TF_IDF)


class IndexLookup(HostLayer):
    """Tokens to their places in a vocabulary: the mask token, then those for unknown ones, then the tokens.

    Subclasses say what tokens are: `_tokens_of`.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any = None,
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
        super().__init__(name=name, **kwargs)
        where = f"{type(self).__name__} {self.name!r}"
        check_mode(where, output_mode, MODES, sparse)
        if max_tokens is not None and max_tokens <= 1:
            raise ValueError(f"{where}: max_tokens must be above 1, as unknown tokens have a place; got: {max_tokens}")
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(f"{where}: pad_to_max_tokens=True needs max_tokens.")
        if num_oov_indices < 0:
            raise ValueError(f"{where}: num_oov_indices must not be negative; got: {num_oov_indices}")
        if invert and output_mode != INT:
            raise ValueError(f'{where}: invert=True goes with output_mode="int"; got: {output_mode!r}')
        if idf_weights is not None and output_mode != TF_IDF:
            raise ValueError(f'{where}: idf_weights go with output_mode="tf_idf"; got: {output_mode!r}')
        if oov_method not in ("floormod", "farmhash"):
            raise ValueError(f'{where}: oov_method must be "floormod" or "farmhash"; got: {oov_method!r}')
        self.max_tokens, self.num_oov_indices, self.oov_token = max_tokens, num_oov_indices, oov_token
        self.mask_token, self.invert, self.output_mode, self.sparse = mask_token, invert, output_mode, sparse
        self.pad_to_max_tokens, self.oov_method = pad_to_max_tokens, oov_method
        self.salt = hash_key(where, salt)
        self.input_vocabulary, self.input_idf_weights = vocabulary, idf_weights
        self._fixed = vocabulary is not None
        self._counter = Counter()
        self._tokens: list[Any] | None = None
        self._idf: np.ndarray[Any, Any] | None = None
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # -- the vocabulary -------------------------------------------------------------------------------

    def _tokens_of(self, x: Any) -> np.ndarray[Any, Any]:
        """An input's tokens as a NumPy array. Raises TypeError: they are of another kind."""
        raise NotImplementedError(f"{type(self).__name__} must define _tokens_of().")

    @property
    def _specials(self) -> list[Any]:
        """What stands before the tokens."""
        mask = [self.mask_token] if self.mask_token is not None and self.output_mode == INT else []
        return mask + [self.oov_token] * self.num_oov_indices

    @property
    def _known(self) -> list[Any]:
        if self._tokens is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has no vocabulary yet: call adapt(data) or "
                "set_vocabulary(tokens), or give a vocabulary to the constructor."
            )
        return self._tokens

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens by their places; without the mask token and those of unknown ones where asked so."""
        tokens = list(self._tokens or [])
        return self._specials + tokens if include_special_tokens else tokens

    def vocabulary_size(self) -> int:
        """How many places there are, those of the mask and of unknown tokens among them."""
        return len(self._specials) + len(self._tokens or [])

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the tokens.

        Args:
            vocabulary: a list or array of tokens, or the path of a file with one in each line; it may begin with
                the mask token and those of unknown ones.
            idf_weights: for output_mode="tf_idf", a weight for each token.

        Raises ValueError: no tokens, one twice, more than max_tokens, special ones elsewhere than in front; weights
        missing, too many or too few.
        """
        where = f"{type(self).__name__} {self.name!r}"
        if isinstance(vocabulary, (str, Path)):
            vocabulary = read_vocabulary(where, vocabulary)
        given = self._tokens_of(np.asarray(vocabulary)).tolist() if len(vocabulary) else []
        tokens = check_vocabulary(where, given, self._specials, self.mask_token, self.oov_token, self.num_oov_indices)
        size = len(tokens) + len(self._specials)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(f"{where}: the vocabulary has {size} places, more than max_tokens={self.max_tokens}.")
        if self.output_mode == TF_IDF:
            if idf_weights is None:
                raise ValueError(f'{where}: output_mode="tf_idf" needs idf_weights with the vocabulary.')
            weights = np.asarray(idf_weights, "float32")
            if len(weights) not in (len(tokens), len(given)):
                raise ValueError(
                    f"{where}: idf_weights must be as many as the tokens; got {len(weights)} for {len(tokens)}."
                )
            self._set_idf(weights[-len(tokens) :])
        elif idf_weights is not None:
            raise ValueError(f'{where}: idf_weights go with output_mode="tf_idf"; it is {self.output_mode!r}.')
        self._set_tokens(tokens)
        self._fixed = True

    def _set_tokens(self, tokens: list[Any]) -> None:
        self._tokens = tokens
        first = len(self._specials)
        self._places = {token: first + place for place, token in enumerate(tokens)}

    def _set_idf(self, weights: np.ndarray[Any, Any]) -> None:
        """The weight of unknown tokens is the mean of the others."""
        self._idf = np.concatenate([np.full(self.num_oov_indices, weights.mean() if len(weights) else 0.0), weights])

    # -- adapting ---------------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Makes the vocabulary of the tokens in data, the most frequent first; what was there before is lost.

        Args:
            data: an array, a list, or a dataset of batches. Each row is a document, for output_mode="tf_idf".
            steps: at most so many batches.

        Raises ValueError: the vocabulary was given.
        """
        self._check_free()
        self.reset_state()
        for batch in batches_of(data, steps, f"{type(self).__name__} {self.name!r}"):
            self.update_state(batch)
        self.finalize_state()

    def _check_free(self) -> None:
        if self._fixed:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} was given its vocabulary, so it cannot adapt to data."
            )

    def update_state(self, data: Any) -> None:
        """Counts the tokens of one batch."""
        self._check_free()
        tokens = self._tokens_of(data)
        self._counter.add(tokens.reshape(-1, tokens.shape[-1] if tokens.ndim > 1 else 1).tolist())

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted."""
        if self._fixed or not self._counter.documents:
            return
        room = None if self.max_tokens is None else self.max_tokens - len(self._specials)
        tokens = self._counter.most_common({self.mask_token, self.oov_token}, room)
        if self.output_mode == TF_IDF:
            self._set_idf(idf_of(self._counter, tokens))
        self._set_tokens(tokens)

    def reset_state(self) -> None:
        """Forgets what was counted."""
        if not self._fixed:
            self._counter = Counter()

    # -- calling ------------------------------------------------------------------------------------------

    @property
    def _depth(self) -> int | None:
        """How long an encoding is."""
        if self.pad_to_max_tokens:
            return self.max_tokens
        return len(self._known) + len(self._specials)

    @property
    def _output_dtype(self) -> str:
        dtype = self.compute_dtype
        if self.output_mode != INT:
            return dtype
        return dtype if dtype in dtypes.INTEGERS else "int64"

    def lookup(self, tokens: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The places of an array of tokens; of the mask token, where there is no place for it, -1."""
        self._known  # noqa: B018 - raises where there is none
        flat = tokens.ravel().tolist()
        places = self._places
        found = np.fromiter((places.get(token, -2) for token in flat), "int64", len(flat)).reshape(tokens.shape)
        if self.mask_token is not None:
            found = np.where(tokens == self.mask_token, 0 if self.output_mode == INT else -1, found)
        unknown = found == -2
        if unknown.any():
            found[unknown] = self._oov(tokens[unknown])
        return found

    def _oov(self, tokens: np.ndarray[Any, Any]) -> Any:
        first = 1 if self.mask_token is not None and self.output_mode == INT else 0
        if self.num_oov_indices == 0:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has num_oov_indices=0, but got tokens that are not in its "
                f"vocabulary: {tokens[:10].tolist()}"
            )
        return first if self.num_oov_indices == 1 else first + self._oov_bins(tokens)

    def _oov_bins(self, tokens: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        key = None if self.salt is None else (self.salt[0], self.salt[1])
        return (hashes(tokens, key, lambda x: x) % np.uint64(self.num_oov_indices)).astype("int64")

    def encoded(self, places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Places as the output mode has it."""
        found = encode_on_host(places, self.output_mode, self._depth or 0, self._output_dtype)
        if self.output_mode != TF_IDF or self._idf is None:
            return found
        return found * np.pad(self._idf, (0, (self._depth or 0) - len(self._idf))).astype(found.dtype)

    def _looked_up(self, x: Any) -> np.ndarray[Any, Any]:
        return self.encoded(self.lookup(self._tokens_of(x)))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return encoded_shape(self.output_mode, input_shape, None if self.output_mode == INT else self._depth)

    def get_config(self) -> dict[str, Any]:
        vocabulary = self.input_vocabulary
        if isinstance(vocabulary, (str, Path)):
            vocabulary = None
        elif hasattr(vocabulary, "tolist"):
            vocabulary = vocabulary.tolist()
        weights = self.input_idf_weights
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "idf_weights": weights.tolist() if hasattr(weights, "tolist") else weights,
            "vocabulary": vocabulary,
            "vocabulary_size": None if self._tokens is None else self.vocabulary_size(),
            "oov_method": self.oov_method,
            "salt": self.salt,
        }

    def get_build_config(self) -> dict[str, Any]:
        """Nothing, as Keras writes it."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave; one that had adapted has to do so again."""
        return super().from_config({key: value for key, value in config.items() if key != "vocabulary_size"})

    # -- files --------------------------------------------------------------------------------------------

    def save_assets(self, dir_path: str) -> None:
        """Writes the vocabulary to the file vocabulary.txt of a directory, a token a line."""
        if self.input_vocabulary is None or isinstance(self.input_vocabulary, (str, Path)):
            text = "\n".join(str(token) for token in self.get_vocabulary(include_special_tokens=True))
            (Path(dir_path) / "vocabulary.txt").write_text(text, encoding="utf-8")

    def load_assets(self, dir_path: str) -> None:
        """Reads what `save_assets` wrote."""
        path = Path(dir_path) / "vocabulary.txt"
        if not path.exists():
            return
        lines = read_vocabulary(f"{type(self).__name__} {self.name!r}", path)
        tokens = self._tokens_of(np.asarray(lines[len(self._specials) :], dtype=object)).tolist()
        self._set_tokens(tokens)
