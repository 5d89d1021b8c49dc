"""Texts as lists of the ranks of their words: what IMDB and Reuters share."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from triceras.datasets.tables import published

Array = np.ndarray[Any, Any]


def shuffled(x: Array, y: Array, random: np.random.RandomState) -> tuple[Array, Array]:
    """Texts and labels in a common order."""
    order = np.arange(len(x))
    random.shuffle(order)
    return x[order], y[order]


class Encoding(NamedTuple):
    """How ranks become indices: see `imdb.load_data`."""

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int

    def __call__(self, *parts: tuple[Array, Array]) -> list[tuple[Array, Array]]:
        """Texts and labels of each part, encoded. Raises ValueError: no text is kept."""
        found = [self._kept(texts, labels) for texts, labels in parts]
        indices = [index for part in found for text, _ in part for index in text]
        if not any(found):
            raise ValueError(f"No text has fewer than maxlen={self.maxlen} words; give a larger maxlen.")
        # As in the published experiments, whoever keeps all words loses the last, which is the rarest.
        end = max(indices) if self.num_words is None else self.num_words
        return [
            (as_objects([self._limited(text, end) for text, _ in part]), np.array([label for _, label in part]))
            for part in found
        ]

    def _kept(self, texts: Array, labels: Array) -> list[tuple[list[int], Any]]:
        first = [] if self.start_char is None else [self.start_char]
        found = [
            (first + [rank + self.index_from for rank in text], label)
            for text, label in zip(texts, labels, strict=True)
        ]
        return [(text, label) for text, label in found if len(text) < self.maxlen] if self.maxlen else found

    def _limited(self, text: list[int], end: int) -> list[int]:
        if self.oov_char is None:
            return [index for index in text if self.skip_top <= index < end]
        return [index if self.skip_top <= index < end else self.oov_char for index in text]


def as_objects(texts: list[list[int]]) -> Array:
    """Lists of unequal lengths as an array of objects."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def word_index(name: str, path: Any, file_hash: str) -> dict[str, int]:
    """The published table from words to ranks, the most frequent word 1."""
    with open(published(name, path, file_hash), encoding="utf-8") as file:
        return json.load(file)
