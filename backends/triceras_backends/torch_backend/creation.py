"""Copies, spaced numbers, windows, on PyTorch."""

from __future__ import annotations
