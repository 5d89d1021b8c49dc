"""Chooses the backend, once, and puts it together from its modules.

Order: the environment variable KERAS_BACKEND, the "backend" of the configuration file, the
first installed of torch, jax, tensorflow. A package outside this one offers a backend by
an entry point in the group "triceras.backends", its name that of the backend and its
value the backend's package.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
from importlib.metadata import entry_points
from types import ModuleType, SimpleNamespace
from typing import Any

from triceras_backends import config, contract, derived

BUILT_IN = {
    "torch": "triceras_backends.torch_backend",
    "jax": "triceras_backends.jax_backend",
    "tensorflow": "triceras_backends.tensorflow_backend",
}
ENTRY_POINTS = "triceras.backends"


def registered() -> dict[str, str]:
    """Every backend's name and package, built in or registered by an entry point."""
    return BUILT_IN | {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def installed() -> list[str]:
    """The built-in backends whose framework is installed, in order of preference."""
    return [name for name in BUILT_IN if importlib.util.find_spec(name) is not None]


def choose() -> str:
    """The name of the backend to use.

    Raises ValueError: an unknown name. Raises ImportError: its framework, or any, is not
    installed. Both messages list what is installed, the second the command that installs it.
    """
    source, name = "the environment variable KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "")
    if not name:
        source, name = f"the configuration file {config.config_path()}", config.read_config_file().get("backend", "")
    present = installed()
    listing = ", ".join(present) or "none"
    if not name:
        if present:
            return present[0]
        raise ImportError(
            "Triceras needs PyTorch, JAX or TensorFlow, and none is installed. "
            "Install one: pip install 'triceras[torch]' (or [jax], [tensorflow], [all])."
        )
    if not isinstance(name, str) or name not in registered():
        raise ValueError(
            f"Unknown backend {name!r}, named by {source}. Known: {', '.join(registered())}. Installed: {listing}."
        )
    if name in BUILT_IN and name not in present:
        raise ImportError(
            f"The backend {name!r}, named by {source}, is not installed. Installed: {listing}. "
            f"Install it: pip install 'triceras[{name}]'."
        )
    return name


def contract_functions() -> dict[str, tuple[str, Any]]:
    """Every primitive of the contract: its name, to its family and the function that documents it."""
    found = {}
    for family in contract.FAMILIES:
        module = importlib.import_module(f"triceras_backends.contract.{family}")
        for name, value in vars(module).items():
            if not name.startswith("_") and callable(value) and getattr(value, "__module__", "") == module.__name__:
                found[name] = (family, value)
    return found


class Gap(NotImplementedError):
    """Raised by a call of a primitive that the backend does not have.

    Attributes: `primitive`, its name.
    """

    def __init__(self, primitive: str, backend: str) -> None:
        super().__init__(f"{primitive} is a declared gap of the {backend} backend")
        self.primitive = primitive


def _missing(name: str, backend: str) -> Any:
    def primitive(*args: Any, **kwargs: Any) -> Any:
        raise Gap(name, backend)

    return primitive


def assemble(name: str, package: str) -> SimpleNamespace:
    """A backend as one namespace of primitives: its own, else derived ones, else declared gaps."""
    importlib.import_module(package)
    backend = SimpleNamespace(name=name, gaps=[])
    modules: dict[str, ModuleType] = {}
    for family in contract.FAMILIES:
        try:
            modules[family] = importlib.import_module(f"{package}.{family}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{family}":
                raise
    for primitive, (family, _) in contract_functions().items():
        if hasattr(modules.get(family), primitive):
            value = getattr(modules[family], primitive)
        elif composite := derived.find(family, primitive):
            value = functools.partial(composite, backend)
        else:
            value = _missing(primitive, name)
            backend.gaps.append(primitive)
        setattr(backend, primitive, value)
    backend.Variable = modules["variables"].Variable
    backend.Variable.primitives = backend
    return backend


def load(name: str | None = None) -> SimpleNamespace:
    """The chosen backend (or the one named), imported and put together."""
    name = name or choose()
    return assemble(name, registered()[name])
