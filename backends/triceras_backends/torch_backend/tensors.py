"""Tensors: creation, dtypes, devices, exchange, and the promotion every operation shares."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import ml_dtypes
import numpy as np
import torch
from torch import Tensor
from torch._C._functorch import get_unwrapped, is_functorch_wrapped_tensor

from triceras_backends import config, dtypes
from triceras_backends.specs import size_from_values
from triceras_backends.torch_backend import scopes
from triceras_backends.variable import Variable

DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in dtypes.ALL}
NAMES: dict[torch.dtype, str] = {dtype: name for name, dtype in DTYPES.items()}
FLOATS = frozenset(DTYPES[name] for name in dtypes.FLOATS)
INEXACT = FLOATS | {DTYPES[name] for name in dtypes.COMPLEX}
INTEGERS = frozenset(DTYPES[name] for name in dtypes.INTEGERS)

# The classes that need no conversion; a membership test is the first step of every operation.
PLAIN = frozenset({Tensor, torch.nn.Parameter})

# PyTorch lacks kernels for these: what fails "not implemented" is computed wider and cast back.
_WIDER = {
    torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.int64, torch.bool: torch.int32,
    torch.float16: torch.float32, torch.bfloat16: torch.float32,
}  # fmt: skip
_NOT_IMPLEMENTED = ("not implemented for", "not supported", "Promotion for", "unsupported")


# -- dtypes ------------------------------------------------------------------------------


def torch_dtype(dtype: Any) -> torch.dtype:
    """The framework's dtype of any way to name one; None is config.floatx()."""
    return DTYPES.get(dtype) or DTYPES[dtypes.standardize_dtype(dtype)] if type(dtype) is str else _named(dtype)


def _named(dtype: Any) -> torch.dtype:
    return dtype if dtype in NAMES else DTYPES[dtypes.standardize_dtype(dtype)]


def dtype_of(x: Any) -> str:
    if isinstance(x, Tensor):
        return NAMES[x.dtype]
    if isinstance(x, Variable):
        return x.dtype
    if dtypes.weak_kind(x) is not None:
        return dtypes.python_scalar_dtype(x)
    return dtypes.standardize_dtype(x.dtype) if hasattr(x, "dtype") else NAMES[convert_to_tensor(x).dtype]


def floatx() -> torch.dtype:
    """The default float dtype."""
    return DTYPES[config.floatx()]


# -- conversion --------------------------------------------------------------------------


def is_tensor(x: Any) -> bool:
    return isinstance(x, Tensor)


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Tensor:
    if sparse or ragged:
        raise ValueError("Sparse and ragged tensors are not supported; sparse and ragged must be None or False.")
    if isinstance(x, Variable):
        x = x.value
    if not isinstance(x, Tensor):
        return _from_python(x, None if dtype is None else torch_dtype(dtype), scopes.device())
    return x if dtype is None else x.to(torch_dtype(dtype))


def _from_python(x: Any, dtype: torch.dtype | None, device: torch.device) -> Tensor:
    if dtypes.weak_kind(x) is not None:
        return torch.tensor(x, dtype=dtype or DTYPES[dtypes.python_scalar_dtype(x)], device=device)
    if isinstance(x, (np.ndarray, np.generic)):
        return _from_numpy(np.asarray(x), dtype, device)
    if isinstance(x, (list, tuple, range)):
        return _from_list(list(x), dtype, device)
    if hasattr(x, "__dlpack__"):
        return from_dlpack(x).to(device=device, dtype=dtype)
    if hasattr(x, "__array__"):
        return _from_numpy(np.asarray(x), dtype, device)
    raise ValueError(f"Cannot make a tensor of an object of class {type(x).__name__}: {x!r:.80}")


def _from_numpy(x: np.ndarray[Any, Any], dtype: torch.dtype | None, device: torch.device) -> Tensor:
    name = x.dtype.name
    if name not in DTYPES:
        raise ValueError(f"Cannot make a tensor of a NumPy array of dtype {x.dtype}.")
    # A copy, because the caller may go on to change the array.
    x = np.array(x, dtype=x.dtype.newbyteorder("="), order="C")
    if name in dtypes.FLOAT8 or name == "bfloat16":
        tensor = torch.from_numpy(x.view(f"uint{8 * x.itemsize}")).view(DTYPES[name])
    else:
        tensor = torch.from_numpy(x)
    return tensor.to(device=device, dtype=dtype)


def from_numpy(x: np.ndarray[Any, Any], dtype: Any = None) -> Tensor:
    try:
        if x.flags.writeable:
            tensor = torch.from_numpy(x)
        else:
            with warnings.catch_warnings(action="ignore"):  # that the tensor could be written to
                tensor = torch.from_numpy(x)
    except (TypeError, ValueError):  # negative strides, another byte order, a dtype of ml_dtypes
        return convert_to_tensor(x, dtype)
    device = scopes.device()
    if device.type == "cpu":
        return tensor if dtype is None else tensor.to(torch_dtype(dtype))
    return tensor.to(device=device, dtype=None if dtype is None else torch_dtype(dtype))


def _from_list(x: list[Any], dtype: torch.dtype | None, device: torch.device) -> Tensor:
    leaves = list(_leaves(x))
    if any(isinstance(leaf, (Tensor, Variable)) for leaf in leaves):
        parts = promote(*(convert_to_tensor(item) for item in x))
        try:
            return torch.stack(parts).to(dtype=dtype)
        except RuntimeError as error:
            _fail("convert_to_tensor", parts, error)
    if dtype is None:
        kinds = {dtypes.weak_kind(leaf) or str(getattr(leaf, "dtype", type(leaf).__name__)) for leaf in leaves}
        wide = "int" in kinds and any(type(leaf) is int and not -(2**31) <= leaf < 2**31 for leaf in leaves)
        name = dtypes.result_type(*kinds)
        dtype = DTYPES["int64" if wide and name == "int32" else name]
    try:
        array = np.array(x)
    except ValueError as error:
        raise ValueError(f"Cannot make a tensor of a list that is not rectangular: {error}") from None
    if not leaves:
        array = array.astype(np.float32)
    if array.dtype.name not in DTYPES:
        raise ValueError(f"Cannot make a tensor of a list with elements of dtype {array.dtype}.")
    return _from_numpy(array, dtype, device)


def _leaves(x: Any) -> Iterator[Any]:
    for item in x:
        if isinstance(item, (list, tuple, range)):
            yield from _leaves(item)
        else:
            yield item


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    x = convert_to_tensor(x).detach()
    if is_functorch_wrapped_tensor(x):
        raise RuntimeError("A tensor inside vmap or another transform of torch.func has no NumPy value.")
    x = x.cpu().resolve_conj().resolve_neg().contiguous()
    name = NAMES[x.dtype]
    if name == "bfloat16" or name in dtypes.FLOAT8:
        return np.array(x.view(torch.uint8 if name in dtypes.FLOAT8 else torch.int16).numpy()).view(
            getattr(ml_dtypes, name)
        )
    return np.array(x.numpy())


def cast(x: Any, dtype: Any) -> Tensor:
    return (x if x.__class__ in PLAIN else convert_to_tensor(x)).to(torch_dtype(dtype))


def shape(x: Any) -> tuple[int, ...]:
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


static_shape = shape


def size_from(x: Any, what: str, least: int = 0) -> int:
    return max(int(x), least) if is_eager(x) else size_from_values(what, least)


# -- devices -----------------------------------------------------------------------------


def list_devices() -> list[str]:
    return ["cpu:0", *(f"gpu:{i}" for i in range(torch.cuda.device_count()))]


def _device(name: str) -> torch.device:
    kind, _, index = str(name).lower().partition(":")
    kind = "gpu" if kind == "cuda" else kind
    if f"{kind}:{index or 0}" not in list_devices():
        raise ValueError(f"Unknown device {name!r}; this machine has: {', '.join(list_devices())}.")
    return torch.device("cpu") if kind == "cpu" else torch.device("cuda", int(index or 0))


@contextmanager
def device_scope(name: str) -> Iterator[None]:
    # torch.device as a context serves code that calls PyTorch's own functions.
    saved, scopes.local.device = scopes.local.device, _device(name)
    try:
        with scopes.local.device:
            yield
    finally:
        scopes.local.device = saved


def device_of(x: Any) -> str:
    device = convert_to_tensor(x).device
    return f"{'gpu' if device.type == 'cuda' else device.type}:{device.index or 0}"


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def seed_native(seed: int) -> None:
    torch.manual_seed(seed)


# -- exchange ----------------------------------------------------------------------------


def to_dlpack(x: Any) -> Tensor:
    return convert_to_tensor(x).detach()


def from_dlpack(x: Any) -> Tensor:
    if not hasattr(x, "__dlpack__"):
        raise TypeError(f"from_dlpack needs an object with __dlpack__; got {x!r} of type {type(x).__name__}.")
    return torch.from_dlpack(x)


_native_numpy = Tensor.numpy


def enable_tensor_methods() -> None:
    def numpy(self: Tensor, *, force: bool = True) -> np.ndarray[Any, Any]:
        return _native_numpy(self, force=force)

    Tensor.numpy = numpy  # type: ignore[method-assign]


# -- promotion and errors: what every operation shares ---------------------------------------


@functools.cache
def _joined(kinds: frozenset[str], floatx: str) -> torch.dtype:
    """The dtype these are promoted to, kept for each default float."""
    return DTYPES[dtypes.result_type(*kinds)]


def promote(*xs: Any) -> list[Tensor]:
    """The arguments as tensors of one dtype, by the lattice; Python scalars are weak."""
    xs = tuple(x.value if isinstance(x, Variable) else x for x in xs)
    first = xs[0]
    if first.__class__ in PLAIN and all(x.__class__ in PLAIN and x.dtype is first.dtype for x in xs):
        return list(xs)  # Variables and tensors of one dtype: the usual case in code written by hand
    tensors = [x if isinstance(x, Tensor) or dtypes.weak_kind(x) is not None else convert_to_tensor(x) for x in xs]
    kinds = {NAMES[x.dtype] if isinstance(x, Tensor) else str(dtypes.weak_kind(x)) for x in tensors}
    device = next((x.device for x in tensors if isinstance(x, Tensor)), None) or scopes.device()
    dtype = _joined(frozenset(kinds), config.floatx())
    if kinds == {"int"} and any(dtypes.python_scalar_dtype(x) == "int64" for x in tensors):
        dtype = torch.int64
    return [x.to(dtype) if isinstance(x, Tensor) else torch.tensor(x, dtype=dtype, device=device) for x in tensors]


def to_float(x: Any) -> Tensor:
    """x as a tensor of a float dtype: its own, or the default."""
    x = convert_to_tensor(x)
    return x if x.dtype in INEXACT else x.to(floatx())


def recover(
    name: str, fn: Callable[..., Tensor], args: Any, error: Exception, kwargs: dict[str, Any] | None = None
) -> Tensor:
    """After fn(*args, **kwargs) failed: its result computed wider, where the dtype was why; else a clear error."""
    kwargs = kwargs or {}
    found = {x.dtype for x in args if isinstance(x, Tensor)}
    narrow = next((dtype for dtype in found if dtype in _WIDER), None)
    if narrow is None or not any(text in str(error) for text in _NOT_IMPLEMENTED):
        _fail(name, [x for x in args if isinstance(x, Tensor)], error)
    wide = _WIDER[narrow]
    widened = [x.to(wide) if isinstance(x, Tensor) and x.dtype is narrow else x for x in args]
    try:
        result = fn(*widened, **kwargs)
    except NotImplementedError as again:
        _fail(name, [x for x in args if isinstance(x, Tensor)], again)
    return result.to(narrow) if result.dtype is wide else result


def _fail(name: str, tensors: Any, error: Exception) -> NoReturn:
    shapes = " and ".join(str(tuple(x.shape)) for x in tensors)
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, IndexError):
        raise ValueError(f"{name}: axis or index out of range for shape {shapes}: {text}") from None
    if isinstance(error, NotImplementedError) or "complex" in text:
        raise TypeError(f"{name} does not take {' and '.join(NAMES[x.dtype] for x in tensors)}: {text}") from None
    if isinstance(error, torch.linalg.LinAlgError) or not _is_about_shapes(tensors, text):
        raise error
    raise ValueError(f"{name}: shapes {shapes} do not fit: {text}") from None


def _is_about_shapes(tensors: Any, text: str) -> bool:
    words = ("size", "shape", "dimension", "broadcast", "expand", "1D", "2D", "elements", "rank", "square", "batch")
    return any(word in text for word in words) and "Boolean value" not in text


def guarded(name: str, fn: Callable[..., Any], *tensors: Any, **kwargs: Any) -> Any:
    """fn(*tensors, **kwargs), with errors about shapes and axes raised as ValueError."""
    try:
        return fn(*tensors, **kwargs)
    except (RuntimeError, IndexError) as error:
        return recover(name, fn, tensors, error, kwargs)


def is_eager(x: Tensor) -> bool:
    """Whether Python may look at x's values: not abstract, not mapped, not traced."""
    return x.__class__ in PLAIN and not x.is_meta and not scopes.in_transform()


def unwrapped(x: Tensor) -> Tensor:
    """The value of a tensor that torch.func differentiates. Raises ValueError: one mapped by vmap."""
    while is_functorch_wrapped_tensor(x):
        if torch._C._functorch.is_batchedtensor(x):
            raise ValueError("Inside vmap, a mapped value cannot be assigned to a Variable; return it instead.")
        x = get_unwrapped(x)
    return x
