"""MelSpectrogram: sound as energies of bands that the ear tells apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.layer import Layer

Shape = tuple[int | None, ...]


class MelSpectrogram(Layer):
    """The energy of a signal by time and mel band, 10 * log10(power / ref_power) in decibels.

    The magnitude of its short-time Fourier transform to the power `mag_exp`, summed up in triangular bands that are
    equally wide and overlap by half on the mel scale, 2595 * log10(1 + f / 700) (Stevens, Volkmann and Newman,
    1937).

    Args:
        fft_length: samples that a spectrum is computed of.
        sequence_stride: samples from one spectrum to the next.
        sequence_length: samples in the window; None is fft_length.
        window: "hann", "hamming", an array of sequence_length numbers, or None for none.
        sampling_rate: samples per second.
        num_mel_bins: how many bands.
        min_freq, max_freq: where the bands begin and end, in Hz; max_freq None is half the sampling rate.
        power_to_db: whether decibels are given, and not powers.
        top_db: decibels this far below the largest are raised to there; None raises none.
        mag_exp: 1.0 for magnitudes, 2.0 for powers.
        min_power: powers below count as this, before the logarithm.
        ref_power: the power of 0 decibels.

    Input: (time,) or (batch, ..., time). Output: (num_mel_bins, frames) or (batch, ..., num_mel_bins, frames), with
    frames = 1 + time // sequence_stride.

    Raises ValueError: sequence_length above fft_length, sizes below 1, another window, or min_freq or max_freq out of
    order.

    Example:
        >>> layer = keras.layers.MelSpectrogram(fft_length=64, sequence_stride=16, num_mel_bins=10)
        >>> keras.ops.shape(layer(np.ones((2, 160), "float32")))
        (2, 10, 11)
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float | None = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        sequence_length = sequence_length or fft_length
        where = f"MelSpectrogram {self.name!r}"
        for argument, value in (
            ("fft_length", fft_length),
            ("sequence_stride", sequence_stride),
            ("num_mel_bins", num_mel_bins),
            ("sampling_rate", sampling_rate),
        ):
            if value < 1:
                raise ValueError(f"{where}: {argument} must be at least 1; got: {value}")
        if sequence_length > fft_length:
            raise ValueError(
                f"{where}: sequence_length must not be above fft_length; got: {sequence_length} and {fft_length}"
            )
        if isinstance(window, str) and window not in ("hann", "hamming"):
            raise ValueError(f'{where}: window must be "hann", "hamming", an array or None; got: {window!r}')
        self.fft_length, self.sequence_stride, self.sequence_length = fft_length, sequence_stride, sequence_length
        self.window, self.sampling_rate, self.num_mel_bins = window, sampling_rate, num_mel_bins
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power
        self._bands = _mel_matrix(
            num_mel_bins, fft_length // 2 + 1, sampling_rate, float(min_freq), float(self.max_freq)
        )

    def build(self, input_shape: Any) -> None:
        """Nothing is to be made."""

    def call(self, inputs: Any) -> Any:
        dtype = "float64" if self.compute_dtype == "float64" else "float32"  # the frameworks' transforms have no half
        x = ops.cast(ops.convert_to_tensor(inputs), dtype)
        real, imaginary = ops.stft(x, self.sequence_length, self.sequence_stride, self.fft_length, self.window)
        power = ops.square(real) + ops.square(imaginary)
        if self.mag_exp != 2.0:
            power = ops.power(ops.sqrt(power), self.mag_exp)
        bands = ops.swapaxes(ops.matmul(power, ops.convert_to_tensor(self._bands, dtype)), -1, -2)
        return ops.cast(self._decibels(bands) if self.power_to_db else bands, self.compute_dtype)

    def _decibels(self, power: Any) -> Any:
        reference = 10.0 * float(np.log10(max(self.ref_power, self.min_power)))
        found = ops.log10(ops.maximum(power, self.min_power)) * 10.0 - reference
        return found if self.top_db is None else ops.maximum(found, ops.max(found) - self.top_db)

    def linear_to_mel_weight_matrix(
        self,
        num_mel_bins: int = 20,
        num_spectrogram_bins: int = 129,
        sampling_rate: int = 8000,
        lower_edge_hertz: float = 125.0,
        upper_edge_hertz: float = 3800.0,
        dtype: str = "float32",
    ) -> Any:
        """The matrix (num_spectrogram_bins, num_mel_bins) that makes bands of a spectrum, a tensor.

        Args:
            num_mel_bins: how many bands.
            num_spectrogram_bins: frequencies of the spectrum, from 0 to half the sampling rate.
            sampling_rate: samples per second.
            lower_edge_hertz, upper_edge_hertz: where the bands begin and end.
            dtype: of the matrix.
        """
        found = _mel_matrix(num_mel_bins, num_spectrogram_bins, sampling_rate, lower_edge_hertz, upper_edge_hertz)
        return ops.convert_to_tensor(found, dtype)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        time = input_shape[-1]
        frames = (
            None if time is None else 1 + (time + self.fft_length // 2 * 2 - self.fft_length) // self.sequence_stride
        )
        return (*input_shape[:-1], self.num_mel_bins, frames)

    def get_config(self) -> dict[str, Any]:
        names = (
            "fft_length", "sequence_stride", "sequence_length", "window", "sampling_rate", "num_mel_bins", "min_freq",
            "max_freq", "power_to_db", "top_db", "mag_exp", "min_power", "ref_power",
        )  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _mel(hertz: Any) -> Any:
    return 2595.0 * np.log10(1.0 + hertz / 700.0)


def _mel_matrix(bands: int, bins: int, rate: int, low: float, high: float) -> np.ndarray[Any, Any]:
    """How much of each frequency belongs to each band: triangles on the mel scale, nothing of frequency 0."""
    edges = np.linspace(_mel(low), _mel(high), bands + 2)
    at = _mel(np.linspace(0.0, rate / 2.0, bins)[1:, None])
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.minimum((at - left) / (middle - left), (right - at) / (right - middle))
    return np.concatenate([np.zeros((1, bands)), np.maximum(slopes, 0.0)])
