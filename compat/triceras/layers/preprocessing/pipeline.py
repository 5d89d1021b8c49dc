"""Pipeline: preprocessing layers one after the other."""

from __future__ import annotations
