"""Tensors: conversion, promotion, devices, exchange."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from triceras_backends import config, dtypes
from triceras_backends.contract.types import DType, Tensor
from triceras_backends.tensorflow_backend.native import EagerTensor, math
from triceras_backends.variable import Variable as BaseVariable

DTYPES: dict[str, tf.DType] = {name: tf.as_dtype(name) for name in dtypes.ALL}
NAMES: dict[tf.DType, str] = {dtype: name for name, dtype in DTYPES.items()} | {tf.string: "string"}
FLOATING = frozenset(DTYPES[name] for name in dtypes.FLOATS)
INEXACT = frozenset(DTYPES[name] for name in dtypes.FLOATS + dtypes.COMPLEX)
_NUMPY_DTYPES = frozenset(dtypes.numpy_dtype(name) for name in dtypes.ALL)
BOOL = tf.bool
INT32 = tf.int32

# What TensorFlow raises for arguments that an operation does not take. Resource and internal
# errors are not in it: they pass through as they are.
ERRORS = (tf.errors.InvalidArgumentError, tf.errors.NotFoundError, tf.errors.UnimplementedError, ValueError, TypeError)


class Refused(TypeError):
    """That an operation does not take a dtype."""


def tf_dtype(dtype: Any) -> tf.DType:
    """The TensorFlow dtype of a name or of another framework's dtype. ValueError: unknown."""
    found = DTYPES.get(dtype) if dtype.__class__ is str else None
    return found or DTYPES[dtypes.standardize_dtype(dtype)]


# -- constants: creating one costs more than many operations, so they are kept -----------------


@functools.lru_cache(4096)
def _on_host(make: Callable[..., Tensor], *key: Any) -> Tensor:
    with tf.device("cpu:0"):
        return make(*key)


def _constant(make: Callable[..., Tensor], *key: Any) -> Tensor:
    """make(*key), made once: eagerly on the host, and else in each graph anew.

    A graph makes an input of an eager tensor, whose value its optimizer then does not know.
    """
    if tf.executing_eagerly():
        return _on_host(make, *key)
    graph = tf.compat.v1.get_default_graph()
    kept = getattr(graph, "_triceras_constants", None)
    if kept is None:
        kept = graph._triceras_constants = {}
    found = kept.get((make, *key))
    if found is None:
        with tf.control_dependencies(None):
            found = kept[make, *key] = make(*key)
    return found


def _made_ints(values: Any) -> Tensor:
    return tf.constant(values, tf.int32, shape=None if values != () else (0,))


def _made_scalar(kind: type, value: Any, dtype: tf.DType) -> Tensor:
    return tf.cast(tf.constant(value), dtype) if kind is bool or dtype is BOOL else tf.constant(value, dtype)


def ints(values: tuple[Any, ...] | int) -> Tensor:
    """A shape, axes or an index as an int32 tensor, of the host where it is eager."""
    return _constant(_made_ints, values)


def scalar(value: Any, dtype: tf.DType) -> Tensor:
    """A Python number as a tensor of that dtype."""
    # -0.0 equals 0.0 as a key, so negative zeros are not kept.
    if value == 0 and value.__class__ is float:
        return tf.constant(value, dtype)
    return _constant(_made_scalar, value.__class__, value, dtype)


# -- conversion ------------------------------------------------------------------------------


def is_tensor(x: Any) -> bool:
    return isinstance(x, tf.Tensor)


def dtype_of(x: Any) -> str:
    if isinstance(x, tf.Tensor):
        name = NAMES.get(x.dtype)
        return name if name is not None else dtypes.standardize_dtype(x.dtype)
    if isinstance(x, BaseVariable):
        return x.dtype
    if dtypes.weak_kind(x) is not None:
        return dtypes.python_scalar_dtype(x)
    dtype = getattr(x, "dtype", None)
    if dtype is None:
        return dtype_of(convert_to_tensor(x))
    return dtypes.standardize_dtype(getattr(dtype, "base_dtype", dtype))


def convert_to_tensor(
    x: Any, dtype: DType | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    if sparse or ragged:
        raise ValueError("Sparse and ragged tensors are not supported; sparse and ragged must be None or False.")
    target = None if dtype is None else tf_dtype(dtype)
    if not isinstance(x, tf.Tensor):
        x = _to_tensor(x, target)
    return x if target is None or x.dtype is target or x.dtype == target else cast(x, target)


def _to_tensor(x: Any, target: tf.DType | None) -> Tensor:
    if isinstance(x, BaseVariable):
        return x.value
    if dtypes.weak_kind(x) is not None:
        return _from_scalar(x, target)
    if isinstance(x, (np.ndarray, np.generic)):
        return _from_numpy(np.asarray(x))
    if isinstance(x, (list, tuple, range)):
        return _from_sequence(list(x) if isinstance(x, range) else x, target)
    if isinstance(x, (tf.Variable, tf.IndexedSlices)):
        return tf.convert_to_tensor(x)
    if hasattr(x, "__tf_tensor__"):
        return x.__tf_tensor__(target)
    if hasattr(x, "__dlpack__"):
        return from_dlpack(x)
    if hasattr(x, "__array__"):
        return _from_numpy(np.asarray(x))
    raise ValueError(f"Cannot make a tensor of {x!r} of type {type(x).__name__}.")


def _from_scalar(x: Any, target: tf.DType | None) -> Tensor:
    if target is not None and (target in INEXACT or not isinstance(x, (float, complex))):
        try:
            return scalar(x, target)
        except ERRORS:
            return cast(tf.constant(x), target)
    return scalar(x, DTYPES[dtypes.python_scalar_dtype(x)])


def _from_numpy(x: np.ndarray) -> Tensor:
    if x.dtype not in _NUMPY_DTYPES:
        native = x.dtype.newbyteorder("=")
        if native not in _NUMPY_DTYPES:
            raise ValueError(f"A NumPy array of dtype {x.dtype} cannot be a tensor.")
        x = x.astype(native)
    return tf.convert_to_tensor(x)


def from_numpy(x: np.ndarray, dtype: DType | None = None) -> Tensor:
    return convert_to_tensor(x if dtype is None else x.astype(tf_dtype(dtype).as_numpy_dtype, copy=False))


def _from_sequence(x: Sequence[Any], target: tf.DType | None) -> Tensor:
    leaves = list(_leaves(x))
    if any(isinstance(leaf, (tf.Tensor, BaseVariable, tf.Variable)) for leaf in leaves):
        parts = promote(*(convert_to_tensor(part) for part in x))
        return _rectangular(lambda: tf.stack(parts), x)
    if not leaves:
        return tf.zeros(np.shape(x), target or config.floatx())
    if all(dtypes.weak_kind(leaf) is not None for leaf in leaves):
        name = dtypes.result_type(*{dtypes.weak_kind(leaf) for leaf in leaves})
        if name == "int32" and any(not -(2**31) <= leaf < 2**31 for leaf in leaves):
            name = "int64"
        numpy_dtype = dtypes.numpy_dtype(name)
        return _rectangular(lambda: _from_numpy(np.array(x).astype(numpy_dtype, copy=False)), x)
    common = dtypes.numpy_dtype(dtypes.result_type(*{dtypes.weak_kind(leaf) or dtype_of(leaf) for leaf in leaves}))
    return _rectangular(lambda: _from_numpy(np.array([np.asarray(part) for part in x]).astype(common)), x)


def _leaves(x: Any) -> Any:
    for part in x:
        if isinstance(part, (list, tuple)):
            yield from _leaves(part)
        else:
            yield part


def _rectangular(make: Callable[[], Tensor], x: Any) -> Tensor:
    try:
        return make()
    except ERRORS as error:
        raise ValueError(f"Cannot make a rectangular tensor of {x!r}: {error}") from None


def convert_to_numpy(x: Any) -> np.ndarray:
    if isinstance(x, np.ndarray):
        return x
    x = convert_to_tensor(x)
    if not hasattr(x, "numpy"):
        raise ValueError(f"{x} is symbolic: inside jit a tensor has no value that NumPy could hold.")
    return np.asarray(x.numpy())


def cast(x: Tensor, dtype: DType) -> Tensor:
    target: Any = dtype if dtype.__class__ is tf.DType else tf_dtype(dtype)
    if not isinstance(x, tf.Tensor):
        return convert_to_tensor(x, target)
    if x.dtype == target:
        return x
    if x.dtype.is_complex and not target.is_complex and target is not BOOL:
        x = math.real(x, Tout=x.dtype.real_dtype)
    return math.cast(x, target)


# -- promotion -------------------------------------------------------------------------------


@functools.lru_cache(4096)
def _joined(names: tuple[str, ...], floatx: str) -> tf.DType:
    return DTYPES[dtypes.result_type(*names)]


def mark_weak(x: Tensor) -> None:
    """Makes a symbolic tensor, which stands for a Python float, promote as one."""
    x._triceras_weak = True


def _kind(x: Any) -> str:
    if x.__class__ is not EagerTensor and getattr(x, "_triceras_weak", False):
        return dtypes.WEAK_FLOAT
    return dtypes.weak_kind(x) or dtype_of(x)


def joined(*xs: Any) -> tf.DType:
    """The dtype that operands of an operation are promoted to."""
    return _joined(tuple(_kind(x) for x in xs), config.floatx())


def promote(*xs: Any) -> list[Tensor]:
    """xs as tensors of one dtype; Python scalars are weak."""
    xs = tuple(convert_to_tensor(x) if isinstance(x, (list, tuple)) else x for x in xs)
    dtype = joined(*xs)
    return [convert_to_tensor(x, dtype) for x in xs]


def float_dtype(dtype: tf.DType) -> tf.DType:
    """The dtype in which a float operation computes input of this dtype."""
    return dtype if dtype in INEXACT else DTYPES[config.floatx()]


def promote_float(*xs: Any) -> list[Tensor]:
    """xs as tensors of one inexact dtype."""
    xs = tuple(convert_to_tensor(x) if isinstance(x, (list, tuple)) else x for x in xs)
    dtype = float_dtype(joined(*xs))
    return [convert_to_tensor(x, dtype) for x in xs]


def tensor(x: Any) -> Tensor:
    """x as a tensor, the same object where it is one."""
    return x if x.__class__ is EagerTensor else convert_to_tensor(x)


def float_tensor(x: Any) -> Tensor:
    """x as a tensor of an inexact dtype."""
    x = tensor(x)
    return x if x.dtype in INEXACT else cast(x, DTYPES[config.floatx()])


# -- shapes and axes -------------------------------------------------------------------------


def static_shape(x: Any) -> tuple[int | None, ...]:
    shape = x.shape if hasattr(x, "shape") else convert_to_tensor(x).shape
    return tuple(shape.as_list()) if isinstance(shape, tf.TensorShape) else tuple(shape)


def shape(x: Any) -> tuple[Any, ...]:
    static = static_shape(x)
    if None not in static:
        return static
    dynamic = tf.shape(x)
    return tuple(dynamic[i] if n is None else n for i, n in enumerate(static))


def size_from(x: Tensor, what: str, least: int = 0) -> Any:
    if x.__class__ is EagerTensor:
        return max(int(x), least)
    return tf.maximum(tf.cast(x, tf.int32), least)


def shape_tensor(shape: Any) -> Tensor:
    """A shape, whose sizes may be scalar tensors, as an int32 tensor."""
    if isinstance(shape, tf.Tensor):
        return tf.cast(shape, tf.int32)
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else _sizes(shape)
    for size in sizes:
        if size.__class__ is not int:
            return _shape_from_parts(sizes)
    return ints(sizes)


def _sizes(shape: Any) -> tuple[Any, ...]:
    if isinstance(shape, tf.TensorShape):
        return tuple(shape.as_list())
    return tuple(int(n) for n in np.atleast_1d(shape)) if not isinstance(shape, BaseVariable) else (int(shape),)


def _shape_from_parts(sizes: tuple[Any, ...]) -> Tensor:
    if any(isinstance(size, tf.Tensor) for size in sizes):
        return tf.stack([tf.cast(size, tf.int32) for size in sizes])
    return ints(tuple(int(size) for size in sizes))


def rank_of(x: Tensor) -> int:
    """x's number of dimensions, which must be known."""
    rank = x.shape.rank
    if rank is None:
        raise ValueError(f"{x}: a tensor of unknown rank is not supported.")
    return rank


def axis_of(axis: int, rank: int, name: str) -> int:
    """A non-negative axis. ValueError: out of range."""
    index = int(axis)
    if not -rank <= index < rank:
        raise ValueError(f"{name}: axis {axis} is out of range for a tensor of rank {rank}.")
    return index + rank if index < 0 else index


def axes_of(axis: Any, rank: int, name: str) -> tuple[int, ...]:
    """Non-negative axes; all of them for None. ValueError: out of range, or one named twice."""
    if axis is None:
        return tuple(range(rank))
    if isinstance(axis, (tuple, list)):
        axes = tuple(axis_of(a, rank, name) for a in axis)
        if len(set(axes)) != len(axes):
            raise ValueError(f"{name}: axis {tuple(axis)} names an axis twice (rank {rank}).")
        return axes
    return (axis_of(axis, rank, name),)


def failed(name: str, error: Exception, *xs: Any) -> Exception:
    """What to raise where TensorFlow refused the arguments: ValueError naming operation, shapes and dtypes."""
    if isinstance(error, Refused) or not isinstance(error, ERRORS):
        return error
    got = " and ".join(f"{_shape_text(x)} ({dtype_of(x)})" for x in xs)
    reason = getattr(error, "message", None) or str(error)
    if "list of allowed values" in reason:
        return Refused(f"{name} does not take {' and '.join(dict.fromkeys(map(dtype_of, xs)))}.")
    return ValueError(f"{name}: the arguments do not fit: shapes {got}. {reason.splitlines()[0] if reason else ''}")


def _shape_text(x: Any) -> str:
    return str(static_shape(x) if not dtypes.weak_kind(x) else ())


# -- devices ---------------------------------------------------------------------------------


def list_devices() -> list[str]:
    """The devices TensorFlow sees."""
    found = [device.name for device in tf.config.list_logical_devices()]
    return [name.removeprefix("/device:").lower() for name in found if name.startswith(("/device:CPU", "/device:GPU"))]


def _tf_device(name: str) -> str:
    kind, _, index = str(name).lower().partition(":")
    wanted = f"{'gpu' if kind == 'cuda' else kind}:{index or '0'}"
    known = list_devices()
    if wanted not in known:
        raise ValueError(f"Unknown device {name!r}. Devices of this machine: {', '.join(known)}.")
    return wanted


def device_scope(name: str) -> Any:
    return tf.device("/device:" + _tf_device(name).upper())


def device_of(x: Tensor) -> str:
    device = (x.storage if isinstance(x, BaseVariable) else x).device
    if not device:
        return "gpu:0" if any(name.startswith("gpu") for name in list_devices()) else "cpu:0"
    return device.rpartition("device:")[2].lower()


def synchronize() -> None:
    tf.test.experimental.sync_devices()


# -- exchange --------------------------------------------------------------------------------


class _Exchanged:
    """A tensor's dlpack protocol for consumers, in the form the array API standard asks for."""

    def __init__(self, x: Tensor) -> None:
        self._x = x

    def __dlpack__(self, **kwargs: Any) -> Any:
        return tf.experimental.dlpack.to_dlpack(self._x)

    def __dlpack_device__(self) -> tuple[int, int]:
        kind, _, index = device_of(self._x).partition(":")
        return (2 if kind == "gpu" else 1, int(index))


def to_dlpack(x: Tensor) -> Any:
    return _Exchanged(convert_to_tensor(x))


def from_dlpack(x: Any) -> Tensor:
    if not hasattr(x, "__dlpack__"):
        raise TypeError(f"from_dlpack needs an object with __dlpack__; got {x!r} of type {type(x).__name__}.")
    try:
        return tf.experimental.dlpack.from_dlpack(x.__dlpack__())
    except Exception:  # read-only or strided memory, booleans, tensors with a graph: go through NumPy
        x = x.detach().cpu() if hasattr(x, "detach") else x
        return _from_numpy(np.array(np.from_dlpack(x) if not hasattr(x, "__array__") else np.asarray(x)))


def seed_native(seed: int) -> None:
    tf.random.set_seed(seed)


def enable_tensor_methods() -> None:
    """Eager tensors of TensorFlow have `.numpy()` already."""
