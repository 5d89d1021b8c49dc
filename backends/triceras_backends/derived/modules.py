"""What a framework without modules answers."""

from __future__ import annotations

from typing import Any


def native_module_variables(b: Any, module: Any) -> dict[str, Any]:
    raise TypeError(f"The {b.name} backend has no modules of its own to wrap; a TorchModuleWrapper needs PyTorch's.")


def native_module_call(
    b: Any, module: Any, variables: dict[str, Any], training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    return native_module_variables(b, module)


def native_key(b: Any, seed: Any) -> Any:
    raise TypeError(f"{b.name} has no keys of random numbers of its own; JAX has.")


def native_saved_function(b: Any, path: str, endpoint: str) -> Any:
    raise TypeError(f"{b.name} reads no SavedModel; TensorFlow does.")
