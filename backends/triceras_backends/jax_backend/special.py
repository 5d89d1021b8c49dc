"""Special functions, bits and further element-wise arithmetic, on JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from triceras_backends import bitviews
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.jax_backend.elementwise import absolute, whole
from triceras_backends.jax_backend.kernels import INEXACT, NUMERIC, binary, checked, operands, tensor, unary
from triceras_backends.jax_backend.tensors import convert_to_tensor, dtype_of, jax_dtype, native

# -- elementary and special functions ------------------------------------------------------------


@jax.custom_jvp
def _i0(x: Any) -> Any:
    return jnp.i0(x)


@_i0.defjvp
def _i0_derivative(primals: Any, tangents: Any) -> Any:
    # That of jnp.i0 has no second one at 0.
    return _i0(*primals), jax.scipy.special.i1(*primals) * tangents[0]


cbrt = unary("cbrt", lax.cbrt, INEXACT)
exp2 = unary("exp2", jnp.exp2, INEXACT)
deg2rad = unary("deg2rad", jnp.deg2rad, INEXACT)
rad2deg = unary("rad2deg", jnp.rad2deg, INEXACT)
sinc = unary("sinc", jnp.sinc, INEXACT)
i0 = unary("i0", _i0, INEXACT)
erfc = unary("erfc", lax.erfc, INEXACT)
logaddexp2 = binary("logaddexp2", jnp.logaddexp2, INEXACT)


def _refuse_complex(name: str, x: Any) -> None:
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        raise TypeError(f"{name} does not accept dtype {x.dtype}; it takes real numbers.")


def _fabs(x: Any) -> Any:
    _refuse_complex("fabs", x)
    return absolute(x)


fabs = unary("fabs", _fabs, INEXACT)


def _hypot(x1: Any, x2: Any) -> Any:
    zero = (x1 == 0) & (x2 == 0)
    return jnp.where(zero, 0, jnp.hypot(jnp.where(zero, 1, x1), x2))  # else its gradient would not be 0 there


hypot = binary("hypot", _hypot, INEXACT)

# -- arithmetic ------------------------------------------------------------------------------------


def _number_first(fn: Any) -> Any:
    """fn of two numbers, the number of a number and NaN; jnp.fmax gives a tie's gradient to one of them."""

    def call(x1: Any, x2: Any) -> Any:
        return jnp.where(jnp.isnan(x1), x2, jnp.where(jnp.isnan(x2), x1, fn(x1, x2)))

    return call


def _integers(name: str, fn: Any) -> Any:
    def call(x1: Any, x2: Any) -> Any:
        if not jnp.issubdtype(x1.dtype, jnp.integer):
            raise TypeError(f"{name} does not accept dtype {x1.dtype}; it takes integers.")
        return fn(x1, x2)

    return binary(name, call)


fmax = binary("fmax", _number_first(jnp.maximum))
fmin = binary("fmin", _number_first(jnp.minimum))
fmod = binary("fmod", whole(jnp.fmod), NUMERIC)
gcd = _integers("gcd", jnp.gcd)
lcm = _integers("lcm", jnp.lcm)


def _divide_no_nan(x1: Any, x2: Any) -> Any:
    zero = x2 == 0
    return jnp.where(zero, 0, jnp.where(zero, 0, x1) / jnp.where(zero, 1, x2))


def _heaviside(x1: Any, x2: Any) -> Any:
    one = jnp.ones_like(x1)
    return jnp.where(x1 == 0, x2, jnp.where(x1 > 0, one, jnp.where(x1 < 0, jnp.zeros_like(x1), x1)))


divide_no_nan = binary("divide_no_nan", _divide_no_nan, INEXACT)
heaviside = binary("heaviside", _heaviside, INEXACT)
nextafter = binary("nextafter", lambda x1, x2: jnp.nextafter(lax.stop_gradient(x1), lax.stop_gradient(x2)), INEXACT)

# -- tests -----------------------------------------------------------------------------------------


def _real(name: str, fn: Any) -> Any:
    def call(x: Any) -> Any:
        _refuse_complex(name, x)
        return fn(x)

    return unary(name, call)


signbit = _real("signbit", jnp.signbit)
isneginf = _real("isneginf", jnp.isneginf)
isposinf = _real("isposinf", jnp.isposinf)


def _close(x1: Any, x2: Any, rtol: Any, atol: Any, equal_nan: bool, dtype: Any) -> Any:
    x1, x2 = (lax.convert_element_type(x, dtype) for x in (x1, x2))
    near = (jnp.abs(x1 - x2) <= atol + rtol * jnp.abs(x2)) & jnp.isfinite(x2)
    close = (x1 == x2) | near
    return close | (jnp.isnan(x1) & jnp.isnan(x2)) if equal_nan else close


_isclose = checked("isclose", _close, static=(4, 5))
_allclose = checked("allclose", lambda *args: jnp.all(_close(*args)), static=(4, 5))


def _compared(run: Any, x1: Any, x2: Any, rtol: Any, atol: Any, equal_nan: Any) -> Any:
    x1, x2, dtype = operands(x1, x2, direct=INEXACT)
    return run(x1, x2, rtol, atol, bool(equal_nan), dtype)


def isclose(x1: Tensor, x2: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    return _compared(_isclose, x1, x2, rtol, atol, equal_nan)


def allclose(x1: Tensor, x2: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    return _compared(_allclose, x1, x2, rtol, atol, equal_nan)


# -- bits ------------------------------------------------------------------------------------------

_left_shift = binary("left_shift", jnp.left_shift, NUMERIC)
_right_shift = binary("right_shift", jnp.right_shift, NUMERIC)


def left_shift(x: Tensor, y: Tensor) -> Tensor:
    return _left_shift(x, y)


def right_shift(x: Tensor, y: Tensor) -> Tensor:
    return _right_shift(x, y)


_view = checked("view", lambda x, dtype: x.view(dtype), static=1)


def view(x: Tensor, dtype: DType | None = None) -> Tensor:
    x = convert_to_tensor(x)
    target = x.dtype if dtype is None else jax_dtype(dtype)
    if target == x.dtype:
        return x
    if target.itemsize != x.dtype.itemsize:
        bitviews.last_size(x.shape, dtype_of(x), target.name)
    return _view(x, target)


# -- repairing values --------------------------------------------------------------------------------

_nan_to_num = checked(
    "nan_to_num", lambda x, nan, posinf, neginf: jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
)


def nan_to_num(x: Tensor, nan: Tensor = 0.0, posinf: Tensor = None, neginf: Tensor = None) -> Tensor:
    return _nan_to_num(tensor(x), *(None if value is None else native(value) for value in (nan, posinf, neginf)))
