"""Element-wise primitives. Most are one line over a factory of kernels.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from triceras_backends.torch_backend.kernels import binary, float_binary, float_unary, numbers, of_integers, unary
from triceras_backends.torch_backend.tensors import (
    FLOATS,
    INTEGERS,
    PLAIN,
    convert_to_tensor,
    guarded,
    promote,
    recover,
)


def _booleans(*xs: Any) -> list[Tensor]:
    return [convert_to_tensor(x).to(torch.bool) for x in xs]


# -- arithmetic ------------------------------------------------------------------------

add = binary(torch.add, "add")
subtract = binary(torch.sub, "subtract", numbers)
multiply = binary(torch.mul, "multiply")
maximum = binary(torch.maximum, "maximum", scalars=False)
minimum = binary(torch.minimum, "minimum", scalars=False)
arctan2 = float_binary(torch.atan2, "arctan2")
logaddexp = float_binary(torch.logaddexp, "logaddexp")
_true_divide = float_binary(torch.true_divide, "divide")


def divide(x1: Any, x2: Any) -> Tensor:
    if x1.__class__ in PLAIN and x1.dtype in FLOATS and (x2.__class__ is float or x2.__class__ is int):
        return torch.true_divide(x1, x2)
    return _true_divide(x1, x2)


true_divide = divide


def by_nonzero(fn: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """fn, with 0 where an integer is divided by 0 (PyTorch raises, NumPy gives 0)."""

    def call(x1: Tensor, x2: Tensor) -> Tensor:
        if x1.dtype not in INTEGERS:
            return fn(x1, x2)
        if x2.is_cpu and not torch.compiler.is_compiling():
            try:
                return fn(x1, x2)
            except RuntimeError as error:
                if "ZeroDivision" not in str(error):
                    raise
        zero = x2 == 0
        return fn(x1, x2.masked_fill(zero, 1)).masked_fill(zero, 0)

    return call


def _floor_divide(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.div(x1, x2, rounding_mode="floor")  # torch.floor_divide has no derivative


floor_divide = binary(by_nonzero(_floor_divide), "floor_divide", numbers, scalars=False)
mod = binary(by_nonzero(torch.remainder), "mod", numbers, scalars=False)
power = binary(torch.pow, "power", numbers)


negative = unary(lambda x: torch.neg(x.to(torch.int32) if x.dtype is torch.bool else x), "negative")


def _abs(x: Tensor) -> Tensor:
    return x if x.dtype is torch.bool else torch.abs(x)


abs = unary(_abs, "abs")


def _sign(x: Tensor) -> Tensor:
    if x.is_complex():
        return torch.sgn(x)
    signs = torch.sign(x)  # of NaN PyTorch says 0
    return torch.where(torch.isnan(x), x, signs) if x.dtype in FLOATS else signs


sign = unary(_sign, "sign")


def square(x: Any) -> Tensor:
    x = x if x.__class__ in PLAIN else convert_to_tensor(x)
    return multiply(x, x) if x.dtype is not torch.bool else x.to(torch.int32)


reciprocal = float_unary(torch.reciprocal, "reciprocal")

# -- elementary functions ----------------------------------------------------------------

sqrt = float_unary(torch.sqrt, "sqrt")
rsqrt = float_unary(torch.rsqrt, "rsqrt")
exp = float_unary(torch.exp, "exp")
expm1 = float_unary(torch.expm1, "expm1")
log = float_unary(torch.log, "log")
log1p = float_unary(torch.log1p, "log1p")
log2 = float_unary(torch.log2, "log2")
log10 = float_unary(torch.log10, "log10")
sin = float_unary(torch.sin, "sin")
cos = float_unary(torch.cos, "cos")
tan = float_unary(torch.tan, "tan")
arcsin = float_unary(torch.asin, "arcsin")
arccos = float_unary(torch.acos, "arccos")
arctan = float_unary(torch.atan, "arctan")
sinh = float_unary(torch.sinh, "sinh")
cosh = float_unary(torch.cosh, "cosh")
tanh = float_unary(torch.tanh, "tanh")
arcsinh = float_unary(torch.asinh, "arcsinh")
arccosh = float_unary(torch.acosh, "arccosh")
arctanh = float_unary(torch.atanh, "arctanh")
erf = float_unary(torch.erf, "erf")
erfinv = float_unary(torch.erfinv, "erfinv")

# -- rounding ----------------------------------------------------------------------------

floor = float_unary(torch.floor, "floor")
ceil = float_unary(torch.ceil, "ceil")


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
    x, *bounds = numbers(x, *(bound for bound in (x_min, x_max) if bound is not None))

    def clamp(x: Tensor, *bounds: Tensor) -> Tensor:
        return torch.clamp(x, None if x_min is None else bounds[0], None if x_max is None else bounds[-1])

    return guarded("clip", clamp, x, *bounds) if bounds else x


# -- comparison --------------------------------------------------------------------------

equal = binary(torch.eq, "equal")
not_equal = binary(torch.ne, "not_equal")
greater = binary(torch.gt, "greater")
greater_equal = binary(torch.ge, "greater_equal")
less = binary(torch.lt, "less")
less_equal = binary(torch.le, "less_equal")
isnan = unary(torch.isnan, "isnan")
isinf = unary(torch.isinf, "isinf")
isfinite = unary(torch.isfinite, "isfinite")

# -- logic -------------------------------------------------------------------------------

logical_and = binary(torch.logical_and, "logical_and", _booleans, scalars=False)
logical_or = binary(torch.logical_or, "logical_or", _booleans, scalars=False)
logical_xor = binary(torch.logical_xor, "logical_xor", _booleans, scalars=False)
logical_not = unary(torch.logical_not, "logical_not")
_bitwise_and = binary(of_integers(torch.bitwise_and, "bitwise_and"), "bitwise_and", scalars=False)
_bitwise_or = binary(of_integers(torch.bitwise_or, "bitwise_or"), "bitwise_or", scalars=False)
_bitwise_xor = binary(of_integers(torch.bitwise_xor, "bitwise_xor"), "bitwise_xor", scalars=False)


def bitwise_and(x: Any, y: Any) -> Tensor:
    return _bitwise_and(x, y)


def bitwise_or(x: Any, y: Any) -> Tensor:
    return _bitwise_or(x, y)


def bitwise_xor(x: Any, y: Any) -> Tensor:
    return _bitwise_xor(x, y)


bitwise_not = unary(of_integers(torch.bitwise_not, "bitwise_not"), "bitwise_not")


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
