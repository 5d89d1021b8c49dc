"""Special functions, bits and further element-wise arithmetic, on PyTorch.

Where PyTorch's kernel is right but its derivative is not at some point, the kernel serves
what is not differentiated.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from triceras_backends import bitviews
from triceras_backends.torch_backend.elementwise import by_nonzero
from triceras_backends.torch_backend.kernels import (
    binary,
    float_binary,
    float_unary,
    is_followed,
    numbers,
    of_integers,
    promote_float,
    unary,
)
from triceras_backends.torch_backend.tensors import (
    FLOATS,
    INTEGERS,
    NAMES,
    PLAIN,
    convert_to_tensor,
    guarded,
    torch_dtype,
)

# -- elementary and special functions ------------------------------------------------------------

exp2 = float_unary(torch.exp2, "exp2")
deg2rad = float_unary(torch.deg2rad, "deg2rad")
rad2deg = float_unary(torch.rad2deg, "rad2deg")
i0 = float_unary(torch.i0, "i0")
erfc = float_unary(torch.erfc, "erfc")
logaddexp2 = float_binary(torch.logaddexp2, "logaddexp2")


def _cbrt(x: Tensor) -> Tensor:
    if x.is_complex():
        raise TypeError(f"cbrt does not take {NAMES[x.dtype]}: of complex numbers, the root is not unique")
    if not is_followed(x):
        return torch.copysign(torch.pow(torch.abs(x), 1 / 3), x)
    zero = x == 0
    safe = torch.where(zero, 1.0, x)
    root = torch.copysign(torch.pow(torch.abs(safe), 1 / 3), safe)
    # The square root of a zero is that zero, with its sign, and has the derivative wanted there.
    return torch.where(zero, torch.sqrt(torch.where(zero, x, 1.0)), root)


def _sinc(x: Tensor) -> Tensor:
    if not is_followed(x):
        return torch.sinc(x)
    angle = x * math.pi
    near = torch.abs(angle) < 0.1
    safe = torch.where(near, 1.0, angle)
    square = torch.square(torch.where(near, angle, 0.0))
    series = 1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72)))
    return torch.where(near, series, torch.sin(safe) / safe)


def _fabs(x: Tensor) -> Tensor:
    if x.is_complex():
        raise TypeError(f"fabs does not take {NAMES[x.dtype]}: a complex number's absolute value is abs")
    return torch.abs(x)


cbrt = float_unary(_cbrt, "cbrt")
sinc = float_unary(_sinc, "sinc")
fabs = float_unary(_fabs, "fabs")


def _hypot(x1: Tensor, x2: Tensor) -> Tensor:
    result = torch.hypot(x1, x2)
    if not is_followed(result):
        return result
    zero = result == 0
    return torch.where(zero, 0.0, torch.hypot(torch.where(zero, 1.0, x1), x2))


hypot = float_binary(_hypot, "hypot")

# -- arithmetic ------------------------------------------------------------------------------------


def _fmax(x1: Tensor, x2: Tensor) -> Tensor:
    result = torch.fmax(x1, x2)
    if not is_followed(result):
        return result
    return torch.where(torch.isnan(x1), x2, torch.where(torch.isnan(x2), x1, torch.maximum(x1, x2)))


def _fmin(x1: Tensor, x2: Tensor) -> Tensor:
    result = torch.fmin(x1, x2)
    if not is_followed(result):
        return result
    return torch.where(torch.isnan(x1), x2, torch.where(torch.isnan(x2), x1, torch.minimum(x1, x2)))


def _divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    zero = x2 == 0
    if is_followed(x1) or is_followed(x2):
        x1, x2 = torch.where(zero, 0.0, x1), torch.where(zero, 1.0, x2)
    return torch.div(x1, x2).masked_fill(zero, 0)


def _heaviside(x1: Tensor, x2: Tensor) -> Tensor:
    if not (is_followed(x1) or is_followed(x2)):
        return torch.where(x1 == x1, torch.heaviside(x1, x2), x1)  # torch.heaviside takes NaN for 0
    step = torch.where(torch.isnan(x1), x1, (x1 > 0).to(x1.dtype))
    return torch.where(x1 == 0, x2, step)


def ldexp(x1: Any, x2: Any) -> Tensor:
    x2 = convert_to_tensor(x2)
    if x2.dtype not in INTEGERS:
        raise TypeError(f"ldexp takes exponents of an integer dtype; got {NAMES[x2.dtype]}.")
    x = promote_float(x1, x2)[0]
    return guarded("ldexp", _scaled, x, x2.to(torch.float64))


def _scaled(x: Tensor, exponent: Tensor) -> Tensor:
    """x * 2**exponent: in float64, where the power cannot overflow, or in parts of it."""
    if x.dtype is not torch.float64:
        return (x.to(torch.float64) * torch.exp2(exponent.clamp(-1000, 1000))).to(x.dtype)
    exponent = exponent.clamp(-3000, 3000)
    part = torch.trunc(exponent / 3)
    return x * torch.exp2(part) * torch.exp2(part) * torch.exp2(exponent - 2 * part)


divide_no_nan = float_binary(_divide_no_nan, "divide_no_nan")
heaviside = float_binary(_heaviside, "heaviside")
fmax = binary(_fmax, "fmax", scalars=False)
fmin = binary(_fmin, "fmin", scalars=False)
fmod = binary(by_nonzero(torch.fmod), "fmod", numbers, scalars=False)
gcd = binary(of_integers(torch.gcd, "gcd", booleans=False), "gcd", scalars=False)
lcm = binary(of_integers(torch.lcm, "lcm", booleans=False), "lcm", scalars=False)


def _nextafter(x1: Tensor, x2: Tensor) -> Tensor:
    x1, x2 = x1.detach(), x2.detach()
    if x1.dtype is not torch.float16:
        return torch.nextafter(x1, x2)
    # As an integer a float grows with its magnitude; across zero it is the smallest number of x2's sign.
    away = torch.where((x2 > x1) == (x1 > 0), 1, -1)
    stepped = (x1.view(torch.int16) + away).to(torch.int16).view(torch.float16)
    stepped = torch.where(x1 == 0, torch.copysign(torch.full_like(x2, 2.0**-24), x2), stepped)
    return torch.where(x1 == x2, x2, torch.where(torch.isnan(x1), x1, torch.where(torch.isnan(x2), x2, stepped)))


nextafter = float_binary(_nextafter, "nextafter")

# -- tests -----------------------------------------------------------------------------------------

signbit = unary(torch.signbit, "signbit")
isneginf = unary(torch.isneginf, "isneginf")
isposinf = unary(torch.isposinf, "isposinf")


def isclose(x1: Any, x2: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    if not (x1.__class__ in PLAIN and x2.__class__ in PLAIN and x1.dtype is x2.dtype and x1.dtype in FLOATS):
        x1, x2 = promote_float(x1, x2)
    return guarded("isclose", torch.isclose, x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)


# -- bits ------------------------------------------------------------------------------------------

_left_shift = binary(of_integers(torch.bitwise_left_shift, "left_shift"), "left_shift", numbers, scalars=False)
_right_shift = binary(of_integers(torch.bitwise_right_shift, "right_shift"), "right_shift", numbers, scalars=False)


def left_shift(x: Any, y: Any) -> Tensor:
    return _left_shift(x, y)


def right_shift(x: Any, y: Any) -> Tensor:
    return _right_shift(x, y)


def view(x: Any, dtype: Any = None) -> Tensor:
    x = convert_to_tensor(x)
    target = x.dtype if dtype is None else torch_dtype(dtype)
    if target is x.dtype:
        return x
    x = x.detach().resolve_conj().resolve_neg()
    if target.itemsize != x.dtype.itemsize:
        last = bitviews.last_size(tuple(x.shape), NAMES[x.dtype], NAMES[target])
        if not x.numel():
            return x.new_empty((*x.shape[:-1], last), dtype=target)
        x = x.contiguous()
    return x.view(torch.uint8) != 0 if target is torch.bool else x.view(target)


# -- repairing values --------------------------------------------------------------------------------


_NUMBERS = frozenset({float, int, type(None)})


def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Tensor:
    x = convert_to_tensor(x)
    if nan.__class__ in _NUMBERS and posinf.__class__ in _NUMBERS and neginf.__class__ in _NUMBERS:
        return torch.nan_to_num(x, nan, posinf, neginf)
    ends = torch.finfo(x.dtype) if x.dtype in FLOATS else None
    if ends is None:
        return x
    for found, value in (
        (torch.isnan(x), nan),
        (torch.isposinf(x), ends.max if posinf is None else posinf),
        (torch.isneginf(x), ends.min if neginf is None else neginf),
    ):
        x = torch.where(found, convert_to_tensor(value, NAMES[x.dtype]), x)
    return x
