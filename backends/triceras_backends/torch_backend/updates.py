"""Optimizer kernels: one fused or multi-tensor call for all Variables of a dtype.

Weights are updated in place where nobody else holds their memory. Where somebody may, a
recording tape, a trace or a user with an earlier value, the definitions in `derived` or a
copy first keep what was read before as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from triceras_backends import derived
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import FLOATS
from triceras_backends.torch_backend.variables import Variable

# A step number at which Adam's own bias corrections are exactly 1.
_FINISHED: dict[torch.device, Tensor] = {}


def _in_place(variables: list[Variable], gradients: list[Any]) -> bool:
    if (scopes.busy and (scopes.local.tapes or scopes.local.scope is not None)) or scopes.in_transform():
        return False
    return all(
        g.__class__ is Tensor and g.dtype is v.storage.dtype and g.dtype in FLOATS and g.shape == v.storage.shape
        for v, g in zip(variables, gradients, strict=True)
    )


def _grouped(lists: list[list[Any]]) -> Iterator[list[list[Tensor]]]:
    """The Variables' storages and the gradients (second), dense and without graphs, by dtype and device."""
    columns = [
        [g if g.is_contiguous() else g.contiguous() for g in column] if i == 1 else [v.own() for v in column]
        for i, column in enumerate(lists)
    ]
    keys = [(x.dtype, x.device) for x in columns[0]]
    if all(key == keys[0] for key in keys):
        yield columns
        return
    for wanted in dict.fromkeys(keys):
        members = [i for i, key in enumerate(keys) if key == wanted]
        yield [[column[i] for i in members] for column in columns]


def sgd_update(
    variables: list[Any],
    gradients: list[Any],
    momenta: list[Any],
    learning_rate: Any,
    momentum: float,
    nesterov: bool,
) -> None:
    if not _in_place(variables, gradients):
        derived.sgd_update(Variable.primitives, variables, gradients, momenta, learning_rate, momentum, nesterov)
        return
    rate = _number(learning_rate)
    with torch.no_grad():
        for weights, slopes, *slots in _grouped([variables, gradients, *([momenta] if momenta else [])]):
            if not slots:
                _subtract(weights, slopes, rate)
                continue
            torch._foreach_mul_(slots[0], momentum)
            _subtract(slots[0], slopes, rate)
            torch._foreach_add_(weights, slots[0], alpha=momentum if nesterov else 1.0)
            if nesterov:
                _subtract(weights, slopes, rate)


def _number(x: Any) -> Any:
    """A hyperparameter as a Python float, unless that would wait for the GPU."""
    if isinstance(x, Variable):
        x = x.value
    return float(x) if not (isinstance(x, Tensor) and x.is_cuda) else x


def _subtract(weights: list[Tensor], slopes: list[Tensor], rate: Any) -> None:
    if isinstance(rate, float):
        torch._foreach_add_(weights, slopes, alpha=-rate)
    else:
        torch._foreach_sub_(weights, torch._foreach_mul(slopes, rate.to(weights[0].dtype)))


def adam_update(
    variables: list[Any],
    gradients: list[Any],
    moments: list[Any],
    velocities: list[Any],
    step: Any,
    learning_rate: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    if not _in_place(variables, gradients):
        derived.adam_update(
            Variable.primitives, variables, gradients, moments, velocities, step, learning_rate, beta_1, beta_2, epsilon
        )
        return
    # The kernel divides by sqrt(v) / sqrt(1 - b2^t) + eps and would bring epsilon in at another place than
    # the contract. At a step so late that its own corrections are 1, what is left of it is
    # w -= rate m / (sqrt(v) + eps), and the corrections can be folded into the rate.
    t, rate = _number(step), _number(learning_rate)
    rate = rate * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
    with torch.no_grad():
        for weights, slopes, first, second in _grouped([variables, gradients, moments, velocities]):
            torch._fused_adam_(
                weights, slopes, first, second, [], [_finished(weights[0].device)] * len(weights),
                lr=rate, beta1=beta_1, beta2=beta_2, weight_decay=0.0, eps=epsilon, amsgrad=False, maximize=False,
            )  # fmt: skip


def _finished(device: torch.device) -> Tensor:
    if device not in _FINISHED:
        _FINISHED[device] = torch.tensor(1e30, device=device)
    return _FINISHED[device]


def moving_average(variable: Any, value: Any, momentum: float) -> None:
    plain = value.__class__ is Tensor and value.dtype is variable.storage.dtype
    if not plain or scopes.local.scope is not None or scopes.in_transform():
        derived.moving_average(Variable.primitives, variable, value, momentum)
        return
    with torch.no_grad():
        variable.own().lerp_(value, 1.0 - momentum)
