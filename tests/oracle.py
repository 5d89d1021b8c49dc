"""The real Keras, with which the suites compare, on a backend that need not be ours."""

from __future__ import annotations

import importlib
import os


def import_keras(backend: str) -> None:
    """Imports Keras on this backend; KERAS_BACKEND, which both packages read, stays the name of ours."""
    ours = os.environ["KERAS_BACKEND"]
    os.environ["KERAS_BACKEND"] = backend
    try:
        importlib.import_module("keras")
    finally:
        os.environ["KERAS_BACKEND"] = ours
