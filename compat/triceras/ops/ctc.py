"""Connectionist temporal classification. Documented in `triceras_backends.contract.ctc`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import ctc as _contract

ctc_loss = _public(_contract.ctc_loss)
ctc_decode = _public(_contract.ctc_decode)
