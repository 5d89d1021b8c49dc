"""Optimizer kernels on JAX: one call for a whole list of Variables."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from triceras_backends.derived import updates as composite
from triceras_backends.jax_backend.kernels import compiled
from triceras_backends.jax_backend.scopes import active
from triceras_backends.jax_backend.tensors import convert_to_tensor, native
from triceras_backends.jax_backend.variables import Variable


def _sgd(ws: Any, gs: Any, ms: Any, rate: Any, momentum: Any, nesterov: bool) -> Any:
    steps = [(rate * g).astype(w.dtype) for w, g in zip(ws, gs, strict=True)]
    if not ms:
        return [w - step for w, step in zip(ws, steps, strict=True)], []
    ms = [(momentum * m - step).astype(m.dtype) for m, step in zip(ms, steps, strict=True)]
    moves = [momentum * m - step for m, step in zip(ms, steps, strict=True)] if nesterov else ms
    return [(w + move).astype(w.dtype) for w, move in zip(ws, moves, strict=True)], ms


def _adam(
    ws: Any, gs: Any, ms: Any, vs: Any, tops: Any, step: Any, rate: Any, beta_1: Any, beta_2: Any, epsilon: Any
) -> Any:
    step = (step + 1).astype(jnp.promote_types("float32", ws[0].dtype))
    rate = rate * jnp.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    ms = [(m + (g - m) * (1 - beta_1)).astype(m.dtype) for m, g in zip(ms, gs, strict=True)]
    vs = [(v + (g * g - v) * (1 - beta_2)).astype(v.dtype) for v, g in zip(vs, gs, strict=True)]
    tops = [jnp.maximum(top, v) for top, v in zip(tops, vs, strict=True)] if tops else []
    sizes = tops or vs
    ws = [(w - rate * m / (jnp.sqrt(v) + epsilon)).astype(w.dtype) for w, m, v in zip(ws, ms, sizes, strict=True)]
    return ws, ms, vs, tops


_sgd_kernel = compiled("sgd_update", _sgd, static=5)
_adam_kernel = compiled("adam_update", _adam)


def _values(variables: list[Any]) -> list[Any]:
    return [variable.value for variable in variables]


def _put(variables: list[Any], values: list[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.put(value)


def sgd_update(
    variables: list[Any],
    gradients: list[Any],
    momenta: list[Any],
    learning_rate: Any,
    momentum: float,
    nesterov: bool,
) -> None:
    gradients, slots = list(map(convert_to_tensor, gradients)), _values(momenta)
    new = _sgd_kernel(_values(variables), gradients, slots, native(learning_rate), momentum, bool(nesterov))
    _put(variables, new[0])
    _put(momenta, new[1])


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
    slots = _values(moments), _values(velocities), _values(maxima)
    scalars = map(native, (learning_rate, beta_1, beta_2, epsilon))
    new = _adam_kernel(
        _values(variables), list(map(convert_to_tensor, gradients)), *slots, convert_to_tensor(iterations), *scalars
    )
    for changed, values in zip((variables, moments, velocities, maxima), new, strict=True):
        _put(changed, values)


@functools.lru_cache(maxsize=256)
def _zeros(specs: tuple[Any, ...]) -> Any:
    return jax.jit(lambda: [jnp.zeros(shape, dtype) for shape, dtype in specs])


def clear(variables: list[Any]) -> None:
    if active.reader is not None:
        composite.clear(Variable.primitives, variables)
        return
    # One program makes them all, each in memory of its own, since a step may be given it to keep.
    for variable, zero in zip(variables, _zeros(tuple([(v.shape, v.dtype) for v in variables]))(), strict=True):
        variable._storage = zero
