"""Special functions, bits and further element-wise arithmetic. Documented in `triceras_backends.contract.special`."""
