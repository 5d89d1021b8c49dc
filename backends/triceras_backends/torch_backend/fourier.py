"""Fourier transforms, on PyTorch."""

from __future__ import annotations
