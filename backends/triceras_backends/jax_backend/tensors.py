"""Tensors on JAX: `jax.Array`s, never weakly typed.

Where 64-bit types are off, as they are by default, asking for one gives its 32-bit sibling.
"""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optree
from jax import lax

from triceras_backends import config, dtypes
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.specs import size_from_values
from triceras_backends.variable import Variable

# The class of concrete arrays: `x.__class__ is Array` is much cheaper than isinstance.
Array: Any = type(jnp.zeros(()))

# What a list may hold for NumPy to make the array; None and strings are refused after that.
_HOST = (bool, int, float, complex, np.ndarray, np.generic, str, bytes, type(None))

_32_BITS = {"float64": "float32", "int64": "int32", "uint64": "uint32", "complex128": "complex64"}
_NAMES = {dtypes.numpy_dtype(name): name for name in dtypes.ALL}
_DTYPES = {name: dtype for dtype, name in _NAMES.items()}


def jax_dtype(dtype: DType | None) -> np.dtype[Any]:
    """The NumPy dtype that a dtype (None: config.floatx()) has on JAX now."""
    name = dtype if dtype.__class__ is str and dtype in _DTYPES else dtypes.standardize_dtype(dtype)
    if name in _32_BITS and not jax.config.jax_enable_x64:
        name = _32_BITS[name]
    return _DTYPES[name]


def native(x: Any) -> Any:
    """x as something every jitted function takes as it is: a JAX or NumPy array, or a Python scalar."""
    if x.__class__ is Array:
        return x
    if isinstance(x, Variable):
        return x.value
    if isinstance(x, (jax.Array, np.ndarray, np.generic, bool, int, float, complex)):
        return x
    return convert_to_tensor(x)


@functools.partial(jax.jit, static_argnums=1, inline=True)
def astype(x: Any, dtype: np.dtype[Any]) -> Any:
    """x, an array, in a NumPy dtype that JAX has; strongly typed."""
    return lax.convert_element_type(x, dtype)


def convert_to_tensor(
    x: Any, dtype: DType | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    if sparse or ragged:
        raise ValueError(f"Only dense tensors are supported; got: sparse={sparse}, ragged={ragged}")
    wanted = None if dtype is None else jax_dtype(dtype)
    if isinstance(x, Variable):
        x = x.value
    if x.__class__ is not Array and not isinstance(x, jax.Array):
        x = _from_foreign(x, wanted)
    if (wanted is None or x.dtype == wanted) and not x.weak_type:
        return x
    return astype(x, x.dtype if wanted is None else wanted)


def _from_foreign(x: Any, wanted: np.dtype[Any] | None) -> Any:
    if isinstance(x, (np.ndarray, np.generic)):
        return _from_numpy(x, wanted)
    if dtypes.weak_kind(x) is not None:
        dtype = jax_dtype(dtypes.python_scalar_dtype(x)) if wanted is None else wanted
        fits = x.__class__ is not int or -(2**31) <= x < 2**31
        return astype(x, dtype) if fits else jnp.array(np.array(x).astype(dtype))
    if isinstance(x, (list, tuple, range)):
        return _from_list(list(x), wanted)
    if hasattr(x, "__jax_array__"):
        return x.__jax_array__()
    if hasattr(x, "__dlpack__"):
        return from_dlpack(x)
    if hasattr(x, "__array__"):
        return _from_numpy(np.asarray(x), wanted)
    raise ValueError(f"Cannot convert a {type(x).__name__} to a tensor: {x!r}")


def _from_numpy(x: Any, wanted: np.dtype[Any] | None) -> Any:
    x = x if x.dtype.isnative else x.astype(x.dtype.newbyteorder("="))
    if x.dtype not in _NAMES:
        raise ValueError(
            f"Cannot convert a NumPy array of dtype {x.dtype} to a tensor. Known: {', '.join(dtypes.ALL)}."
        )
    dtype = jax_dtype(_NAMES[x.dtype]) if wanted is None else wanted
    # A copy, since JAX may otherwise share memory that the caller goes on writing to. Made by
    # NumPy: jnp.array would compile a copying program for each new shape (20 ms).
    return jax.device_put(np.array(x, dtype))


def from_numpy(x: np.ndarray[Any, Any], dtype: DType | None = None) -> Tensor:
    name = _NAMES.get(x.dtype)
    if name is None or not x.dtype.isnative:
        return _from_numpy(x, None if dtype is None else jax_dtype(dtype))
    x = np.asarray(x, jax_dtype(name if dtype is None else dtype))
    if x.nbytes < _SMALL or not x.flags.c_contiguous:
        return jnp.asarray(x)  # half of device_put's overhead
    return jax.device_put(x, may_alias=True)


# Bytes that are copied faster than JAX shares them.
_SMALL = 1 << 17


def _from_list(x: list[Any], wanted: np.dtype[Any] | None) -> Any:
    kinds = {leaf.__class__ for leaf in optree.tree_leaves(x, none_is_leaf=True)}
    if not all(issubclass(kind, _HOST) for kind in kinds):
        return _stacked([convert_to_tensor(item) for item in x], wanted)
    try:
        array = np.array(x)
    except ValueError as error:
        raise ValueError(f"Cannot make a rectangular tensor of a nested list: {error}") from None
    if not array.size:
        array = array.astype(wanted or jax_dtype(None))
    elif wanted is None and not any(issubclass(kind, (np.ndarray, np.generic)) for kind in kinds):
        array = array.astype(_of_python(array))
    return _from_numpy(array, wanted)


def _stacked(items: list[Any], wanted: np.dtype[Any] | None) -> Any:
    if len({item.shape for item in items}) != 1:
        raise ValueError(f"Cannot make a tensor of parts of different shapes: {[item.shape for item in items]}")
    dtype = wanted or jax_dtype(dtypes.result_type(*(item.dtype for item in items)))
    return jnp.stack([astype(item, dtype) for item in items])


def _of_python(array: np.ndarray[Any, Any]) -> np.dtype[Any]:
    """The dtype that the array NumPy made of Python scalars has by our rules."""
    if array.dtype.kind == "f":
        return jax_dtype(None)
    if array.dtype.kind == "c":
        return jax_dtype("complex128" if config.floatx() == "float64" else "complex64")
    if array.dtype.kind == "i" and array.min() >= -(2**31) and array.max() < 2**31:
        return jax_dtype("int32")
    return array.dtype


def convert_to_numpy(x: Any) -> Any:
    # A copy: NumPy would see the read-only buffer itself, which jit may later be given to reuse.
    return np.array(native(x))


def is_tensor(x: Any) -> bool:
    return x.__class__ is Array or isinstance(x, jax.Array)


def cast(x: Tensor, dtype: DType) -> Tensor:
    wanted = jax_dtype(dtype)
    if x.__class__ is not Array:
        return convert_to_tensor(x, dtype)
    return x if x.dtype == wanted and not x.weak_type else astype(x, wanted)


def dtype_of(x: Tensor) -> str:
    if isinstance(x, Variable):
        return x.dtype
    if dtypes.weak_kind(x) is not None:
        return dtypes.python_scalar_dtype(x)
    dtype = x.dtype if hasattr(x, "dtype") else convert_to_tensor(x).dtype
    return _NAMES.get(dtype) or dtypes.standardize_dtype(dtype)


def shape(x: Tensor) -> tuple[Any, ...]:
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(native(x))


static_shape = shape


def device_scope(name: str) -> AbstractContextManager[Any]:
    return jax.default_device(_devices()[_device_key(name)])


def _devices() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for platform in ("cpu", jax.default_backend()):
        kind = "gpu" if platform in ("cuda", "rocm") else platform
        found |= {f"{kind}:{index}": device for index, device in enumerate(jax.local_devices(backend=platform))}
    return found


def _device_key(name: Any) -> str:
    kind, _, index = str(name).lower().partition(":")
    key = f"{'gpu' if kind == 'cuda' else kind}:{index or 0}"
    if key not in _devices():
        raise ValueError(f"Unknown device {name!r}. Devices of this machine: {', '.join(_devices())}.")
    return key


def device_of(x: Tensor) -> str:
    x = convert_to_tensor(x)
    device = jax.config.jax_default_device if isinstance(x, jax.core.Tracer) else next(iter(x.devices()))
    return next((name for name, known in _devices().items() if known == device), list_devices()[-1])


def list_devices() -> list[str]:
    return list(_devices())


def to_dlpack(x: Tensor) -> Any:
    return convert_to_tensor(x)


def from_dlpack(x: Any) -> Tensor:
    if not hasattr(x, "__dlpack__"):
        raise TypeError(f"from_dlpack needs an object with __dlpack__; got {x!r} of type {type(x).__name__}.")
    x = x.detach() if hasattr(x, "detach") else x
    try:
        return jnp.from_dlpack(x)
    except (TypeError, ValueError, RuntimeError, BufferError):
        # What dlpack cannot carry here (64-bit types while they are off, odd strides) goes through NumPy.
        return _from_numpy(np.asarray(x), None)


def synchronize() -> None:
    jax.block_until_ready(jax.live_arrays())
    jax.effects_barrier()


def seed_native(seed: int) -> None:
    """Nothing to seed: JAX has no hidden generator."""


def enable_tensor_methods() -> None:
    Array.numpy = convert_to_numpy


def size_from(x: Tensor, what: str, least: int = 0) -> int:
    return max(int(x), least) if x.__class__ is Array else size_from_values(what, least)
