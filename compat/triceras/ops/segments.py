"""Reductions over segments. Documented in `triceras_backends.contract.segments`."""
