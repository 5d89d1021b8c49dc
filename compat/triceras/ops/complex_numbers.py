"""Complex numbers. Documented in `triceras_backends.contract.complex_numbers`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import complex_numbers as _contract

angle = _public(_contract.angle)
conj = _public(_contract.conj)
conjugate = conj
real = _public(_contract.real)
imag = _public(_contract.imag)
isreal = _public(_contract.isreal)
polar = _public(_contract.polar)
view_as_complex = _public(_contract.view_as_complex)
view_as_real = _public(_contract.view_as_real)
