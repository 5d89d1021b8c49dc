"""Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpy_horn.kernels import table
from triceras_backends.derived import fourier as shared


def _parts(x: Any) -> tuple[Any, Any]:
    return x.real, x.imag


def _of_pair(name: str, fn: Callable[..., Any], rank: int = 1) -> Callable[..., Any]:
    """fn of the complex numbers in a pair, and of further arguments."""

    def call(x: Any, *args: Any) -> Any:
        real, imaginary = shared.pair(name, x)
        shared.checked_parts(name, real.shape, imaginary.shape, real.dtype.name, rank)
        return fn(real + 1j * imaginary, *args)

    return call


def _rfft(x: Any, fft_length: int | None) -> Any:
    shared.checked_axis("rfft", x.shape)
    shared.checked_length("rfft", fft_length, x.shape[-1])
    return _parts(np.fft.rfft(x, fft_length))


def _irfft(x: Any, fft_length: int | None) -> Any:
    shared.checked_length("irfft", fft_length, 2 * (x.shape[-1] - 1))
    return np.fft.irfft(x, fft_length)


def _extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    shared.checked_sequences("extract_sequences", sequence_length, sequence_stride)
    shared.checked_axis("extract_sequences", x.shape)
    count = max(0, 1 + (x.shape[-1] - sequence_length) // sequence_stride)
    return x[..., np.arange(count)[:, None] * sequence_stride + np.arange(sequence_length)]


def _window(window: Any, length: int, fft_length: int, dtype: Any) -> Any:
    if window is None:
        return np.ones(fft_length, dtype)
    values = shared.named_window(window, length) if isinstance(window, str) else window
    return np.pad(np.asarray(values, dtype), shared.margins(length, fft_length))


def _stft(x: Any, length: int, stride: int, fft_length: int, window: Any, center: bool) -> Any:
    if x.dtype.kind != "f":
        raise TypeError(f"x must be of a float dtype; got {x.dtype}")
    shared.checked_axis("stft", x.shape)
    shared.checked_frames("stft", length, stride, fft_length, window)
    if center:
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2,) * 2], "reflect")
    return _parts(np.fft.rfft(_extract_sequences(x, fft_length, stride) * _window(window, length, fft_length, x.dtype)))


def _overlapped(frames: Any, stride: int) -> Any:
    *lead, count, length = frames.shape
    total = np.zeros((*lead, (count - 1) * stride + length), frames.dtype)
    for i in range(count):
        total[..., i * stride : i * stride + length] += frames[..., i, :]
    return total


def _istft(x: Any, sequence: int, stride: int, fft_length: int, length: int | None, window: Any, center: bool) -> Any:
    shared.checked_frames("istft", sequence, stride, fft_length, window)
    frames = np.fft.irfft(x, fft_length)
    weights = _window(window, sequence, fft_length, frames.dtype)
    squares = _overlapped(np.broadcast_to(weights**2, frames.shape[-2:]), stride)
    signal = _overlapped(frames * weights, stride) / np.where(squares > 1e-10, squares, 1)
    start = fft_length // 2 if center else 0
    signal = signal[..., start : max(signal.shape[-1] - start, start) if length is None else start + length]
    missing = 0 if length is None else max(0, length - signal.shape[-1])
    return np.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(0, missing)])


table(
    globals(),
    fft=_of_pair("fft", lambda x: _parts(np.fft.fft(x))), fft2=_of_pair("fft2", lambda x: _parts(np.fft.fft2(x)), 2),
    ifft2=_of_pair("ifft2", lambda x: _parts(np.fft.ifft2(x)), 2), irfft=_of_pair("irfft", _irfft),
    stft=_stft, istft=_of_pair("istft", _istft, 2),
)  # fmt: skip
table(globals(), "float", rfft=_rfft)
table(globals(), extract_sequences=_extract_sequences)
