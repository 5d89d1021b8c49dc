"""What the tests do by the framework's own means: modules a backend."""

from __future__ import annotations

import importlib

import triceras as keras

table = importlib.import_module(f"tests.engine.native_tables.by_{keras.backend.backend()}")
steps = importlib.import_module(f"tests.engine.native_tables.steps_by_{keras.backend.backend()}")
