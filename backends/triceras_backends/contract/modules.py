"""Layers as citizens of their framework, and its own modules as layers."""

from __future__ import annotations

from typing import Any

from triceras_backends.variable import Variable as Variable


class Module:
    """The base class of layers: what makes a layer a citizen of its framework.

    torch: a `torch.nn.Module` whose trainable Variables are its parameters; tensorflow: a trackable
    object for checkpoints and SavedModel; jax: a plain object.

    A layer brings `state_members()`: the (name, Variable or layer) pairs that it holds directly.
    """

    # Kinds of the framework's own objects that hold state and are part of a layer's.
    _native_kinds: tuple[type, ...] = ()

    # Whether the framework has something to do around each call, by `_call_hooked`.
    _hooked = False

    # What the framework's own way of choosing between training and inference says: True or False;
    # None where it says nothing.
    _training_mode: bool | None = None

    def register_variable(self, name: str, variable: Variable) -> None:
        """Makes a Variable known to the framework under an attribute name."""


def native_module_variables(module: Any) -> dict[str, Variable]:
    """Variables on the state of one of the framework's own modules (torch.nn.Module), by its names.

    Raises TypeError: the framework has no such modules, or this is none.
    """


def native_module_call(
    module: Any, variables: dict[str, Variable], training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """module(*args, **kwargs) with the values of `native_module_variables`, which it may assign.

    Raises TypeError: the framework has no such modules.
    """


def native_key(seed: Any) -> Any:
    """A key for the framework's own functions of random numbers (jax.random), from a seed of two int32.

    Raises TypeError: the framework has no such keys.
    """


def native_saved_function(path: str, endpoint: str) -> Any:
    """The function of a saved program of the framework (TensorFlow's SavedModel): of tensors, to its outputs.

    endpoint: the name of a function or of a signature in it. Raises TypeError: the framework has no such programs.
    Raises ValueError: no such endpoint. Raises OSError: no such file.
    """
