"""Attention. Documented in `triceras_backends.contract.attention`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import attention as _contract

dot_product_attention = _public(_contract.dot_product_attention)
