"""Penalties on weights, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.utils import plain
from triceras.utils.lookup import resolve, table


class Regularizer:
    """A function of a weight that gives a scalar to add to the loss."""

    def __call__(self, x: Any) -> Any:
        raise TypeError(f"{type(self).__name__} must define __call__(self, x).")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """A regularizer from what `get_config` gave."""
        return cls(**config)


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x^2)."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = l1, l2

    def __call__(self, x: Any) -> Any:
        penalty = 0.0
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """l1 * sum(|x|)."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(L1L2):
    """l2 * sum(x^2)."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


_KNOWN = table(L1, L2, L1L2, l1=L1, l2=L2, l1_l2=L1L2)


def get(identifier: Any) -> Any:
    """A regularizer by name or configuration; a function as it is; None as None. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "regularizer")


def serialize(regularizer: Any) -> Any:
    """A regularizer as {"class_name", "config"}."""
    return plain.serialize(regularizer)
