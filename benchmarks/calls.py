"""The calls whose overhead `scripts/bench ops` measures: ours and Keras's, and the framework's own.

A row is the operation's name, the call (`ops.` is Triceras or Keras) and the same call in PyTorch,
JAX and TensorFlow; None where the framework has no such function. The tensors they take are made by
`operands`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np


class Call(NamedTuple):
    """One operation, called four ways."""

    name: str
    ops: str
    torch: str | None
    jax: str | None
    tensorflow: str | None


def operands() -> dict[str, np.ndarray[Any, Any]]:
    """The arrays, by the names that the calls use: small, so that what is measured is the call."""
    generator = np.random.default_rng(0)

    def floats(*shape: int) -> np.ndarray[Any, Any]:
        return generator.uniform(0.1, 0.9, shape).astype("float32")

    square = floats(4, 4)
    return {
        "x": floats(4, 8), "y": floats(4, 8), "row": floats(8), "cube": floats(2, 4, 8), "columns": floats(8, 3),
        "n": generator.integers(1, 9, (4, 8)).astype("int32"), "m": generator.integers(1, 9, (4, 8)).astype("int32"),
        "b": floats(4, 8) > 0.5, "c": floats(4, 8) > 0.5, "i": np.array([3, 0, 2], "int32"),
        "j": np.array([[3, 0], [1, 2], [0, 0], [7, 1]], "int32"), "p": square @ square.T + np.eye(4, dtype="float32"),
        "r": floats(4, 2), "image": floats(1, 8, 8, 3), "kernel": floats(3, 3, 3, 4),
        "labels": np.array([1, 0, 7, 3], "int32"), "q": floats(1, 6, 2, 8), "segments": np.array([0, 1, 1, 2], "int32"),
    }  # fmt: skip


def _same(names: str, arguments: str, torch: str = "", jax: str = "", tensorflow: str = "") -> Iterator[Call]:
    """Operations that the frameworks call alike, but for names given as "ours=theirs"."""
    renamed = [dict(pair.split("=") for pair in table.split()) for table in (torch, jax, tensorflow)]
    modules = ("torch", "jnp", "tf.math")
    for name in names.split():
        own = [table.get(name, f"{module}.{name}") for table, module in zip(renamed, modules, strict=True)]
        yield Call(name, f"ops.{name}({arguments})", *(None if n == "-" else f"{n}({arguments})" for n in own))


def _by_axis(names: str, torch: str, tensorflow: str) -> Iterator[Call]:
    for name in names.split():
        other = dict(pair.split("=") for pair in tensorflow.split()).get(name, f"tf.math.reduce_{name}")
        own = dict(pair.split("=") for pair in torch.split()).get(name, f"torch.{name}")
        yield Call(name, f"ops.{name}(x, axis=1)", f"{own}(x, dim=1)", f"jnp.{name}(x, axis=1)", f"{other}(x, axis=1)")


CALLS: list[Call] = [
    *_same("add subtract multiply divide maximum minimum arctan2 power logaddexp", "x, y",
           torch="arctan2=torch.atan2 power=torch.pow", tensorflow="arctan2=tf.math.atan2 power=tf.pow logaddexp=-"),
    *_same("hypot fmax fmin nextafter heaviside logaddexp2", "x, y",
           torch="heaviside=torch.heaviside", tensorflow="hypot=- fmax=- fmin=- heaviside=- logaddexp2=-"),
    *_same("floor_divide mod gcd lcm bitwise_and bitwise_or bitwise_xor", "n, m",
           torch="mod=torch.remainder", tensorflow="floor_divide=tf.math.floordiv mod=tf.math.floormod gcd=- lcm=- "
           "bitwise_and=tf.bitwise.bitwise_and bitwise_or=tf.bitwise.bitwise_or bitwise_xor=tf.bitwise.bitwise_xor"),
    *_same("equal not_equal greater less_equal", "x, y", torch="equal=torch.eq less_equal=torch.le"),
    *_same("logical_and logical_or logical_xor", "b, c"),
    *_same("negative abs sign square reciprocal sqrt rsqrt exp expm1 log log1p log2 log10 sin cos tan arcsin arccos "
           "arctan sinh cosh tanh arcsinh arctanh erf floor ceil trunc round isnan isfinite", "x",
           jax="rsqrt=lax.rsqrt erf=lax.erf", torch="sign=torch.sign",
           tensorflow="log2=- log10=- arcsin=tf.math.asin arccos=tf.math.acos arctan=tf.math.atan "
           "arcsinh=tf.math.asinh arctanh=tf.math.atanh isnan=tf.math.is_nan isfinite=tf.math.is_finite trunc=-"),
    *_same("cbrt exp2 deg2rad rad2deg sinc i0 signbit isposinf isneginf nan_to_num erfc erfinv", "x",
           torch="cbrt=-", jax="erfc=lax.erfc erfinv=lax.erf_inv",
           tensorflow="cbrt=- exp2=- deg2rad=- rad2deg=- sinc=- i0=tf.math.bessel_i0 signbit=- isposinf=- isneginf=- "
           "nan_to_num=-"),
    Call("add scalar", "ops.add(x, 2.0)", "torch.add(x, 2.0)", "jnp.add(x, 2.0)", "tf.add(x, 2.0)"),
    Call("add mixed dtypes", "ops.add(x, n)", "torch.add(x, n)", "jnp.add(x, n)", "tf.add(x, tf.cast(n, 'float32'))"),
    Call("clip", "ops.clip(x, 0.2, 0.8)", "torch.clamp(x, 0.2, 0.8)", "jnp.clip(x, 0.2, 0.8)",
         "tf.clip_by_value(x, 0.2, 0.8)"),
    Call("where", "ops.where(b, x, y)", "torch.where(b, x, y)", "jnp.where(b, x, y)", "tf.where(b, x, y)"),
    Call("isclose", "ops.isclose(x, y)", "torch.isclose(x, y)", "jnp.isclose(x, y)", None),
    Call("cast", "ops.cast(x, 'int32')", "x.to(torch.int32)", "x.astype('int32')", "tf.cast(x, 'int32')"),
    *_by_axis("sum mean max min prod any all var std logsumexp", "max=torch.amax min=torch.amin",
              "var=tf.math.reduce_variance"),
    Call("argmax", "ops.argmax(x, axis=1)", "torch.argmax(x, dim=1)", "jnp.argmax(x, axis=1)", "tf.argmax(x, axis=1)"),
    Call("cumsum", "ops.cumsum(x, axis=1)", "torch.cumsum(x, dim=1)", "jnp.cumsum(x, axis=1)", "tf.cumsum(x, axis=1)"),
    Call("median", "ops.median(x, axis=1)", "torch.quantile(x, 0.5, dim=1)", "jnp.median(x, axis=1)", None),
    Call("quantile", "ops.quantile(x, 0.3, axis=1)", "torch.quantile(x, 0.3, dim=1)", "jnp.quantile(x, 0.3, axis=1)",
         None),
    Call("nansum", "ops.nansum(x, axis=1)", "torch.nansum(x, dim=1)", "jnp.nansum(x, axis=1)", None),
    Call("nanmean", "ops.nanmean(x, axis=1)", "torch.nanmean(x, dim=1)", "jnp.nanmean(x, axis=1)", None),
    Call("diff", "ops.diff(x)", "torch.diff(x)", "jnp.diff(x)", None),
    Call("bincount", "ops.bincount(labels, minlength=8)", "torch.bincount(labels, minlength=8)", None,
         "tf.math.bincount(labels, minlength=8)"),
    Call("segment_sum", "ops.segment_sum(x, segments, 3)", None, "jax.ops.segment_sum(x, segments, 3)",
         "tf.math.unsorted_segment_sum(x, segments, 3)"),
    Call("reshape", "ops.reshape(x, (8, 4))", "torch.reshape(x, (8, 4))", "jnp.reshape(x, (8, 4))",
         "tf.reshape(x, (8, 4))"),
    Call("transpose", "ops.transpose(x)", "x.permute(1, 0)", "jnp.transpose(x)", "tf.transpose(x)"),
    Call("transpose cube", "ops.transpose(cube, (2, 0, 1))", "torch.permute(cube, (2, 0, 1))",
         "jnp.transpose(cube, (2, 0, 1))", "tf.transpose(cube, (2, 0, 1))"),
    Call("expand_dims", "ops.expand_dims(x, 1)", "torch.unsqueeze(x, 1)", "jnp.expand_dims(x, 1)",
         "tf.expand_dims(x, 1)"),
    Call("concatenate", "ops.concatenate([x, y], axis=1)", "torch.cat([x, y], 1)", "jnp.concatenate([x, y], axis=1)",
         "tf.concat([x, y], 1)"),
    Call("stack", "ops.stack([x, y])", "torch.stack([x, y])", "jnp.stack([x, y])", "tf.stack([x, y])"),
    Call("hstack", "ops.hstack([x, y])", "torch.hstack([x, y])", "jnp.hstack([x, y])", None),
    Call("split", "ops.split(x, 2, axis=1)", "torch.split(x, 4, 1)", "jnp.split(x, 2, axis=1)", "tf.split(x, 2, 1)"),
    Call("tile", "ops.tile(x, (2, 1))", "torch.tile(x, (2, 1))", "jnp.tile(x, (2, 1))", "tf.tile(x, (2, 1))"),
    Call("repeat", "ops.repeat(x, 2, axis=1)", "torch.repeat_interleave(x, 2, 1)", "jnp.repeat(x, 2, axis=1)",
         "tf.repeat(x, 2, axis=1)"),
    Call("flip", "ops.flip(x, axis=1)", "torch.flip(x, (1,))", "jnp.flip(x, axis=1)", "tf.reverse(x, (1,))"),
    Call("rot90", "ops.rot90(x)", "torch.rot90(x)", "jnp.rot90(x)", None),
    Call("roll", "ops.roll(x, 1, axis=1)", "torch.roll(x, 1, 1)", "jnp.roll(x, 1, axis=1)", "tf.roll(x, 1, 1)"),
    Call("pad", "ops.pad(x, ((1, 1), (0, 2)))", "F.pad(x, (0, 2, 1, 1))", "jnp.pad(x, ((1, 1), (0, 2)))",
         "tf.pad(x, ((1, 1), (0, 2)))"),
    Call("take", "ops.take(x, i, axis=0)", "torch.index_select(x, 0, i)", "jnp.take(x, i, axis=0)",
         "tf.gather(x, i, axis=0)"),
    Call("take_along_axis", "ops.take_along_axis(x, j, axis=1)", "torch.take_along_dim(x, j.long(), 1)",
         "jnp.take_along_axis(x, j, axis=1)", None),
    Call("sort", "ops.sort(x)", "torch.sort(x)[0]", "jnp.sort(x)", "tf.sort(x)"),
    Call("argsort", "ops.argsort(x)", "torch.argsort(x)", "jnp.argsort(x)", "tf.argsort(x)"),
    Call("top_k", "ops.top_k(x, 2)", "torch.topk(x, 2)", "lax.top_k(x, 2)", "tf.math.top_k(x, 2)"),
    Call("tril", "ops.tril(x)", "torch.tril(x)", "jnp.tril(x)", "tf.linalg.band_part(x, -1, 0)"),
    Call("zeros", "ops.zeros((4, 8))", "torch.zeros((4, 8))", "jnp.zeros((4, 8))", "tf.zeros((4, 8))"),
    Call("zeros_like", "ops.zeros_like(x)", "torch.zeros_like(x)", "jnp.zeros_like(x)", "tf.zeros_like(x)"),
    Call("arange", "ops.arange(8)", "torch.arange(8)", "jnp.arange(8)", "tf.range(8)"),
    Call("one_hot", "ops.one_hot(labels, 8)", "F.one_hot(labels.long(), 8).float()", "jax.nn.one_hot(labels, 8)",
         "tf.one_hot(labels, 8)"),
    Call("matmul", "ops.matmul(x, columns)", "torch.matmul(x, columns)", "jnp.matmul(x, columns)",
         "tf.matmul(x, columns)"),
    Call("einsum", "ops.einsum('bij,jk->bik', cube, columns)", "torch.einsum('bij,jk->bik', cube, columns)",
         "jnp.einsum('bij,jk->bik', cube, columns)", "tf.einsum('bij,jk->bik', cube, columns)"),
    Call("outer", "ops.outer(row, row)", "torch.outer(row, row)", "jnp.outer(row, row)", None),
    Call("norm", "ops.norm(x, axis=1)", "torch.linalg.norm(x, dim=1)", "jnp.linalg.norm(x, axis=1)",
         "tf.norm(x, axis=1)"),
    Call("cholesky", "ops.cholesky(p)", "torch.linalg.cholesky(p)", "jnp.linalg.cholesky(p)", "tf.linalg.cholesky(p)"),
    Call("solve", "ops.solve(p, r)", "torch.linalg.solve(p, r)", "jnp.linalg.solve(p, r)", "tf.linalg.solve(p, r)"),
    Call("inv", "ops.inv(p)", "torch.linalg.inv(p)", "jnp.linalg.inv(p)", "tf.linalg.inv(p)"),
    Call("det", "ops.det(p)", "torch.linalg.det(p)", "jnp.linalg.det(p)", "tf.linalg.det(p)"),
    Call("eigh", "ops.eigh(p)", "torch.linalg.eigh(p)", "jnp.linalg.eigh(p)", "tf.linalg.eigh(p)"),
    Call("svd", "ops.svd(p)", "torch.linalg.svd(p)", "jnp.linalg.svd(p)", "tf.linalg.svd(p)"),
    *(Call(name, f"ops.{name}(x)", f"F.{torch or name}(x)", f"jax.nn.{name}(x)", tf and f"tf.nn.{tf}(x)")
      for name, torch, tf in (
          ("relu", "", "relu"), ("relu6", "", "relu6"), ("elu", "", "elu"), ("selu", "", "selu"), ("silu", "", "silu"),
          ("celu", "", None), ("softplus", "", "softplus"), ("sigmoid", "", "sigmoid"), ("hard_tanh", "hardtanh", None),
          ("leaky_relu", "", "leaky_relu"), ("log_sigmoid", "logsigmoid", None))),
    Call("softmax", "ops.softmax(x)", "torch.softmax(x, -1)", "jax.nn.softmax(x)", "tf.nn.softmax(x)"),
    Call("log_softmax", "ops.log_softmax(x)", "torch.log_softmax(x, -1)", "jax.nn.log_softmax(x)",
         "tf.nn.log_softmax(x)"),
    Call("gelu", "ops.gelu(x)", "F.gelu(x, approximate='tanh')", "jax.nn.gelu(x)", "tf.nn.gelu(x, approximate=True)"),
    Call("conv", "ops.conv(image, kernel)", "F.conv2d(image.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1))"
         ".permute(0, 2, 3, 1)", "lax.conv_general_dilated(image, kernel, (1, 1), 'VALID', dimension_numbers="
         "('NHWC', 'HWIO', 'NHWC'))", "tf.nn.convolution(image, kernel, padding='VALID')"),
    Call("max_pool", "ops.max_pool(image, 2)", "F.max_pool2d(image.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)", None,
         "tf.nn.max_pool2d(image, 2, 2, 'VALID')"),
    Call("dot_product_attention", "ops.dot_product_attention(q, q, q)",
         "F.scaled_dot_product_attention(*(q.transpose(1, 2),) * 3).transpose(1, 2)",
         "jax.nn.dot_product_attention(q, q, q)", None),
    Call("image.resize", "ops.image.resize(image, (4, 4))", "F.interpolate(image.permute(0, 3, 1, 2), (4, 4), "
         "mode='bilinear').permute(0, 2, 3, 1)", "jax.image.resize(image, (1, 4, 4, 3), 'linear', antialias=False)",
         "tf.image.resize(image, (4, 4))"),
    Call("image.rgb_to_hsv", "ops.image.rgb_to_hsv(image)", None, None, "tf.image.rgb_to_hsv(image)"),
    Call("fft", "ops.fft((x, y))", "torch.fft.fft(torch.complex(x, y))", "jnp.fft.fft(lax.complex(x, y))",
         "tf.signal.fft(tf.complex(x, y))"),
    Call("rfft", "ops.rfft(x)", "torch.fft.rfft(x)", "jnp.fft.rfft(x)", "tf.signal.rfft(x)"),
]  # fmt: skip
