"""The base class of layers: a plain object."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from triceras_backends.jax_backend.variables import Variable


class Module:
    _hooked = False
    _training_mode: bool | None = None
    _native_kinds: tuple[type, ...] = ()

    def register_variable(self, name: str, variable: Variable) -> None:
        pass

    def _call_hooked(self, args: Any, kwargs: Any) -> Any:
        return self._general_call(args, kwargs)  # type: ignore[attr-defined]


def native_key(seed: Any) -> Any:
    return jax.random.wrap_key_data(jnp.asarray(seed).astype("uint32"), impl="threefry2x32")
