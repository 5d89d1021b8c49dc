"""Every differentiable primitive at smooth points, to be held against finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Gradients()
add = CASES.add

V, M, N, W = spread(4), spread(2, 3), spread(2, 3, low=0.6, high=2.4), spread(3, low=-2.0, high=2.0)
SQUARE = spread(3, 3) + 2.0 * np.eye(3)
POSITIVE = SQUARE @ SQUARE.T + np.eye(3)
BATCH = np.stack([SQUARE, SQUARE.T + 0.3])
INDEX = np.array([2, 0, 2, 1], "int32")

# -- elementwise -----------------------------------------------------------------------------

for _op in ("negative", "abs", "square", "exp", "expm1", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh",
            "arcsinh", "erf", "sign", "floor", "ceil", "trunc", "round"):  # fmt: skip
    add(_op, V)
for _op in ("sqrt", "rsqrt", "log", "log1p", "log2", "log10", "reciprocal"):
    add(_op, spread(4, low=0.3, high=3.0))
for _op in ("arcsin", "arccos", "arctanh", "erfinv"):
    add(_op, spread(4, low=-0.8, high=0.8))
add("arccosh", spread(4, low=1.3, high=3.0))
for _op in ("add", "subtract", "multiply", "divide", "true_divide", "maximum", "minimum", "arctan2", "logaddexp"):
    add(_op, M, N)
    add(_op, N, spread(3, low=0.7, high=1.9))
    add(_op, 0.4, N)
add("multiply", M, M[:, :1], label="stretched column")
add("power", N, M)
add("power", N, label="by 3", fn=lambda x: B.power(x, 3))
add("power", N, label="of 2", fn=lambda x: B.power(2.0, x))
add("mod", spread(4, low=2.2, high=9.1), np.array([2.0, 1.7, 3.1, 2.3]))
add("floor_divide", spread(4, low=2.2, high=9.1), np.array([2.0, 1.7, 3.1, 2.3]))
add("clip", V, fn=lambda x: B.clip(x, -0.9, 0.6))
add("clip", V, -0.9, 0.6, label="by tensors")
add("where", M, N, fn=lambda x, y: B.where(M > 0, x, y))
add("where", M, 0.7, label="scalar branch", fn=lambda x, y: B.where(M > 0, x, y))
add("cast", V, fn=lambda x: B.square(B.cast(x, "float64")))
add("convert_to_tensor", V, fn=lambda x: B.square(B.convert_to_tensor(x)))

# -- reductions ----------------------------------------------------------------------------

CUBE = spread(2, 3, 2)
for _op in ("sum", "prod", "mean", "var", "std", "max", "min", "logsumexp"):
    add(_op, CUBE)
    add(_op, CUBE, axis=1)
    add(_op, CUBE, axis=(0, -1), keepdims=True)
for _op in ("cumsum", "cumprod"):
    add(_op, CUBE)
    add(_op, CUBE, axis=1)
add("max", V, fn=lambda x: B.max(x, initial=0.0), label="initial")

# -- arrays ----------------------------------------------------------------------------------

add("reshape", M, newshape=(3, -1))
add("transpose", CUBE)
add("transpose", CUBE, axes=(1, 2, 0))
add("ravel", M)
add("expand_dims", M, axis=1)
add("squeeze", M[:, None], axis=1)
add("moveaxis", CUBE, source=0, destination=-1)
add("swapaxes", CUBE, axis1=0, axis2=2)
add("broadcast_to", W, shape=(2, 3))
add("concatenate", M, N, fn=lambda *xs: B.concatenate(xs, axis=1))
add("stack", M, N, fn=lambda *xs: B.stack(xs, axis=1))
add("unstack", M, fn=lambda x: B.multiply(*B.unstack(x)))
add("split", M, fn=lambda x: B.split(x, [1], axis=1)[1])
add("tile", M, repeats=(2, 1))
add("repeat", M, repeats=2, axis=1)
add("flip", M, axis=1)
add("roll", M, shift=1, axis=1)
for _mode in ("constant", "reflect", "symmetric", "edge"):
    add("pad", spread(3, 4), pad_width=((1, 2), (0, 1)), mode=_mode)
add("take", M, fn=lambda x: B.take(x, INDEX, axis=1))
add("take", M, label="flat, negative", fn=lambda x: B.take(x, np.array([[-1, 0], [0, 5]], "int32")))
add("rows", M, fn=lambda x: B.rows(x, np.array([1, 0, 1], "int32")))
add("take_along_axis", M, fn=lambda x: B.take_along_axis(x, np.array([[2, 2], [0, 1]], "int32"), axis=1))
add("slice", CUBE, fn=lambda x: B.slice(x, (0, 1, 0), (2, 2, 1)))
add("slice_update", spread(3, 3), M[:, :2], fn=lambda x, u: B.slice_update(x, (1, 0), u))
add("scatter", W, fn=lambda u: B.scatter(np.array([[0], [2], [0]], "int32"), u, (4,)))
for _how, _at in ((None, [[3], [1], [0]]), ("add", [[3], [1], [3]]), ("max", [[3], [1], [0]]), ("min", [[3], [1], [0]]),
                  ("mul", [[3], [1], [0]])):  # fmt: skip
    add("scatter_update", V, W, label=f"{_how}",
        fn=lambda x, u, how=_how, at=_at: B.scatter_update(x, np.array(at, "int32"), u, how))  # fmt: skip
for _key in (0, (slice(None, None, -1), 1), (Ellipsis, None, slice(0, 2)), ([1, 0, 1],), (slice(None), [2, 2])):
    add("getitem", M, fn=lambda x, key=_key: B.getitem(x, key), label=str(_key))
add("getitem", M, fn=lambda x: B.getitem(x, M > 0), label="boolean", second=False)  # of unknown size in a graph
add("sort", CUBE, axis=1)
add("sort", M, axis=None)
add("top_k", M, fn=lambda x: B.top_k(x, 2)[0])
add("tril", SQUARE, k=-1)
add("triu", SQUARE)
add("diag", W)
add("diag", SQUARE, k=1)
add("diagonal", BATCH, axis1=1, axis2=2)
add("meshgrid", W, V, fn=lambda x, y: B.multiply(*B.meshgrid(x, y)))
add("linspace", 0.3, 2.0, fn=lambda a, b: B.linspace(a, b, 5))
add("full", 0.3, fn=lambda a: B.full((2, 2), a, dtype="float64"))
add("full_like", 0.3, fn=lambda a: B.full_like(M, a, dtype="float64"))

# -- linear algebra ----------------------------------------------------------------------------

add("matmul", M, N.T)
add("matmul", BATCH, SQUARE)
add("matmul", W, N.T)
add("matmul", M, W)
add("dot", M, N.T)
add("dot", W, W + 0.1)
add("tensordot", CUBE, N, axes=((0, 1), (0, 1)))
add("einsum", M, N, fn=lambda a, b: B.einsum("ij,kj->ik", a, b))
add("einsum", BATCH, W, label="implicit, batch", fn=lambda a, b: B.einsum("...ij,j", a, b))
add("outer", W, V)
add("trace", BATCH, axis1=1, axis2=2)
add("norm", M)
for _ord, _axis in ((1, 1), (2, 1), (3, 0), (np.inf, 1), ("fro", (0, 1)), ("nuc", (0, 1)), (2, (0, 1))):
    add("norm", M, ord=_ord, axis=_axis, second=_ord not in ("nuc",))


def symmetric(x: Any) -> Any:
    return (x + B.swapaxes(x, -1, -2)) / 2.0


add("cholesky", POSITIVE, fn=lambda x: B.cholesky(symmetric(x)))
add("cholesky", POSITIVE, label="upper", fn=lambda x: B.cholesky(symmetric(x), upper=True))
add("det", SQUARE)
add("det", BATCH)
add("inv", SQUARE)
add("solve", SQUARE, spread(3, 2))
add("solve", SQUARE, W)
add("solve_triangular", SQUARE, spread(3, 2), fn=lambda a, b: B.solve_triangular(B.tril(a), b, lower=True))
add("solve_triangular", SQUARE, spread(3, 2), label="upper", fn=lambda a, b: B.solve_triangular(B.triu(a), b))


def _from_eigh(x: Any) -> Any:
    values, vectors = B.eigh(symmetric(x))
    return B.matmul(vectors * B.exp(values / 4.0), B.transpose(vectors))  # does not depend on the vectors' signs


def _from_svd(x: Any) -> Any:
    u, s, vh = B.svd(x, full_matrices=False)
    return B.matmul(u * B.tanh(s), vh)


add("eigh", POSITIVE, fn=_from_eigh)
add("eigh", POSITIVE, label="values", fn=lambda x: B.eigh(symmetric(x))[0])
add("svd", spread(3, 2), fn=_from_svd)
add("svd", spread(3, 2), label="values", fn=lambda x: B.svd(x, compute_uv=False))
add("qr", SQUARE, fn=lambda x: B.qr(x)[0] + B.qr(x)[1])
add("qr", spread(3, 2), label="tall", fn=lambda x: B.square(B.qr(x)[1]))

# -- nn -----------------------------------------------------------------------------------------

for _op in ("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "softplus", "softsign"):
    add(_op, V * 2.0)
add("relu6", spread(4, low=-8.0, high=9.0), label="wide")
add("gelu", V, approximate=False)
add("elu", V, alpha=0.5)
for _op in ("softmax", "log_softmax"):
    add(_op, M)
    add(_op, CUBE, axis=1)
    add(_op, CUBE, axis=(0, 2))
P, Q = spread(2, 3, low=0.1, high=0.9), spread(2, 3, low=0.15, high=0.95)
LABELS = np.array([2, 0], "int32")
for _logits in (False, True):
    add("binary_crossentropy", P, Q, from_logits=_logits)
    add("categorical_crossentropy", P, Q, from_logits=_logits)
    add("sparse_categorical_crossentropy", Q, label=f"from_logits={_logits}",
        fn=lambda q, logits=_logits: B.sparse_categorical_crossentropy(LABELS, q, from_logits=logits))  # fmt: skip
add("categorical_crossentropy", P.T, Q.T, from_logits=True, axis=0)
add("conv", spread(1, 5, 2), spread(3, 2, 2))
add("conv", spread(1, 4, 4, 1), spread(2, 3, 1, 2), strides=(2, 1), padding="same")
add("conv", spread(1, 4, 3, 2), spread(2, 2, 1, 2), label="groups, dilation",
    fn=lambda x, k: B.conv(x, k, dilation_rate=(2, 1), padding="same"))  # fmt: skip
add("conv", spread(1, 2, 3, 3), spread(2, 2, 2, 1), data_format="channels_first")
add("conv", spread(1, 3, 2, 2, 1), spread(2, 2, 1, 1, 1), label="3D")
add("linear", M, N.T, spread(2))
add("linear", CUBE, spread(2, 3), W, label="rank 3")
add("biased_conv", spread(1, 4, 4, 1), spread(2, 3, 1, 2), spread(2), strides=(2, 1), padding="same")
add("depthwise_conv", spread(1, 4, 4, 2), spread(2, 2, 2, 2))
add("depthwise_conv", spread(1, 5, 2), spread(2, 2, 1), padding="same")
add("separable_conv", spread(1, 4, 4, 2), spread(2, 2, 2, 1), spread(1, 1, 2, 3))
add("conv_transpose", spread(1, 3, 3, 2), spread(2, 3, 1, 2), strides=2, padding="same")
add("conv_transpose", spread(1, 4, 2), spread(3, 2, 2), strides=2, output_padding=1)
for _op in ("max_pool", "average_pool"):
    add(_op, spread(1, 5, 5, 2), pool_size=2)
    add(_op, spread(1, 5, 5, 1), pool_size=3, strides=2, padding="same")
    add(_op, spread(1, 5, 2), pool_size=2, strides=1, padding="same")
    add(_op, spread(1, 2, 4, 4), pool_size=(2, 3), data_format="channels_first")
    add(_op, spread(1, 3, 2, 3, 1), pool_size=2, strides=1, label="3D")
add("moments", CUBE, fn=lambda x: B.multiply(*B.moments(x, (0, 1))))
add("batch_normalization", CUBE, spread(2), spread(2, low=0.5, high=2.0), label="axis=-1",
    fn=lambda x, mean, variance: B.batch_normalization(x, mean, variance, -1))  # fmt: skip
add("batch_normalization", M, W, W, label="affine",
    fn=lambda x, offset, scale: B.batch_normalization(x, W / 3.0, W * W, -1, offset, scale))  # fmt: skip
add("normalize_by_batch", spread(2, 3, 2, 2), spread(2), spread(2, low=0.5, high=2.0),
    fn=lambda x, offset, scale: B.normalize_by_batch(x, -1, offset, scale)[0])  # fmt: skip
add("normalize_by_batch", spread(2, 3, 2), fn=lambda x: B.normalize_by_batch(x, 1)[0], label="axis=1")
for _op in ("layer_normalization", "rms_normalization"):
    add(_op, M, W, epsilon=1e-3)
    add(_op, CUBE, axis=(1, 2), epsilon=1e-3)
add("layer_normalization", CUBE, spread(3), spread(3, low=0.2, high=1.0), label="axis=1",
    fn=lambda x, gamma, beta: B.layer_normalization(x, gamma, beta, axis=1, epsilon=1e-3))  # fmt: skip
add("group_normalization", spread(2, 3, 4), spread(4, low=0.2, high=1.0), spread(4),
    fn=lambda x, gamma, beta: B.group_normalization(x, 2, -1, gamma, beta, 1e-3))  # fmt: skip
add("group_normalization", spread(2, 4, 2), fn=lambda x: B.group_normalization(x, 2, 1, None, None, 1e-3), label="1")
add("normalize", M)
add("normalize", M, order=3, axis=0)
add("random_dropout", M, fn=lambda x: B.random_dropout(x, 0.5, None, np.array([7, 1], "int32")))
add("random_shuffle", V, fn=lambda x: B.random_shuffle(x, 0, np.array([7, 1], "int32")))

# What has no derivative, or takes no tensor; each other primitive must have a row above.
NOT_DIFFERENTIABLE = {
    "is_tensor", "dtype_of", "shape", "static_shape", "device_scope", "device_of", "list_devices", "to_dlpack",
    "from_dlpack", "eval_shape", "synchronize", "seed_native", "enable_tensor_methods", "convert_to_numpy",
    "from_numpy", "autocast", "substituted", "accumulate", "clear",
    "Variable", "Module", "zeros", "ones", "zeros_like", "ones_like", "arange", "eye", "identity", "one_hot",
    "argsort", "argmax", "argmin", "searchsorted", "all", "any", "count_nonzero", "equal", "not_equal", "greater",
    "greater_equal", "less", "less_equal", "isnan", "isinf", "isfinite", "logical_and", "logical_or", "logical_xor",
    "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "random_bits", "random_uniform",
    "random_normal", "random_truncated_normal", "random_randint", "random_categorical", "random_gamma",
    "random_beta", "random_binomial", "random_seed_scope", "random_next_seed", "moving_average", "sgd_update", "adam_update",
    "rmsprop_update", "decay_update", "size_from", "hyperparameter", "increment", "update_if",
}  # fmt: skip
