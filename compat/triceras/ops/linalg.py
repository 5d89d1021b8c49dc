"""Products and linear algebra. Documented in `triceras_backends.contract.linalg`."""

from typing import Any as _Any

from triceras.autodiff import jvp as _jvp
from triceras.ops import symbolic as _symbolic
from triceras.ops.dispatch import public as _public
from triceras_backends.contract import linalg as _contract

matmul = _public(_contract.matmul)
dot = _public(_contract.dot)
tensordot = _public(_contract.tensordot)
einsum = _public(_contract.einsum)
outer = _public(_contract.outer)
inner = _public(_contract.inner)
vdot = _public(_contract.vdot)
kron = _public(_contract.kron)
cross = _public(_contract.cross)
trace = _public(_contract.trace)
norm = _public(_contract.norm)
cholesky = _public(_contract.cholesky)
cholesky_inverse = _public(_contract.cholesky_inverse)
det = _public(_contract.det)
slogdet = _public(_contract.slogdet)
logdet = _public(_contract.logdet)
inv = _public(_contract.inv)
solve = _public(_contract.solve)
solve_triangular = _public(_contract.solve_triangular)
lu_factor = _public(_contract.lu_factor)
eig = _public(_contract.eig)
eigh = _public(_contract.eigh)
qr = _public(_contract.qr)
svd = _public(_contract.svd)
pinv = _public(_contract.pinv)
lstsq = _public(_contract.lstsq)
matrix_rank = _public(_contract.matrix_rank)


def jvp(fun: _Any, primals: _Any, tangents: _Any, has_aux: bool = False) -> _Any:
    """fun(*primals) and its derivative along `tangents` (forward mode); Variables count as constants.

    primals and tangents: tuples or lists of one length, with equal structures. With `has_aux` fun
    returns (value, aux), and the result is (value, derivative, aux).
    Raises TypeError: they are neither. ValueError: structures or shapes that differ.
    """
    if _symbolic.is_symbolic((primals, tangents)):
        return _symbolic.call(jvp, fun, primals, tangents, has_aux)
    outputs, derivative = _jvp(fun, primals, tangents)
    return (outputs[0], derivative[0], outputs[1]) if has_aux else (outputs, derivative)
