"""Gradients: the tape's core and the functional forms.

The public `GradientTape` (nested structures, error messages, unconnected gradients) is
written once above this; a backend records and differentiates flat lists.
"""

from __future__ import annotations

from typing import Any, Protocol

from triceras_backends.contract.types import Function, Tensor, Tree


class Tape(Protocol):
    """Records what is computed on watched tensors, and differentiates it.

    `Tape(persistent, watch_accessed_variables)`. Trainable Variables read while it records
    are watched by themselves unless `watch_accessed_variables` is False.
    """

    def __init__(self, persistent: bool, watch_accessed_variables: bool) -> None: ...

    def start(self) -> None:
        """Begins recording, or goes on after `stop`."""

    def stop(self) -> None:
        """Stops recording; what was recorded stays."""

    def watch(self, x: Any) -> None:
        """Watches a floating tensor, or a Variable, from now on."""

    def gradient(self, targets: list[Tensor], sources: list[Any], output_gradients: list[Any]) -> list[Tensor | None]:
        """d(sum of targets)/d(each source), each with its source's shape and dtype; None where unconnected.

        output_gradients: one a target, None meaning ones. A source is a tensor or Variable.
        A Variable assigned while recording contributes through each value it was read at.
        Works while recording too, and is itself recorded by every other tape that records
        (by this one as well, if it is persistent and recording).
        """

    def jacobian(self, target: Tensor, source: Any) -> Tensor | None:
        """All first derivatives, of shape target.shape + source.shape; None where unconnected."""

    def batch_jacobian(self, target: Tensor, source: Any) -> Tensor | None:
        """Derivatives within each row of the first axis: (batch, *target.shape[1:], *source.shape[1:])."""

    def watched_variables(self) -> list[Any]:
        """The Variables watched so far, in order of first use."""

    def release(self) -> None:
        """Frees what was recorded and restores what `watch` changed. Nothing can be differentiated after."""


def stop_gradient(variable: Tensor) -> Tensor:
    """The same values, through which no gradient flows."""


def custom_gradient(f: Function) -> Function:
    """f returns (outputs, grad_fn); the derivative of the outputs is taken from grad_fn.

    grad_fn(*upstream) takes one upstream gradient an output and returns one gradient a
    tensor argument of f (a single one need not be in a tuple). Works under every gradient
    of this contract, to second order where grad_fn is differentiable.
    """


def checkpoint(fn: Function, *args: Tensor) -> Tree:
    """fn(*args), whose intermediate results are computed again for a gradient instead of being kept.

    fn may read and assign Variables; they are assigned once. Gradients are the same, by every means
    of this contract; where one of them cannot compute anew, it keeps the results after all.
    """


def vjp(fn: Function, *primals: Tree) -> tuple[Tree, Function]:
    """fn(*primals) and the pullback: cotangents of the outputs to a tuple of those of the primals."""


def jvp(fn: Function, primals: tuple[Tree, ...], tangents: tuple[Tree, ...]) -> tuple[Tree, Tree]:
    """fn(*primals) and the derivative along tangents (forward mode). Variables count as constants."""


def vmap(fn: Function, in_axes: Any = 0, out_axes: Any = 0) -> Function:
    """fn mapped over an axis of its arguments; None in in_axes: not mapped. Nests with gradients."""


def value_and_grad(fn: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function giving fn's value (scalar, float) and its gradients by the positions `argnums`.

    An argument may be any tree of tensors; a gradient has its structure, zeros where
    unconnected. With has_aux fn returns (value, aux) and the result is ((value, aux), gradients).
    """


def variables_value_and_grad(
    fn: Function, variables: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Tensor | None]]:
    """fn(*args, **kwargs), whose first output is a scalar, and its gradients by Variables.

    The whole result of fn is returned first. None where unconnected.
    """
