"""The chosen backend: its name, dtypes, and the settings that tensors depend on."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager
from typing import Any

from triceras.ops.symbolic import KerasTensor
from triceras_backends import dtypes
from triceras_backends.active import backend as _active
from triceras_backends.config import epsilon as epsilon
from triceras_backends.config import floatx as floatx
from triceras_backends.config import image_data_format as image_data_format
from triceras_backends.config import set_epsilon as set_epsilon
from triceras_backends.config import set_floatx as set_floatx
from triceras_backends.config import set_image_data_format as set_image_data_format
from triceras_backends.dtypes import result_type as result_type
from triceras_backends.dtypes import standardize_dtype as standardize_dtype
from triceras_backends.variable import get_uid as get_uid
from triceras_backends.variable import name_scope as name_scope
from triceras_backends.variable import reset_names as _reset_names


def backend() -> str:
    """The name of the backend in use: "torch", "jax", "tensorflow" or a registered one."""
    return _active.name


def clear_session(free_memory: bool = True) -> None:
    """Begins the numbering of automatic names anew: the next Dense is "dense" again.

    free_memory: whether Python's garbage collector runs. There is no other state to clear.
    """
    _reset_names()
    if free_memory:
        gc.collect()


def device(device_name: str) -> AbstractContextManager[Any]:
    """Within `with device("gpu:0"):`, new tensors and Variables are placed on that device.

    Names: "cpu", "gpu" (or "cuda"), with an optional ":index". Raises ValueError: an unknown
    device, listing those that exist.
    """
    return _active.device_scope(device_name)


def is_keras_tensor(x: Any) -> bool:
    """Whether x is a symbolic tensor: a KerasTensor.

    Example:

    >>> keras.backend.is_keras_tensor(keras.Input((3,))), keras.backend.is_keras_tensor(np.zeros(3))
    (True, False)
    """
    return isinstance(x, KerasTensor)


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype, None for `floatx()`, is a floating one. Raises ValueError: an unknown dtype.

    Example:

    >>> keras.backend.is_float_dtype("bfloat16"), keras.backend.is_float_dtype("int32")
    (True, False)
    """
    return dtypes.is_float(standardize_dtype(dtype))


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype is one of integers; bool is not. Raises ValueError: an unknown dtype.

    Example:

    >>> keras.backend.is_int_dtype("uint8"), keras.backend.is_int_dtype("bool")
    (True, False)
    """
    return standardize_dtype(dtype) in dtypes.INTEGERS
