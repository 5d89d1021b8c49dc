"""Windows as an axis of their own, and back. Documented in `triceras_backends.contract.patches`."""
