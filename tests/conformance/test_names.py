"""Every public name of the installed Keras's operations and random functions, with the same parameters."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

import triceras

NAMESPACES = ("ops", "ops.numpy", "ops.nn", "ops.linalg", "ops.image", "random")
DIFFERENCES = Path(__file__).parent / "data" / "names.txt"


def _known() -> dict[str, str]:
    """What is declared to differ, to the reason."""
    lines = [line for line in DIFFERENCES.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {name.strip(): reason.strip() for name, _, reason in (line.partition(" # ") for line in lines)}


KNOWN = _known()


def _names(namespace: str) -> list[str]:
    module = importlib.import_module(f"keras.{namespace}")
    return [n for n in dir(module) if n[0] != "_" and not isinstance(getattr(module, n), ModuleType)]


NAMES = [f"{namespace}.{name}" for namespace in NAMESPACES for name in _names(namespace)]


def _find(root: Any, path: str) -> Any:
    for part in path.split("."):
        root = getattr(root, part, None)
    return root


def _general(path: str) -> str:
    """The name in keras.ops itself of one in a namespace of it."""
    return f"{path.split('.')[0]}.{path.split('.')[-1]}"


def parameters(function: Any) -> list[tuple[str, str, Any]]:
    return [(p.name, p.kind.name, p.default) for p in inspect.signature(function).parameters.values()]


def difference(path: str) -> str | None:
    """What is different about a name, None if nothing is."""
    ours, theirs = _find(triceras, path), _find(keras, path)
    if ours is None:
        return f"triceras.{path} is missing"
    got, wanted = parameters(ours), parameters(theirs)
    return None if got == wanted else f"triceras.{path} has the parameters {got}, keras.{path} has {wanted}"


@pytest.mark.parametrize("path", NAMES)
def test_name(path: str) -> None:
    found, declared = difference(path), KNOWN.get(f"keras.{path}", KNOWN.get(f"keras.{_general(path)}"))
    if declared is None:
        assert found is None
    else:
        assert found is not None, f"{DIFFERENCES.name} declares a difference of {path} that is none: take the line out"


def test_what_differs_is_a_name_with_a_reason() -> None:
    assert {name.removeprefix("keras.") for name in KNOWN} <= set(NAMES)
    assert all(KNOWN.values())


def test_the_installed_keras_is_read() -> None:
    """Were the names not found, nothing would be compared."""
    assert len(NAMES) > 600
    assert {"ops.add", "ops.numpy.add", "ops.nn.conv", "ops.linalg.svd", "ops.image.resize", "random.normal"} <= set(
        NAMES
    )


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_namespace_can_be_imported(namespace: str) -> None:
    assert importlib.import_module(f"triceras.{namespace}") is _find(triceras, namespace)


@pytest.mark.parametrize("path", [path for path in NAMES if _general(path) in NAMES and _general(path) != path])
def test_the_same_function_in_every_namespace(path: str) -> None:
    assert _find(triceras, path) is _find(triceras, _general(path)) is not None


def test_the_seed_generator_has_keras_methods() -> None:
    ours, theirs = triceras.random.SeedGenerator, keras.random.SeedGenerator
    methods = [name for name in vars(theirs) if name[0] != "_" and inspect.isfunction(vars(theirs)[name])]
    assert methods
    for name in methods:
        assert parameters(getattr(ours, name)) == parameters(getattr(theirs, name)), name


def test_random_shows_nothing_else() -> None:
    """What `import triceras.random as r` offers are Keras's names and the modules they are in."""
    others = set(dir(triceras.random)) - set(_names("random"))
    strangers = [name for name in others if name[0] != "_" and f"triceras.random.{name}" not in sys.modules]
    assert strangers == []
