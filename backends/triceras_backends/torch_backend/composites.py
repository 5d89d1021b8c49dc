"""The operations that composites are made of, for those of this backend that fall back on one."""

from __future__ import annotations

import functools
from types import SimpleNamespace

from triceras_backends.torch_backend import arrays, convolution, elementwise, linalg, nn, reductions, segments, tensors


@functools.cache
def primitives() -> SimpleNamespace:
    """As the assembled backend has them."""
    families = (tensors, elementwise, arrays, linalg, nn, convolution, reductions, segments)
    return SimpleNamespace(**{name: value for family in families for name, value in vars(family).items()})
