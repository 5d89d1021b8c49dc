"""Images: colours, geometry, filters and comparison. Documented in `triceras_backends.contract.images`."""
