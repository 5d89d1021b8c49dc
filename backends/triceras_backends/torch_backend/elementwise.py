"""Element-wise primitives. Most are one line over a factory that has a fast path for plain tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor

from triceras_backends.torch_backend.tensors import (
    FLOATS,
    INEXACT,
    INTEGERS,
    PLAIN,
    convert_to_tensor,
    floatx,
    promote,
    recover,
    to_float,
)

Binary: TypeAlias = Callable[[Any, Any], Tensor]
Unary: TypeAlias = Callable[[Any], Tensor]


def _binary(
    fn: Callable[..., Tensor], name: str, prepare: Callable[..., Any] = promote, scalars: bool = True
) -> Binary:
    """fn over promoted arguments. `scalars`: whether fn takes a Python number as its second argument."""
    kinds = frozenset((float, int) if scalars else ())

    def call(x1: Any, x2: Any) -> Tensor:
        try:
            if x1.__class__ in PLAIN:
                if x2.__class__ in PLAIN:
                    if x1.dtype is x2.dtype:
                        return fn(x1, x2)
                elif x2.__class__ in kinds and x1.dtype in FLOATS:
                    return fn(x1, x2)
            return fn(*prepare(x1, x2))
        except RuntimeError as error:
            return recover(name, fn, prepare(x1, x2), error)

    call.__name__ = call.__qualname__ = name
    return call


def _inexact(fn: Callable[..., Tensor], name: str) -> Binary:
    """As `_binary`, for functions whose result is always a float."""

    def call(x1: Any, x2: Any) -> Tensor:
        try:
            if x1.__class__ in PLAIN and x2.__class__ in PLAIN and x1.dtype is x2.dtype and x1.dtype in FLOATS:
                return fn(x1, x2)
            return fn(*_promote_float(x1, x2))
        except RuntimeError as error:
            return recover(name, fn, _promote_float(x1, x2), error)

    call.__name__ = call.__qualname__ = name
    return call


def _promote_float(*xs: Any) -> list[Tensor]:
    tensors = promote(*xs)
    return tensors if tensors[0].dtype in INEXACT else [x.to(floatx()) for x in tensors]


def _unary(fn: Callable[..., Tensor], name: str, prepare: Callable[[Any], Tensor] = convert_to_tensor) -> Unary:
    def call(x: Any) -> Tensor:
        try:
            return fn(x) if x.__class__ in PLAIN else fn(prepare(x))
        except RuntimeError as error:
            return recover(name, fn, [prepare(x)], error)

    call.__name__ = call.__qualname__ = name
    return call


def _float(fn: Callable[..., Tensor], name: str) -> Unary:
    """fn of a float; integers and booleans become the default float first."""

    def call(x: Any) -> Tensor:
        try:
            return fn(x) if x.__class__ in PLAIN and x.dtype in FLOATS else fn(to_float(x))
        except RuntimeError as error:
            return recover(name, fn, [to_float(x)], error)

    call.__name__ = call.__qualname__ = name
    return call


def _tensors(*xs: Any) -> list[Tensor]:
    return [convert_to_tensor(x) for x in xs]


def _numbers(*xs: Any) -> list[Tensor]:
    """Promoted, booleans as int32."""
    tensors = promote(*xs)
    return tensors if tensors[0].dtype is not torch.bool else [x.to(torch.int32) for x in tensors]


# -- arithmetic ------------------------------------------------------------------------

add = _binary(torch.add, "add")
subtract = _binary(torch.sub, "subtract")
multiply = _binary(torch.mul, "multiply")
maximum = _binary(torch.maximum, "maximum", scalars=False)
minimum = _binary(torch.minimum, "minimum", scalars=False)
arctan2 = _inexact(torch.atan2, "arctan2")
logaddexp = _inexact(torch.logaddexp, "logaddexp")
_true_divide = _inexact(torch.true_divide, "divide")


def divide(x1: Any, x2: Any) -> Tensor:
    if x1.__class__ in PLAIN and x1.dtype in FLOATS and (x2.__class__ is float or x2.__class__ is int):
        return torch.true_divide(x1, x2)
    return _true_divide(x1, x2)


true_divide = divide


def _by_nonzero(fn: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """fn, with 0 where an integer is divided by 0 (PyTorch raises, NumPy gives 0)."""

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        if x1.dtype not in INTEGERS:
            return fn(x1, x2)
        zero = x2 == 0
        return fn(x1, x2.masked_fill(zero, 1)).masked_fill(zero, 0)

    return call


def _floor_divide(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.div(x1, x2, rounding_mode="floor")  # torch.floor_divide has no derivative


floor_divide = _binary(_by_nonzero(_floor_divide), "floor_divide", _numbers, scalars=False)
mod = _binary(_by_nonzero(torch.remainder), "mod", _numbers, scalars=False)
power = _binary(torch.pow, "power", _numbers)


def negative(x: Any) -> Tensor:
    return torch.neg(x if x.__class__ in PLAIN else convert_to_tensor(x))


def _abs(x: Tensor) -> Tensor:
    return x if x.dtype is torch.bool else torch.abs(x)


abs = _unary(_abs, "abs")


def _sign(x: Tensor) -> Tensor:
    signs = torch.sign(x)  # of NaN PyTorch says 0
    return torch.where(torch.isnan(x), x, signs) if x.dtype in FLOATS else signs


sign = _unary(_sign, "sign")


def square(x: Any) -> Tensor:
    x = x if x.__class__ in PLAIN else convert_to_tensor(x)
    return multiply(x, x) if x.dtype is not torch.bool else x.to(torch.int32)


reciprocal = _float(torch.reciprocal, "reciprocal")

# -- elementary functions ----------------------------------------------------------------

sqrt = _float(torch.sqrt, "sqrt")
rsqrt = _float(torch.rsqrt, "rsqrt")
exp = _float(torch.exp, "exp")
expm1 = _float(torch.expm1, "expm1")
log = _float(torch.log, "log")
log1p = _float(torch.log1p, "log1p")
log2 = _float(torch.log2, "log2")
log10 = _float(torch.log10, "log10")
sin = _float(torch.sin, "sin")
cos = _float(torch.cos, "cos")
tan = _float(torch.tan, "tan")
arcsin = _float(torch.asin, "arcsin")
arccos = _float(torch.acos, "arccos")
arctan = _float(torch.atan, "arctan")
sinh = _float(torch.sinh, "sinh")
cosh = _float(torch.cosh, "cosh")
tanh = _float(torch.tanh, "tanh")
arcsinh = _float(torch.asinh, "arcsinh")
arccosh = _float(torch.acosh, "arccosh")
arctanh = _float(torch.atanh, "arctanh")
erf = _float(torch.erf, "erf")
erfinv = _float(torch.erfinv, "erfinv")

# -- rounding ----------------------------------------------------------------------------

floor = _float(torch.floor, "floor")
ceil = _float(torch.ceil, "ceil")


def trunc(x: Any) -> Tensor:
    x = convert_to_tensor(x)
    return torch.trunc(x) if x.dtype in FLOATS else x


def round(x: Any, decimals: int = 0) -> Tensor:
    x = convert_to_tensor(x)
    if x.dtype in FLOATS:
        return torch.round(x, decimals=decimals) if decimals else torch.round(x)
    return x if decimals >= 0 else torch.round(x.to(torch.float64), decimals=decimals).to(x.dtype)


def clip(x: Any, x_min: Any, x_max: Any) -> Tensor:
    x = x if x.__class__ in PLAIN else convert_to_tensor(x)
    if x.dtype in FLOATS and type(x_min) in (float, int) and type(x_max) in (float, int):
        return torch.clamp(x, x_min, x_max)
    x = x.to(torch.int32) if x.dtype is torch.bool else x
    low, high = (None if bound is None else convert_to_tensor(bound).to(x) for bound in (x_min, x_max))

    def clamp(x: Tensor) -> Tensor:
        return torch.clamp(x, None if low is None else low.to(x.dtype), None if high is None else high.to(x.dtype))

    try:
        return clamp(x)
    except RuntimeError as error:
        bounds = [bound for bound in (low, high) if bound is not None]
        return recover("clip", lambda x, *bounds: clamp(x), [x, *bounds], error)


# -- comparison --------------------------------------------------------------------------

equal = _binary(torch.eq, "equal")
not_equal = _binary(torch.ne, "not_equal")
greater = _binary(torch.gt, "greater")
greater_equal = _binary(torch.ge, "greater_equal")
less = _binary(torch.lt, "less")
less_equal = _binary(torch.le, "less_equal")
isnan = _unary(torch.isnan, "isnan")
isinf = _unary(torch.isinf, "isinf")
isfinite = _unary(torch.isfinite, "isfinite")

# -- logic -------------------------------------------------------------------------------

logical_and = _binary(torch.logical_and, "logical_and", _tensors, scalars=False)
logical_or = _binary(torch.logical_or, "logical_or", _tensors, scalars=False)
logical_xor = _binary(torch.logical_xor, "logical_xor", _tensors, scalars=False)
logical_not = _unary(torch.logical_not, "logical_not")
_bitwise_and = _binary(torch.bitwise_and, "bitwise_and", scalars=False)
_bitwise_or = _binary(torch.bitwise_or, "bitwise_or", scalars=False)
_bitwise_xor = _binary(torch.bitwise_xor, "bitwise_xor", scalars=False)


def bitwise_and(x: Any, y: Any) -> Tensor:
    return _bitwise_and(x, y)


def bitwise_or(x: Any, y: Any) -> Tensor:
    return _bitwise_or(x, y)


def bitwise_xor(x: Any, y: Any) -> Tensor:
    return _bitwise_xor(x, y)


bitwise_not = _unary(torch.bitwise_not, "bitwise_not")


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    condition = convert_to_tensor(condition)
    condition = condition if condition.dtype is torch.bool else condition != 0
    if x1 is None and x2 is None:
        return tuple(index.to(torch.int32) for index in torch.where(condition))
    if x1 is None or x2 is None:
        raise ValueError("where: pass both x1 and x2, or neither; got one of them.")
    x1, x2 = (x1, x2) if x1.__class__ in PLAIN and x2.__class__ in PLAIN and x1.dtype is x2.dtype else promote(x1, x2)
    try:
        return torch.where(condition, x1, x2)
    except RuntimeError as error:
        return recover("where", torch.where, (condition, x1, x2), error)
