"""Connectionist temporal classification, on TensorFlow."""

from __future__ import annotations
