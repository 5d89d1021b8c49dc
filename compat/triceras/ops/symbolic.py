"""Symbolic tensors: a shape and a dtype that operations and layers can be called on."""

from __future__ import annotations

from typing import Any

import optree

from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec, infer
from triceras_backends.variable import unique_name


class KerasTensor:
    """A tensor without values, for building models.

    Args:
        shape: sizes, None for those not known.
        dtype: a dtype; None is config.floatx().
        name: None numbers it.
    """

    def __init__(self, shape: Any, dtype: Any = None, name: str | None = None) -> None:
        self.spec = Spec(tuple(shape), dtypes.standardize_dtype(dtype))
        self.name = name or unique_name("keras_tensor")

    @property
    def shape(self) -> tuple[int | None, ...]:
        return self.spec.shape

    @property
    def dtype(self) -> str:
        return self.spec.dtype

    @property
    def ndim(self) -> int:
        return len(self.spec.shape)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __getitem__(self, key: Any) -> Any:
        return call(B.getitem, self, key)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise ValueError(f"{self!r} is symbolic and has no values, so it cannot become a NumPy array.")

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is symbolic and has no values; use ops.where or ops.cond instead of `if`.")

    def __iter__(self) -> Any:
        raise TypeError(f"{self!r} is symbolic; iterate over ops.unstack(x) instead.")

    def __neg__(self) -> Any:
        return call(B.negative, self)

    def __abs__(self) -> Any:
        return call(B.abs, self)


def _operator(primitive: str, reverse: bool) -> Any:
    function = getattr(B, primitive)
    if reverse:
        return lambda self, other: call(function, other, self)
    return lambda self, other: call(function, self, other)


for _name, _primitive in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "mod", "pow": "power", "matmul": "matmul",
}.items():  # fmt: skip
    setattr(KerasTensor, f"__{_name}__", _operator(_primitive, reverse=False))
    setattr(KerasTensor, f"__r{_name}__", _operator(_primitive, reverse=True))
for _name, _primitive in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}.items():
    setattr(KerasTensor, f"__{_name}__", _operator(_primitive, reverse=False))


def is_symbolic(tree: Any) -> bool:
    """Whether any leaf of a structure is a KerasTensor."""
    return any(leaf.__class__ is KerasTensor for leaf in optree.tree_leaves(tree, none_is_leaf=True))


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What function returns for symbolic arguments: its structure, with a KerasTensor for each tensor."""
    args, kwargs = optree.tree_map(
        lambda x: x.spec if x.__class__ is KerasTensor else x, (args, kwargs), none_is_leaf=True
    )
    result = infer(B, function, *args, **kwargs)
    return optree.tree_map(
        lambda x: KerasTensor(x.shape, x.dtype) if x.__class__ is Spec else x, result, none_is_leaf=True
    )
