"""Optimizer: the base class. Subclasses say which slots they keep and how they update.

There are two ways to write one. The kernels of this package update whole lists: `SLOTS` names
the slots and `update(gradients, variables, learning_rate, *slots)` assigns. Optimizers written
for Keras 3 do it a Variable at a time: `build(variables)` makes the slots and
`update_step(gradient, variable, learning_rate)` assigns. Either may be overridden.
"""

from __future__ import annotations

import functools
import inspect
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from triceras import initializers, ops
from triceras.optimizers import clipping
from triceras.optimizers.decay import Exclusions
from triceras.optimizers.schedules import LearningRateSchedule, deserialize, serialize
from triceras.utils.lookup import snake_case
from triceras_backends.active import backend as B
from triceras_backends.variable import name_scope, unique_name


class Optimizer:
    """Base class of optimizers.

    Args:
        learning_rate: a number >= 0, a LearningRateSchedule, or a function without arguments.
        weight_decay: each update first takes this share, times the learning rate, off the weights
            (decoupled; Loshchilov and Hutter, arXiv:1711.05101). None for none.
        clipnorm: the norm that the gradient of one Variable may have at most.
        clipvalue: the size that a component of a gradient may have at most.
        global_clipnorm: the norm that all gradients together may have at most.
        use_ema: whether running means of the weights are kept. `finalize_variable_values` puts them
            in the weights' place; `fit` does so at its end.
        ema_momentum: the share of the old mean, in [0, 1].
        ema_overwrite_frequency: the means replace the weights every so many updates. None for never.
        loss_scale_factor: what `scale_loss` multiplies by and `apply` divides by.
        gradient_accumulation_steps: the weights move at every so many calls, >= 2, by the mean gradient.
        name: None makes one from the class name.

    Attributes: `iterations`, how many updates there were; `learning_rate`, readable and assignable;
    `variables`, all state in the order of Keras.

    Raises ValueError: a value out of range, or more than one way of clipping.

    Example:

    >>> optimizer = keras.optimizers.SGD(learning_rate=0.5, clipnorm=1.0)
    >>> w = keras.Variable([1.0, 2.0])
    >>> _ = optimizer.apply([keras.ops.convert_to_tensor([3.0, 4.0])], [w])
    >>> print(np.round(w.numpy(), 2))
    [0.7 1.6]
    """

    # The slots of each Variable by name. Those of SLOTS are made Variable by Variable, those of
    # LATER_SLOTS slot by slot: the order in which `variables` lists them.
    SLOTS: tuple[str, ...] = ()
    LATER_SLOTS: tuple[str, ...] = ()
    # Where slots begin, if not at 0.
    slot_start: float = 0.0

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._variables: list[Any] = []
        if kwargs.pop("decay", None) is not None:
            warnings.warn("The argument `decay` is ignored; use a schedule as the learning rate.", stacklevel=2)
        if kwargs:
            raise ValueError(f"{type(self).__name__} does not know the arguments {kwargs}.")
        if sum(clip is not None for clip in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of clipnorm, clipvalue and global_clipnorm can be set; got: "
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}"
            )
        if use_ema and not 0 <= ema_momentum <= 1:
            raise ValueError(f"ema_momentum must be in [0, 1]; got: {ema_momentum!r}")
        _check_count("ema_overwrite_frequency", ema_overwrite_frequency, 1)
        _check_count("gradient_accumulation_steps", gradient_accumulation_steps, 2)
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._places: dict[int, int] = {}
        self._trainable_variables: list[Any] = []
        self._slots: dict[str, list[Any]] = {}
        self._averages: list[Any] = []
        self._accumulators: list[Any] = []
        self._exclusions = Exclusions()
        with name_scope(self.name):
            self._iterations = B.hyperparameter(0, "int32", "iteration")
        self._learning_rate: Any = self._rate_from(learning_rate)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A class that brings an `update_step` but no `update` is run a Variable at a time."""
        super().__init_subclass__(**kwargs)
        if "update_step" in cls.__dict__ and "update" not in cls.__dict__:
            cls.update = Optimizer.update  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_variables" and "_variables" not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}: call super().__init__() before setting attributes.")
        if isinstance(value, B.Variable):
            self._track(value)
        object.__setattr__(self, name, value)

    # -- state --------------------------------------------------------------------------

    @property
    def iterations(self) -> Any:
        """How many updates there were, a Variable; with accumulation, a tensor."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(value)

    @property
    def learning_rate(self) -> Any:
        """The current learning rate: a Variable, or what the schedule or function gives now.

        Assigning a number sets the Variable; a schedule or a function may be assigned too.
        Raises TypeError: a number while a schedule is in place.
        """
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, B.Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if callable(value) and not isinstance(value, B.Variable):
            if isinstance(old, B.Variable):
                self._variables = [v for v in self._variables if v is not old]
            self._learning_rate = value
        elif isinstance(old, B.Variable):
            old.assign(value)
        else:
            raise TypeError(
                f"The learning rate of {self.name!r} follows {old!r}, so a number cannot be assigned; "
                "assign another schedule, or make the optimizer with a number."
            )

    def _rate_from(self, learning_rate: Any) -> Any:
        if callable(learning_rate) and not isinstance(learning_rate, B.Variable):
            return learning_rate
        number = isinstance(learning_rate, (int, float, np.number)) and not isinstance(learning_rate, bool)
        if not number or learning_rate < 0:
            raise ValueError(
                f"learning_rate must be a number >= 0, a LearningRateSchedule or a function; got: {learning_rate!r}"
            )
        with name_scope(self.name):
            return B.hyperparameter(float(learning_rate), "float32", "learning_rate")

    @property
    def variables(self) -> list[Any]:
        """All state: iterations, learning rate, running means, accumulators, slots."""
        return list(self._variables)

    def _track(self, variable: Any) -> None:
        if not any(known is variable for known in self._variables):
            self._variables.append(variable)

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Any:
        """A new Variable of the optimizer's state, not trainable. `aggregation` and `layout` change nothing."""
        with name_scope(self.name):
            variable = B.Variable(
                initializers.get(initializer), shape=shape, dtype=dtype, trainable=False,
                aggregation=aggregation, name=name,
            )  # fmt: skip
        self._track(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Any:
        """A new Variable of another's shape and dtype, named after it."""
        label = f"{reference_variable.path.replace('/', '_')}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=label)

    def add_optimizer_variables(self, trainable_variables: Any, name: Any, initializer: Any = "zeros") -> Any:
        """A slot for each Variable: a list; for several names, made Variable by Variable, a tuple of lists."""
        names = [name] if isinstance(name, str) else list(name)
        several = isinstance(initializer, (list, tuple))
        starts = list(initializer) if several else [initializer] * len(names)
        if len(starts) != len(names):
            raise ValueError(f"As many initializers as names are needed; got: {names} and {starts}")
        made: tuple[list[Any], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for slots, label, start in zip(made, names, starts, strict=True):
                slots.append(self.add_variable_from_reference(variable, label, start))
        return made[0] if isinstance(name, str) else made

    def build(self, variables: Iterable[Any]) -> None:
        """Makes the slots for these Variables; once."""
        if self.built:
            return
        variables = list(variables)
        # The Variables themselves are kept so that their ids stay theirs.
        self._trainable_variables = variables
        self._places = {id(variable): place for place, variable in enumerate(variables)}
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulators = self.add_optimizer_variables(variables, "gradient_accumulator")
        start = initializers.Constant(self.slot_start)
        for names in (self.SLOTS, *([name] for name in self.LATER_SLOTS)):
            if names:
                made = self.add_optimizer_variables(variables, names, start)
                self._slots |= zip(names, made, strict=True)
        self.built = True

    def _get_variable_index(self, variable: Any) -> int:
        """The place of a Variable among those of `build`."""
        return self._places[id(variable)]

    def _slots_for(self, variable: Any) -> list[Any]:
        """The slots of one Variable, in the order of SLOTS and LATER_SLOTS."""
        place = self._places[id(variable)]
        return [slots[place] for slots in self._slots.values()]

    # -- an update ------------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[Any]) -> Any:
        """Updates Variables given as (gradient, Variable) pairs; returns `iterations`."""
        pairs = list(grads_and_vars)
        return self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Updates Variables by their gradients, in order; returns `iterations`.

        trainable_variables None: those of `build`. A gradient that is None leaves its Variable
        alone, with a warning that names it. Raises ValueError: all are None, numbers that differ,
        or a Variable that `build` was not called with.
        """
        gradients, variables = self._paired(grads, trainable_variables)
        if self.loss_scale_factor is not None:
            gradients = [gradient / self.loss_scale_factor for gradient in gradients]
        if self.gradient_accumulation_steps:
            self._accumulate(gradients, variables)
        else:
            self._step(gradients, variables)
        if self.use_ema:
            self._average(variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
        B.increment(self._iterations)
        return self._iterations

    def stateless_apply(
        self, optimizer_variables: Iterable[Any], grads: Iterable[Any], trainable_variables: Iterable[Any]
    ) -> tuple[list[Any], list[Any]]:
        """`apply` on given values: (new values of the weights, new values of the state). Nothing is assigned.

        optimizer_variables, trainable_variables: values for `variables` and for the Variables of `build`,
        in their orders; `apply` itself may run in a jit or under the framework's own transformations.
        Raises ValueError: not built, or another number of values.
        """
        if not self.built:
            raise ValueError(f"Optimizer {self.name!r}: call build(variables) before stateless_apply().")
        state, weights = self.variables, self._trainable_variables
        given, values = list(optimizer_variables), list(trainable_variables)
        if len(given) != len(state) or len(values) != len(weights):
            raise ValueError(
                f"Optimizer {self.name!r} has {len(state)} Variables of its own and updates {len(weights)}; "
                f"stateless_apply() got {len(given)} and {len(values)} values."
            )
        with B.substituted([*weights, *state], [*values, *given]) as scope:
            self.apply(list(grads), weights)
            return [scope.value(v) for v in weights], [scope.value(v) for v in state]

    def _paired(self, grads: Any, trainable_variables: Any) -> tuple[list[Any], list[Any]]:
        gradients = list(grads)
        if trainable_variables is None:
            if not self.built:
                raise ValueError(f"Optimizer {self.name!r}: call build(variables), or pass the Variables to apply().")
            variables = self._trainable_variables
        else:
            variables = list(trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(f"Optimizer {self.name!r} got {len(gradients)} gradients for {len(variables)} Variables.")
        for gradient in gradients:
            if gradient is None:
                gradients, variables = self._without_none(gradients, variables)
                break
        if not self.built:
            self.build(variables)
        return gradients, variables

    def _without_none(self, gradients: list[Any], variables: list[Any]) -> tuple[list[Any], list[Any]]:
        missing = [v.path for g, v in zip(gradients, variables, strict=True) if g is None]
        if len(missing) == len(variables):
            raise ValueError(
                f"No gradient for any Variable: {', '.join(missing)}. Is the loss computed from them, inside the tape?"
            )
        warnings.warn(f"No gradient for: {', '.join(missing)}. They are not updated.", stacklevel=4)
        self.build(variables)
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        return [g for g, _ in pairs], [v for _, v in pairs]

    def _of(self, variables: list[Any], columns: Iterable[list[Any]]) -> list[list[Any]]:
        """The columns' entries that belong to these Variables."""
        known = self._trainable_variables
        if len(variables) == len(known) and all(map(operator.is_, variables, known)):
            return list(columns)
        unknown = [v.path for v in variables if id(v) not in self._places]
        if unknown:
            raise ValueError(
                f"Optimizer {self.name!r} was built for other Variables and does not know {', '.join(unknown)}. "
                "Use a new optimizer, or build() it with all Variables first."
            )
        places = [self._places[id(v)] for v in variables]
        return [[column[place] for place in places] for column in columns]

    def _step(self, gradients: list[Any], variables: list[Any]) -> None:
        """Clips, decays, and moves the weights."""
        if not variables:  # all frozen, or none there
            return
        slots = self._of(variables, self._slots.values())
        gradients = self._clip(gradients)
        rate = self._learning_rate if isinstance(self._learning_rate, B.Variable) else self.learning_rate
        self._decay(variables, rate)
        self.update(gradients, variables, rate, *slots)

    def _decay(self, variables: list[Any], learning_rate: Any) -> None:
        """Takes the weight decay off these Variables."""
        self._decay_by(self.weight_decay, variables, learning_rate)

    def _decay_by(self, share: float | None, variables: list[Any], learning_rate: Any) -> None:
        if share is not None:
            decayed = [variable for variable in variables if not self._exclusions.covers(variable)]
            if decayed:
                B.decay_update(decayed, learning_rate, share)

    def _clip(self, gradients: list[Any]) -> list[Any]:
        if self.clipnorm is not None:
            return clipping.by_norm(gradients, self.clipnorm)
        if self.clipvalue is not None:
            return clipping.by_value(gradients, self.clipvalue)
        if self.global_clipnorm is not None:
            return clipping.by_global_norm(gradients, self.global_clipnorm)
        return gradients

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        """Assigns the new values of variables and slots. `iterations` counts the updates before this one."""
        for gradient, variable in zip(gradients, variables, strict=True):
            self.update_step(gradient, variable, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Assigns the new values of one Variable and its slots."""
        # A subclass may call this through super() where the class above it updates lists.
        for owner in type(self).__mro__:
            update = owner.__dict__.get("update")
            if update is not None and update is not Optimizer.update:
                update(self, [gradient], [variable], learning_rate, *([slot] for slot in self._slots_for(variable)))
                return
        raise NotImplementedError(f"{type(self).__name__} has neither an update_step nor an update method.")

    def assign(self, variable: Any, value: Any) -> None:
        """variable = value."""
        variable.assign(value)

    def assign_add(self, variable: Any, value: Any) -> None:
        """variable += value."""
        variable.assign_add(value)

    def assign_sub(self, variable: Any, value: Any) -> None:
        """variable -= value."""
        variable.assign_sub(value)

    # -- options ----------------------------------------------------------------------------

    def _accumulate(self, gradients: list[Any], variables: list[Any]) -> None:
        """Adds gradients up; every so many calls the weights move by their mean."""
        steps = self.gradient_accumulation_steps
        (sums,) = self._of(variables, [self._accumulators])
        for total, gradient in zip(sums, gradients, strict=True):
            total.assign_add(ops.cast(gradient, total.dtype))

        def move() -> None:
            self._step([total.value / steps for total in sums], variables)
            for total in sums:
                total.assign(ops.zeros(total.shape, dtype=total.dtype))

        B.update_if((self._iterations.value + 1) % steps == 0, move, self._changed_by(variables))

    def _changed_by(self, variables: list[Any]) -> list[Any]:
        """The Variables that an update may assign."""
        mine = [v for v in self._variables if v is not self._iterations and v is not self._learning_rate]
        return [*variables, *mine]

    def _average(self, variables: list[Any]) -> None:
        """Takes the weights into their running means, and the means into the weights when it is time."""
        (averages,) = self._of(variables, [self._averages])
        count = ops.convert_to_tensor(self.iterations)
        share = ops.cast(count != 0, "float32") * self.ema_momentum  # the first value is the first mean
        time = None
        if self.ema_overwrite_frequency:
            time = (count + 1) % self.ema_overwrite_frequency == 0
        for variable, average in zip(variables, averages, strict=True):
            part = ops.cast(share, average.dtype)
            mean = part * average.value + (1 - part) * variable.value
            average.assign(mean)
            if time is not None:
                variable.assign(ops.where(time, mean, variable.value))

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """Puts the running means in the place of the weights, where `use_ema` keeps them."""
        if self.use_ema and self.built:
            variables = list(var_list)
            for variable, average in zip(variables, self._of(variables, [self._averages])[0], strict=True):
                variable.assign(average)

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Spares Variables the weight decay: those listed, and those whose name contains one of var_names.

        Raises ValueError: called after `build`.
        """
        if self.built:
            raise ValueError(f"Optimizer {self.name!r} is built: exclude_from_weight_decay() must be called before.")
        self._exclusions = Exclusions(var_list, var_names)

    def scale_loss(self, loss: Any) -> Any:
        """The loss to differentiate: times `loss_scale_factor`, where there is one."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # -- configuration and state ------------------------------------------------------------

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Assigns all state, an array for each of `variables`. ValueError: not built, or arrays that do not fit."""
        values = [value if B.is_tensor(value) else np.asarray(value) for value in weights]
        variables = self.variables
        if not self.built:
            raise ValueError(f"Optimizer {self.name!r} is not built: call build(variables) before set_weights().")
        if [tuple(value.shape) for value in values] != [variable.shape for variable in variables]:
            raise ValueError(
                f"Optimizer {self.name!r} has state of the shapes {[variable.shape for variable in variables]}, "
                f"but the arrays have {[tuple(value.shape) for value in values]}. Nothing was changed."
            )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Writes all state to a mapping, as arrays under "0", "1", ..."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Reads what `save_own_variables` wrote. Raises ValueError: another number of arrays, or other shapes."""
        variables = self.variables
        if len(store) != len(variables):
            hint = "" if self.built else " It is not built: call build(variables) first."
            raise ValueError(
                f"Optimizer {self.name!r} has {len(variables)} Variables, but {len(store)} were saved.{hint}"
            )
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            rate = serialize(rate)
        elif isinstance(rate, B.Variable):
            rate = float(rate.numpy())
        return {
            "name": self.name,
            "learning_rate": rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Optimizer:
        """An optimizer from what `get_config` gave; custom_objects: schedule classes by name."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), Mapping):
            config["learning_rate"] = deserialize(config["learning_rate"], custom_objects)
        return cls(**config)


_OPTIONS = list(inspect.signature(Optimizer.__init__).parameters.values())[2:]


def with_options(init: Callable[..., None]) -> Callable[..., None]:
    """A constructor that ends in `**options`, with the base class's arguments after its own: by name and by
    place, and in the signature that help() and editors show."""
    own = [p for p in inspect.signature(init).parameters.values() if p.kind is not p.VAR_KEYWORD]
    named = {p.name for p in own}
    signature = inspect.Signature([*own, *(p for p in _OPTIONS if p.name not in named)], return_annotation=None)

    @functools.wraps(init)
    def constructor(*args: Any, **kwargs: Any) -> None:
        given = signature.bind(*args, **kwargs).arguments
        others = given.pop("kwargs", {})
        init(**given, **others)

    constructor.__signature__ = signature  # type: ignore[attr-defined]
    return constructor


def _check_count(label: str, value: Any, least: int) -> None:
    if value is not None and (not isinstance(value, int) or value < least):
        raise ValueError(f"{label} must be an integer >= {least} or None; got: {value!r}")
