"""Compilation of stateful functions."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Compiled, DType, Function, Tensors, Tree


def jit(fn: Function, variables: Any = None, jit_compile: bool | None = None) -> Compiled:
    """fn, compiled, though it reads and assigns Variables wherever they live.

    Assignments made by fn take effect when the call returns; an exception leaves Variables
    as they were before the call (backends that run eagerly: as far as it got). Tensors,
    NumPy arrays and Python floats are traced by shape and dtype; every other leaf (str,
    bool, int, None, objects) is static and traced anew for each value; static leaves must
    be hashable, else TypeError. Variables created by fn on its first call are kept.

    variables: a hint, Variables that fn is known to use. jit_compile: None, the backend's
    best default (PyTorch: lean eager; TensorFlow: a graph without XLA; JAX: always XLA);
    True, the framework's compiler (torch.compile, XLA); False, run eagerly (JAX: no jit).
    """


def eval_shape(fn: Function, *args: Tree, **kwargs: Tree) -> Tree:
    """What fn would return, as `Spec`s, without computing it.

    Leaves of args that are `triceras_backends.specs.Spec` stand for tensors of that static
    shape and dtype; all else is passed as it is. Variables are read as abstract values;
    assignments inside fn are dropped. Returns fn's structure with a Spec for each tensor.
    """


def host_call(fn: Function, xs: Tensors, shape: Any, dtype: DType) -> Any:
    """fn(*xs) computed on the host: it takes NumPy arrays, and gives one whose shape and dtype are known before.

    What of xs is no tensor is passed as it is. Text in TensorFlow's string tensors arrives as arrays of bytes.
    dtype "string": the result is text, a string tensor on TensorFlow and a NumPy array elsewhere. Compiled
    functions call back to Python (TensorFlow: in graphs without XLA, where None in `shape` is an unknown
    size; JAX: ValueError for that). There are no gradients.
    """
