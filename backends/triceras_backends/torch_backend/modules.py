"""Layers that are real nn.Modules, and nn.Modules that become layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from triceras_backends import dtypes
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import DTYPES, NAMES
from triceras_backends.torch_backend.variables import Variable


class Module(torch.nn.Module):
    """The base class of layers: an `nn.Module` whose trainable Variables are its parameters.

    What a layer holds in lists and dicts is entered under "blocks.0" and the like. Since
    containers change without notice, the registers are brought up to date whenever PyTorch
    is about to walk through them.
    """

    _hooked = False
    _training_mode: bool | None = None
    _native_kinds: tuple[type, ...] = (torch.nn.Module,)

    # Set up in __new__, so that attributes may be set before `super().__init__()` is called.
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        torch.nn.Module.__init__(self)
        object.__setattr__(self, "_tensors_of", {})
        return self

    def __init__(self) -> None:
        pass

    def __setattr__(self, name: str, value: Any) -> None:
        # Modules are kept among the plain attributes too: found in their order, and without
        # the detour over nn.Module.__getattr__. Variables are registered by register_variable.
        self._modules.pop(name, None)
        if isinstance(value, torch.nn.Module):
            self._modules[name] = value
        elif isinstance(value, torch.nn.Parameter):
            self._parameters[name] = value
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._modules.pop(name, None)
        object.__delattr__(self, name)

    # -- registers --------------------------------------------------------------------------

    def state_members(self) -> Iterator[tuple[str, Any]]:
        return iter(())

    def register_variable(self, name: str, variable: Variable) -> None:
        key, number = name, 0
        while self._tensors_of.get(key, variable) is not variable:
            number += 1
            key = f"{name}_{number}"
        self._enter(key, variable)

    def _enter(self, key: str, variable: Variable) -> None:
        self._tensors_of[key] = variable
        parameter = isinstance(variable.storage, torch.nn.Parameter)
        target, other = (self._parameters, self._buffers) if parameter else (self._buffers, self._parameters)
        other.pop(key, None)
        target[key] = variable.storage  # type: ignore[assignment]

    def _synchronize(self) -> None:
        """Brings the registers of this module and those inside up to date with the attributes."""
        members = dict(self.state_members())
        known = {id(variable): key for key, variable in self._tensors_of.items()}
        for name, value in members.items():
            if isinstance(value, Variable):
                self._enter(known.get(id(value), name), value)
            elif "." in name:
                self._modules[name] = value
        for name in [name for name in self._modules if "." in name and name not in members]:
            del self._modules[name]
        for module in list(self._modules.values()):
            if isinstance(module, Module):
                module._synchronize()

    def named_modules(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, torch.nn.Module]]:
        """As an nn.Module's. Whoever walks through (for `parameters()`, say, which optimizers are given) may want
        gradients of PyTorch's own making: from here on trainable weights require them outside of tapes too."""
        self._synchronize()
        for variable in self._tensors_of.values():
            if variable.trainable and isinstance(variable.storage, torch.nn.Parameter):
                variable.storage.requires_grad_(True)
        return super().named_modules(*args, **kwargs)

    def named_children(self) -> Iterator[tuple[str, torch.nn.Module]]:
        self._synchronize()
        return super().named_children()

    def get_submodule(self, target: str) -> torch.nn.Module:
        """As an nn.Module's, members of lists and dicts included. Raises AttributeError: there is none of the name."""
        found = dict(self.named_modules(remove_duplicate=False)).get(target)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no submodule {target!r}.")
        return found

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        self._synchronize()
        return super().state_dict(*args, **kwargs)

    def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
        self._synchronize()
        return super().load_state_dict(*args, **kwargs)

    # -- moving, casting, loading -------------------------------------------------------------

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        self._synchronize()
        result = super()._apply(fn, recurse)
        self._follow()
        self._follow_dtype(fn)
        return result

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, metadata: Any, strict: bool, missing: Any, unexpected: Any, errors: Any
    ) -> None:
        before = len(unexpected)
        super()._load_from_state_dict(state_dict, prefix, metadata, strict, missing, unexpected, errors)
        # PyTorch takes what stands before the first dot for the name of a child.
        dotted = [prefix + name for name in (*self._modules, *self._tensors_of) if "." in name]
        unexpected[before:] = [
            key for key in unexpected[before:] if not any(key == d or key.startswith(f"{d}.") for d in dotted)
        ]
        self._follow()

    def _follow(self) -> None:
        """After nn.Module moved, cast or replaced its tensors: the Variables follow."""
        for key, variable in self._tensors_of.items():
            found = self._parameters.get(key, self._buffers.get(key))
            if found is not None:
                variable.rebase(found)

    def _follow_dtype(self, fn: Any) -> None:
        """After a cast to another float dtype, the layer computes in it."""
        before = getattr(self, "variable_dtype", None)
        if before in dtypes.FLOATS:
            after = NAMES.get(fn(torch.zeros((), dtype=DTYPES[before])).dtype)
            if after != before:
                self.dtype_policy = after

    # -- calling ------------------------------------------------------------------------------

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The layer's call, without hooks."""
        return self._general_call(args, kwargs)

    def _call_hooked(self, args: Any, kwargs: Any) -> Any:
        return torch.nn.Module.__call__(self, *args, **kwargs)

    def train(self, mode: bool = True) -> Any:
        """PyTorch's switch: from here on, calls that say nothing about `training` are of this mode."""
        object.__setattr__(self, "_training_mode", bool(mode))
        return super().train(mode)


def _hooking(name: str) -> Any:
    register = getattr(torch.nn.Module, name)

    def registering(self: Module, *args: Any, **kwargs: Any) -> Any:
        object.__setattr__(self, "_hooked", True)
        return register(self, *args, **kwargs)

    registering.__name__, registering.__doc__ = name, register.__doc__
    return registering


for _name in (
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_backward_hook",
):
    setattr(Module, _name, _hooking(_name))


# -- wrapping ----------------------------------------------------------------------------------


def native_module_variables(module: Any) -> dict[str, Variable]:
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"A torch.nn.Module is needed; got: {module!r} of type {type(module).__name__}.")
    found = {}
    state = [*((name, p, p.requires_grad) for name, p in module.named_parameters())]
    state += [(name, buffer, False) for name, buffer in module.named_buffers()]
    for name, tensor, trainable in state:
        with torch.no_grad():
            variable = Variable(tensor.detach(), trainable=trainable, name=name.replace("/", "_"))
        if isinstance(tensor, torch.nn.Parameter):
            variable.rebase(tensor)  # the module's own parameter, so that each sees the other's changes
            tensor.requires_grad_(False)
        found[name] = variable
    return found


def native_module_call(
    module: Any, variables: dict[str, Variable], training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if module.training != training:
        module.train(training)
    buffers = {name: variable for name, variable in variables.items() if not variable.trainable}
    state: dict[str, Tensor] = {name: variable.value for name, variable in variables.items()}
    if training:
        state |= {name: variable.value.clone() for name, variable in buffers.items()}
    outputs = torch.func.functional_call(module, state, args, kwargs)
    if training and not (scopes.local.device is not None and scopes.local.device.type == "meta"):
        for name, variable in buffers.items():
            if not isinstance(variable.storage, torch.nn.Parameter):
                variable.assign(state[name])
    return outputs
