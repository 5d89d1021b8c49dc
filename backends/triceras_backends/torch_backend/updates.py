"""Optimizer kernels: one fused or multi-tensor call for all Variables of a dtype.

Weights are updated in place where nobody else holds their memory. Where somebody may, a
recording tape, a trace or a user with an earlier value, the definitions in `derived` or a
copy first keep what was read before as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from triceras_backends.derived import updates as composite
from triceras_backends.torch_backend import scopes
from triceras_backends.torch_backend.tensors import FLOATS
from triceras_backends.torch_backend.variables import Variable

# A step number at which Adam's own bias corrections are exactly 1.
_FINISHED: dict[torch.device, Tensor] = {}

# Adding a tensor takes half the time that adding a number does.
_ONE = torch.tensor(1, dtype=torch.int32)


def _untouched() -> bool:
    """Whether no tape, trace or transform looks at what happens to Variables here."""
    return not (scopes.busy and (scopes.local.tapes or scopes.local.scope is not None)) and not scopes.in_transform()


def _in_place(variables: list[Variable], gradients: list[Any]) -> bool:
    if not _untouched():
        return False
    for v, g in zip(variables, gradients, strict=True):
        if g.__class__ is not Tensor or g.dtype not in FLOATS or g.requires_grad:
            return False
        storage = v.storage
        if g.dtype is not storage.dtype or g.shape != v._shape or storage.requires_grad:
            return False
    return True


def _own(variable: Variable) -> Tensor:
    """A slot's storage, to be changed in place. Without an alias handed out, nobody holds the memory."""
    storage = variable.storage
    return storage if variable._alias is None and storage.is_contiguous() else variable.own()


def _grouped(variables: list[Variable], gradients: list[Tensor], slots: list[list[Variable]]) -> Iterator[Any]:
    """Storages of the variables, gradients, storages of the slots; all dense, by dtype and device."""
    weights = [v.own() for v in variables]
    slopes = [g if g.is_contiguous() else g.contiguous() for g in gradients]
    columns = [weights, slopes, *([_own(v) for v in column] for column in slots)]
    dtype, device = weights[0].dtype, weights[0].device
    for x in weights:
        if x.dtype is not dtype or x.device != device:
            break
    else:
        yield columns
        return
    keys = [(x.dtype, x.device) for x in weights]
    for wanted in dict.fromkeys(keys):
        members = [i for i, key in enumerate(keys) if key == wanted]
        yield [[column[i] for i in members] for column in columns]


def _number(x: Any) -> Any:
    """A hyperparameter as a Python float, unless that would wait for the GPU."""
    if isinstance(x, Variable):
        x = x.storage
    if isinstance(x, Tensor):
        return x if x.is_cuda else x.item()
    return float(x)


def _subtract(weights: list[Tensor], slopes: list[Tensor], rate: Any) -> None:
    if isinstance(rate, Tensor):
        torch._foreach_sub_(weights, torch._foreach_mul(slopes, rate.to(weights[0].dtype)))
    else:
        torch._foreach_add_(weights, slopes, alpha=-rate)


def sgd_update(
    variables: list[Any],
    gradients: list[Any],
    momenta: list[Any],
    learning_rate: Any,
    momentum: float,
    nesterov: bool,
) -> None:
    if not _in_place(variables, gradients):
        composite.sgd_update(Variable.primitives, variables, gradients, momenta, learning_rate, momentum, nesterov)
        return
    rate = _number(learning_rate)
    for weights, slopes, *slots in _grouped(variables, gradients, [momenta] if momenta else []):
        if not slots:
            _subtract(weights, slopes, rate)
            continue
        torch._foreach_mul_(slots[0], momentum)
        _subtract(slots[0], slopes, rate)
        torch._foreach_add_(weights, slots[0], alpha=momentum if nesterov else 1.0)
        if nesterov:
            _subtract(weights, slopes, rate)


def adam_update(
    variables: list[Any],
    gradients: list[Any],
    moments: list[Any],
    velocities: list[Any],
    maxima: list[Any],
    iterations: Any,
    learning_rate: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    if not _in_place(variables, gradients):
        composite.adam_update(
            Variable.primitives, variables, gradients, moments, velocities, maxima, iterations, learning_rate,
            beta_1, beta_2, epsilon,
        )  # fmt: skip
        return
    # The kernel divides by sqrt(v) / sqrt(1 - b2^t) + eps and would bring epsilon in at another place than
    # the contract. At a step so late that its own corrections are 1, what is left of it is
    # w -= rate m / (sqrt(v) + eps), and the corrections can be folded into the rate.
    t = _number(iterations) + 1
    rate = _number(learning_rate) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
    slots = [moments, velocities, maxima] if maxima else [moments, velocities]
    for weights, slopes, first, second, *top in _grouped(variables, gradients, slots):
        torch._fused_adam_(
            weights, slopes, first, second, top[0] if top else [], [_finished(weights[0].device)] * len(weights),
            lr=rate, beta1=beta_1, beta2=beta_2, weight_decay=0.0, eps=epsilon, amsgrad=bool(top), maximize=False,
        )  # fmt: skip


def _finished(device: torch.device) -> Tensor:
    if device not in _FINISHED:
        _FINISHED[device] = torch.tensor(1e30, device=device)
    return _FINISHED[device]


def rmsprop_update(
    variables: list[Any],
    gradients: list[Any],
    velocities: list[Any],
    momenta: list[Any],
    averages: list[Any],
    learning_rate: Any,
    rho: float,
    momentum: float,
    epsilon: float,
) -> None:
    if not _in_place(variables, gradients):
        composite.rmsprop_update(
            Variable.primitives, variables, gradients, velocities, momenta, averages, learning_rate, rho, momentum,
            epsilon,
        )  # fmt: skip
        return
    rate = _number(learning_rate)
    for weights, slopes, second, *others in _grouped(
        variables, gradients, [column for column in (velocities, momenta, averages) if column]
    ):
        torch._foreach_mul_(second, rho)
        torch._foreach_addcmul_(second, slopes, slopes, value=1 - rho)
        size = torch._foreach_add(second, epsilon)
        if averages:
            mean = others[-1]
            torch._foreach_mul_(mean, rho)
            torch._foreach_add_(mean, slopes, alpha=1 - rho)
            torch._foreach_addcmul_(size, mean, mean, value=-1.0)
        torch._foreach_sqrt_(size)
        if momenta:
            torch._foreach_mul_(others[0], momentum)
            steps = torch._foreach_div(slopes, size)
            _subtract(others[0], steps, -rate)
            torch._foreach_sub_(weights, others[0])
        else:
            _subtract(weights, torch._foreach_div(slopes, size), rate)


def decay_update(variables: list[Any], learning_rate: Any, weight_decay: float) -> None:
    if not _untouched() or any(v.storage.requires_grad for v in variables):
        composite.decay_update(Variable.primitives, variables, learning_rate, weight_decay)
        return
    share = 1 - _number(learning_rate) * weight_decay
    torch._foreach_mul_([v.own() for v in variables], share)


def hyperparameter(value: Any, dtype: str, name: str) -> Any:
    # On the host, from where PyTorch's kernels take scalars whatever device the weights are on.
    with Variable.primitives.device_scope("cpu"):
        return Variable(value, dtype=dtype, trainable=False, name=name)


def increment(variable: Any) -> None:
    if _untouched():
        _own(variable).add_(_ONE)
    else:
        variable.assign_add(1)


def update_if(pred: Any, update: Callable[[], None], variables: list[Any]) -> None:
    if isinstance(pred, bool) or _untouched():
        if pred:  # on a GPU this waits, as torch.amp's GradScaler does, unless pred comes from hyperparameters
            update()
        return
    # In a trace: both outcomes, and a choice.
    before = [v.value for v in variables]
    update()
    for variable, old in zip(variables, before, strict=True):
        variable.assign(torch.where(pred, variable.value, old))


def moving_average(variable: Any, value: Any, momentum: float) -> None:
    plain = value.__class__ is Tensor and value.dtype is variable.storage.dtype
    if not plain or scopes.local.scope is not None or scopes.in_transform():
        composite.moving_average(Variable.primitives, variable, value, momentum)
        return
    with torch.no_grad():
        variable.own().lerp_(value, 1.0 - momentum)


def accumulate(total: Any, count: Any, values: Any, weight: Any = None) -> None:
    plain = values.__class__ is Tensor and not values.requires_grad and (weight is None or type(weight) in (int, float))
    if not plain or not _untouched():
        composite.accumulate(Variable.primitives, total, count, values, weight)
        return
    weight = 1 if weight is None else weight
    number = values.numel() * weight
    _own(total).add_(values.sum() if values.ndim else values, alpha=weight)
    _own(count).add_(number)


def clear(variables: list[Any]) -> None:
    if not _untouched():
        composite.clear(Variable.primitives, variables)
        return
    for variable in variables:
        variable.own().zero_()
