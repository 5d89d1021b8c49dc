"""Structured control flow. Documented in `triceras_backends.contract.loops`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import loops as _contract

scan = _public(_contract.scan)
while_loop = _public(_contract.while_loop)
fori_loop = _public(_contract.fori_loop)
cond = _public(_contract.cond)
switch = _public(_contract.switch)
map = _public(_contract.map)
associative_scan = _public(_contract.associative_scan)
vectorized_map = _public(_contract.vectorized_map)
