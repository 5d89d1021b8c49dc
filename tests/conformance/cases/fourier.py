"""Fourier transforms, of whole tensors and of short overlapping frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal

from tests.conformance.cases.base import Table, floats, ints
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()


def _pair(*shape: int, dtype: str = "float32") -> tuple[Any, Any]:
    return floats(shape, dtype), floats(shape, dtype, low=-1, high=4)


def _parts(x: Any) -> list[Any]:
    return [x.real, x.imag]


TWO = ("float", "float")
for shape in ((6,), (2, 5), (2, 3, 4), (2, 1, 2, 3), (1,), (0, 4)):
    CASES.add("fft", _pair(*shape), oracle=lambda x: _parts(np.fft.fft(x[0] + 1j * x[1])), returns=TWO, tol=20)
for name, oracle in (("fft2", np.fft.fft2), ("ifft2", np.fft.ifft2)):
    for shape in ((3, 4), (2, 4, 2), (2, 1, 2, 3), (1, 1)):
        CASES.add(name, _pair(*shape), oracle=lambda x, f=oracle: _parts(f(x[0] + 1j * x[1])), returns=TWO, tol=20)
for shape in ((6,), (2, 5), (2, 3, 4), (1,), (0, 4)):
    for length in (None, 4, 7):
        CASES.add("rfft", floats(shape), length, oracle=lambda x, n: _parts(np.fft.rfft(x, n)), returns=TWO, tol=20)
for shape in ((6,), (2, 5), (2, 1, 4), (0, 4)):
    for length in (None, 5, 12):
        CASES.add(
            "irfft",
            _pair(*shape),
            length,
            oracle=lambda x, n: np.fft.irfft(x[0] + 1j * x[1], n),
            returns="float",
            tol=20,
        )
for dtype in ("float16", "bfloat16", "float64"):
    x = _pair(2, 4, dtype=dtype)
    CASES.add("fft", x, oracle=lambda x: _parts(np.fft.fft(x[0] + 1j * x[1])), returns=TWO, tol=2)
    CASES.add("ifft2", x, oracle=lambda x: _parts(np.fft.ifft2(x[0] + 1j * x[1])), returns=TWO, tol=2)
    CASES.add("rfft", x[0], oracle=lambda x: _parts(np.fft.rfft(x)), returns=TWO, tol=2)
    CASES.add("irfft", x, oracle=lambda x: np.fft.irfft(x[0] + 1j * x[1]), returns="float", tol=2)
CASES.add("fft", [floats((4,)), floats((4,), "float64")], oracle=lambda x: _parts(np.fft.fft(x[0] + 1j * x[1])),
          returns=("float64",) * 2, tol=1e7)  # fmt: skip
CASES.add("rfft", ints((2, 4)), oracle=lambda x: _parts(np.fft.rfft(x)), returns=TWO, tol=20)
CASES.add("rfft", floats((4,), low=1e18, high=1e19), oracle=lambda x: _parts(np.fft.rfft(x)), returns=TWO, tol=1e14)

# -- frames ------------------------------------------------------------------------------------


def _frames(x: Any, length: int, stride: int) -> Any:
    if x.shape[-1] < length:
        return np.zeros((*x.shape[:-1], 0, length))
    return np.lib.stride_tricks.sliding_window_view(x, length, -1)[..., ::stride, :]


def _window(window: Any, length: int, fft_length: int) -> Any:
    if window is None:
        return np.ones(fft_length)
    values = scipy.signal.get_window(window, length) if isinstance(window, str) else np.asarray(window)
    before = (fft_length - length) // 2
    return np.pad(values, (before, fft_length - length - before))


def _stft(x: Any, length: int, stride: int, fft_length: int, window: Any = "hann", center: bool = True) -> Any:
    if center:
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2,) * 2], mode="reflect")
    return _parts(np.fft.rfft(_frames(x, fft_length, stride) * _window(window, length, fft_length)))


def _istft(
    x: Any, length: int, stride: int, fft_length: int, size: Any = None, window: Any = "hann", center: bool = True
) -> Any:
    frames, weights = np.fft.irfft(x[0] + 1j * x[1], fft_length), _window(window, length, fft_length)
    total = np.zeros((*frames.shape[:-2], (frames.shape[-2] - 1) * stride + fft_length))
    squares = np.zeros(total.shape[-1])
    for t in range(frames.shape[-2]):
        place = slice(t * stride, t * stride + fft_length)
        total[..., place] += frames[..., t, :] * weights
        squares[place] += weights**2
    total /= np.where(squares > 1e-10, squares, 1)
    start = fft_length // 2 if center else 0
    total = total[..., start : total.shape[-1] - start if size is None else start + size]
    return np.pad(total, [(0, 0)] * (total.ndim - 1) + [(0, 0 if size is None else size - total.shape[-1])])


for shape, length, stride in (
    ((10,), 4, 2),
    ((2, 11), 4, 3),
    ((2, 1, 7), 3, 5),
    ((2, 3), 4, 1),
    ((2, 4), 4, 1),
    ((0, 8), 4, 2),
    ((2, 6), 1, 1),
):
    CASES.add("extract_sequences", floats(shape), length, stride, oracle=_frames)
for dtype in ("int32", "bool", "float16", "float64"):
    x = (ints((2, 8), "int32") > 0) if dtype == "bool" else ints((2, 8), "int32").astype(dtype)
    CASES.add("extract_sequences", x, 4, 3, oracle=_frames, returns="same")

ODD = floats((7,), low=0.2, high=1.0)
for kw in ({}, {"center": False}, {"window": "hamming"}, {"window": None}, {"window": None, "center": False}):
    CASES.add("stft", floats((2, 30)), 8, 4, 16, kw=kw, oracle=_stft, returns=TWO, tol=20)
    CASES.add("istft", _pair(2, 6, 9), 8, 4, 16, kw=kw, oracle=_istft, returns="float", tol=50)
for shape in ((25,), (2, 1, 25)):
    CASES.add("stft", floats(shape), 7, 3, 9, kw={"window": ODD}, oracle=_stft, returns=TWO, tol=20)
    CASES.add("istft", _pair(*shape[:-1], 6, 5), 7, 3, 9, kw={"window": ODD}, oracle=_istft, returns="float", tol=50)
CASES.add("stft", floats((2, 3)), 8, 4, 16, oracle=_stft, returns=TWO, tol=20, label="reflected more than once")
CASES.add("stft", floats((2, 10)), 8, 4, 16, kw={"center": False}, oracle=_stft, returns=TWO, label="no frame")
CASES.add("stft", floats((4,)), 1, 1, 1, oracle=lambda x, *a: _parts(x[:, None] + 0j), returns=TWO, tol=4)
for size in (10, 20, 36, 60):
    CASES.add("istft", _pair(2, 6, 9), 8, 4, 16, size, oracle=_istft, returns="float", tol=50)
CASES.add(
    "istft", _pair(3, 5), 8, 9, 8, kw={"center": False}, oracle=_istft, returns="float", tol=50, label="frames apart"
)
for dtype in ("float16", "bfloat16", "float64"):
    CASES.add("stft", floats((12,), dtype), 4, 2, 4, oracle=_stft, returns=TWO, tol=4)
    CASES.add("istft", _pair(5, 3, dtype=dtype), 4, 2, 4, oracle=_istft, returns="float", tol=4)

# -- gradients ---------------------------------------------------------------------------------

GRADIENTS = Gradients()
_add = GRADIENTS.add
_add("fft", spread(2, 3), spread(2, 3) + 0.1, fn=lambda p, q: B.stack(B.fft((p, q))))
_add("fft2", spread(2, 3), spread(2, 3) + 0.1, fn=lambda p, q: B.square(B.stack(B.fft2((p, q)))))
_add("ifft2", spread(2, 3), spread(2, 3) + 0.1, fn=lambda p, q: B.square(B.stack(B.ifft2((p, q)))))
for _n in (None, 3, 6):
    _add("rfft", spread(2, 4), fn=lambda x, n=_n: B.square(B.stack(B.rfft(x, n))), label=str(_n))
    _add("irfft", spread(2, 4), spread(2, 4) + 0.1, fn=lambda p, q, n=_n: B.square(B.irfft((p, q), n)), label=str(_n))
_add("rfft", spread(5), fn=lambda x: B.square(B.stack(B.rfft(x))), label="odd")
_add("extract_sequences", spread(2, 7), fn=lambda x: B.square(B.extract_sequences(x, 3, 2)))
_add("stft", spread(9), fn=lambda x: B.square(B.stack(B.stft(x, 4, 2, 5))))
_add(
    "stft", spread(9), spread(4), label="by the window", fn=lambda x, w: B.square(B.stack(B.stft(x, 4, 2, 5, w, False)))
)
_add("istft", spread(4, 3), spread(4, 3) + 0.1, fn=lambda p, q: B.square(B.istft((p, q), 4, 2, 5)))

# -- errors ------------------------------------------------------------------------------------

_X, _I = floats((2, 9)), ints((2, 9))
ERRORS = [
    *((op, (_X,), {}, ValueError, (op, "pair")) for op in ("fft", "fft2", "ifft2", "irfft")),
    *((op, ((_X, _X, _X),), {}, ValueError, (op, "pair")) for op in ("fft", "irfft")),
    *((op, ((_X, _X[:1]),), {}, ValueError, (op, "(2, 9)", "(1, 9)")) for op in ("fft", "fft2", "ifft2", "irfft")),
    *((op, ((_I, _I),), {}, ValueError, (op, "int32")) for op in ("fft", "fft2", "ifft2", "irfft")),
    *((op, ((_X[0], _X[0]),), {}, ValueError, (op, "(9,)")) for op in ("fft2", "ifft2")),
    ("fft", ((np.zeros((2, 0), "float32"),) * 2,), {}, ValueError, ("fft", "(2, 0)")),
    ("rfft", (_X, 0), {}, ValueError, ("rfft", "0")),
    ("rfft", (np.array(1.0, "float32"),), {}, ValueError, ("rfft",)),
    ("irfft", ((_X[:, :1], _X[:, :1]),), {}, ValueError, ("irfft", "0")),
    ("extract_sequences", (_X, 0, 1), {}, ValueError, ("extract_sequences", "sequence_length", "0")),
    ("extract_sequences", (_X, 3, 0), {}, ValueError, ("extract_sequences", "sequence_stride", "0")),
    ("stft", (_I, 4, 2, 4), {}, TypeError, ("stft", "int32")),
    ("stft", (_X, 4, 0, 4), {}, ValueError, ("stft", "sequence_stride", "0")),
    ("stft", (_X, 4, 2, 3), {}, ValueError, ("stft", "fft_length", "3")),
    ("stft", (_X, 4, 2, 4), {"window": "blackman"}, ValueError, ("stft", "window", "blackman")),
    ("stft", (_X, 4, 2, 4), {"window": floats((3,))}, ValueError, ("stft", "window", "(3,)")),
    ("istft", ((_X, _X), 4, 2, 4), {"window": "blackman"}, ValueError, ("istft", "window", "blackman")),
    ("istft", ((_X, _X), 4, 0, 4), {}, ValueError, ("istft", "sequence_stride", "0")),
    ("istft", (_X, 4, 2, 4), {}, ValueError, ("istft", "pair")),
    ("istft", ((_X[0], _X[0]), 4, 2, 4), {}, ValueError, ("istft", "(9,)")),
]
