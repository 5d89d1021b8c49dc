"""Connectionist temporal classification. Documented in `triceras_backends.contract.ctc`."""
