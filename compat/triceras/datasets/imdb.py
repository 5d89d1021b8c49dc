"""IMDB: 50000 reviews of films, good or bad (Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011)."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras.datasets import words
from triceras.datasets.reading import read_npz
from triceras.datasets.tables import Split, published

_HASH = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_INDEX_HASH = "bfafd718b763782e994055a2d397834f"


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> Split:
    """((x_train, y_train), (x_test, y_test)): x arrays of lists of word indices, (rows,); y 1 good, 0 bad.

    A word's index is its rank by frequency (`get_word_index`) plus `index_from`. 25000 rows each.

    Args:
        path: the name in the cache.
        num_words: indices from this on become `oov_char`; None keeps all but the very last.
        skip_top: indices below this become `oov_char`.
        maxlen: reviews of so many indices and more are left out.
        seed: of the order of the rows.
        start_char: the index that every review begins with, None for none.
        oov_char: what stands for words that are left out; None leaves nothing there.
        index_from: what is added to ranks.

    Raises ValueError: maxlen leaves no review. Raises TypeError: an unknown argument. Raises as `utils.get_file` does.
    """
    if kwargs:
        raise TypeError(f"imdb.load_data has no argument {', '.join(map(repr, kwargs))}.")
    arrays = read_npz(published("imdb.npz", path, _HASH))
    random = np.random.RandomState(seed)
    train = words.shuffled(arrays["x_train"], arrays["y_train"], random)
    test = words.shuffled(arrays["x_test"], arrays["y_test"], random)
    encoding = words.Encoding(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    train, test = encoding(train, test)
    return train, test


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The rank of each word by its frequency, the most frequent 1. Raises as `utils.get_file` does."""
    return words.word_index("imdb_word_index.json", path, _INDEX_HASH)
