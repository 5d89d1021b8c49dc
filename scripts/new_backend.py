#!/usr/bin/env python3
"""Lays out a package for a fourth backend, with every signature of the contract to fill in.

    python scripts/new_backend.py NAME DIRECTORY

DIRECTORY becomes an installable package, outside this repository, that registers the
backend NAME by an entry point. Each family of the contract is a module that lists, as
comments, the primitives to write, with what they must do; writing one is removing the
comment and giving it a body. Until then it is derived from others where that is possible,
and a declared gap where not, so the package can be loaded and tested from the first day:

    pip install -e DIRECTORY
    KERAS_BACKEND=NAME python -c "import triceras"
    KERAS_BACKEND=NAME pytest tests/conformance
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "backends"))

from triceras_backends import contract, derived
from triceras_backends.selection import BUILT_IN, contract_functions

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{package}"
version = "0.1.0"
dependencies = ["triceras"]

[project.entry-points."triceras.backends"]
{name} = "{package}"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""

NAMES = """\
# The annotations below use names of typing and of triceras_backends.contract.types."""

VARIABLES = '''\
"""Variables."""

from __future__ import annotations

from typing import Any

from triceras_backends import variable


class Variable(variable.Variable):
    """A tensor that can be assigned. What is the same everywhere is in the base class."""

    def _create(self, value: Any) -> None:
        # Copy where your tensors are mutable: the initial value may be the user's own object.
        self._value = value

    def _store(self, value: Any) -> None:
        self._value = value

    @property
    def value(self) -> Any:
        # Where a tape records or a function is compiled, this is where they see the read.
        return self._value
'''

MODULES = '''\
"""The base class of layers."""

from __future__ import annotations

from typing import Any

from triceras_backends.variable import Variable


class Module:
    """The base class of layers."""

    _hooked = False
    _training_mode: bool | None = None
    _native_kinds: tuple[type, ...] = ()

    def register_variable(self, name: str, variable: Variable) -> None:
        """Your framework needs to know nothing: a plain attribute serves."""

    def _call_hooked(self, args: Any, kwargs: Any) -> Any:
        return self._general_call(args, kwargs)
'''


def commented(family: str, name: str, function: object) -> str:
    """A primitive as it is to be written, its contract as its docstring, every line a comment."""
    text = inspect.getsource(function)  # type: ignore[arg-type]
    text = text.rstrip() + "\n    ..." if callable(function) and not inspect.isclass(function) else text.rstrip()
    origin = "# Derived from other primitives unless you write it:\n" if derived.find(family, name) else ""
    return origin + "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def family_module(family: str, module: ModuleType) -> str:
    """The text of the module for one family of primitives."""
    docstring = inspect.getdoc(module) or ""
    summary = docstring.splitlines()[0]
    functions = [(name, value) for name, (where, value) in contract_functions().items() if where == family]
    parts = [f'"""{summary}"""', "from __future__ import annotations", NAMES]
    parts += [commented(family, name, value) for name, value in functions]
    return "\n\n".join(parts) + "\n"


def lay_out(name: str, directory: Path) -> list[Path]:
    """Writes the package; returns the files. Nothing that exists is overwritten."""
    package = f"{name}_backend"
    files = {
        "pyproject.toml": PYPROJECT.format(name=name, package=package),
        f"{package}/__init__.py": f'"""The {name} backend of Triceras: a module for each family of the contract."""\n',
        f"{package}/variables.py": VARIABLES,
        f"{package}/modules.py": MODULES,
    }
    for family in contract.FAMILIES:
        module = importlib.import_module(f"triceras_backends.contract.{family}")
        files.setdefault(f"{package}/{family}.py", family_module(family, module))
    paths = [directory / file for file in files]
    for path in paths:
        if path.exists():
            raise FileExistsError(f"{path} exists; name a new directory.")
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return paths


def main() -> int:
    parser = argparse.ArgumentParser(description="Lay out a package for a new backend.")
    parser.add_argument("name", help="what KERAS_BACKEND will be set to")
    parser.add_argument("directory", type=Path, help="where to write the package")
    options = parser.parse_args()
    if not options.name.isidentifier() or options.name in BUILT_IN:
        parser.error(f"the name must be an identifier other than {', '.join(BUILT_IN)}; got: {options.name!r}")
    try:
        paths = lay_out(options.name, options.directory)
    except FileExistsError as error:
        parser.error(str(error))
    for path in paths:
        print(path)
    print(f"\nNext: write tensors.py, then pip install -e {options.directory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
