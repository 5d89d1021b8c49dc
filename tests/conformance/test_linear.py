"""What is linear: frames and back again, and the derivative along a direction as an operation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.support import f32, same
from triceras import KerasTensor, autodiff, ops
from triceras_backends.active import backend as B


def _signal(size: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(2, size)).astype("float32")


@given(
    st.sampled_from([(4, 1, 4), (4, 2, 7), (5, 2, 5), (6, 3, 8)]),
    st.sampled_from(["hann", "hamming", None]),
    st.integers(0, 9),
)
def test_istft_undoes_stft(sizes: tuple[int, int, int], window: Any, seed: int) -> None:
    """Also of a signal that whole frames do not fill, as far as they reach."""
    length, stride, fft_length = sizes
    signal = _signal(3 * fft_length + seed, seed)
    parts = ops.stft(f32(signal), length, stride, fft_length, window)
    back = B.convert_to_numpy(ops.istft(parts, length, stride, fft_length, window=window))
    covered = signal.shape[1] - stride
    np.testing.assert_allclose(back[:, :covered], signal[:, :covered], rtol=1e-4, atol=1e-4)


@given(st.integers(1, 9), st.integers(0, 9))
def test_inverse_transforms(size: int, seed: int) -> None:
    x, y = _signal(2 * size, seed), _signal(2 * size, seed + 1)
    same(ops.ifft2(ops.fft2((f32(x), f32(y)))), [x, y], 1e-4, 1e-5)
    same(ops.irfft(ops.rfft(f32(x)), 2 * size), x, 1e-4, 1e-5)


@pytest.mark.aspect("value", op="jvp")
def test_jvp_as_an_operation() -> None:
    x, t = f32([1.0, 2.0]), f32([0.5, -1.0])
    same(ops.jvp(lambda x: ops.sum(x * x), (x,), (t,)), [5.0, -3.0])
    same(ops.jvp(fun=lambda x: x * x, primals=[x], tangents=[t]), [[1.0, 4.0], [1.0, -4.0]])
    same(ops.linalg.jvp(lambda x, y: x * y, (x, t), (t, x)), [[0.5, -2.0], [1.25, 5.0]])
    same(
        ops.jvp(lambda x: (ops.sum(x * x), {"twice": 2 * x}), (x,), (t,), has_aux=True),
        [5.0, -3.0, {"twice": [2.0, 4.0]}],
    )
    same(autodiff.jvp(lambda x: x * x, (x,), (t,)), [[1.0, 4.0], [1.0, -4.0]])
    same(autodiff.jit(lambda x, t: ops.jvp(ops.square, (x,), (t,)))(x, t), [[1.0, 4.0], [1.0, -4.0]])


@pytest.mark.aspect("value", op="jvp")
def test_jvp_of_arrays() -> None:
    same(ops.jvp(ops.square, (np.array([3.0], "float32"),), (np.array([2.0], "float32"),)), [[9.0], [12.0]])


def test_jvp_refuses() -> None:
    x = f32([1.0, 2.0])
    with pytest.raises(TypeError, match="tuples or lists"):
        ops.jvp(ops.square, x, x)
    with pytest.raises(ValueError, match="structure"):
        ops.jvp(ops.square, (x,), (x, x))
    with pytest.raises(ValueError, match="shapes"):
        ops.jvp(ops.square, (x,), (f32([1.0]),))


@pytest.mark.parametrize("order", ["forward over forward", "forward over reverse"])
def test_derivatives_of_derivatives_of_the_determinant(order: str) -> None:
    """The second derivative of det along t, at a regular matrix: 2 det(t) for sizes of 2."""
    x, t = f32([[2.0, 1.0], [0.5, 3.0]]), f32([[1.0, 0.5], [0.25, 2.0]])

    def slope(x: Any) -> Any:
        if order == "forward over forward":
            return ops.jvp(ops.det, (x,), (t,))[1]
        return ops.sum(autodiff.grad(ops.det)(x) * t)

    same(ops.jvp(slope, (x,), (t,))[1], 2 * (1.0 * 2.0 - 0.5 * 0.25), 1e-4, 1e-4)


def test_frames_of_unknown_length() -> None:
    audio = KerasTensor((None, None))
    real, imaginary = ops.stft(audio, 4, 2, 8)
    assert real.shape == imaginary.shape == (None, None, 5)
    assert ops.istft((real, imaginary), 4, 2, 8, length=20).shape == (None, 20)
    assert ops.extract_sequences(audio, 4, 2).shape == (None, None, 4)
    value, slope = ops.jvp(ops.square, (KerasTensor((None, 3)),), (KerasTensor((None, 3)),))
    assert value.shape == slope.shape == (None, 3)
