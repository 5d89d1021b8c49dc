"""The PyTorch backend: one module a family of the contract, and `scopes`, which they share."""

from triceras_backends.torch_backend.allocator import keep_freed_memory

keep_freed_memory()
