"""Connectionist temporal classification, from other primitives."""

from __future__ import annotations
