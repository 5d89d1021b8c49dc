"""Joining, dividing, turning and selecting. Documented in `triceras_backends.contract.shaping`."""
