"""A record of settings: a dict whose entries are attributes too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


class Config:
    """Settings by name, as attributes and as a dict's entries; may be frozen.

    Args:
        **kwargs: the settings.

    Raises ValueError: a change of one that is frozen. Raises AttributeError or KeyError: an unknown name.

    Example:

    >>> config = keras.utils.Config(units=8, rate=0.5)
    >>> config.units, config["rate"]
    (8, 0.5)
    >>> config.freeze().as_dict()
    {'units': 8, 'rate': 0.5}
    """

    def __init__(self, **kwargs: Any) -> None:
        vars(self)["_entries"] = dict(kwargs)
        vars(self)["_frozen"] = False

    @property
    def frozen(self) -> bool:
        """Whether the record may not change."""
        return vars(self)["_frozen"]

    def freeze(self) -> Config:
        """Lets nothing change from here on. Returns the record."""
        vars(self)["_frozen"] = True
        return self

    def unfreeze(self) -> Config:
        """Lets it change again. Returns the record."""
        vars(self)["_frozen"] = False
        return self

    def as_dict(self) -> dict[str, Any]:
        """The settings in a dict of their own."""
        return dict(self._entries)

    def to_json(self) -> str:
        """The settings as JSON."""
        return json.dumps(self._entries)

    def _changing(self) -> dict[str, Any]:
        if self.frozen:
            raise ValueError(f"{self!r} is frozen; call unfreeze() before changing it.")
        return self._entries

    def __getattr__(self, name: str) -> Any:
        entries = vars(self).get("_entries", {})
        if name in entries:
            return entries[name]
        raise AttributeError(f"The Config has no {name!r}; it has: {', '.join(entries) or 'nothing'}.")

    def __setattr__(self, name: str, value: Any) -> None:
        self._changing()[name] = value

    def __delattr__(self, name: str) -> None:
        entries = self._changing()
        if name not in entries:
            raise AttributeError(f"The Config has no {name!r}; it has: {', '.join(entries) or 'nothing'}.")
        del entries[name]

    def __getitem__(self, name: str) -> Any:
        return self._entries[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._changing()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._changing()[name]

    def get(self, key: str, default: Any = None) -> Any:
        """The setting, or the default where there is none."""
        return self._entries.get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Takes a setting out."""
        return self._changing().pop(key, *default)

    def update(self, *args: Mapping[str, Any], **kwargs: Any) -> None:
        """Sets several at once."""
        self._changing().update(*args, **kwargs)

    def keys(self) -> Any:
        """The names."""
        return self._entries.keys()

    def values(self) -> Any:
        """The values."""
        return self._entries.values()

    def items(self) -> Any:
        """Names and values."""
        return self._entries.items()

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._entries == other._entries

    def __repr__(self) -> str:
        return f"<Config {self._entries}>"
