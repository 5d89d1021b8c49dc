"""The backend of this process. Importing this module chooses it and imports its framework."""

from __future__ import annotations

from typing import Any

from triceras_backends.selection import load

backend: Any = load()
