"""Operations whose results have sizes that depend on values, or that have no tensor to be unknown, with reasons.

Each is left out of what the name of its table says, and of nothing else.
"""

from __future__ import annotations

# Not inside jit, and not without reading values: the sizes of what they return depend on them.
UNCOMPILED: dict[str, str] = {
    "nonzero": "as many results as there are non-zero elements",
    "unique": "as many results as there are different values",
    "bincount": "as many results as the largest value",
}

# Not on symbolic tensors: as above.
UNINFERRED: dict[str, str] = {
    "nonzero": UNCOMPILED["nonzero"],
    "unique": UNCOMPILED["unique"],
    "bincount": UNCOMPILED["bincount"],
}

# Not with the first size unknown ("op-leading"), or with none known ("op-everywhere").
_GIVEN = "the result's shape is an argument, and the tensor's must fit it"
ALL_KNOWN: dict[str, str] = {
    "broadcast_to-leading": _GIVEN,
    "broadcast_to-everywhere": _GIVEN,
    "full-leading": _GIVEN,
    "full-everywhere": _GIVEN,
}
