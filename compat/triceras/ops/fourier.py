"""Fourier transforms. Documented in `triceras_backends.contract.fourier`."""
