"""What every backend's Variable shares: naming, assignment's checks, operators, protocols."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from triceras_backends import config, dtypes

_names: Counter[str] = Counter()


class _Changes:
    """Counts what may change which Variables a model has, and which of them are trained."""

    def __init__(self) -> None:
        self.count = 0


changes = _Changes()


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[str] = []


_scopes = _Scopes()


class _Autocasting(threading.local):
    """The dtype in which float Variables are read in this thread; None is each one's own."""

    dtype: str | None = None


autocasting = _Autocasting()


class AutocastScope:
    """Within it, float Variables made with autocast=True are read in `dtype`; None undoes a scope around."""

    __slots__ = ("_before", "_dtype")

    def __init__(self, dtype: str | None) -> None:
        self._dtype = dtype

    def __enter__(self) -> None:
        self._before, autocasting.dtype = autocasting.dtype, self._dtype

    def __exit__(self, *exception: object) -> None:
        autocasting.dtype = self._before


_numbers = itertools.count()


@contextmanager
def name_scope(name: str) -> Iterator[None]:
    """Within it, the paths of new Variables begin with `name` and those of the scopes around it."""
    _scopes.stack.append(name)
    try:
        yield
    finally:
        _scopes.stack.pop()


def current_scope() -> str:
    """The open name scopes, outermost first: "model/block"."""
    return "/".join(_scopes.stack)


def unique_name(prefix: str) -> str:
    """`prefix`, then `prefix_1`, `prefix_2`, ..."""
    _names[prefix] += 1
    count = _names[prefix] - 1
    return f"{prefix}_{count}" if count else prefix


def get_uid(prefix: str = "") -> int:
    """The next number of a prefix, from 1. `clear_session` begins anew; automatic names count along.

    Example:

    >>> keras.backend.get_uid("my_block"), keras.backend.get_uid("my_block")
    (1, 2)
    """
    _names[prefix] += 1
    return _names[prefix]


def reset_names() -> None:
    """Begins the numbering of automatic names anew."""
    _names.clear()


class Variable:
    """A tensor that can be assigned: a model's weights and any other state.

    Args:
        initializer: the initial value (anything `convert_to_tensor` takes; copied), or a
            function of (shape, dtype=...) that gives it.
        shape: needed with a function, checked otherwise.
        dtype: None keeps the initial value's; config.floatx() for a function.
        trainable: whether gradients are taken: GradientTape watches it by itself.
        autocast: whether layers of mixed precision read it in the dtype they compute in.
        name: None numbers it "variable", "variable_1", ...

    Attributes: `value` (the native tensor), `shape` (a tuple), `dtype` (a name), `ndim`,
    `size`, `name`, `path` (name scopes and name), `trainable`, `constraint`, `regularizer`.

    Variables take part in every operation and Python operator as tensors do. `v == w`
    compares element by element; compare identities with `is`.

    Raises ValueError: a shape that does not match, a function without a shape, a name with "/".

    Example:

    >>> v = keras.Variable([1.0, 2.0])
    >>> _ = v.assign_add([0.5, 0.5])
    >>> v.numpy().tolist()
    [1.5, 2.5]
    """

    storage: Any  # the framework's own object that holds the value, where there is one

    # Set to the assembled backend; a class attribute spares each instance the reference.
    primitives: ClassVar[Any] = None

    # Makes NumPy arrays on the left of an operator leave it to the Variable.
    __array_priority__ = 100

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
    ) -> None:
        name = unique_name("variable") if name is None else name
        if not isinstance(name, str) or "/" in name or not name:
            raise ValueError(f'A Variable\'s name must be a non-empty string without "/"; got: {name!r}')
        self.name = name
        self.path = "/".join([*_scopes.stack, name])
        self.autocast = bool(autocast)
        self.aggregation = aggregation
        self.synchronization = synchronization
        self.constraint: Callable[[Any], Any] | None = None
        self.regularizer: Callable[[Any], Any] | None = None
        self.overwrite_with_gradient = False
        self._trainable = self.born_trainable = bool(trainable)
        changes.count += 1
        self.number = next(_numbers)  # Variables in order of their creation
        value = self._initial_value(initializer, shape, dtype)
        self._shape: tuple[int, ...] = tuple(self.primitives.static_shape(value))
        self._dtype: str = self.primitives.dtype_of(value)
        self._create(value)

    def _initial_value(self, initializer: Any, shape: Any, dtype: Any) -> Any:
        shape = (shape,) if isinstance(shape, int) else shape
        if callable(initializer) and not isinstance(initializer, Variable):
            if shape is None:
                raise ValueError(f"Variable {self.path!r}: a function as initializer needs a shape; got shape=None.")
            value = initializer(tuple(shape), dtype=dtypes.standardize_dtype(dtype))
        else:
            value = initializer.value if isinstance(initializer, Variable) else initializer
        if dtype is None and callable(initializer):
            dtype = config.floatx()
        value = self.primitives.convert_to_tensor(
            value, dtype=None if dtype is None else dtypes.standardize_dtype(dtype)
        )
        got = tuple(self.primitives.static_shape(value))
        if shape is not None and tuple(shape) != got:
            raise ValueError(f"Variable {self.path!r}: the initial value has shape {got}, but shape={tuple(shape)}.")
        return value

    # -- what a backend defines ---------------------------------------------------------

    def _create(self, value: Any) -> None:
        """Keeps a copy of the initial value, a native tensor."""
        raise NotImplementedError

    def _store(self, value: Any) -> None:
        """Makes `value`, a native tensor of the right shape and dtype, the new value.

        The tensor may be the user's own: a later change of either must not show in the other.
        """
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """The current value, a native tensor. Inside a tape or jit, one they know."""
        raise NotImplementedError

    @property
    def raw(self) -> Any:
        """The current value in the Variable's own dtype, whatever autocast scope is open."""
        with AutocastScope(None):
            return self.value

    def _autocast(self, value: Any) -> Any:
        """A value that was read, in the dtype that the open autocast scope asks for."""
        dtype = autocasting.dtype
        if dtype is None or dtype == self._dtype or not self.autocast or self._dtype not in dtypes.FLOATS:
            return value
        return self.primitives.cast(value, dtype)

    # -- attributes ---------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def dtype(self) -> str:
        """The dtype that `value` has: the Variable's own, in an autocast scope that scope's."""
        dtype = autocasting.dtype
        if dtype is None or not self.autocast or self._dtype not in dtypes.FLOATS:
            return self._dtype
        return dtype

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def size(self) -> int:
        return int(np.prod(self._shape))

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        changes.count += 1
        self._trainable = bool(value)

    def numpy(self) -> np.ndarray[Any, Any]:
        """The current value as a NumPy array of its own."""
        return np.array(self.primitives.convert_to_numpy(self.raw))

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self._shape}, dtype={self._dtype}, value={self._show()}>"

    def _show(self) -> str:
        try:
            return np.array2string(self.numpy(), threshold=20, prefix="value=")
        except Exception:  # inside a trace there is no value to show
            return "(traced)"

    # -- assignment ---------------------------------------------------------------------

    def _checked(self, value: Any) -> Any:
        value = self.primitives.convert_to_tensor(value.raw if isinstance(value, Variable) else value)
        if self.primitives.dtype_of(value) != self._dtype:
            value = self.primitives.cast(value, self._dtype)
        got = tuple(self.primitives.static_shape(value))
        if got != self._shape:
            raise ValueError(
                f"Cannot assign a value of shape {got} to the Variable {self.path!r} of shape {self._shape}: "
                "the shapes must be equal (assignment does not broadcast)."
            )
        return value

    def assign(self, value: Any) -> Variable:
        """Replaces the value; returns the Variable. Raises ValueError: another shape, naming both."""
        self._store(self._checked(value))
        return self

    def assign_add(self, value: Any) -> Variable:
        """Adds `value`, which may broadcast to the Variable's shape; returns the Variable."""
        return self.assign(self.primitives.add(self.raw, value))

    def assign_sub(self, value: Any) -> Variable:
        """Subtracts `value`, which may broadcast to the Variable's shape; returns the Variable."""
        return self.assign(self.primitives.subtract(self.raw, value))

    # -- protocols ----------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError(f"The Variable {self.path!r} has shape () and so no length.")
        return self._shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __index__(self) -> int:
        if self._dtype not in dtypes.INTEGERS:
            raise TypeError(f"The Variable {self.path!r} of dtype {self._dtype} cannot be used as an index.")
        return int(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.numpy().item() if not self._shape else self, spec) if spec else str(self)

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.primitives.to_dlpack(self.value).__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self.primitives.to_dlpack(self.value).__dlpack_device__()

    # -- operators ----------------------------------------------------------------------

    __hash__ = object.__hash__

    def __getitem__(self, key: Any) -> Any:
        return self.primitives.getitem(self.value, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(f"Items of the Variable {self.path!r} cannot be assigned; use assign() with the whole value.")

    def __neg__(self) -> Any:
        return self.primitives.negative(self.value)

    def __pos__(self) -> Any:
        return self.value

    def __abs__(self) -> Any:
        return self.primitives.abs(self.value)

    def __invert__(self) -> Any:
        return (
            self.primitives.logical_not(self.value)
            if self._dtype == "bool"
            else self.primitives.bitwise_not(self.value)
        )

    def __round__(self, ndigits: int | None = None) -> Any:
        return self.primitives.round(self.value, decimals=ndigits or 0)


def _binary(primitive: str, reverse: bool) -> Callable[[Variable, Any], Any]:
    def operator(self: Variable, other: Any) -> Any:
        other = other.value if isinstance(other, Variable) else other
        function = getattr(self.primitives, primitive)
        return function(other, self.value) if reverse else function(self.value, other)

    return operator


_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "mod", "pow": "power", "matmul": "matmul",
}  # fmt: skip
_COMPARISONS = {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip
_LOGIC = {"and": "and", "or": "or", "xor": "xor"}

for _name, _primitive in _OPERATORS.items():
    setattr(Variable, f"__{_name}__", _binary(_primitive, reverse=False))
    setattr(Variable, f"__r{_name}__", _binary(_primitive, reverse=True))
for _name, _primitive in _COMPARISONS.items():
    setattr(Variable, f"__{_name}__", _binary(_primitive, reverse=False))


def _logic(name: str, reverse: bool) -> Callable[[Variable, Any], Any]:
    logical, bitwise = _binary(f"logical_{name}", reverse), _binary(f"bitwise_{name}", reverse)
    return lambda self, other: (logical if self.dtype == "bool" else bitwise)(self, other)


for _name in _LOGIC:
    setattr(Variable, f"__{_name}__", _logic(_name, reverse=False))
    setattr(Variable, f"__r{_name}__", _logic(_name, reverse=True))
