"""From text to tokens: standardizing, splitting, n-grams."""

from __future__ import annotations

import re
import string
from collections.abc import Callable

_LOWER = {ord(upper): lower for upper, lower in zip(string.ascii_uppercase, string.ascii_lowercase, strict=True)}
_STRIPPED: dict[int, str | None] = dict.fromkeys(map(ord, string.punctuation))
_BOTH = {**_LOWER, **_STRIPPED}
_WORDS = re.compile(r"[^ \t\n\r\x0b\f]+")

# As Keras has it, letters are ASCII's: others keep their case, and other signs than ASCII's punctuation stay.
STANDARDIZE: dict[str, Callable[[str], str]] = {
    "lower_and_strip_punctuation": lambda text: text.translate(_BOTH),
    "lower": lambda text: text.translate(_LOWER),
    "strip_punctuation": lambda text: text.translate(_STRIPPED),
}
SPLIT: dict[str, Callable[[str], list[str]]] = {"whitespace": _WORDS.findall, "character": list}


def ngrams(tokens: list[str], lengths: tuple[int, ...]) -> list[str]:
    """Neighbours joined by a space: all of the first length, then all of the next."""
    return [" ".join(tokens[i : i + n]) for n in lengths for i in range(len(tokens) - n + 1)]
