"""Products and linear algebra. Documented in `triceras_backends.contract.linalg`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import linalg as _contract

matmul = _public(_contract.matmul)
dot = _public(_contract.dot)
tensordot = _public(_contract.tensordot)
einsum = _public(_contract.einsum)
outer = _public(_contract.outer)
trace = _public(_contract.trace)
norm = _public(_contract.norm)
cholesky = _public(_contract.cholesky)
det = _public(_contract.det)
inv = _public(_contract.inv)
solve = _public(_contract.solve)
solve_triangular = _public(_contract.solve_triangular)
eigh = _public(_contract.eigh)
qr = _public(_contract.qr)
svd = _public(_contract.svd)
