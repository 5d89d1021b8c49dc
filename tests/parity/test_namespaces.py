"""Every public name of the installed Keras, with the same parameters, attributes and string aliases.

`ops` and `random` are compared, in the same way, by the conformance suite. `data/later.txt` lists what other
issues bring, `data/differs.txt` the differences that are meant; a line that is no longer true fails.
"""

from __future__ import annotations

import dis
import fnmatch
import importlib
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

import triceras

DATA = Path(__file__).parent / "data"
ELSEWHERE = ("ops", "random")  # the conformance suite's


def read_lines(name: str) -> dict[str, str]:
    """A table of names (patterns, in later.txt) and reasons."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    parts = [line.partition(" # ") for line in lines if line and line[0] != "#"]
    return {path.strip(): reason.strip() for path, _, reason in parts}


LATER, DIFFERS = read_lines("later.txt"), read_lines("differs.txt")


def shown(module: Any) -> list[str]:
    return [name for name in dir(module) if name[0] != "_"]


def walk(module: ModuleType, prefix: str = "") -> Iterator[tuple[str, ModuleType]]:
    """The public namespaces by their path, "" for the top level."""
    yield prefix.rstrip("."), module
    for name in shown(module):
        inner = getattr(module, name)
        if isinstance(inner, ModuleType) and prefix + name not in ("src", *ELSEWHERE):
            yield from walk(inner, f"{prefix}{name}.")


NAMESPACES = dict(walk(keras))
NAMES = {
    f"{path}.{name}".lstrip("."): getattr(module, name)
    for path, module in NAMESPACES.items()
    for name in shown(module)
    if not isinstance(getattr(module, name), ModuleType)
}
CLASSES = {path: found for path, found in NAMES.items() if inspect.isclass(found)}


def find(path: str) -> Any:
    """What we have under a path, None where it is missing."""
    found: Any = triceras
    for part in path.split(".") if path else ():
        found = getattr(found, part, None)
    return found


def postponed(path: str) -> str | None:
    """The pattern of later.txt that covers a path."""
    return next((pattern for pattern in LATER if fnmatch.fnmatchcase(path, pattern)), None)


def parameters(function: Any) -> list[tuple[str, str, Any]]:
    function = constructor(function) if inspect.isclass(function) else function
    found = inspect.signature(function).parameters.values()
    return [(p.name, p.kind.name, _comparable(p.default)) for p in found]


OF_BACKENDS = (
    *(f"keras.src.backend.{name}." for name in ("torch", "jax", "tensorflow", "numpy", "openvino")),
    *(f"triceras_backends.{name}_backend." for name in ("torch", "jax", "tensorflow")),
)


def constructor(cls: type) -> Any:
    """The `__init__` of a class; those of a backend's part of it pass their arguments on."""
    owners = [c for c in cls.__mro__ if "__init__" in vars(c) and not c.__module__.startswith(OF_BACKENDS)]
    return vars(owners[0])["__init__"]


def _comparable(default: Any) -> Any:
    """A default as something that two packages can share: functions and objects by their names."""
    if default is None or isinstance(default, (bool, int, float, str)):
        return default
    if isinstance(default, (list, tuple)):
        return type(default)(map(_comparable, default))
    return getattr(default, "__name__", type(default).__name__)


def difference(path: str) -> str | None:
    """What is different about a name, None if nothing is."""
    ours, theirs = find(path), NAMES[path]
    if ours is None:
        return None if theirs is None else f"triceras.{path} is missing"
    if inspect.isclass(ours) != inspect.isclass(theirs) or callable(ours) != callable(theirs):
        return f"triceras.{path} is a {type(ours).__name__}, keras.{path} a {type(theirs).__name__}"
    if not callable(theirs):
        return None
    got, wanted = parameters(ours), parameters(theirs)
    return None if got == wanted else f"triceras.{path} has the parameters\n{got}\nkeras.{path} has\n{wanted}"


# -- names ---------------------------------------------------------------------------------------------------------


def hold(path: str, found: str | None) -> None:
    """Asserts that there is no difference, or that there is one and it is declared."""
    pattern = postponed(path)
    if path in DIFFERS:
        assert found is not None, f"differs.txt declares a difference of {path} that is none: take the line out"
    elif pattern is None:
        assert found is None, found
    elif pattern == path:
        assert found is not None, f"later.txt lists {path}, which is here: take the line out"


@pytest.mark.parametrize("path", NAMES)
def test_name(path: str) -> None:
    hold(path, difference(path))


@pytest.mark.parametrize("path", [path for path in NAMESPACES if path])
def test_namespace(path: str) -> None:
    module = find(path)
    hold(path, None if isinstance(module, ModuleType) else f"triceras.{path} is missing")
    if isinstance(module, ModuleType):
        assert importlib.import_module(f"triceras.{path}") is module


# -- attributes of classes -----------------------------------------------------------------------------------------


def attributes(cls: type) -> set[str]:
    """The public names that Keras's own classes define; a framework's base classes are not Keras."""
    owners = [c for c in cls.__mro__ if c.__module__.startswith("keras.") and not c.__module__.startswith(OF_BACKENDS)]
    return {name for owner in owners for name in vars(owner) if name[0] != "_"}


def own_attributes(cls: type) -> set[str]:
    """Those that no public class above defines, which is compared itself."""
    above = [c for c in cls.__mro__[1:] if c in PUBLIC]
    return attributes(cls).difference(*map(attributes, above))


def assigned(cls: type) -> set[str]:
    """The attributes that methods of a class set on something: those of instances among them."""
    functions = [f for c in cls.__mro__ for f in vars(c).values() if inspect.isfunction(f)]
    codes = [inspect.unwrap(function).__code__ for function in functions]
    return {i.argval for code in codes for i in dis.get_instructions(code) if i.opname == "STORE_ATTR"}


PUBLIC = set(CLASSES.values())
ATTRIBUTES = [f"{path}.{name}" for path, cls in CLASSES.items() for name in sorted(own_attributes(cls))]


@pytest.mark.parametrize("path", CLASSES)
def test_attributes(path: str) -> None:
    cls, missing = find(path), []
    if not inspect.isclass(cls):  # test_name says so
        return
    set_there = assigned(cls)
    for name in sorted(own_attributes(CLASSES[path])):
        lacks = not hasattr(cls, name) and name not in set_there
        if f"{path}.{name}" in DIFFERS or postponed(f"{path}.{name}"):
            hold(f"{path}.{name}", f"{path} has no {name}" if lacks else None)
        elif lacks:
            missing.append(name)
    assert not missing, f"triceras.{path} has no {', '.join(missing)}"


# -- strings -------------------------------------------------------------------------------------------------------

FAMILIES = {
    "activations": (), "constraints": (), "initializers": (), "losses": (), "metrics": (),
    "optimizers": (), "regularizers": (), "dtype_policies": ("float32", "mixed_float16", "mixed_bfloat16"),
}  # fmt: skip
# Short names that Keras documents or takes beside those of its namespaces.
ERRORS = ("mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "kld", "KLD", "kl_divergence")
SHORT = {
    "losses": (*ERRORS, "bce", "BCE", "logcosh", "log_cosh"),
    "metrics": (*ERRORS, "acc", "accuracy", "bce", "BCE", "cosine_similarity", "logcosh"),
    "initializers": ("normal", "uniform", "one", "zero", "identity", "he_normal", "glorot_uniform", "stft"),
    "regularizers": ("l1", "l2", "l1_l2", "L1L2", "orthogonal_regularizer"),
    "activations": ("linear", "hard_sigmoid", "swish", "leaky_relu", "hard_swish"),
    "optimizers": ("adam", "adamw", "sgd", "rmsprop", "muon", "lion", "schedule_free_adamw", "schedulefreeadamw"),
}  # fmt: skip
FUNCTIONS = ("get", "serialize", "deserialize")
BASES = ("Constraint", "Initializer", "Loss", "Metric", "Optimizer", "Regularizer")  # nothing to ask for by name


def snake(name: str) -> list[str]:
    """Spellings of a class name in lower case."""
    spaced = "".join(f"_{c}" if c.isupper() and i and not name[i - 1].isupper() else c for i, c in enumerate(name))
    return [name.lower(), spaced.lower()]


def strings() -> Iterator[str]:
    """family/string for each string that the real `get` takes."""
    for family, more in FAMILIES.items():
        names = [n for n in shown(NAMESPACES[family]) if n not in (*FUNCTIONS, *BASES)]
        spelt = [s for name in names for s in (name, *snake(name))]
        for string in dict.fromkeys((*spelt, *more, *SHORT.get(family, ()))):
            if taken(keras, family, string) is not None:
                yield f"{family}/{string}"


def taken(package: Any, family: str, string: str) -> str | None:
    """The name of the class or function that a string stands for."""
    try:
        found = getattr(package, family).get(string)
    except Exception:  # of many types: not a name, or one that needs arguments
        return None
    return getattr(found, "__name__", type(found).__name__)


STRINGS = list(strings())


@pytest.mark.parametrize("path", STRINGS)
def test_string(path: str) -> None:
    family, string = path.split("/")
    ours, theirs = taken(triceras, family, string), taken(keras, family, string)
    hold(path, None if ours == theirs else f"triceras.{family}.get({string!r}) gives {ours}, keras's {theirs}")


# -- the tables ----------------------------------------------------------------------------------------------------


def test_every_line_of_the_tables_names_something() -> None:
    known = [*NAMES, *NAMESPACES, *ATTRIBUTES, *STRINGS]
    for pattern in LATER:
        assert fnmatch.filter(known, pattern), f"later.txt: keras has no {pattern}"
    for path in DIFFERS:
        assert path in known, f"differs.txt: keras has no {path}"
    assert all(LATER.values()) and all(DIFFERS.values())


def test_the_installed_keras_is_read() -> None:
    """Were the names not found, nothing would be compared."""
    assert len(NAMES) > 750 and len(STRINGS) > 230
    assert {"layers.Dense", "losses.mean_squared_error", "optimizers.Muon", "utils.Progbar", "Model"} <= set(NAMES)
    assert {"layers.Layer.add_weight", "Variable.assign", "models.Model.fit"} <= set(ATTRIBUTES)
