"""Pooling. Documented in `triceras_backends.contract.pooling`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import pooling as _contract

max_pool = _public(_contract.max_pool)
average_pool = _public(_contract.average_pool)
adaptive_max_pool = _public(_contract.adaptive_max_pool)
adaptive_average_pool = _public(_contract.adaptive_average_pool)
