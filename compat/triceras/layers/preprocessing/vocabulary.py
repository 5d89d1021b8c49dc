"""Vocabularies: counting tokens, reading files, checking lists."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np


class Counter:
    """How often tokens occur, and in how many documents."""

    def __init__(self) -> None:
        self.tokens: collections.Counter[Any] = collections.Counter()
        self.in_documents: collections.Counter[Any] = collections.Counter()
        self.documents = 0

    def add(self, documents: Iterable[Any]) -> None:
        """Counts documents, each a sequence of tokens."""
        for document in documents:
            self.tokens.update(document)
            self.in_documents.update(set(document))
            self.documents += 1

    def most_common(self, without: set[Any], room: int | None) -> list[Any]:
        """The tokens but for some, the most frequent first, of equally frequent ones the greatest; at most `room`."""
        found = [(count, token) for token, count in self.tokens.items() if token not in without]
        return [token for _, token in sorted(found, reverse=True)[: None if room is None else max(room, 0)]]


def idf_of(counter: Counter, tokens: list[Any]) -> np.ndarray[Any, Any]:
    """log(1 + documents / (1 + documents with the token)) of each token."""
    within = np.array([counter.in_documents[token] for token in tokens], "float64")
    return np.log(1 + counter.documents / (1 + within)).astype("float32")


def read_vocabulary(where: str, path: Any) -> list[str]:
    """The lines of a file. Raises ValueError, with `where` in front: there is none of that path."""
    file = Path(path)
    if not file.is_file():
        raise ValueError(f"{where}: there is no vocabulary file {str(path)!r}.")
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def check_vocabulary(where: str, given: list[Any], specials: list[Any], mask: Any, oov: Any, num_oov: int) -> list[Any]:
    """The tokens of a list that may begin with special ones.

    Raises ValueError, with `where` in front: no tokens, one twice, a mask token amid them.
    """
    if not given:
        raise ValueError(f"{where}: the vocabulary is empty; it needs a token at least.")
    with_mask = ([] if mask is None else [mask]) + [oov] * num_oov
    tokens = given
    for front in (specials, with_mask):
        if front and given[: len(front)] == front:
            tokens = given[len(front) :]
            break
    repeated = [token for token, count in collections.Counter(tokens).items() if count > 1]
    if repeated:
        raise ValueError(f"{where}: the vocabulary has tokens more than once: {repeated[:10]}")
    if mask is not None and mask in tokens:
        raise ValueError(
            f"{where}: the mask token {mask!r} stands at place {tokens.index(mask)} of the vocabulary. Special tokens "
            f"need not be given; if they are, they stand in front, in this order: {with_mask}"
        )
    return tokens
