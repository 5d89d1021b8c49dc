"""When PyTorch's fused kernels can be used, and what is used where they cannot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from triceras_backends.torch_backend import arrays, elementwise, indexing, linalg, loops, nn, scopes, tensors
from triceras_backends.torch_backend.reductions import logsumexp

# The primitives that composites are made of.
plain: Any = SimpleNamespace(logsumexp=logsumexp, swapaxes=lambda x, a, b: x.swapaxes(a, b))
for _module in (arrays, elementwise, indexing, linalg, loops, nn, tensors):
    vars(plain).update({name: value for name, value in vars(_module).items() if not name.startswith("_")})

usable = scopes.once_differentiated
