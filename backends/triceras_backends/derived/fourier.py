"""Fourier transforms: what backends share in checking their arguments."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from triceras_backends import dtypes


def pair(name: str, x: Any) -> tuple[Any, Any]:
    """The real and imaginary part in x. ValueError: x is no pair."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ValueError(f"{name}: x must be a pair (real, imaginary) of tensors; got {type(x).__name__}: {x!r:.80}")
    return x[0], x[1]


def checked_parts(name: str, real: Any, imaginary: Any, dtype: str, rank: int = 1) -> None:
    """Raises ValueError for the shapes of a pair that differ or have too few axes, or a dtype that is no float."""
    real, imaginary = tuple(real), tuple(imaginary)
    if not dtypes.is_float(dtype):
        raise ValueError(f"{name}: x must be a pair of floats; got dtype {dtype}.")
    if len(real) != len(imaginary) or any(m != n for m, n in zip(real, imaginary, strict=True) if m and n):
        raise ValueError(f"{name}: the parts of x must have one shape; got {real} and {imaginary}.")
    if len(real) < rank or 0 in real[len(real) - rank :]:
        raise ValueError(f"{name}: x needs {rank} axes or more, none of the last {rank} empty; got shape {real}.")


def checked_axis(name: str, shape: Any) -> None:
    """Raises ValueError for a scalar."""
    if not len(shape):
        raise ValueError(f"{name}: x needs an axis to work along; got a scalar.")


def checked_length(name: str, fft_length: Any, default: int | None = None) -> None:
    """Raises ValueError for a length below 1; `default` is that which None stands for, if known."""
    length = default if fft_length is None else fft_length
    if length is not None and length < 1:
        raise ValueError(f"{name}: fft_length must be positive; got {fft_length!r}, which makes it {length}.")


def checked_sequences(name: str, sequence_length: int, sequence_stride: int) -> None:
    """Raises ValueError for a length or stride below 1."""
    for argument, value in (("sequence_length", sequence_length), ("sequence_stride", sequence_stride)):
        if value < 1:
            raise ValueError(f"{name}: {argument} must be positive; got {value!r}.")


def checked_frames(name: str, sequence_length: int, sequence_stride: int, fft_length: int, window: Any) -> None:
    """Raises ValueError for arguments of `stft` and `istft` that do not fit."""
    checked_sequences(name, sequence_length, sequence_stride)
    if fft_length < sequence_length:
        raise ValueError(
            f"{name}: fft_length must not be less than sequence_length; got {fft_length} and {sequence_length}."
        )
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ValueError(f'{name}: window must be "hann", "hamming", a tensor or None; got {window!r}.')
    elif window is not None and tuple(np.shape(window)) != (sequence_length,):
        shape = tuple(np.shape(window))
        raise ValueError(f"{name}: window must have the shape ({sequence_length},) of sequence_length; got {shape}.")


def margins(sequence_length: int, fft_length: int) -> tuple[int, int]:
    """How many zeros stand before and after the window in a frame."""
    before = (fft_length - sequence_length) // 2
    return before, fft_length - sequence_length - before


@functools.lru_cache(64)
def named_window(name: str, size: int) -> np.ndarray[Any, Any]:
    """A periodic window: one period of a raised cosine (Harris, 1978)."""
    if size == 1:
        return np.ones(1)
    base = 0.5 if name == "hann" else 0.54
    return np.asarray(base - (1 - base) * np.cos(2 * np.pi * np.arange(size) / size))
