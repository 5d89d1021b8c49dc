"""Reductions over segments."""

from __future__ import annotations
