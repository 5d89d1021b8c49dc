"""Fourier transforms, on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

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
from triceras_backends.tensorflow_backend.arrays import pad
from triceras_backends.tensorflow_backend.linalg import single
from triceras_backends.tensorflow_backend.tensors import (
    FLOATING,
    convert_to_tensor,
    dtype_of,
    float_tensor,
    promote,
    rank_of,
    scalar,
    static_shape,
    tensor,
)


def _parts(x: Tensor) -> tuple[Tensor, Tensor]:
    return tf.math.real(x), tf.math.imag(x)


def _of_pair(name: str, x: Any, fn: Callable[[Tensor], Any], rank: int = 1) -> Any:
    """fn of the complex numbers in a pair."""
    real, imaginary = promote(*pair(name, x))
    checked_parts(name, static_shape(real), static_shape(imaginary), dtype_of(real), rank)
    return single(name, lambda p, q: fn(tf.complex(p, q)), real, imaginary)


def fft(x: Tensors) -> Any:
    return _of_pair("fft", x, lambda z: _parts(tf.signal.fft(z)))


def fft2(x: Tensors) -> Any:
    return _of_pair("fft2", x, lambda z: _parts(tf.signal.fft2d(z)), 2)


def ifft2(x: Tensors) -> Any:
    return _of_pair("ifft2", x, lambda z: _parts(tf.signal.ifft2d(z)), 2)


def rfft(x: Tensor, fft_length: int | None = None) -> Any:
    x = float_tensor(x)
    checked_axis("rfft", x.shape)
    checked_length("rfft", fft_length, static_shape(x)[-1])
    return single("rfft", lambda x: _parts(tf.signal.rfft(_resized(x, 0, fft_length))), x)


def _inverse_real(z: Tensor, fft_length: int) -> Tensor:
    return tf.signal.irfft(_resized(z, 0, fft_length // 2 + 1), [fft_length])


def irfft(x: Tensors, fft_length: int | None = None) -> Tensor:
    def inverse(z: Tensor) -> Tensor:
        terms = static_shape(z)[-1]
        checked_length("irfft", fft_length, None if terms is None else 2 * (terms - 1))
        return tf.signal.irfft(z) if fft_length is None else _inverse_real(z, fft_length)

    return _of_pair("irfft", x, inverse)


# -- frames ----------------------------------------------------------------------------------


def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    checked_sequences("extract_sequences", sequence_length, sequence_stride)
    x = tensor(x)
    checked_axis("extract_sequences", x.shape)
    return tf.signal.frame(x, sequence_length, sequence_stride)


def _window(window: Any, length: int, fft_length: int, dtype: tf.DType) -> Tensor:
    """The window of a frame; 1 where there is none."""
    if window is None:
        return tf.ones(fft_length, dtype)
    around = margins(length, fft_length)
    if isinstance(window, str):
        return tf.constant(np.pad(named_window(window, length), around), dtype)
    return tf.pad(convert_to_tensor(window, dtype), [around])


def stft(
    x: Tensor, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Any:
    x = tensor(x)
    if x.dtype not in FLOATING:
        raise TypeError(f"stft: x must be of a float dtype; got {dtype_of(x)}.")
    checked_axis("stft", x.shape)
    checked_frames("stft", sequence_length, sequence_stride, fft_length, window)

    def short_time(x: Tensor) -> Any:
        if center:
            x = pad(x, [(0, 0)] * (rank_of(x) - 1) + [(fft_length // 2,) * 2], "reflect")
        frames = tf.signal.frame(x, fft_length, sequence_stride)
        if window is not None:
            frames *= _window(window, sequence_length, fft_length, x.dtype)
        return _parts(tf.signal.rfft(frames))

    return single("stft", short_time, x)


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
    start = fft_length // 2 if center else 0

    def inverse(z: Tensor) -> Tensor:
        frames = _inverse_real(z, fft_length)
        weights = _window(window, sequence_length, fft_length, frames.dtype)
        squares = tf.broadcast_to(tf.square(weights), tf.shape(frames)[-2:])
        squares = tf.signal.overlap_and_add(squares, sequence_stride)
        divisor = tf.where(squares > scalar(1e-10, squares.dtype), squares, tf.ones_like(squares))
        signal = tf.signal.overlap_and_add(frames * weights, sequence_stride) / divisor
        return _cut(signal, start, -start or None) if length is None else _resized(signal, start, length)

    return _of_pair("istft", x, inverse, 2)


def _cut(x: Tensor, start: int, stop: int | None) -> Tensor:
    return x[..., start:stop]


def _resized(x: Tensor, start: int, length: int | None) -> Tensor:
    """x[..., start : start + length], filled up with zeros; None leaves x. TensorFlow's own cutting in
    transforms has no right gradient."""
    if length is None or (not start and x.shape[-1] == length):
        return x
    x = _cut(x, start, start + length)
    missing = length - tf.shape(x)[-1]
    filled = tf.pad(x, [(0, 0)] * (rank_of(x) - 1) + [(0, missing)])
    filled.set_shape([*x.shape[:-1], length])
    return filled
