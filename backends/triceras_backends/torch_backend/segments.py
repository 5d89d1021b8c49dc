"""Reductions over segments, on PyTorch."""

from __future__ import annotations
