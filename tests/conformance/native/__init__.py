"""What the suite needs of the framework itself, so that no test asks which backend it runs on.

`native` is the module of this package with the backend's name, or `conformance.native` of the
package of a backend from outside. Each defines:

    double()                  a context in which 64-bit dtypes are available
    COMPILE, traced()         keyword arguments of `jit` with which it traces (None: it never does), and a context
                              in which it does so quickly
    host_reads()              a context in which reading a tensor's values on the host is an AssertionError
    canonical(dtype)          the dtype that a dtype becomes outside `double()`
    tensor(array)             the framework's own tensor of a NumPy array
    array(tensor)             and back
    is_tensor(x)              whether x is a concrete tensor of the framework
    gradients(fn, *arrays)    by the framework's own autodiff: fn takes native tensors and
                              returns a scalar one; NumPy arrays, zeros where unconnected
    OPS                       some operations as the framework's users write them
    versions()                what the report says it ran on
"""

from __future__ import annotations

from typing import Any

from tests.conformance import brought

native: Any = brought.module("native")
