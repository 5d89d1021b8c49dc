"""Special functions, bits and further element-wise arithmetic, on TensorFlow."""

from __future__ import annotations
