"""Pipeline: preprocessing layers one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triceras.layers.layer import Layer
