"""Fourier transforms, on TensorFlow."""

from __future__ import annotations
