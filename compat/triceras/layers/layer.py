"""Layer: the base class of every layer and model."""

from __future__ import annotations

import copy
import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import optree

from triceras import constraints, dtype_policies, initializers, masks, regularizers
from triceras.layers.config import Configurable
from triceras.layers.context import UNSAID, context, passed_on, with_losses
from triceras.layers.input_checks import InputChecks
from triceras.layers.input_spec import InputSpec
from triceras.layers.penalties import Penalties
from triceras.layers.remat import Rematerialized, remat_scope
from triceras.layers.signature import call_signature
from triceras.layers.state import State
from triceras.layers.symbolic_call import SymbolicCall
from triceras.layers.tracking import named_members
from triceras.metrics.metric import Metric
from triceras.ops import symbolic
from triceras.seeds import SeedGenerator
from triceras.utils.lookup import snake_case
from triceras.utils.text import is_text
from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.variable import autocasting, changes, current_scope, name_scope, unique_name

# What an attribute's value must be for state to be found in it.
_STATEFUL = (State, Metric, SeedGenerator, B.Variable, list, tuple, dict, set)


def _scoped_build(build: Any) -> Any:
    """A layer's build(), as a first use: in the layer's name scope, all or nothing."""

    @functools.wraps(build)
    def scoped(self: Layer, *args: Any, **kwargs: Any) -> None:
        if self.built and not self._building and self._added:
            raise ValueError(
                f"Layer {self.name!r} is built already and has its weights: build() can be called once. Make another "
                "layer for inputs of another shape."
            )
        with self._first_use():
            self._note_shapes(build, args, kwargs)
            build(self, *args, **kwargs)

    return scoped


class Layer(SymbolicCall, Configurable, State, Penalties, Rematerialized, InputChecks, B.Module):  # type: ignore[misc, name-defined]
    """A function of tensors with state: weights made in `build`, used in `call`.

    Subclasses define `call(self, x, ...)`, and `build(self, input_shape)` where weights depend
    on the input's shape; build runs at the first call. A `training` argument of `call` is
    filled in: from the caller, else from the layer around, else from its default, else False. A
    `mask` argument is filled with the input's mask.

    Args:
        activity_regularizer: a function of the output whose result, divided by the number of
            rows, is added to the loss.
        trainable: whether the weights are trained.
        dtype: a DTypePolicy or its name (a dtype, "mixed_float16", "mixed_bfloat16"): of the
            weights and the computation; None is the global policy, `keras.config.dtype_policy()`.
        autocast: whether floating inputs of another dtype are cast to the computation's.
        name: None makes one from the class name.

    Attributes: `name`, `path`, `built`, `trainable`, `weights`, `losses`, `input_spec`,
    `supports_masking` (whether a mask of the input is the output's too, or `compute_mask` says so).

    Example:

    >>> class Scale(keras.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((input_shape[-1],), initializer="ones", name="factor")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> layer = Scale()
    >>> keras.ops.shape(layer(np.ones((2, 3)))), [w.name for w in layer.weights]
    ((2, 3), ['factor'])
    """

    # Attributes whose content is not part of the layer's state.
    UNTRACKED: frozenset[str] = frozenset(
        {"_parameters", "_buffers", "_modules", "_tensors_of", "_given", "_losses", "_inbound_nodes", "_built_for"}
    )

    # Whether arrays of strings are arguments of `call` as they are.
    _takes_text = False
    # Whether `get_build_config` gives the shapes that the layer was built for: not where Keras has none.
    DESCRIBES_SHAPES = True

    # Until __init__ has run.
    built = False
    _signature: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        new = super().__new__
        self = new(cls) if new is object.__new__ else new(cls, *args, **kwargs)
        object.__setattr__(self, "_given", (args, kwargs))
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _scoped_build(cls.build)  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
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
        self.autocast = autocast
        self.built = False
        self.input_spec: InputSpec | list[InputSpec] | None = None
        self.batch_input_shape = None if input_shape is None else (None, *_as_shape(input_shape))
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._trainable = bool(trainable)
        self._building = False
        self._path: str | None = None
        self._added: list[Any] = []
        self._losses: list[Any] = []
        self._losses_entry = 0
        self._passes_on: tuple[str, ...] = ()
        self._remat = remat_scope()
        cls: Any = type(self)
        self._signature = call_signature(cls)
        makes_masks = cls.compute_mask is not Layer.compute_mask
        self.supports_masking = makes_masks
        # Whether each call needs more than the plain way.
        self._careful = makes_masks or self.activity_regularizer is not None or self._remat is not None
        self.dtype_policy = dtype

    def __setattr__(self, name: str, value: Any) -> None:
        # What is set anew is last: state is found in the order of being set.
        if isinstance(value, _STATEFUL):
            if name not in self.UNTRACKED:
                changes.count += 1
            if not isinstance(value, B.Variable):
                self.__dict__.pop(name, None)
        super().__setattr__(name, value)

    # -- dtypes -------------------------------------------------------------------------

    @property
    def dtype_policy(self) -> dtype_policies.DTypePolicy:
        """The DTypePolicy; a policy, a name or a configuration can be assigned."""
        if isinstance(self._policy, dtype_policies.DTypePolicyMap):
            return self._policy[self.path]
        return self._policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        self._policy = dtype_policies.get(policy)
        self._follow_policy()

    def _follow_policy(self) -> None:
        policy = self.dtype_policy
        self._compute_dtype, self._variable_dtype = policy.compute_dtype, policy.variable_dtype
        self._casts = self.autocast and self._compute_dtype in dtypes.FLOATS
        mixed = self._casts and self._compute_dtype != self._variable_dtype
        # What weights are read as in `call`: nothing special where that is their own dtype.
        self._reads_as = self._compute_dtype if mixed else None

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self._variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self._variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        return self._compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that floating inputs are cast to."""
        return self._compute_dtype

    # -- building -----------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The names of the layers around, when this one was built, and its own: "model/block/dense"."""
        return self._path or self.name

    def build(self, *input_shape: Any) -> None:
        """Makes the weights for inputs of this shape (a tuple, None for unknown sizes). The
        default makes none."""
        self._note_shapes(Layer.build, input_shape[:1], {})
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
        """A new Variable that belongs to the layer; to be called in `__init__` or `build`.

        Args:
            shape: a tuple of ints; None is a scalar.
            initializer: a name, function or Initializer; None is "glorot_uniform" for floats, zeros
                for the rest.
            dtype: None is the layer's `variable_dtype`.
            trainable: whether gradients are taken.
            autocast: whether it is read in the layer's `compute_dtype` in `call`.
            regularizer: a name or function of the Variable whose result is added to the loss.
            constraint: a name or function of the value, applied after each update by an optimizer.
            aggregation: how copies on several devices are made one: "none", "mean", "sum", "only_first_replica".
            overwrite_with_gradient: whether an optimizer assigns the gradient instead of stepping along it.

        Raises ValueError: an unknown size or name, or the layer is built already.
        """
        if self.built and not self._building:
            raise ValueError(
                f"Layer {self.name!r} is built already, so no weight can be added to it"
                f"{f' ({name!r})' if name else ''}: make weights in __init__() or build(), and build once."
            )
        dtype = self._variable_dtype if dtype is None else dtypes.standardize_dtype(dtype)
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        if any(size is None for size in shape):
            raise ValueError(f"Layer {self.name!r}: a weight's shape must be known; got {shape} for {name!r}.")
        default = "glorot_uniform" if dtypes.is_float(dtype) else "zeros"
        regularizer, constraint = regularizers.get(regularizer), constraints.get(constraint)
        with nullcontext() if self._building else name_scope(self.path):
            variable = B.Variable(
                initializers.get(default if initializer is None else initializer),
                shape=shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name,
            )
        if not self._trainable:
            variable.trainable = False
        variable.regularizer, variable.constraint = regularizer, constraint
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._added.append(variable)
        self.register_variable(variable.name, variable)
        return variable

    add_variable = add_weight

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
                if self._path is None:
                    self._path = current_scope()
                    self._follow_policy()
                yield
        except BaseException:
            for layer, attributes in before:
                vars(layer).clear()
                vars(layer).update(attributes)
            raise
        finally:
            self._building = False
        self.built = True

    def _snapshot(self) -> dict[str, Any]:
        return {
            name: copy.copy(value) if isinstance(value, (dict, list)) else value for name, value in vars(self).items()
        }

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Builds by the shapes of a call's arguments."""
        shapes = {}
        for name, value in self._signature.bind(args, kwargs).items():
            leaves = optree.tree_leaves(value)
            if leaves and all(self._has_shape(leaf) for leaf in leaves) and name not in self._signature.takes_masks:
                shapes[name] = optree.tree_map(_shape, value)
        if not shapes:
            self.build()
        elif self._signature.build_names:
            self.build(**self._signature.build_arguments(shapes))
        else:
            self.build(next(iter(shapes.values())))

    def _has_shape(self, x: Any) -> bool:
        return _is_array(x) and not (self._takes_text and is_text(x))

    def _note_shapes(self, build: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.DESCRIBES_SHAPES and "_built_for" not in vars(self) and (args or kwargs):
            names = self._signature.build_names or ["input_shape"]
            object.__setattr__(self, "_built_for", dict(zip(names, args, strict=False)) | kwargs)

    # -- calling ------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The layer's computation; subclasses define it."""
        raise NotImplementedError(f"Layer {type(self).__name__} has no `call` method: define call(self, inputs).")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # The usual call, one tensor to a built layer, comes first and costs little.
        if self.built and len(args) == 1 and not self._hooked and B.is_tensor(args[0]):
            if not kwargs:
                return self._usual_call(args[0], None)
            if len(kwargs) == 1 and "training" in kwargs:
                return self._usual_call(args[0], kwargs["training"])
        if self._hooked:
            return self._call_hooked(args, kwargs)
        return self._general_call(args, kwargs)

    def _usual_call(self, x: Any, given: Any) -> Any:
        outer = context.frame
        training = outer if given is None and outer.__class__ is bool else self._training(given)
        if self._careful or masks.in_use or with_losses or passed_on or self._reads_as != autocasting.dtype:
            return self._full_call((self._cast(x),), {}, training, self._masks_of((x,), {}))
        if self._casts and (dtype := B.dtype_of(x)) != self._compute_dtype and dtype in dtypes.FLOATS:
            x = B.cast(x, self._compute_dtype)
        if self.input_spec is not None:
            self._check_inputs(x)
        if training is outer:  # inside another layer's call, which said so
            return self.call(x, training=training is True) if self._signature.takes_training else self.call(x)
        if outer is None:
            context.entry = id(self)
        context.frame = training
        try:
            return self.call(x, training=training is True) if self._signature.takes_training else self.call(x)
        finally:
            context.frame = outer

    def _general_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._signature is None:
            raise RuntimeError(
                f"{type(self).__name__} was not initialized: call super().__init__() first in its __init__()."
            )
        if symbolic.is_symbolic((args, kwargs)):
            return self._symbolic_call(args, kwargs)
        training = self._training(kwargs.pop("training", None))
        carried = self._masks_of(args, kwargs)
        args, kwargs = optree.tree_map(self._convert, (args, kwargs), none_is_leaf=True)
        return self._full_call(args, kwargs, training, carried)

    def _symbolic_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        outputs = symbolic.call(self, *args, **kwargs)
        if with_losses and context.frame is None:
            self._clear_losses()  # those of the abstract evaluation
        if masks.in_use or self._careful:
            kwargs = {name: value for name, value in kwargs.items() if name != "training"}
            self._pass_masks(args, kwargs, outputs, self._masks_of(args, kwargs))
        return outputs

    def _full_call(self, args: tuple[Any, ...], kwargs: dict[str, Any], training: Any, carried: dict[str, Any]) -> Any:
        """The call with everything that may belong to it; arguments are converted already."""
        outer, arguments = context.frame, context.arguments
        if outer is None:
            context.entry = id(self)
            if with_losses:
                self._clear_losses()
        context.frame = training
        try:
            if self._signature.takes_training:
                kwargs["training"] = training is True
            if arguments or self._passes_on:
                self._take_and_pass_on(kwargs)
            if carried:
                self._fill_masks(kwargs, carried)
            if self._reads_as == autocasting.dtype:
                outputs = self._build_and_call(args, kwargs)
            else:
                with B.autocast(self._reads_as):
                    outputs = self._build_and_call(args, kwargs)
            if self.activity_regularizer is not None:
                self._regularize_activity(outputs)
            if masks.in_use or self._careful:
                self._pass_masks(args, kwargs, outputs, carried)
            return outputs
        finally:
            context.frame, context.arguments = outer, arguments

    def _build_and_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.built:
            if args:
                self._check_inputs(args[0])
            if self._remat is not None:
                return self._call_rematerialized(args, kwargs)
            return self.call(*args, **kwargs)
        if args:
            self._check_inputs(args[0])
        with self._first_use():
            self._build_for(args, kwargs)
            if args:
                self._check_inputs(args[0])
            return self.call(*args, **kwargs)

    def _training(self, given: Any) -> Any:
        """Whether a call is one of training: True or False, UNSAID where nobody says."""
        if given is None:
            given = context.frame
            if given is None or given is UNSAID:
                given = self._training_mode
                if given is None:
                    given = self._signature.training_default
                    if given is None:
                        return UNSAID
        return given if isinstance(given, bool) else bool(given)

    def _register_call_context_args(self, *names: str) -> None:
        """Makes arguments of those names, given to this layer's call, known to the layers inside: each whose
        `call` has a parameter of that name gets it."""
        self._passes_on = (*self._passes_on, *names)
        passed_on.update(names)
        self._careful = True

    def _take_and_pass_on(self, kwargs: dict[str, Any]) -> None:
        known = context.arguments or {}
        for name, value in known.items():
            if name in self._signature.names and kwargs.get(name) is None:
                kwargs[name] = value
        given = {name: kwargs[name] for name in self._passes_on if kwargs.get(name) is not None}
        if given:
            context.arguments = {**known, **given}
        for name in given:
            if name not in self._signature.names and not self._signature.takes_any:
                del kwargs[name]

    def _cast(self, x: Any) -> Any:
        if self._casts:
            dtype = B.dtype_of(x)
            if dtype != self._compute_dtype and dtype in dtypes.FLOATS:
                return B.cast(x, self._compute_dtype)
        return x

    def _convert(self, x: Any) -> Any:
        """An argument's leaf: arrays and Variables become tensors, floating ones of the layer's dtype."""
        if x is None or isinstance(x, (bool, int, float, str)):
            return x
        return self._cast(B.convert_to_tensor(x)) if self._has_shape(x) else x

    # -- masks ----------------------------------------------------------------------------

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The output's mask, for an input and its mask: that mask, unless a subclass says otherwise."""
        return previous_mask

    def _masks_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The masks that a call's tensors carry, by argument, in the argument's structure."""
        if not masks.in_use:
            return {}
        if len(args) == 1 and not kwargs and not isinstance(args[0], (list, tuple, dict)):
            mask = masks.get_mask(args[0])
            return {} if mask is None else {self._signature.first: mask}
        if self._passes_on:
            kwargs = {name: value for name, value in kwargs.items() if name not in self._passes_on}
        found = {}
        for name, value in self._signature.bind(args, kwargs).items():
            leaves = optree.tree_leaves(value)
            if name not in self._signature.takes_masks and leaves and all(map(_may_have_mask, leaves)):
                found[name] = optree.tree_map(masks.get_mask, value)
        return found if any(mask is not None for mask in optree.tree_leaves(found)) or len(found) > 1 else {}

    def _fill_masks(self, kwargs: dict[str, Any], carried: dict[str, Any]) -> None:
        for name, mask in carried.items():
            parameter = "mask" if len(carried) == 1 else f"{name}_mask"
            wanted = parameter in self._signature.takes_masks and kwargs.get(parameter) is None
            if wanted and optree.tree_leaves(mask):  # not only Nones
                kwargs[parameter] = mask

    def _pass_masks(self, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any, carried: dict[str, Any]) -> None:
        """Gives the outputs their masks."""
        first = args[0] if args else kwargs.get(self._signature.first)
        explicit = kwargs.get("mask")
        previous = explicit if explicit is not None else carried.get(self._signature.first)
        if not self.supports_masking:
            if previous is not None and optree.tree_leaves(previous):
                self._warn_of_lost_mask()
            return
        tensors = optree.tree_leaves(outputs)
        if all(masks.get_mask(tensor) is not None for tensor in tensors):
            return
        computed = self.compute_mask(first, previous)
        if computed is None:
            return
        found = optree.tree_leaves(computed, none_is_leaf=True)
        for tensor, mask in zip(tensors, found, strict=False):
            if mask is not None and masks.get_mask(tensor) is None:
                masks.set_mask(tensor, mask)

    def _warn_of_lost_mask(self) -> None:
        warnings.warn(
            f"Layer {self.name!r} ({type(self).__name__}) got an input with a mask, but does not support masking: the "
            "mask is lost for the layers after it. Set supports_masking = True, or define compute_mask().",
            stacklevel=5,
        )

    # -- the rest -------------------------------------------------------------------------

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the output for an input of the given shape (None for unknown sizes)."""
        specs = [_symbols(shape, self._compute_dtype) for shape in args]
        named = {k.removesuffix("_shape"): _symbols(v, self._compute_dtype) for k, v in kwargs.items()}
        return optree.tree_map(lambda x: x.shape, symbolic.infer_outputs(self, tuple(specs), named))

    def state_members(self) -> Iterator[tuple[str, Any]]:
        """The Variables and layers directly in this one, with where they are: for the framework's own views of
        the layer's state."""
        for name, value in named_members(self, (State, B.Variable, SeedGenerator, Metric, *self._native_kinds)):
            if isinstance(value, SeedGenerator):
                yield name, value.state
            elif isinstance(value, Metric):
                for variable in value.variables:
                    yield f"{name}.{variable.name}", variable
            elif value is not self:
                yield name, value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _as_shape(shape: Any) -> tuple[int | None, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def _symbols(shapes: Any, dtype: str) -> Any:
    """A KerasTensor for each shape in a structure of them."""
    if isinstance(shapes, dict):
        return {name: _symbols(shape, dtype) for name, shape in shapes.items()}
    if isinstance(shapes, (list, tuple)) and any(isinstance(item, (list, tuple, dict)) for item in shapes):
        return type(shapes)(_symbols(shape, dtype) for shape in shapes)
    return symbolic.KerasTensor(shapes, dtype)


def _is_array(x: Any) -> bool:
    return B.is_tensor(x) or isinstance(x, (np.ndarray, np.generic, B.Variable)) or hasattr(x, "__array__")


def _may_have_mask(x: Any) -> bool:
    return B.is_tensor(x) or x.__class__ is symbolic.KerasTensor


def _shape(x: Any) -> tuple[int | None, ...]:
    return tuple(B.static_shape(x))
