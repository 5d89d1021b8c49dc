"""Copies, spaced numbers, windows, from other primitives."""

from __future__ import annotations
