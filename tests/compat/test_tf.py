"""triceras.tf: hand-written TensorFlow code, on every backend. Expected values by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import triceras.tf as tf
from triceras.tf import keras

A = np.arange(6, dtype="float32").reshape(2, 3) - 2
B = np.linspace(0.5, 2, 6, dtype="float32").reshape(2, 3)

CASES = {
    "constant": (lambda: tf.constant([[1, 2], [3, 4]]), np.array([[1, 2], [3, 4]], "int32")),
    "constant filled": (lambda: tf.constant(2.0, shape=(2, 2)), np.full((2, 2), 2, "float32")),
    "ones": (lambda: tf.ones((2, 1)), np.ones((2, 1), "float32")),
    "zeros": (lambda: tf.zeros(shape=(2,), dtype=tf.int32), np.zeros(2, "int32")),
    "square": (lambda: tf.square(A), A**2),
    "sqrt": (lambda: tf.sqrt(B), np.sqrt(B)),
    "matmul": (lambda: tf.matmul(A, B, transpose_b=True), A @ B.T),
    "add": (lambda: tf.add(A, B), A + B),
    "reduce_mean": (lambda: tf.reduce_mean(A, axis=1), A.mean(1)),
    "reduce_sum": (lambda: tf.reduce_sum(input_tensor=A, keepdims=True), A.sum(keepdims=True)),
    "reduce_max": (lambda: tf.reduce_max(A, 0), A.max(0)),
    "cast": (lambda: tf.cast(A, tf.int32), A.astype("int32")),
    "reshape": (lambda: tf.reshape(A, shape=(3, 2)), A.reshape(3, 2)),
    "one_hot": (lambda: tf.one_hot([0, 2], depth=3), np.eye(3, dtype="float32")[[0, 2]]),
    "relu": (lambda: tf.nn.relu(A), np.maximum(A, 0)),
    "softmax": (lambda: tf.nn.softmax(A), np.exp(A) / np.exp(A).sum(-1, keepdims=True)),
    "sigmoid": (lambda: tf.nn.sigmoid(A), 1 / (1 + np.exp(-A))),
    "math": (lambda: tf.math.log(tf.math.exp(A)), A),
    "newaxis": (lambda: tf.constant(A)[:, tf.newaxis], A[:, None]),
    "concat": (lambda: tf.concat([A, B], axis=0), np.concatenate([A, B])),
    "split by sizes": (lambda: tf.split(A, [1, 2], axis=1)[1], A[:, 1:]),
    "range": (lambda: tf.range(5), np.arange(5, dtype="int32")),
    "where": (lambda: tf.where(A > 0), np.argwhere(A > 0)),
    "shape": (lambda: tf.shape(A), np.array([2, 3], "int32")),
    "gather": (lambda: tf.gather(A, [1, 0]), A[[1, 0]]),
    "clip": (lambda: tf.clip_by_value(A, -1.0, 1.0), A.clip(-1, 1)),
    "argmax": (lambda: tf.argmax(A, axis=1), A.argmax(1)),
    "transpose": (lambda: tf.transpose(A), A.T),
    "add_n": (lambda: tf.add_n([A, B, A]), A + B + A),
}


@pytest.mark.parametrize("case", CASES)
def test_values(case):
    make, expected = CASES[case]
    result = make()
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5, atol=1e-6)
    assert result.numpy().dtype.kind == expected.dtype.kind


def test_variables_and_numpy_of_their_results():
    v = tf.Variable(tf.random.normal(shape=(2, 2)), name="v")
    assert isinstance(v, tf.Variable) and v.dtype == tf.float32
    v.assign(tf.ones((2, 2)))
    v.assign_add(tf.ones((2, 2)))
    v.assign_sub(0.5 * tf.ones((2, 2)))
    np.testing.assert_array_equal((v * 2).numpy(), np.full((2, 2), 3.0))
    np.testing.assert_array_equal(v.numpy(), v.read_value().numpy())
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(v * v)
    np.testing.assert_array_equal(tape.gradient(loss, v).numpy(), np.full((2, 2), 3.0))
    assert float(loss.numpy()) == 9.0
    with pytest.raises(ValueError, match="initial value"):
        tf.Variable()


def test_random_numbers():
    tf.random.set_seed(1)
    first = tf.random.normal((3, 4), mean=1.0, stddev=2.0).numpy()
    uniform = tf.random.uniform((1000,), minval=-1.0, maxval=3.0).numpy()
    tf.random.set_seed(1)
    np.testing.assert_array_equal(first, tf.random.normal((3, 4), mean=1.0, stddev=2.0).numpy())
    assert uniform.min() >= -1 and uniform.max() < 3 and abs(uniform.mean() - 1) < 0.2
    whole = tf.random.uniform((100,), maxval=5, dtype=tf.int32).numpy()
    assert whole.dtype.kind == "i" and set(whole) == set(range(5))
    with pytest.raises(ValueError, match="maxval"):
        tf.random.uniform((2,), dtype="int32")


def test_dtypes_equal_the_frameworks_own():
    assert tf.ones(2).dtype == tf.float32 and tf.float32 != tf.float64
    assert tf.float32.is_floating and tf.int32.max == 2**31 - 1 and tf.float32.name == "float32"
    assert {tf.float32: 1}["float32"] == 1


def test_function_compiles_with_variables():
    v = tf.Variable(1.0)

    @tf.function
    def step(x):
        v.assign_add(x)
        return v * 2

    assert float(step(tf.constant(2.0))) == 6.0 and float(v.numpy()) == 3.0


def test_keras_is_here_in_both_styles():
    assert tf.keras.Sequential is keras.Sequential
    from triceras.tf import keras as again

    assert again is keras
