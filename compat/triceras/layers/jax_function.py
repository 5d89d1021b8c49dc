"""JaxLayer and FlaxLayer: functions and modules of JAX's world as layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from triceras import ops
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator
from triceras.utils.serialization import deserialize_keras_object, serialize_keras_object
from triceras_backends.active import backend as B

_CALL = ("params", "state", "rng", "inputs", "training")
_INIT = ("rng", "inputs", "training")


class JaxLayer(Layer):
    """A function of JAX as a layer: its parameters become weights, its state weights that are not trained.

    Args:
        call_fn: the function; it takes some of the arguments `params`, `state`, `rng` (a key of jax.random),
            `inputs` and `training`, by these names, `inputs` always, and gives the outputs, with a state the pair
            (outputs, new state).
        init_fn: makes the parameters at the first call, with a state the pair (params, state); it takes some of
            `rng`, `inputs` and `training`.
        params, state: dicts, lists or tuples of arrays, in the place of init_fn.
        seed: of the keys.
        native_serialization_platforms: is kept for the configuration; there is no export here.

    Input (batch, ...) and output: what the function takes and gives.
    Raises ValueError: a backend other than JAX, an argument by another name, or neither init_fn nor params.

    Example:

    >>> def scaled(params, inputs):
    ...     return inputs * params["scale"]
    >>> try:
    ...     y = keras.layers.JaxLayer(scaled, params={"scale": np.float32(2.0)})(np.ones((1, 3), "float32"))
    ... except ValueError:  # another backend
    ...     y = 2.0 * np.ones((1, 3))
    >>> np.round(keras.ops.convert_to_numpy(y), 3).tolist()
    [[2.0, 2.0, 2.0]]
    """

    def __init__(
        self,
        call_fn: Callable[..., Any],
        init_fn: Callable[..., Any] | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        native_serialization_platforms: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        try:
            B.native_key(np.zeros(2, "int32"))
        except TypeError as error:
            raise ValueError(f"{type(self).__name__} needs the JAX backend: {error}") from error
        self.call_fn, self.init_fn = call_fn, init_fn
        self.native_serialization_platforms = native_serialization_platforms
        self._call_names = _names(self, "call_fn", call_fn, _CALL)
        if "inputs" not in self._call_names:
            raise ValueError(f"{type(self).__name__}: call_fn must take an argument `inputs`.")
        self._init_names = _names(self, "init_fn", init_fn, _INIT) if init_fn else ()
        self._has_state = "state" in self._call_names
        self.seed_generator = SeedGenerator(seed)
        self.params, self.state = None, None
        if params is not None or "params" not in self._call_names:
            self._take(params or {}, state or {})
        elif init_fn is None:
            raise ValueError(f"{type(self).__name__} needs init_fn or params, as call_fn takes `params`.")

    def _take(self, params: Any, state: Any) -> None:
        """Makes Variables of the arrays."""
        self.params = optree.tree_map_with_path(lambda path, x: self._variable(path, x, True), params)
        if self._has_state:
            self.state = optree.tree_map_with_path(lambda path, x: self._variable(path, x, False), state)

    def _variable(self, path: Any, value: Any, trainable: bool) -> Any:
        if not B.is_tensor(value):
            value = np.asarray(value)
        name = "_".join(map(str, path)) or "param"
        return self.add_weight(
            value.shape, lambda shape, dtype=None: value, str(value.dtype), trainable=trainable, name=name
        )

    def build(self, input_shape: Any) -> None:
        if self.params is not None:
            return

        def example(shape: Any) -> Any:
            return ops.ones([1 if size is None else size for size in shape], self.compute_dtype)

        given = {
            "rng": B.native_key(self.seed_generator.next()),
            "inputs": optree.tree_map(example, input_shape, is_leaf=_is_shape),
            "training": True,
        }
        assert self.init_fn is not None
        made = self.init_fn(*(given[name] for name in self._init_names))
        self._take(*(made if self._has_state else (made, None)))

    def call(self, inputs: Any, training: bool = False) -> Any:
        given = {"inputs": inputs, "training": training, "params": _values(self.params), "state": _values(self.state)}
        if "rng" in self._call_names:
            given["rng"] = B.native_key(self.seed_generator.next())
        outputs = self.call_fn(*(given[name] for name in self._call_names))
        if not self._has_state:
            return outputs
        outputs, state = outputs
        leaves = zip(optree.tree_leaves(self.state), optree.tree_leaves(state), strict=True)  # type: ignore[arg-type]
        for variable, value in leaves:
            variable.assign(value)
        return outputs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "call_fn": serialize_keras_object(self.call_fn),
            "init_fn": serialize_keras_object(self.init_fn),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> JaxLayer:
        functions = {
            name: deserialize_keras_object(config[name]) for name in ("call_fn", "init_fn") if config.get(name)
        }
        return cls(**{**config, **functions})


def _names(layer: Layer, label: str, function: Callable[..., Any], known: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments of a function. Raises ValueError: one that is not known."""
    names = tuple(inspect.signature(function).parameters)
    strange = [name for name in names if name not in known]
    if strange:
        raise ValueError(f"{type(layer).__name__}: {label} takes {strange}, but only {', '.join(known)} are given.")
    return names


def _is_shape(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and all(size is None or isinstance(size, int) for size in x)


def _values(tree: Any) -> Any:
    return optree.tree_map(lambda variable: variable.value, tree)


class FlaxLayer(JaxLayer):
    """A module of Flax's linen as a layer: its "params" are trained, its other collections are state.

    Args:
        module: the module, not yet bound.
        method: the name of the method that is called; None is `__call__`. It takes the inputs, and `training`
            if it has an argument of that name.
        variables: what `module.init` gives; None makes it at the first call.
        kwargs: `seed`, of the keys "params" and "dropout", and those of every layer.

    Input (batch, ...) and output: what the module takes and gives.
    Raises ValueError: a backend other than JAX.

    Example:

    >>> class Doubled:  # as a module of Flax: init makes the variables, apply calls
    ...     def init(self, rngs, inputs, **options):
    ...         return {"params": {"scale": np.float32(2.0)}}
    ...     def apply(self, variables, inputs, **options):
    ...         return inputs * variables["params"]["scale"]
    ...     def __call__(self, inputs):
    ...         return inputs
    >>> try:
    ...     y = keras.layers.FlaxLayer(Doubled())(np.ones((1, 2), "float32"))
    ... except ValueError:  # another backend
    ...     y = 2.0 * np.ones((1, 2))
    >>> np.round(keras.ops.convert_to_numpy(y), 3).tolist()
    [[2.0, 2.0]]
    """

    def __init__(self, module: Any, method: str | None = None, variables: Any = None, **kwargs: Any) -> None:
        self.module, self.method = module, method
        takes = inspect.signature(getattr(module, method or "__call__")).parameters
        self._takes_training = "training" in takes
        params, state = self._divided(variables) if variables is not None else (None, None)
        super().__init__(self._call, self._init, params, state, **kwargs)

    def _options(self, rng: Any, training: bool) -> dict[str, Any]:
        options: dict[str, Any] = {"rngs": {"params": rng, "dropout": rng}, "method": self.method}
        return options | ({"training": training} if self._takes_training else {})

    @staticmethod
    def _divided(variables: Any) -> tuple[Any, Any]:
        state = {name: value for name, value in variables.items() if name != "params"}
        return variables.get("params", {}), state

    def _init(self, rng: Any, inputs: Any, training: bool) -> Any:
        options = self._options(rng, training)
        return self._divided(self.module.init(options.pop("rngs"), inputs, **options))

    def _call(self, params: Any, state: Any, rng: Any, inputs: Any, training: bool) -> Any:
        options = self._options(rng, training)
        if not (state and training):
            return self.module.apply({"params": params, **(state or {})}, inputs, **options), state
        return self.module.apply({"params": params, **state}, inputs, mutable=list(state), **options)

    def get_config(self) -> dict[str, Any]:
        return {
            **Layer.get_config(self),
            "module": serialize_keras_object(self.module),
            "method": self.method,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FlaxLayer:
        return cls(**{**config, "module": deserialize_keras_object(config["module"])})
