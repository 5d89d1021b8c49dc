"""Fourier transforms, from other primitives."""

from __future__ import annotations
