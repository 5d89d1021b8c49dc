"""Normalisations and moments. Documented in `triceras_backends.contract.normalization`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import normalization as _contract

moments = _public(_contract.moments)
batch_normalization = _public(_contract.batch_normalization)
layer_normalization = _public(_contract.layer_normalization)
rms_normalization = _public(_contract.rms_normalization)
normalize = _public(_contract.normalize)
