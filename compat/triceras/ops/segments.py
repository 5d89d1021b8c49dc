"""Reductions over segments. Documented in `triceras_backends.contract.segments`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import segments as _contract

segment_sum = _public(_contract.segment_sum)
segment_max = _public(_contract.segment_max)
segment_min = _public(_contract.segment_min)
segment_prod = _public(_contract.segment_prod)
