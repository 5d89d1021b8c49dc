"""Metric: state that is updated batch by batch and read when needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triceras import dtype_policies, initializers
from triceras.utils.lookup import snake_case
from triceras_backends.active import backend as B
from triceras_backends.config import floatx
from triceras_backends.variable import name_scope, unique_name


class Metric:
    """Base class: subclasses define `update_state(y_true, y_pred, sample_weight=None)` and `result()`.

    Args:
        dtype: of the state, or a policy whose compute dtype it is; None is `keras.config.floatx()`.
        name: shown in logs; None makes one from the class name.

    Raises ValueError: an unknown dtype.

    Example:

    >>> class Largest(keras.metrics.Metric):
    ...     def __init__(self, **kwargs):
    ...         super().__init__(**kwargs)
    ...         self.largest = self.add_variable((), name="largest")
    ...
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         error = keras.ops.max(keras.ops.abs(y_true - y_pred))
    ...         self.largest.assign(keras.ops.maximum(self.largest, error))
    ...
    ...     def result(self):
    ...         return self.largest.value
    >>> metric = Largest(name="worst")
    >>> float(metric(keras.ops.array([1.0, 2.0]), keras.ops.array([1.5, 2.0])))
    0.5
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._dtype = dtype_policies.get(floatx() if dtype is None else dtype).compute_dtype
        self._variables: list[Any] = []

    @property
    def dtype(self) -> str:
        """The dtype of the state."""
        return self._dtype

    def prepare_state(self, y_true: Any, y_pred: Any) -> None:
        """Makes the state whose shape targets and outputs determine, of which only the shapes are looked at.

        `update_state` does so at the first batch; `fit` before it, so that compiled steps find their state.
        """

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
