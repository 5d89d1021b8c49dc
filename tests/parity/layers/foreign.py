"""Layers that wrap what belongs to one framework: they have tests of their own."""

from __future__ import annotations

ELSEWHERE = dict.fromkeys(
    ["FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"], "tests/parity/test_foreign_layers.py"
)
