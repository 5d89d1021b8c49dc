"""Fourier transforms, on JAX."""

from __future__ import annotations
