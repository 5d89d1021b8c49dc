"""Reuters: 11228 newswires of 1987 in 46 topics."""

from __future__ import annotations

import numpy as np

from triceras.datasets import words
from triceras.datasets.reading import read_npz
from triceras.datasets.tables import Split, check_share, published

_HASH = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_INDEX_HASH = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Split:
    """((x_train, y_train), (x_test, y_test)): x arrays of lists of word indices, (rows,); y the topics, (rows,).

    A word's index is its rank by frequency (`get_word_index`) plus `index_from`; a topic's name is at its place in
    `get_label_names`.

    Args:
        path: the name in the cache.
        num_words: indices from this on become `oov_char`; None keeps all but the very last.
        skip_top: indices below this become `oov_char`.
        maxlen: newswires of so many indices and more are left out.
        test_split: the share of rows for tests, at least 0 and less than 1.
        seed: of the order of the rows.
        start_char: the index that every newswire begins with, None for none.
        oov_char: what stands for words that are left out; None leaves nothing there.
        index_from: what is added to ranks.

    Raises ValueError: another share; maxlen leaves no newswire. Raises as `utils.get_file` does.
    """
    check_share(test_split)
    arrays = read_npz(published("reuters.npz", path, _HASH))
    shuffled = words.shuffled(arrays["x"], arrays["y"], np.random.RandomState(seed))
    encoding = words.Encoding(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    ((x, y),) = encoding(shuffled)
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The rank of each word by its frequency, the most frequent 1. Raises as `utils.get_file` does."""
    return words.word_index("reuters_word_index.json", path, _INDEX_HASH)


def get_label_names() -> tuple[str, ...]:
    """The topics' names, in the order of the labels.

    Example:

    >>> keras.datasets.reuters.get_label_names()[:3]
    ('cocoa', 'grain', 'veg-oil')
    """
    return tuple(_TOPICS.split())
