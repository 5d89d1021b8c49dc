"""Complex tensors: parts, conjugates, polar form."""

from __future__ import annotations
