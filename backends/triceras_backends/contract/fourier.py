"""Fourier transforms, of whole tensors and of short overlapping frames.

Complex numbers are pairs of real tensors of one shape, (real, imaginary). Transforms compute in
float32 or float64; float16 and bfloat16 are computed in float32 and cast back. The forward
transform has no factor, the inverse 1/n. Transforms along an axis of size 0 are not defined.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor, Tensors


def fft(x: Tensors) -> Any:
    """Discrete Fourier transform of a pair along the last axis, as a pair.

    ValueError: no pair, shapes that differ, or tensors that are not floats.
    """


def fft2(x: Tensors) -> Any:
    """Discrete Fourier transform of a pair along the last two axes, as a pair. Errors as in `fft`."""


def ifft2(x: Tensors) -> Any:
    """Inverse of `fft2`."""


def rfft(x: Tensor, fft_length: int | None = None) -> Any:
    """Fourier transform of real numbers along the last axis: the pair of its first fft_length // 2 + 1 terms.

    The axis is cut, or filled up with zeros, to fft_length. Integers become the default float.
    """


def irfft(x: Tensors, fft_length: int | None = None) -> Tensor:
    """Inverse of `rfft`: fft_length real numbers of a pair; by default 2 * (terms - 1).

    Terms are cut, or filled up with zeros, to fft_length // 2 + 1. The imaginary parts of the first
    term, and for an even length of the last, do not count.
    """


def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    """Windows of the last axis: (..., frames, sequence_length), one every sequence_stride.

    Only whole windows: frames is 1 + (size - sequence_length) // sequence_stride, or 0.
    ValueError: a length or stride below 1.
    """


def stft(
    x: Tensor,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """Short-time Fourier transform of the last axis: a pair of shape (..., frames, fft_length // 2 + 1).

    Frames of fft_length begin every sequence_stride. Each is multiplied by the window ("hann" or
    "hamming", both periodic, or a tensor of sequence_length numbers), which stands in the frame's
    middle with zeros around it; None leaves frames as they are. With `center`, x is reflected by fft_length // 2 at
    both ends first, so that frame t is about sample t * sequence_stride.

    TypeError: x is no float. ValueError: another window, fft_length below sequence_length, or a
    stride below 1.
    """


def istft(
    x: Tensors,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    """Inverse of `stft`: frames added up times the window, divided by the sum of its squares.

    That is the signal closest to x (Griffin and Lim, 1984), and the signal itself if x is an `stft`
    with the same arguments, wherever some window is not 0; elsewhere it is 0. `length` cuts the
    result, or fills it up with zeros. Errors as in `stft`.
    """
