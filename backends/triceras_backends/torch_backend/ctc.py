"""Connectionist temporal classification, on PyTorch."""

from __future__ import annotations
