"""Fourier transforms. Documented in `triceras_backends.contract.fourier`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import fourier as _contract

fft = _public(_contract.fft)
fft2 = _public(_contract.fft2)
ifft2 = _public(_contract.ifft2)
rfft = _public(_contract.rfft)
irfft = _public(_contract.irfft)
extract_sequences = _public(_contract.extract_sequences)
stft = _public(_contract.stft)
istft = _public(_contract.istft)
