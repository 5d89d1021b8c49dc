"""Several optimizers for the Variables of one model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from triceras.optimizers.optimizer import Optimizer
from triceras.optimizers.registry import deserialize, serialize
from triceras_backends.active import backend as B


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Which optimizer updates which Variable: by its path, or a regular expression that all of it matches.

    Args:
        default_optimizer: the one for every other path.
        optimizer_map: paths or expressions, and their optimizers.

    Raises TypeError: the default is no Optimizer. Raises ValueError: a key is no string, is there already,
    or a value is no Optimizer; looked up, a path that several expressions match.

    Example:

    >>> choice = keras.optimizers.OptimizerMap(keras.optimizers.SGD(name="rest"))
    >>> choice[".*/kernel"] = keras.optimizers.Adam(name="kernels")
    >>> choice["dense/kernel"].name, choice["dense/bias"].name
    ('kernels', 'rest')
    """

    def __init__(self, default_optimizer: Any, optimizer_map: Mapping[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"default_optimizer must be an Optimizer; got: {default_optimizer!r}")
        self._default_optimizer = default_optimizer
        self._optimizer_map: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of the paths that no key stands for."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"{key!r} matches several keys of the OptimizerMap: {matching}")
        return self._optimizer_map[matching[0]] if matching else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(f"A key of an OptimizerMap must be a string; got: {key!r}")
        if key in self._optimizer_map:
            raise ValueError(f"The OptimizerMap has the key {key!r} already, with {self._optimizer_map[key]!r}.")
        if not isinstance(optimizer, Optimizer):
            raise ValueError(f"A value of an OptimizerMap must be an Optimizer; got: {optimizer!r}")
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __contains__(self, key: object) -> bool:
        return key in self._optimizer_map

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "default_optimizer": serialize(self._default_optimizer),
            "optimizer_map": {key: serialize(optimizer) for key, optimizer in self._optimizer_map.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> OptimizerMap:
        """A map from what `get_config` gave; custom_objects: optimizer classes by name."""
        made = {key: deserialize(value, custom_objects) for key, value in (config["optimizer_map"] or {}).items()}
        return cls(deserialize(config["default_optimizer"], custom_objects), made)


class MultiOptimizer(Optimizer):
    """Updates each Variable by the optimizer that a map chooses for its path.

    Clipping, weight decay, running means and accumulation are the inner optimizers' own.

    Args:
        optimizer_map: an `OptimizerMap`.
        loss_scale_factor: what `scale_loss` multiplies by; the inner optimizers divide gradients by it.
        name: None makes one from the class name.

    Raises TypeError: no OptimizerMap. Raises AttributeError: its learning rate, which only the inner optimizers
    have, is read or set.

    Example:

    >>> choice = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1))
    >>> choice["slow"] = keras.optimizers.SGD(0.01)
    >>> optimizer = keras.optimizers.MultiOptimizer(choice)
    >>> a, b = keras.Variable([1.0], name="fast"), keras.Variable([1.0], name="slow")
    >>> _ = optimizer.apply([keras.ops.ones(1), keras.ops.ones(1)], [a, b])
    >>> np.round([a.numpy(), b.numpy()], 3)
    array([[0.9 ],
           [0.99]], dtype=float32)
    """

    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None) -> None:
        if not isinstance(optimizer_map, OptimizerMap):
            raise TypeError(f"MultiOptimizer: optimizer_map must be an OptimizerMap; got: {optimizer_map!r}")
        super().__init__(0.0, name=name)
        self._optimizer_map = optimizer_map
        found = [*optimizer_map.values(), optimizer_map.default_optimizer]
        self._inner = list({id(optimizer): optimizer for optimizer in found}.values())
        self._choice: list[Optimizer] = []
        self.loss_scale_factor = loss_scale_factor

    @property
    def optimizers(self) -> list[Optimizer]:
        """The inner optimizers, the default one last."""
        return list(self._inner)

    @property
    def variables(self) -> list[Any]:
        """All state, that of the inner optimizers included."""
        return [*self._variables, *(variable for optimizer in self._inner for variable in optimizer.variables)]

    @property
    def iterations(self) -> Any:
        """How many updates there were."""
        return self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(value)

    @property
    def learning_rate(self) -> Any:
        """There is none."""
        raise AttributeError("A MultiOptimizer has no learning rate: ask its inner `optimizers` for theirs.")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError("A MultiOptimizer has no learning rate: set those of its inner `optimizers`.")

    @property
    def loss_scale_factor(self) -> float | None:
        """What `scale_loss` multiplies by; setting it sets the inner optimizers'."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for optimizer in self.__dict__.get("_inner", ()):
            optimizer.loss_scale_factor = value

    def build(self, variables: Iterable[Any]) -> None:
        if self.built:
            return
        variables = list(variables)
        self._choice = [self._optimizer_map[variable.path] for variable in variables]
        super().build(variables)
        for optimizer in self._inner:
            optimizer.build([v for v, chosen in zip(variables, self._choice, strict=True) if chosen is optimizer])

    def _shared_out(self, variables: list[Any], *columns: list[Any]) -> Iterator[Any]:
        """(optimizer, its Variables, its part of each column), for the optimizers that have any."""
        (choice,) = self._of(variables, [self._choice])
        for optimizer in self._inner:
            places = [place for place, chosen in enumerate(choice) if chosen is optimizer]
            if places:
                yield (optimizer, *([column[place] for place in places] for column in (variables, *columns)))

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Updates Variables by their gradients, each by its optimizer; returns `iterations`.

        Raises ValueError: as `Optimizer.apply`.
        """
        gradients, variables = self._paired(grads, trainable_variables)
        for optimizer, mine, theirs in self._shared_out(variables, gradients):
            optimizer.apply(theirs, mine)
        B.increment(self._iterations)
        return self._iterations

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        if self.built:
            for optimizer, mine in self._shared_out(list(var_list)):
                optimizer.finalize_variable_values(mine)

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        for optimizer in self._inner:
            optimizer.exclude_from_weight_decay(var_list, var_names)

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": serialize(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> MultiOptimizer:
        config = dict(config)
        return cls(deserialize(config.pop("optimizer_map"), custom_objects), **config)
