"""Fourier transforms, on JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from triceras_backends.contract.types import Tensor, Tensors
from triceras_backends.derived.fourier import (
    checked_axis,
    checked_frames,
    checked_length,
    checked_parts,
    checked_sequences,
    margins,
    named_window,
    pair,
)
from triceras_backends.dtypes import is_float
from triceras_backends.jax_backend.kernels import INEXACT, checked, tensor, tensors
from triceras_backends.jax_backend.linalg import single


def _parts(x: Any) -> tuple[Any, Any]:
    return x.real, x.imag


def _of_pair(name: str, fn: Callable[..., Any], rank: int = 1, static: Any = ()) -> Callable[..., Any]:
    """fn of the complex numbers in a pair, and of further arguments."""
    run = checked(name, single(lambda real, imaginary, *args: fn(lax.complex(real, imaginary), *args)), static)

    def call(x: Any, *args: Any) -> Any:
        real, imaginary = tensors(pair(name, x))
        checked_parts(name, real.shape, imaginary.shape, real.dtype.name, rank)
        return run(real, imaginary, *args)

    return call


def _inverse_real(x: Any, n: int | None) -> Any:
    checked_length("irfft", n, 2 * (x.shape[-1] - 1))
    return jnp.fft.irfft(x, n)


_fft = _of_pair("fft", lambda x: _parts(jnp.fft.fft(x)))
_fft2 = _of_pair("fft2", lambda x: _parts(jnp.fft.fft2(x)), 2)
_ifft2 = _of_pair("ifft2", lambda x: _parts(jnp.fft.ifft2(x)), 2)
_irfft = _of_pair("irfft", _inverse_real, static=2)
_rfft = checked("rfft", single(lambda x, n: _parts(jnp.fft.rfft(x, n))), static=1)


def fft(x: Tensors) -> Any:
    return _fft(x)


def fft2(x: Tensors) -> Any:
    return _fft2(x)


def ifft2(x: Tensors) -> Any:
    return _ifft2(x)


def rfft(x: Tensor, fft_length: int | None = None) -> Any:
    x = tensor(x, INEXACT)
    checked_axis("rfft", x.shape)
    checked_length("rfft", fft_length, x.shape[-1])
    return _rfft(x, fft_length)


def irfft(x: Tensors, fft_length: int | None = None) -> Tensor:
    return _irfft(x, fft_length)


# -- frames ----------------------------------------------------------------------------------


def _framed(x: Any, length: int, stride: int) -> Any:
    count = max(0, 1 + (x.shape[-1] - length) // stride)
    return x[..., np.arange(count)[:, None] * stride + np.arange(length)]


_extract = checked("extract_sequences", _framed, static=(1, 2))


def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    checked_sequences("extract_sequences", sequence_length, sequence_stride)
    x = tensor(x)
    checked_axis("extract_sequences", x.shape)
    return _extract(x, sequence_length, sequence_stride)


def _window(window: Any, length: int, fft_length: int, dtype: Any) -> Any:
    """The window of a frame; 1 where there is none."""
    if window is None:
        return jnp.ones(fft_length, dtype)
    values = jnp.asarray(named_window(window, length) if isinstance(window, str) else window, dtype)
    return jnp.pad(values, margins(length, fft_length))


def _short_time(x: Any, window: Any, name: Any, length: int, stride: int, fft_length: int, center: bool) -> Any:
    if center:
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2,) * 2], "reflect")
    frames = _framed(x, fft_length, stride)
    return _parts(jnp.fft.rfft(frames * _window(name or window, length, fft_length, x.dtype)))


_stft = checked("stft", single(_short_time), static=(2, 3, 4, 5, 6))


def _named(window: Any) -> tuple[Any, Any]:
    """A window as an array and as a name, one of which is None: names are no arguments of a compiled call."""
    return (None, window) if isinstance(window, str) else (None if window is None else tensor(window), None)


def stft(
    x: Tensor, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Any:
    x = tensor(x)
    if not is_float(x.dtype.name):
        raise TypeError(f"stft: x must be of a float dtype; got {x.dtype.name}.")
    checked_axis("stft", x.shape)
    checked_frames("stft", sequence_length, sequence_stride, fft_length, window)
    return _stft(x, *_named(window), sequence_length, sequence_stride, fft_length, bool(center))


def _overlapped(frames: Any, stride: int) -> Any:
    """The sum of frames, each `stride` after the last. Frames are cut into blocks as long as the stride;
    the blocks are sheared so that those that meet stand in a column."""
    *lead, count, length = frames.shape
    blocks = -(-length // stride)
    frames = jnp.pad(frames, [(0, 0)] * (len(lead) + 1) + [(0, blocks * stride - length)])
    frames = jnp.swapaxes(frames.reshape(*lead, count, blocks, stride), -3, -2)
    frames = jnp.pad(frames, [(0, 0)] * (len(lead) + 1) + [(0, blocks), (0, 0)])
    rows = frames.reshape(*lead, blocks * (count + blocks), stride)[..., : blocks * (count + blocks - 1), :]
    total = rows.reshape(*lead, blocks, count + blocks - 1, stride).sum(-3)
    return total.reshape(*lead, -1)[..., : (count - 1) * stride + length]


def _inverse_short_time(
    x: Any, window: Any, name: Any, length: int, stride: int, fft_length: int, size: Any, center: bool
) -> Any:
    frames = jnp.fft.irfft(x, fft_length)
    weights = _window(name or window, length, fft_length, frames.dtype)
    squares = _overlapped(jnp.broadcast_to(jnp.square(weights), frames.shape[-2:]), stride)
    signal = _overlapped(frames * weights, stride) / jnp.where(squares > 1e-10, squares, 1)
    start = fft_length // 2 if center else 0
    signal = signal[..., start : max(signal.shape[-1] - start, start) if size is None else start + size]
    missing = 0 if size is None else max(0, size - signal.shape[-1])
    return jnp.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(0, missing)])


_istft = _of_pair("istft", _inverse_short_time, 2, static=(3, 4, 5, 6, 7, 8))


def istft(
    x: Tensors,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    checked_frames("istft", sequence_length, sequence_stride, fft_length, window)
    return _istft(x, *_named(window), sequence_length, sequence_stride, fft_length, length, bool(center))
