"""Windows of frames by their names."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

# Sums of cosines: their factors.
_COSINES = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "rectangular": (1.0,),
    "boxcar": (1.0,),
    "ones": (1.0,),
}


def window_of(where: str, window: Any, length: int, periodic: bool) -> np.ndarray[Any, Any]:
    """A window of so many numbers: by its name, as it is, or ones for None.

    Args:
        where: what errors begin with.
        window: a name, numbers or None.
        length: how many numbers.
        periodic: a period of the function, else symmetric.

    Raises ValueError: an unknown name, or another number of numbers. Raises ImportError: a name that takes SciPy,
    which is not installed.
    """
    if window is None:
        return np.ones(length)
    if not isinstance(window, str):
        found = np.asarray(window, "float64")
        if found.shape != (length,):
            raise ValueError(f"{where}: a window must have the shape {(length,)}; got: {found.shape}")
        return found
    if window in _COSINES:
        if length == 1:
            return np.ones(1)
        turns = 2 * np.pi * np.arange(length) / (length if periodic else length - 1)
        return sum(
            ((-1) ** k * factor * np.cos(k * turns) for k, factor in enumerate(_COSINES[window])), np.zeros(length)
        )
    try:
        signal = importlib.import_module("scipy.signal")
    except ImportError:
        raise ImportError(
            f"{where}: the window {window!r} needs SciPy: pip install scipy. Without it: {', '.join(_COSINES)}."
        ) from None
    try:
        return np.asarray(signal.get_window(window, length, fftbins=bool(periodic)))
    except ValueError as error:
        raise ValueError(f"{where}: unknown window {window!r}: {error}") from None
