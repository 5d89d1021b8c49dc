"""Metric: state that is updated batch by batch and read when needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triceras import initializers
from triceras.utils.lookup import snake_case
from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.variable import name_scope, unique_name


class Metric:
    """Base class: subclasses define `update_state(y_true, y_pred, sample_weight=None)` and `result()`.

    Args:
        dtype: of the state; None is config.floatx().
        name: shown in logs; None makes one from the class name.
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.dtype = dtypes.standardize_dtype(dtype)
        self._variables: list[Any] = []

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Any:
        """A new state Variable, which `reset_state` sets to zeros."""
        with name_scope(self.name):
            variable = B.Variable(
                initializers.get(initializer), shape=shape, dtype=dtype or self.dtype, trainable=False, name=name
            )
        self._variables.append(variable)
        return variable

    add_weight = add_variable

    @property
    def variables(self) -> list[Any]:
        """The state, of metrics held by this one too."""
        held = [variable for value in vars(self).values() if isinstance(value, Metric) for variable in value.variables]
        return [*self._variables, *held]

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Takes one batch into account."""
        raise NotImplementedError(f"{type(self).__name__} has no `update_state` method.")

    def result(self) -> Any:
        """The current value, a scalar tensor."""
        raise NotImplementedError(f"{type(self).__name__} has no `result` method.")

    def reset_state(self) -> None:
        """Forgets every batch."""
        B.clear(self.variables)

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """The new values of `variables` after `update_state`, from these values; nothing is assigned."""
        return self._stateless(metric_variables, lambda: self.update_state(*args, **kwargs))[1]

    def stateless_result(self, metric_variables: Any) -> Any:
        """`result` for these values of `variables`."""
        return self._stateless(metric_variables, self.result)[0]

    def stateless_reset_state(self) -> list[Any]:
        """The values of `variables` after `reset_state`; nothing is assigned."""
        return self._stateless([variable.value for variable in self.variables], self.reset_state)[1]

    def _stateless(self, values: Any, call: Callable[[], Any]) -> tuple[Any, list[Any]]:
        variables, values = self.variables, list(values)
        if len(variables) != len(values):
            raise ValueError(f"Metric {self.name!r} has {len(variables)} variables, but got {len(values)} values.")
        with B.substituted(variables, values) as scope:
            result = call()
            return result, [scope.value(variable) for variable in variables]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """A metric from what `get_config` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
