"""What a model consists of, looked up once and known to be still true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from triceras.metrics import Metric
from triceras_backends.variable import changes


class Structure:
    """The Variables and metrics that each step needs.

    State is found by walking the attributes of all layers, which costs more than a small step.
    A walk's result holds until a Variable is made, frozen or freed, something with state is set
    as an attribute (`changes` counts these), or a container of the model has other members.
    """

    def __init__(self, model: Any, look: Callable[[], tuple[list[Any], list[Any], list[Any]]]) -> None:
        self.trainable_variables, self.regularized_weights, self.metrics = look()
        self.key = tuple([id(variable) for variable in self.trainable_variables])
        plain = [m for m in self.metrics if type(m).reset_state is Metric.reset_state]
        self.cleared = [variable for metric in plain for variable in metric.variables]
        self.resetting = [metric for metric in self.metrics if type(metric).reset_state is not Metric.reset_state]
        self._containers = [(found, _identities(found)) for layer in model._tree() for found in _containers(layer)]
        self._count = changes.count

    @property
    def is_current(self) -> bool:
        """Whether a new walk would find the same."""
        return self._count == changes.count and all(_identities(c) == before for c, before in self._containers)


def _containers(owner: Any) -> Iterator[Any]:
    for name, value in vars(owner).items():
        if name not in owner.UNTRACKED:
            yield from _nested(value)


def _nested(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, set, dict)):
        yield value
    if isinstance(value, (list, tuple, set, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, (list, tuple, set, dict)):
                yield from _nested(item)


def _identities(container: Any) -> list[int]:
    return [id(item) for item in (container.values() if isinstance(container, Mapping) else container)]
