"""Tensors: creation from and conversion to NumPy, dtype, shape, device, exchange."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from triceras_backends.contract.types import DType, Tensor


def convert_to_tensor(
    x: Any, dtype: DType | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """A native tensor of x: a tensor, Variable, NumPy array, Python number or nested list.

    dtype None keeps x's; Python floats give config.floatx(), ints int32 (int64 if they do
    not fit), bools bool. A tensor of the right dtype is returned as it is. Tensors of
    another framework are taken over through dlpack. `sparse` and `ragged` take only None
    or False. Raises ValueError: unknown dtype or what cannot be made a rectangular tensor.
    """


def from_numpy(x: Any, dtype: DType | None = None) -> Tensor:
    """A tensor of a NumPy array, for reading only: it may share the array's memory, where `convert_to_tensor` copies.

    dtype None keeps x's. Raises ValueError: a dtype that tensors do not have.
    """


def convert_to_numpy(x: Any) -> Any:
    """x as a NumPy array that is safe to keep: detached from gradients and, where the
    framework would let memory be shared with a Variable, copied. bfloat16 by ml_dtypes.
    """


def is_tensor(x: Any) -> bool:
    """Whether x is one of the framework's own tensors (tracers and symbolic graph tensors too)."""


def cast(x: Tensor, dtype: DType) -> Tensor:
    """x in another dtype. Float to integer drops the fraction; to bool, non-zero (NaN too) is True.

    What NaN, infinities and numbers beyond an integer dtype's range become is the hardware's matter, as
    in C: see `saturate_cast`. Integers that do not fit wrap around. Complex to real drops the imaginary part.
    """


def dtype_of(x: Tensor) -> str:
    """The name of the dtype of a tensor, Variable, NumPy array or Python scalar."""


def shape(x: Tensor) -> tuple[Any, ...]:
    """x's shape: a tuple of ints; inside a TensorFlow graph, scalar tensors for unknown sizes."""


def static_shape(x: Tensor) -> tuple[int | None, ...]:
    """x's shape as far as it is known without running: ints, None for unknown sizes."""


def size_from(x: Tensor, what: str, least: int = 0) -> Any:
    """A scalar tensor of integers as a size, at least `least`: an int; in a TensorFlow graph, a tensor.

    Abstract evaluation takes it for an unknown size. ValueError: a compiled function on PyTorch
    or JAX, which cannot know it; `what` says in the message which size that is.
    """


def device_scope(name: str) -> AbstractContextManager[Any]:
    """Within it, new tensors and Variables are placed on the device `name`: "cpu", "cpu:0",
    "gpu", "gpu:1" ("cuda" too). ValueError: an unknown device, listing those that exist.
    """


def device_of(x: Tensor) -> str:
    """The device a tensor lives on, in the form "cpu:0" or "gpu:0"."""


def list_devices() -> list[str]:
    """The devices of this machine in the form "cpu:0", "gpu:0"."""


def to_dlpack(x: Tensor) -> Any:
    """An object with `__dlpack__` and `__dlpack_device__`, for another framework's from_dlpack."""


def from_dlpack(x: Any) -> Tensor:
    """A tensor that shares (or, where the framework must, copies) the memory of `x`, which has `__dlpack__`."""


def synchronize() -> None:
    """Waits until everything launched on the devices is done (for timings)."""


def seed_native(seed: int) -> None:
    """Seeds the framework's own generators, for code that calls them directly."""


def enable_tensor_methods() -> None:
    """Gives the framework's own eager tensors TensorFlow's method `.numpy()`, detached from gradients.

    Only `triceras.tf` calls it, because it changes a class of the framework.
    """
