"""Complex tensors, on TensorFlow."""

from __future__ import annotations
