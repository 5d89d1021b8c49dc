"""The C library's allocator, told to keep what a training step frees.

By default glibc gives the memory of large tensors back to the system each time they are freed,
and the next step has it zeroed and mapped again, page by page: a quarter of the time of a small
convolutional network on a CPU. JAX and TensorFlow keep their memory anyway.
"""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD
_KEPT = 1 << 29  # bytes at the heap's end that may lie idle
_FROM_HEAP = 1 << 25  # the largest size that glibc lets come from the heap


def keep_freed_memory() -> bool:
    """Whether glibc was told so. TRICERAS_KEEP_MEMORY=0, or a setting of the user's own, leaves it as it is."""
    own = any(name.startswith("MALLOC_") for name in os.environ) or "malloc" in os.environ.get("GLIBC_TUNABLES", "")
    if not sys.platform.startswith("linux") or own or os.environ.get("TRICERAS_KEEP_MEMORY", "1") == "0":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library
        return False
    return bool(mallopt(_TRIM_THRESHOLD, _KEPT)) and bool(mallopt(_MMAP_THRESHOLD, _FROM_HEAP))
