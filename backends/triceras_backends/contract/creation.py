"""Further ways to make tensors: copies, spaced numbers, windows."""

from __future__ import annotations
