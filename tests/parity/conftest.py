"""The parity tables compile much and compute little."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import pytest


@pytest.fixture(autouse=keras.backend.backend() == "jax")
def quick_compilation() -> Iterator[None]:
    """Without XLA's optimizations, for these tests alone: what is compared are meanings."""
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
