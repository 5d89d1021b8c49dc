"""Every public class has a docstring whose example runs and shows what it says, on the chosen backend."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import triceras as keras

NAMESPACES = (
    "", "layers", "losses", "metrics", "optimizers", "optimizers.schedules", "initializers", "regularizers",
    "constraints", "activations", "callbacks", "utils", "preprocessing.image", "preprocessing.sequence", "datasets",
    "wrappers", "visualization", "tree", "config", "dtype_policies", "mixed_precision", "random",
)  # fmt: skip
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def public() -> Iterator[tuple[str, Any]]:
    """Classes and functions by name, each once however many names it has."""
    seen = set()
    for namespace in NAMESPACES:
        module: Any = keras
        for part in filter(None, namespace.split(".")):
            module = getattr(module, part, None)  # what is missing, another test says
        for name, x in sorted(vars(module).items() if module else ()):
            mine = str(getattr(x, "__module__", "")).startswith("triceras")
            if name.startswith("_") or not mine or not callable(x) or id(x) in seen:
                continue
            seen.add(id(x))
            yield f"{namespace}.{name}".lstrip("."), x


PUBLIC = dict(public())
EXAMPLES = {name: x for name, x in PUBLIC.items() if ">>>" in (inspect.getdoc(x) or "")}
# EpochLines is what verbose=2 puts into fit, no name that one writes.
CLASSES = sorted(name for name, x in PUBLIC.items() if inspect.isclass(x) and x is not keras.callbacks.EpochLines)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """What an example may set for the whole process is as before."""
    policy, registered = keras.config.dtype_policy(), dict(keras.utils.get_custom_objects())
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy(policy)
    keras.utils.get_custom_objects().clear()
    keras.utils.get_custom_objects().update(registered)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs(name: str, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    parser, names = doctest.DocTestParser(), {"keras": keras, "np": np}
    test = parser.get_doctest(inspect.getdoc(EXAMPLES[name]) or "", names, name, None, 0)
    lines: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=lines.append)
    assert not lines, "".join(lines)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_an_example(name: str) -> None:
    assert ">>>" in (vars(PUBLIC[name]).get("__doc__") or ""), f"{name} has no docstring with an example of its own"
