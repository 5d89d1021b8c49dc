"""Layer: the base class of every layer and model."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import optree

from triceras import initializers, regularizers
from triceras.layers.input_spec import InputSpec
from triceras.layers.signature import call_signature
from triceras.layers.symbolic_call import SymbolicCall
from triceras.layers.tracking import members, unique
from triceras.metrics.metric import Metric
from triceras.ops import symbolic
from triceras.random.seeds import SeedGenerator
from triceras.utils.lookup import snake_case
from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.variable import name_scope, unique_name


class _CallContext(threading.local):
    """Whether the call under way is one of training; None outside any call that said so."""

    training: bool | None = None


_context = _CallContext()


def _scoped_build(build: Any) -> Any:
    """A layer's build(), as a first use: in the layer's name scope, all or nothing."""

    @functools.wraps(build)
    def scoped(self: Layer, *args: Any, **kwargs: Any) -> None:
        with self._first_use():
            build(self, *args, **kwargs)

    return scoped


class Layer(SymbolicCall, B.Module):  # type: ignore[misc, name-defined]
    """A function of tensors with state: weights made in `build`, used in `call`.

    Subclasses define `call(self, x, ...)`, and `build(self, input_shape)` where weights depend
    on the input's shape; build runs at the first call. A `training` argument of `call` is
    filled in: from the caller, else from the layer around, else False.

    Args:
        trainable: whether the weights are trained.
        dtype: of the weights and the computation; None is config.floatx(). Floating inputs of
            another dtype are cast to it.
        autocast: whether inputs are cast.
        name: None makes one from the class name.
    """

    # Attributes whose content is not part of the layer's state.
    UNTRACKED: frozenset[str] = frozenset({"_parameters", "_buffers", "_modules", "_frozen"})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _scoped_build(cls.build)  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        input_shape = kwargs.pop("input_shape", None)
        if "input_dim" in kwargs:
            input_shape = (kwargs.pop("input_dim"),)
        if kwargs:
            raise TypeError(f"{type(self).__name__} got unknown arguments: {', '.join(kwargs)}.")
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f'A layer\'s name must be a string without "/"; got: {name!r}')
        self.name: str = name or unique_name(snake_case(type(self).__name__))
        self.dtype: str = dtypes.standardize_dtype(dtype)
        self.autocast = autocast
        self.built = False
        self.input_spec: InputSpec | list[InputSpec] | None = None
        self.batch_input_shape = None if input_shape is None else (None, *input_shape)
        self._trainable = bool(trainable)
        self._building = False
        self._added: list[Any] = []
        self._frozen: list[Any] = []
        cls: Any = type(self)
        self._signature = call_signature(cls)
        self._casts = autocast and self.dtype in dtypes.FLOATS

    # -- building -----------------------------------------------------------------------

    def build(self, *input_shape: Any) -> None:
        """Makes the weights for inputs of this shape (a tuple, None for unknown sizes). The
        default makes none."""
        self.built = True

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Any:
        """A new Variable that belongs to the layer.

        Args:
            shape: a tuple of ints; None is a scalar.
            initializer: a name, function or Initializer; None is "glorot_uniform" for floats, zeros
                for the rest.
            dtype: None is the layer's.
            regularizer: a function of the Variable whose result is added to the loss.
            constraint: a function of the value, applied after each update by an optimizer.
        """
        dtype = dtypes.standardize_dtype(dtype or self.dtype)
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        if any(size is None for size in shape):
            raise ValueError(f"Layer {self.name!r}: a weight's shape must be known; got {shape} for {name!r}.")
        default = "glorot_uniform" if dtypes.is_float(dtype) else "zeros"
        variable = B.Variable(
            initializers.get(default if initializer is None else initializer),
            shape=shape,
            dtype=dtype,
            trainable=trainable and self._trainable,
            autocast=autocast,
            aggregation=aggregation,
            name=name,
        )
        if trainable and not self._trainable:
            self._frozen.append(variable)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraint
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._added.append(variable)
        self.register_variable(variable.name, variable)
        return variable

    @contextmanager
    def _first_use(self) -> Iterator[None]:
        """Within it the layer is built: in its name scope, and forgotten again if that fails.

        What a failure undoes includes the layers inside, so that nothing is left half-built.
        """
        if self._building:  # build() called by the first call, or super().build() by a subclass's
            yield
            return
        before = [(layer, layer._snapshot()) for layer in self._tree() if not layer.built]
        self._building = True
        try:
            with name_scope(self.name):
                yield
        except BaseException:
            for layer, attributes in before:
                vars(layer).clear()
                vars(layer).update(attributes)
            raise
        finally:
            self._building = False
        self.built = True

    def _tree(self) -> list[Any]:
        """This layer and all those inside it."""
        return unique([self, *(inner for layer in self.layers for inner in layer._tree())])

    def _snapshot(self) -> dict[str, Any]:
        return {
            name: copy.copy(value) if isinstance(value, (dict, list)) else value for name, value in vars(self).items()
        }

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Builds by the shapes of a call's arguments."""
        bound = self._signature.signature.bind(*args, **kwargs).arguments
        shapes = {}
        for name, value in bound.items():
            leaves = optree.tree_leaves(value)
            if leaves and all(_is_array(leaf) for leaf in leaves):
                shapes[name] = optree.tree_map(_shape, value)
        self.build(**self._signature.build_arguments(shapes)) if shapes else self.build()

    # -- calling ------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The layer's computation; subclasses define it."""
        raise NotImplementedError(f"Layer {type(self).__name__} has no `call` method: define call(self, inputs).")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # The usual call, one tensor to a built layer, comes first and costs little.
        if self.built and len(args) == 1 and B.is_tensor(args[0]):
            if not kwargs:
                return self._usual_call(args[0], self._training(None))
            if len(kwargs) == 1 and "training" in kwargs:
                outer = _context.training
                _context.training = training = self._training(kwargs["training"])
                try:
                    return self._usual_call(args[0], training)
                finally:
                    _context.training = outer
        return self._general_call(args, kwargs)

    def _usual_call(self, x: Any, training: bool) -> Any:
        x = self._cast(x)
        if self.input_spec is not None:
            self._check_inputs(x)
        return self.call(x, training=training) if self._signature.takes_training else self.call(x)

    def _general_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if symbolic.is_symbolic((args, kwargs)):
            return symbolic.call(self, *args, **kwargs)
        args, kwargs = optree.tree_map(self._convert, (args, kwargs), none_is_leaf=True)
        training = self._training(kwargs.pop("training", None))
        if args:
            self._check_inputs(args[0])
        outer = _context.training
        _context.training = training
        try:
            if self._signature.takes_training:
                kwargs["training"] = training
            if self.built:
                return self.call(*args, **kwargs)
            with self._first_use():
                self._build_for(args, kwargs)
                if args:
                    self._check_inputs(args[0])
                return self.call(*args, **kwargs)
        finally:
            _context.training = outer

    def _training(self, given: bool | None) -> bool:
        for choice in (given, _context.training, self._signature.training_default):
            if choice is not None:
                return choice if isinstance(choice, bool) else bool(choice)
        return False

    def _cast(self, x: Any) -> Any:
        if self._casts:
            dtype = B.dtype_of(x)
            if dtype != self.dtype and dtype in dtypes.FLOATS:
                return B.cast(x, self.dtype)
        return x

    def _convert(self, x: Any) -> Any:
        """An argument's leaf: arrays and Variables become tensors, floating ones of the layer's dtype."""
        if x is None or isinstance(x, (bool, int, float, str)):
            return x
        return self._cast(B.convert_to_tensor(x)) if _is_array(x) else x

    def _check_inputs(self, inputs: Any) -> None:
        """Raises ValueError: an input that does not fit `input_spec`."""
        if self.input_spec is None:
            return
        given = self.input_spec
        specs = [given] if isinstance(given, InputSpec) else list(given)
        tensors = optree.tree_leaves(inputs)
        if len(tensors) != len(specs):
            raise ValueError(f"Layer {self.name!r} takes {len(specs)} inputs, but got {len(tensors)}.")
        for index, (spec, x) in enumerate(zip(specs, tensors, strict=True)):
            shape = B.static_shape(x)
            if (problem := spec.problem(shape)) is not None:
                raise ValueError(
                    f"Input {index} of layer {self.name!r} is incompatible with the layer: {problem}. "
                    f"The input's shape is {tuple(shape)}."
                )

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the output for an input of the given shape (None for unknown sizes)."""
        specs = [symbolic.KerasTensor(shape, self.dtype) for shape in args]
        named = {k.removesuffix("_shape"): symbolic.KerasTensor(v, self.dtype) for k, v in kwargs.items()}
        return optree.tree_map(lambda x: x.shape, self(*specs, **named))

    # -- state --------------------------------------------------------------------------

    @property
    def layers(self) -> list[Any]:
        """The layers directly inside this one, in order of their attributes."""
        return [layer for layer in members(self, (Layer,)) if layer is not self]

    @property
    def weights(self) -> list[Any]:
        """Every weight of the layer and those inside it; not metrics nor random states."""
        own = members(self, (B.Variable,))
        return unique([*own, *(weight for layer in self.layers for weight in layer.weights)])

    @property
    def trainable_weights(self) -> list[Any]:
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list[Any]:
        return [weight for weight in self.weights if not weight.trainable]

    @property
    def seed_generators(self) -> list[Any]:
        """The SeedGenerators of the layer and those inside it."""
        own = members(self, (SeedGenerator,))
        return unique([*own, *(seed for layer in self.layers for seed in layer.seed_generators)])

    @property
    def metrics(self) -> list[Any]:
        """The metrics of the layer and those inside it."""
        own = members(self, (Metric,))
        return unique([*own, *(metric for layer in self.layers for metric in layer.metrics)])

    @property
    def variables(self) -> list[Any]:
        """All state: weights, random states, metrics."""
        seeds = [generator.state for generator in self.seed_generators]
        metrics = [variable for metric in self.metrics for variable in metric.variables]
        return unique([*self.weights, *seeds, *metrics])

    @property
    def trainable_variables(self) -> list[Any]:
        return [variable for variable in self.variables if variable.trainable]

    @property
    def non_trainable_variables(self) -> list[Any]:
        return [variable for variable in self.variables if not variable.trainable]

    @property
    def trainable(self) -> bool:
        """Whether the weights are trained; setting it freezes or frees the layers inside too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        if value:
            for variable in self._frozen:
                variable.trainable = True
            self._frozen.clear()
        else:
            frozen = [variable for variable in members(self, (B.Variable,)) if variable.trainable]
            for variable in frozen:
                variable.trainable = False
            self._frozen.extend(frozen)
        for layer in self.layers:
            layer.trainable = value

    @property
    def losses(self) -> list[Any]:
        """Scalars to add to the loss: each regularized trainable weight's penalty."""
        return [weight.regularizer(weight.value) for weight in self.regularized_weights]

    @property
    def regularized_weights(self) -> list[Any]:
        """The trainable weights that have a regularizer."""
        return [weight for weight in self.trainable_weights if weight.regularizer is not None]

    def count_params(self) -> int:
        """The number of elements of all weights. Raises ValueError: not built yet."""
        if not self.built:
            raise ValueError(f"Layer {self.name!r} is not built yet, so its weights do not exist; call it first.")
        return sum(weight.size for weight in self.weights)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Copies of the weights, as NumPy arrays."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Assigns all weights, or none. Raises ValueError: another number, or a shape that differs."""
        own = self.weights
        values = [np.asarray(value) for value in weights]
        if len(own) != len(values):
            raise ValueError(f"Layer {self.name!r} has {len(own)} weights, but got {len(values)} arrays.")
        for variable, value in zip(own, values, strict=True):
            if variable.shape != value.shape:
                raise ValueError(
                    f"Layer {self.name!r}: the weight {variable.path!r} has shape {variable.shape}, "
                    f"but the array for it has shape {value.shape}. No weight was changed."
                )
        for variable, value in zip(own, values, strict=True):
            variable.assign(value)

    # -- configuration ------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, for `from_config`."""
        return {"name": self.name, "trainable": self._trainable, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _is_array(x: Any) -> bool:
    return B.is_tensor(x) or isinstance(x, (np.ndarray, np.generic, B.Variable)) or hasattr(x, "__array__")


def _shape(x: Any) -> tuple[int | None, ...]:
    return tuple(B.static_shape(x))
