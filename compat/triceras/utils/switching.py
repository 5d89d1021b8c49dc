"""Another backend in a process that has one."""

from __future__ import annotations

import os
import sys
import warnings
from types import ModuleType

from triceras_backends import selection
from triceras_backends.active import backend as B

_PACKAGES = ("triceras", "triceras_backends")
# Settings that outlive the change.
_KEPT = "triceras_backends.config"
# What each backend was loaded as: its frameworks may not be registered with twice.
_loaded: dict[str, dict[str, ModuleType]] = vars(sys).setdefault("_triceras_backends_loaded", {})


def set_backend(backend: str) -> None:
    """Makes the next `import triceras` load another backend.

    Everything made before (modules, layers, tensors) stays with the old one and does not go with what the new import
    makes, so import again at once: `keras.config.set_backend("jax"); import triceras as keras`. Better still, set the
    environment variable KERAS_BACKEND before the program starts.

    Raises ValueError: an unknown backend. Raises ImportError: its framework is not installed.
    """
    if backend not in selection.registered():
        raise ValueError(f"Unknown backend {backend!r}. Known: {', '.join(selection.registered())}.")
    if backend in selection.BUILT_IN and backend not in selection.installed():
        raise ImportError(f"The backend {backend!r} is not installed. Install it: pip install 'triceras[{backend}]'.")
    os.environ["KERAS_BACKEND"] = backend
    if backend == B.name:
        return
    warnings.warn(
        f"What was imported and made so far stays with {B.name}; import triceras again to have {backend}.",
        stacklevel=2,
    )
    ours = {name: module for name, module in sys.modules.items() if name.split(".")[0] in _PACKAGES and name != _KEPT}
    _loaded[B.name] = ours
    for name in ours:
        del sys.modules[name]
    sys.modules.update(_loaded.get(backend, {}))


def is_nnx_enabled() -> bool:
    """Whether layers are Flax NNX modules: never, Triceras needs no such mode on JAX.

    Example:

    >>> keras.config.is_nnx_enabled()
    False
    """
    return False
