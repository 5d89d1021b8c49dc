"""Options of all suites."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle import import_keras

# Compares with Keras on any backend: what layers, models and training mean is the same on all.
ENGINE = Path(__file__).parent / "engine"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="run the long tables too")
    parser.addoption(
        "--oracle",
        metavar="BACKEND",
        help="compare with Keras on this backend: runs the engine's tests, or, if it is ours, all but these",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: runs only with --thorough")
    config.addinivalue_line("markers", "optimized: compiled as users compile, with --thorough or without")


def pytest_collection(session: pytest.Session) -> None:
    # Only here, because a process that shares the tests out among others collects none and needs no Keras.
    if oracle := session.config.getoption("--oracle"):
        import_keras(oracle)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    thorough, oracle = config.getoption("--thorough"), config.getoption("--oracle")

    def wanted(item: pytest.Item) -> bool:
        if oracle and (ENGINE in item.path.parents) == (oracle == os.environ["KERAS_BACKEND"]):
            return False
        return thorough or not item.get_closest_marker("thorough")

    if left := [item for item in items if not wanted(item)]:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if wanted(item)]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    # What is asked for may all belong to the run with the other oracle.
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.getoption("--oracle"):
        session.exitstatus = pytest.ExitCode.OK


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
