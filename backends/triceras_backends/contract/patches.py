"""Windows of images as an axis of their own, and back."""

from __future__ import annotations
