"""Which Variables weight decay spares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


class Exclusions:
    """A set of Variables: some listed, some by a part of their name (a regular expression)."""

    def __init__(self, listed: Iterable[Any] | None = None, names: Iterable[str] | None = None) -> None:
        self._listed = {id(variable): variable for variable in listed or ()}
        names = list(names or ())
        self._names = re.compile("|".join(names)) if names else None

    def covers(self, variable: Any) -> bool:
        """Whether the Variable is in the set."""
        if id(variable) in self._listed:
            return True
        return self._names is not None and self._names.search(variable.name) is not None
