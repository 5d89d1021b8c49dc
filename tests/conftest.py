"""Options of all suites."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="run the long tables too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: runs only with --thorough")
    config.addinivalue_line("markers", "optimized: compiled as users compile, with --thorough or without")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--thorough"):
        return
    long = [item for item in items if item.get_closest_marker("thorough")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keeps the frameworks and the twenty thousand tests out of every later garbage collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=os.environ.get("KERAS_BACKEND") == "jax")
def quick_compilation(request: pytest.FixtureRequest) -> Iterator[None]:
    """Without most of XLA's optimizations: most tests compile much and compute little, and compare meanings.

    Those marked as optimized, which train models and count steps, keep them; so does --thorough.
    """
    import jax

    quick = not (request.config.getoption("--thorough") or request.node.get_closest_marker("optimized"))
    jax.config.update("jax_disable_most_optimizations", quick)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
