"""Complex tensors. Documented in `triceras_backends.contract.complex_numbers`."""
