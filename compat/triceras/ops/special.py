"""Special functions, bits and further element-wise arithmetic. Documented in `triceras_backends.contract.special`."""

from triceras.ops.dispatch import public as _public
from triceras.ops.elementwise import bitwise_not
from triceras_backends.contract import special as _contract

cbrt = _public(_contract.cbrt)
exp2 = _public(_contract.exp2)
logaddexp2 = _public(_contract.logaddexp2)
hypot = _public(_contract.hypot)
deg2rad = _public(_contract.deg2rad)
rad2deg = _public(_contract.rad2deg)
sinc = _public(_contract.sinc)
i0 = _public(_contract.i0)
erfc = _public(_contract.erfc)
fabs = _public(_contract.fabs)
fmax = _public(_contract.fmax)
fmin = _public(_contract.fmin)
fmod = _public(_contract.fmod)
divide_no_nan = _public(_contract.divide_no_nan)
gcd = _public(_contract.gcd)
lcm = _public(_contract.lcm)
ldexp = _public(_contract.ldexp)
heaviside = _public(_contract.heaviside)
nextafter = _public(_contract.nextafter)
signbit = _public(_contract.signbit)
isneginf = _public(_contract.isneginf)
isposinf = _public(_contract.isposinf)
isclose = _public(_contract.isclose)
allclose = _public(_contract.allclose)
left_shift = _public(_contract.left_shift)
right_shift = _public(_contract.right_shift)
bitwise_left_shift = left_shift
bitwise_right_shift = right_shift
bitwise_invert = bitwise_not
view = _public(_contract.view)
nan_to_num = _public(_contract.nan_to_num)
saturate_cast = _public(_contract.saturate_cast)
