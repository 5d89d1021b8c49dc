"""Fourier transforms, on PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from triceras_backends.derived.fourier import (
    checked_axis,
    checked_frames,
    checked_length,
    checked_parts,
    checked_sequences,
    margins,
    pair,
)
from triceras_backends.torch_backend.arrays import pad
from triceras_backends.torch_backend.linalg import single
from triceras_backends.torch_backend.tensors import FLOATS, NAMES, convert_to_tensor, promote, to_float


def _parts(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.real, x.imag


def _of_pair(name: str, x: Any, fn: Callable[..., Any], rank: int = 1, **kwargs: Any) -> Any:
    """fn of the complex numbers in a pair."""
    real, imaginary = promote(*pair(name, x))
    checked_parts(name, real.shape, imaginary.shape, NAMES[real.dtype], rank)
    return single(name, lambda p, q: fn(torch.complex(p, q), **kwargs), real, imaginary)


def _transformed(fn: Callable[..., Tensor], x: Tensor, *n: int | None) -> Tensor:
    """fn(x, *n); of an empty batch, which libraries refuse, nothing of one that is not."""
    if x.numel():
        return fn(x, *n)
    some = fn(x.new_zeros([size or 1 for size in x.shape]), *n)
    return some[tuple(slice(None if size else 0) for size in x.shape)]


def fft(x: Any) -> Any:
    return _of_pair("fft", x, lambda z: _parts(_transformed(torch.fft.fft, z)))


def fft2(x: Any) -> Any:
    return _of_pair("fft2", x, lambda z: _parts(_transformed(torch.fft.fft2, z)), 2)


def ifft2(x: Any) -> Any:
    return _of_pair("ifft2", x, lambda z: _parts(_transformed(torch.fft.ifft2, z)), 2)


def _real_transform(x: Tensor, n: int | None = None) -> tuple[Tensor, Tensor]:
    return _parts(_transformed(torch.fft.rfft, x, n))


def rfft(x: Any, fft_length: int | None = None) -> Any:
    x = to_float(x)
    checked_axis("rfft", x.shape)
    checked_length("rfft", fft_length, x.shape[-1])
    return single("rfft", _real_transform, x, n=fft_length)


def _inverse_real(x: Tensor, n: int | None) -> Tensor:
    checked_length("irfft", n, 2 * (x.shape[-1] - 1))
    return _transformed(torch.fft.irfft, x, n)


def irfft(x: Any, fft_length: int | None = None) -> Tensor:
    return _of_pair("irfft", x, _inverse_real, n=fft_length)


# -- frames ----------------------------------------------------------------------------------


def _framed(x: Tensor, length: int, stride: int) -> Tensor:
    if x.shape[-1] < length:
        return x[..., :0, None].expand(*x.shape[:-1], 0, length)
    return x.unfold(-1, length, stride)


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Tensor:
    checked_sequences("extract_sequences", sequence_length, sequence_stride)
    x = convert_to_tensor(x)
    checked_axis("extract_sequences", x.shape)
    return _framed(x, sequence_length, sequence_stride).contiguous()


_WINDOWS = {"hann": torch.hann_window, "hamming": torch.hamming_window}


def _window(window: Any, length: int, fft_length: int, like: Tensor) -> Tensor:
    """The window of a frame; ones where there is none."""
    if window is None:
        return like.new_ones(fft_length)
    if isinstance(window, str):
        window = _WINDOWS[window](length, dtype=like.dtype, device=like.device)
    else:
        window = convert_to_tensor(window).to(dtype=like.dtype, device=like.device)
    return window if length == fft_length else functional.pad(window, margins(length, fft_length))


def _reflected(x: Tensor, width: int) -> Tensor:
    size = x.shape[-1]
    if not 0 < width < size:  # further than once around
        return pad(x, [(0, 0)] * (x.ndim - 1) + [(width, width)], "reflect")
    rows = functional.pad(x.reshape(math.prod(x.shape[:-1]), size), (width, width), "reflect")
    return rows.reshape(*x.shape[:-1], size + 2 * width)


def _short_time(x: Tensor, length: int, stride: int, fft_length: int, window: Any, center: bool) -> Any:
    x = _reflected(x, fft_length // 2) if center else x
    frames = _framed(x, fft_length, stride)
    return _real_transform(frames if window is None else frames * _window(window, length, fft_length, x))


def stft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Any:
    x = convert_to_tensor(x)
    if x.dtype not in FLOATS:
        raise TypeError(f"stft: x must be of a float dtype; got {NAMES[x.dtype]}.")
    checked_axis("stft", x.shape)
    checked_frames("stft", sequence_length, sequence_stride, fft_length, window)
    return single(
        "stft", _short_time, x, length=sequence_length, stride=sequence_stride, fft_length=fft_length, window=window,
        center=center,
    )  # fmt: skip


def _overlapped(frames: Tensor, stride: int) -> Tensor:
    """The sum of frames, each `stride` after the last."""
    *lead, count, length = frames.shape
    size = (count - 1) * stride + length
    if not count or 0 in lead:
        return frames.new_zeros(*lead, max(0, size) if count else 0)
    columns = frames.reshape(math.prod(lead), count, length).mT
    return functional.fold(columns, (1, size), (1, length), stride=(1, stride)).reshape(*lead, size)


def _inverse_short_time(
    x: Tensor, sequence: int, stride: int, fft_length: int, length: int | None, window: Any, center: bool
) -> Tensor:
    frames = _transformed(torch.fft.irfft, x, fft_length)
    weights = _window(window, sequence, fft_length, frames)
    squares = _overlapped(weights.square().expand(frames.shape[-2:]), stride)
    signal = _overlapped(frames * weights, stride) / torch.where(squares > 1e-10, squares, 1)
    start = fft_length // 2 if center else 0
    signal = signal[..., start : max(signal.shape[-1] - start, start) if length is None else start + length]
    missing = 0 if length is None else length - signal.shape[-1]
    return functional.pad(signal, (0, missing)) if missing > 0 else signal


def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    checked_frames("istft", sequence_length, sequence_stride, fft_length, window)
    return _of_pair(
        "istft", x, _inverse_short_time, 2, sequence=sequence_length, stride=sequence_stride, fft_length=fft_length,
        length=length, window=window, center=center,
    )  # fmt: skip
