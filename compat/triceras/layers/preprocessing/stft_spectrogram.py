"""STFTSpectrogram: a signal's short-time Fourier transform as a convolution that can be trained."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.input_spec import InputSpec
from triceras.layers.layer import Layer
from triceras.layers.preprocessing.windows import window_of
from triceras_backends import config

Shape = tuple[int | None, ...]

MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


class STFTSpectrogram(Layer):
    """Spectra of a signal's frames, computed by convolution with windowed cosines and sines.

    real = sum of x[n] w[n] cos(2 pi k n / fft_length) over a frame, imag with -sin in place of cos. These kernels are
    weights, and are trained unless trainable=False.

    Args:
        mode: "stft": both parts, one after the other; "real", "imag": one of them; "magnitude": their modulus; "psd":
            the power, its square, twice where a negative frequency has the same; "log": the logarithm of the modulus;
            "angle": the phase.
        frame_length: samples in a frame.
        frame_step: samples from one frame to the next; None is half the frame_length.
        fft_length: the length that frames are filled up to with zeros; None is the power of two that is not below
            frame_length.
        window: "hann", "hamming", "blackman", "rectangular" or another name that scipy.signal.get_window knows (for
            which SciPy must be installed), an array of frame_length numbers, or None.
        periodic: whether the window is a period of its function, and not symmetric.
        scaling: the window is divided by "density" the root of the sum of its squares, "spectrum" its sum, or None.
        padding: "valid", whole frames only, or "same", time / frame_step frames.
        expand_dims: channels get an axis of their own.
        data_format: "channels_last" or "channels_first"; None is keras.config.image_data_format().

    Input: (batch, time, channels), or (batch, channels, time) of channels first. Output: (batch, frames, channels *
    frequencies), of channels first (batch, channels * frequencies, frames); with expand_dims (batch, frames,
    frequencies, channels) or (batch, channels, frames, frequencies). frequencies is fft_length // 2 + 1, in mode
    "stft" twice that.

    Raises ValueError: an unknown mode, window, scaling or padding; lengths out of order; an input that is not 3D.

    Example:
        >>> layer = keras.layers.STFTSpectrogram(frame_length=16, frame_step=8, mode="magnitude")
        >>> keras.ops.shape(layer(np.ones((2, 64, 1), "float32")))
        (2, 7, 9)
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = f"STFTSpectrogram {self.name!r}"
        if mode not in MODES:
            raise ValueError(f"{where}: mode must be one of {', '.join(MODES)}; got: {mode!r}")
        if not isinstance(frame_length, (int, np.integer)) or frame_length < 1:
            raise ValueError(f"{where}: frame_length must be a positive integer; got: {frame_length!r}")
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise ValueError(f"{where}: frame_step must lie in [1, frame_length={frame_length}]; got: {frame_step}")
        if fft_length is not None and fft_length < frame_length:
            raise ValueError(f"{where}: fft_length must not be below frame_length={frame_length}; got: {fft_length}")
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(f"{where}: fft_length={fft_length} is no power of two, as is usual.", stacklevel=2)
        if scaling not in ("density", "spectrum", None):
            raise ValueError(f'{where}: scaling must be "density", "spectrum" or None; got: {scaling!r}')
        if padding not in ("valid", "same"):
            raise ValueError(f'{where}: padding must be "valid" or "same"; got: {padding!r}')
        if isinstance(window, str):
            window_of(where, window, frame_length, periodic)  # raises
        self.mode, self.frame_length, self.frame_step = mode, frame_length, frame_step
        self._frame_step = frame_step or max(frame_length // 2, 1)
        self.fft_length = fft_length
        self._fft_length = fft_length or 2 ** math.ceil(math.log2(frame_length))
        self.window, self.periodic, self.scaling, self.padding = window, periodic, scaling, padding
        self.expand_dims = expand_dims
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        shape = (self.frame_length, 1, self._fft_length // 2 + 1)
        if self.mode != "imag":
            self.real_kernel = self.add_weight(shape, self._kernel(np.cos), name="real_kernel")
        if self.mode != "real":
            self.imag_kernel = self.add_weight(shape, self._kernel(lambda x: -np.sin(x)), name="imag_kernel")

    def _kernel(self, wave: Callable[[Any], Any]) -> Callable[..., Any]:
        def initialize(shape: Any, dtype: Any = None) -> Any:
            window = window_of(f"STFTSpectrogram {self.name!r}", self.window, self.frame_length, self.periodic)
            if self.scaling == "density":
                window = window / np.sqrt(np.sum(window**2))
            elif self.scaling == "spectrum":
                window = window / np.sqrt(np.sum(window) ** 2)
            turns = np.arange(self.frame_length)[:, None] * np.arange(shape[-1]) / self._fft_length
            return ops.convert_to_tensor((window[:, None] * wave(2 * np.pi * turns))[:, None], dtype)

        return initialize

    def call(self, inputs: Any) -> Any:
        x = ops.convert_to_tensor(inputs)
        first = self.data_format == "channels_first"
        channels = x.shape[1 if first else -1]
        if first:
            x = ops.transpose(x, (0, 2, 1))
        if channels != 1:  # each by itself, as rows of a batch
            time = ops.shape(x)[1]
            x = ops.reshape(ops.transpose(x, (0, 2, 1)), (-1, time, 1))
        found = self._spectra(x)
        if channels != 1 or first or self.expand_dims:
            found = self._arranged(found, channels, first)
        return found

    def _spectra(self, x: Any) -> Any:
        """The result for rows of one channel: (rows, frames, frequencies)."""
        if self.mode == "real":
            return self._convolved(x, self.real_kernel)
        if self.mode == "imag":
            return self._convolved(x, self.imag_kernel)
        real, imaginary = self._convolved(x, self.real_kernel), self._convolved(x, self.imag_kernel)
        if self.mode == "stft":
            return ops.concatenate([real, imaginary], axis=-1)
        if self.mode == "angle":
            return ops.arctan2(imaginary, real)
        psd = ops.square(real) + ops.square(imaginary)
        if self.mode == "psd":
            return psd * ops.convert_to_tensor(self._sides(), self.compute_dtype)
        if self.mode == "magnitude":
            # No gradient at 0, where that of the root has no bound.
            return ops.sqrt(ops.maximum(psd, config.epsilon() ** 2))
        return 0.5 * ops.log(ops.maximum(psd, config.epsilon() ** 2))

    def _sides(self) -> Any:
        """How many frequencies each one stands for: all but the first and last have a negative twin (as Keras has it:
        of an odd fft_length the last one has too)."""
        sides = np.full(self._fft_length // 2 + 1, 2.0)
        sides[0] = sides[-1] = 1.0
        return sides

    def _convolved(self, x: Any, kernel: Any) -> Any:
        return ops.conv(x, kernel, self._frame_step, self.padding, data_format="channels_last")

    def _arranged(self, found: Any, channels: int, first: bool) -> Any:
        """(batch * channels, frames, frequencies) in the layout of the output."""
        frames, frequencies = ops.shape(found)[1], found.shape[-1]
        whole = ops.reshape(found, (-1, channels, frames, frequencies))
        if self.expand_dims:
            return whole if first else ops.transpose(whole, (0, 2, 3, 1))
        if first:
            return ops.reshape(ops.transpose(whole, (0, 1, 3, 2)), (-1, channels * frequencies, frames))
        return ops.reshape(ops.transpose(whole, (0, 2, 1, 3)), (-1, frames, channels * frequencies))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        first = self.data_format == "channels_first"
        batch = input_shape[0]
        channels, time = (input_shape[1], input_shape[2]) if first else (input_shape[2], input_shape[1])
        frequencies = (self._fft_length // 2 + 1) * (2 if self.mode == "stft" else 1)
        frames = None
        if time is not None:
            frames = -(-(time if self.padding == "same" else max(time - self.frame_length + 1, 0)) // self._frame_step)
        if self.expand_dims:
            return (batch, channels, frames, frequencies) if first else (batch, frames, frequencies, channels)
        both = None if channels is None else channels * frequencies
        return (batch, both, frames) if first else (batch, frames, both)

    def get_config(self) -> dict[str, Any]:
        names = (
            "mode", "frame_length", "frame_step", "fft_length", "window", "periodic", "scaling", "padding",
            "data_format", "expand_dims",
        )  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
