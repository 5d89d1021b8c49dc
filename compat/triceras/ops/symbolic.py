"""Symbolic tensors: a shape and a dtype that operations and layers can be called on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import optree

from triceras.ops import broadcasting, unsized
from triceras.ops.nodes import History, Node, Operation
from triceras_backends import config, dtypes
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec, infer
from triceras_backends.variable import unique_name


def symbol_dtype(dtype: Any) -> str:
    """The name of a dtype, as `standardize_dtype` says it; or "string", which layers of text take."""
    return "string" if dtype in ("string", str) else dtypes.standardize_dtype(dtype)


class KerasTensor:
    """A tensor without values, for building models.

    What is computed from the tensors that `Input` gives remembers how, and can become a Model.

    Args:
        shape: sizes, None for those not known.
        dtype: a dtype, or "string"; None is config.floatx().
        sparse, ragged: must be False.
        record_history: for Keras's sake; only what `Input` gave, or was made of it, has a history.
        name: None numbers it.

    Raises ValueError: sparse or ragged, because all tensors of Triceras are dense.

    Example:

    >>> x = keras.KerasTensor((None, 3))
    >>> keras.ops.matmul(x, np.ones((3, 2))).shape
    (None, 2)
    """

    # NumPy's arrays leave operators to it.
    __array_ufunc__ = None

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise TypeError(f"KerasTensor got unknown arguments: {', '.join(kwargs)}.")
        if sparse or ragged:
            raise ValueError("Triceras has dense tensors only; sparse=True and ragged=True are not supported.")
        self.spec = Spec(tuple(shape), symbol_dtype(dtype))
        self.name = name or unique_name("keras_tensor")
        self.node: Node | None = None
        self.tensor_index = 0

    @property
    def shape(self) -> tuple[int | None, ...]:
        return self.spec.shape

    @property
    def dtype(self) -> str:
        return self.spec.dtype

    # All tensors are dense.
    sparse = ragged = False
    ragged_rank = row_splits_dtype = None

    @property
    def ndim(self) -> int:
        return len(self.spec.shape)

    @property
    def _keras_history(self) -> History:
        if self.node is None:
            raise AttributeError(f"{self!r} has no history: neither `Input` nor an operation on its tensors made it.")
        operation = self.node.operation
        place = next(i for i, node in enumerate(operation.inbound_nodes) if node is self.node)
        return History(operation, place, self.tensor_index)

    def reshape(self, newshape: Any) -> Any:
        """The tensor in another shape."""
        return call(B.reshape, self, newshape)

    def squeeze(self, axis: Any = None) -> Any:
        """The tensor without axes of size 1."""
        return call(B.squeeze, self, axis)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __getitem__(self, key: Any) -> Any:
        return call(B.getitem, self, key)

    def __len__(self) -> int:
        raise TypeError(f"{self!r} is symbolic and has no length; its shape is {self.shape}.")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise ValueError(f"{self!r} is symbolic and has no values, so it cannot become a NumPy array.")

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is symbolic and has no values; use ops.where or ops.cond instead of `if`.")

    def _no_number(self) -> Any:
        raise TypeError(f"{self!r} is symbolic and has no value to make a Python number of.")

    __float__ = __int__ = __index__ = _no_number

    def __iter__(self) -> Any:
        raise TypeError(f"{self!r} is symbolic; iterate over ops.unstack(x) instead.")

    def __neg__(self) -> Any:
        return call(B.negative, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return call(B.abs, self)

    def __invert__(self) -> Any:
        return call(B.logical_not if self.dtype == "bool" else B.bitwise_not, self)

    def __round__(self, ndigits: int | None = None) -> Any:
        return call(B.round, self, decimals=ndigits or 0)


def _operator(primitive: str, reverse: bool) -> Any:
    function = getattr(B, primitive)
    if reverse:
        return lambda self, other: call(function, other, self)
    return lambda self, other: call(function, self, other)


def _logic(name: str, reverse: bool) -> Any:
    logical, bitwise = _operator(f"logical_{name}", reverse), _operator(f"bitwise_{name}", reverse)
    return lambda self, other: (logical if self.dtype == "bool" else bitwise)(self, other)


# `==` stays identity, so that symbolic tensors can be looked for in lists and be keys.
for _name, _primitive in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "mod", "pow": "power", "matmul": "matmul",
}.items():  # fmt: skip
    setattr(KerasTensor, f"__{_name}__", _operator(_primitive, reverse=False))
    setattr(KerasTensor, f"__r{_name}__", _operator(_primitive, reverse=True))
for _name, _primitive in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}.items():
    setattr(KerasTensor, f"__{_name}__", _operator(_primitive, reverse=False))
for _name in ("and", "or", "xor"):
    setattr(KerasTensor, f"__{_name}__", _logic(_name, reverse=False))
    setattr(KerasTensor, f"__r{_name}__", _logic(_name, reverse=True))


class Function(Operation):
    """A backend's function as a graph's operation, named after it: "add", "add_1", ..."""

    built = True

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        # Its name in the contract; None for a function that is no primitive.
        self.primitive = primitive_names.get(function)
        self.name = name or unique_name("get_item" if self.primitive == "getitem" else self.function_name)

    @property
    def function_name(self) -> str:
        """The function's own name, for all its operations alike."""
        return str(self.primitive or getattr(self.function, "__name__", type(self.function).__name__))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result; symbolic for symbolic arguments, as one more call of this operation."""
        if is_symbolic((args, kwargs)):
            return call(self, *args, **kwargs)
        return self.function(*args, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns for symbolic arguments, not recorded."""
        return infer_function(self.function, args, kwargs)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return state if self.primitive is None else {**state, "function": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.primitive is not None:
            self.function = getattr(B, self.primitive)

    def __repr__(self) -> str:
        return f"<Function name={self.name}>"


# Backends' functions by their names in the contract; `dispatch` adds each public one.
primitive_names: dict[Any, str] = {B.getitem: "getitem"}


def is_symbolic(tree: Any) -> bool:
    """Whether any leaf of a structure is a KerasTensor."""
    return any(leaf.__class__ is KerasTensor for leaf in optree.tree_leaves(tree, none_is_leaf=True))


def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
    """What an operation (a layer, or a plain function) returns for symbolic arguments: its
    structure, with a KerasTensor for each tensor. The call is recorded if an argument comes from an `Input`."""
    leaves = optree.tree_leaves((args, kwargs), none_is_leaf=True)
    inputs = [leaf for leaf in leaves if leaf.__class__ is KerasTensor]
    output = (
        operation.compute_output_spec(*args, **kwargs)
        if isinstance(operation, Operation)
        else infer_function(operation, args, kwargs)
    )
    if any(tensor.node is not None for tensor in inputs):
        operation = operation if isinstance(operation, Operation) else Function(operation)
        # A layer may return what it was given, which has a history already.
        known = {id(tensor) for tensor in inputs}
        output = optree.tree_map(
            lambda x: KerasTensor(x.shape, x.dtype) if x.__class__ is KerasTensor and id(x) in known else x,
            output,
            none_is_leaf=True,
        )
        Node(operation, args, kwargs, inputs, output)
    return output


# -- abstract evaluation -------------------------------------------------------------------

_MANY = 10_000
_known: dict[Any, Any] = {}


def infer_function(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """function's result for symbolic arguments, by abstract evaluation; for the same shapes only once."""
    leaves, structure = optree.tree_flatten((args, kwargs), none_is_leaf=True)
    key = _cache_key(function, leaves, structure)
    result = _known.get(key) if key is not None else None
    if result is None:
        result = _abstractly(function, args, kwargs)
        if key is not None:
            if len(_known) >= _MANY:
                _known.clear()
            _known[key] = result
    return _tensors(result)


def infer_outputs(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """As `infer_function`, for a function whose result depends on more than its arguments."""
    return _tensors(_abstractly(function, args, kwargs))


def tensors_like(tree: Any) -> Any:
    """The same structure with fresh KerasTensors, which have no history."""
    return optree.tree_map(
        lambda x: KerasTensor(x.shape, x.dtype) if x.__class__ is KerasTensor else x, tree, none_is_leaf=True
    )


def _abstractly(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    args, kwargs = optree.tree_map(
        lambda x: x.spec if x.__class__ is KerasTensor else x, (args, kwargs), none_is_leaf=True
    )
    if len(args) == 2 and not kwargs and primitive_names.get(function) in broadcasting.PRIMITIVES:
        spec = broadcasting.broadcast(*args)
        if spec is not None:
            return spec
    rule = unsized.RULES.get(primitive_names.get(function, ""))
    specs = rule(*args, **kwargs) if rule else None
    return infer(B, function, *args, **kwargs) if specs is None else specs


def _tensors(specs: Any) -> Any:
    return optree.tree_map(
        lambda x: KerasTensor(x.shape, x.dtype) if x.__class__ is Spec else x, specs, none_is_leaf=True
    )


def _cache_key(function: Any, leaves: list[Any], structure: Any) -> Any:
    """A key of the specs and constants; None where an argument is a tensor or unknown object."""
    parts: list[Any] = []
    for leaf in leaves:
        if leaf.__class__ is KerasTensor:
            parts.append(leaf.spec)
        elif leaf.__class__ is slice:
            parts.append((leaf.start, leaf.stop, leaf.step))
            if not all(n is None or isinstance(n, int) for n in parts[-1]):
                return None
        elif leaf is None or leaf is Ellipsis or isinstance(leaf, (bool, int, float, str)):
            parts.append((leaf.__class__, leaf))
        else:
            return None
    return (function, structure, tuple(parts), config.floatx())
