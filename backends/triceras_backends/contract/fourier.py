"""Fourier transforms, of whole tensors and of short overlapping frames."""

from __future__ import annotations
