"""Initial values that nothing is drawn for."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from triceras.initializers.initializer import Initializer
from triceras_backends import dtypes


class Constant(Initializer):
    """Every element is `value`.

    Args:
        value: a number, or an array that broadcasts to the shape.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> keras.initializers.Constant(0.5)((2, 2))
    array([[0.5, 0.5],
           [0.5, 0.5]], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.array(np.broadcast_to(self.value, shape), dtype=dtypes.numpy_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class Zeros(Initializer):
    """Every element is 0.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> keras.initializers.Zeros()((3,))
    array([0., 0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.zeros(shape, dtype=dtypes.numpy_dtype(dtype))


class Ones(Initializer):
    """Every element is 1.

    Output: an array of the shape (any) that is asked for.

    Example:

    >>> keras.initializers.Ones()((3,))
    array([1., 1., 1.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.ones(shape, dtype=dtypes.numpy_dtype(dtype))


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    Args:
        gain: a number.

    Output: an array (rows, columns). Raises ValueError: a shape of another number of axes.

    Example:

    >>> keras.initializers.Identity(gain=2.0)((2, 3))
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices: it needs a shape of two axes; got: {tuple(shape)}")
        return (self.gain * np.eye(*shape)).astype(dtypes.numpy_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        # Keras writes none; it reads one, and without it another gain than 1 would be lost.
        return {} if self.gain == 1.0 else {"gain": self.gain}


class STFT(Initializer):
    """The waves of a short-time Fourier transform, for a convolution over samples to be one.

    Element [t, 0, k] is window(t) cos(2 pi t k / n) for the real part and -window(t) sin(2 pi t k / n) for the
    imaginary one, with n = 2 (frequencies - 1).

    Args:
        side: "real" or "imag".
        window: "hann", "hamming", another name or a tuple that scipy.signal.get_window knows, which needs
            SciPy, or None.
        scaling: "density" divides the window by the root of the sum of its squares, "spectrum" by its sum;
            None leaves it.
        periodic: whether the window is one period, and not symmetric.

    Output: an array (frame length, 1, frequencies).
    Raises ValueError: another side, scaling or window, or a shape of another number of axes.

    Example:

    >>> np.round(keras.initializers.STFT(window=None)((4, 1, 3))[:, 0], 1) + 0.0
    array([[ 1.,  1.,  1.],
           [ 1.,  0., -1.],
           [ 1., -1.,  1.],
           [ 1.,  0., -1.]], dtype=float32)
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f'STFT: side must be "real" or "imag"; got: {side!r}')
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(f'STFT: scaling must be "density", "spectrum" or None; got: {scaling!r}')
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic
        if window is not None:
            _window(window, 1, periodic)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 3:
            raise ValueError(f"STFT needs a shape (frame length, 1, frequencies); got: {tuple(shape)}")
        length, _, frequencies = shape
        angles = np.outer(np.arange(length), np.arange(frequencies)) * (math.pi / max(frequencies - 1, 1))
        waves = np.cos(angles) if self.side == "real" else -np.sin(angles)
        if self.window is not None:
            window = _window(self.window, length, self.periodic)
            if self.scaling is not None:
                size = np.sum(window) if self.scaling == "spectrum" else np.sqrt(np.sum(window**2))
                window = window / size
            waves = waves * window[:, None]
        return waves[:, None, :].astype(dtypes.numpy_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {"side": self.side, "window": self.window, "periodic": self.periodic, "scaling": self.scaling}


def _window(name: Any, length: int, periodic: bool) -> np.ndarray[Any, Any]:
    """A window by name. Raises ValueError: an unknown one, or one that needs SciPy where there is none."""
    if name in ("hann", "hamming"):
        base = 0.5 if name == "hann" else 0.54
        steps = length if periodic else max(length - 1, 1)
        return base - (1 - base) * np.cos(2 * math.pi * np.arange(length) / steps)
    try:
        windows: Any = importlib.import_module("scipy.signal")
    except ImportError:
        raise ValueError(f'STFT: window {name!r} needs SciPy; without it there are "hann" and "hamming".') from None
    found: np.ndarray[Any, Any] = windows.get_window(name, length, fftbins=periodic)
    return found
