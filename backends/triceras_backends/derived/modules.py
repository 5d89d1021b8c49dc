"""What a framework without modules answers."""

from __future__ import annotations

from typing import Any


def native_module_variables(b: Any, module: Any) -> dict[str, Any]:
    raise TypeError(f"The {b.name} backend has no modules of its own to wrap; a TorchModuleWrapper needs PyTorch's.")


def native_module_call(
    b: Any, module: Any, variables: dict[str, Any], training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    return native_module_variables(b, module)
