"""A row of the tables of layers."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
import optree


class Row(NamedTuple):
    """One configuration of a layer, and what it is called with.

    Fields:
        name: in keras.layers.
        inputs: the positional arguments. A tuple of ints is the shape of a float32 normal array, a list
            stands for a list of inputs, an array for itself.
        config: the constructor's arguments, or a function of the package (keras or ours) that gives them.
        call: keyword arguments of the call; shapes and lists as in `inputs`.
        modes: the values of `training` that are compared, where the layer takes it.
        rtol, atol: of outputs, gradients and state.
        gradients: whether those of weights and inputs are compared.
        random: with training, only shapes, dtypes and the seeds' counters are compared.
        counters: whether seeds count as in Keras: not where it draws what it does not use.
        symbolic: whether the call of symbolic inputs is compared too.
        thorough: only run with --thorough.
    """

    name: str
    inputs: tuple[Any, ...]
    config: Any = {}
    call: dict[str, Any] = {}
    modes: tuple[bool, ...] = (False, True)
    rtol: float = 1e-5
    atol: float = 1e-5
    gradients: bool = True
    random: bool = False
    counters: bool = True
    symbolic: bool = True
    thorough: bool = False

    def arguments(self, package: Any) -> dict[str, Any]:
        """The constructor's arguments; the layer has the same name in both packages."""
        given = self.config(package) if callable(self.config) else self.config
        return {"name": "layer", **given}

    def arrays(self, tree: Any) -> Any:
        """Shapes as arrays, each of its own numbers."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))

        def array(leaf: Any) -> Any:
            return rng.normal(size=leaf).astype("float32") if _is_shape(leaf) else leaf

        return optree.tree_map(array, tree, is_leaf=_is_shape, none_is_leaf=True)


def _is_shape(x: Any) -> bool:
    return isinstance(x, tuple) and bool(x) and all(type(size) is int for size in x)


def label(row: Row) -> str:
    """A row's name in reports."""
    config = "" if callable(row.config) else ",".join(f"{key}={value}" for key, value in row.config.items())
    call = ",".join(row.call)
    return "-".join(part for part in (row.name, config, call) if part)[:110]
