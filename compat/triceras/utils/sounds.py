"""Recordings in WAV files."""

from __future__ import annotations

import math
import wave
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def load_sound(path: str, sampling_rate: int | None, length: int | None) -> Array:
    """A file's samples, float32 in -1 to 1, (samples, channels)."""
    try:
        with wave.open(path, "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            content = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} is no WAV file of plain samples: {error}") from error
    samples = _samples(content, width).reshape(-1, channels)
    if sampling_rate is not None and sampling_rate != rate:
        resample = resampler(sampling_rate)
        common = math.gcd(rate, sampling_rate)
        samples = resample(samples, sampling_rate // common, rate // common).astype("float32")
    return samples if length is None else _padded(samples[:length], (length, channels))


def _samples(content: bytes, width: int) -> Array:
    if width == 1:  # the only ones without a sign
        return (np.frombuffer(content, np.uint8).astype("float32") - 128) / 128
    if width == 3:
        bytes_ = np.zeros((len(content) // 3, 4), np.uint8)
        bytes_[:, 1:] = np.frombuffer(content, np.uint8).reshape(-1, 3)
        return (bytes_.view("<i4")[:, 0] / 2.0**31).astype("float32")
    return (np.frombuffer(content, f"<i{width}") / 2.0 ** (8 * width - 1)).astype("float32")


def resampler(sampling_rate: int) -> Any:
    """SciPy's function that resamples. Raises ImportError: SciPy is not installed."""
    try:
        from scipy.signal import resample_poly  # noqa: PLC0415
    except ImportError:
        raise ImportError(f"sampling_rate={sampling_rate} needs SciPy. Install it: pip install scipy.") from None
    return resample_poly


def _padded(sound: Array, shape: tuple[int, int]) -> Array:
    return np.pad(sound, [(0, new - old) for old, new in zip(sound.shape, shape, strict=True)])


def collate_sounds(sounds: list[Array], ragged: bool) -> Array:
    """Sounds as one array, with zeros where one has fewer samples or channels; or as an array of objects."""
    if ragged:
        batch = np.empty(len(sounds), dtype=object)
        batch[:] = sounds
        return batch
    shape = tuple(max(sizes) for sizes in zip(*(sound.shape for sound in sounds), strict=True))
    return np.stack([_padded(sound, shape) for sound in sounds])
