"""Connectionist temporal classification, on JAX."""

from __future__ import annotations
