"""Copies, spaced numbers, windows. Documented in `triceras_backends.contract.creation`."""
