"""Joining, dividing, turning and selecting."""

from __future__ import annotations
