"""Tensors, variables, shapes and control flow by their TensorFlow names."""

from __future__ import annotations

from typing import Any

from triceras import autodiff, ops
from triceras.tf.adapt import adapt
from triceras_backends.active import backend as B


class Variable(B.Variable):  # type: ignore[misc, name-defined]
    """`tf.Variable`: a Variable with TensorFlow's constructor."""

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool = True,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        shape: Any = None,
    ) -> None:
        if initial_value is None:
            raise ValueError("tf.Variable needs an initial value.")
        value = initial_value() if callable(initial_value) else initial_value
        super().__init__(value, shape=shape, dtype=dtype, trainable=trainable, name=name)
        self.constraint = constraint

    def read_value(self) -> Any:
        """The current value."""
        return self.value


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of `value`, filled up to `shape` where one is given and value is a scalar."""
    tensor = ops.convert_to_tensor(value, dtype=dtype)
    if shape is None:
        return tensor
    return ops.broadcast_to(tensor, shape) if not ops.shape(tensor) else ops.reshape(tensor, shape)


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    """A tensor of `value`."""
    return ops.convert_to_tensor(value, dtype=dtype)


def shape(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The shape as an integer tensor."""
    return (
        ops.stack([ops.cast(size, out_type) for size in ops.shape(input)])
        if ops.shape(input)
        else ops.zeros((0,), out_type)
    )


def rank(input: Any, name: str | None = None) -> Any:
    """The number of dimensions, an int32 scalar."""
    return ops.convert_to_tensor(len(ops.shape(input)))


def size(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The number of elements, an integer scalar."""
    total: Any = 1
    for length in ops.shape(input):
        total = total * length
    return ops.cast(total, out_type)


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """Zeros."""
    return ops.zeros(shape, dtype=dtype)


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """Ones."""
    return ops.ones(shape, dtype=dtype)


def fill(dims: Any, value: Any, name: str | None = None) -> Any:
    """`value` everywhere, in its own dtype."""
    value = ops.convert_to_tensor(value)
    return ops.full(dims, value, dtype=ops.dtype(value))


def eye(num_rows: int, num_columns: int | None = None, dtype: Any = "float32", name: str | None = None) -> Any:
    """The identity matrix."""
    return ops.eye(num_rows, num_columns, dtype=dtype)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Any:
    """Numbers from start (0 if only one is given) up to but without limit."""
    return ops.arange(0, start, delta, dtype=dtype) if limit is None else ops.arange(start, limit, delta, dtype=dtype)


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> Any:
    """`num` evenly spaced numbers, ends included."""
    return ops.linspace(start, stop, num, axis=axis)


def concat(values: Any, axis: int, name: str | None = None) -> Any:
    """Tensors joined along an axis."""
    return ops.concatenate(values, axis=axis)


def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    """Tensors joined along a new axis."""
    return ops.stack(values, axis=axis)


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str | None = None) -> Any:
    """Parts of a tensor: an equal number of them, or of the given sizes (not indices, as in NumPy)."""
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis=axis)
    ends, total = [], 0
    for length in list(num_or_size_splits)[:-1]:
        total += int(length)
        ends.append(total)
    return ops.split(value, ends, axis=axis)


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str | None = None) -> Any:
    """Axes permuted."""
    return ops.transpose(a, perm)


def gather(params: Any, indices: Any, axis: int = 0, name: str | None = None) -> Any:
    """Slices at `indices` along an axis."""
    return ops.take(params, indices, axis=axis)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """x where condition holds, else y; the (n, rank) indices of what is true with condition alone."""
    if x is None and y is None:
        return ops.stack(ops.where(condition), axis=-1)
    return ops.where(condition, x, y)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """Enlarged by (before, after) an axis; modes CONSTANT, REFLECT, SYMMETRIC."""
    mode = mode.lower()
    return ops.pad(tensor, paddings, mode=mode, constant_values=constant_values if mode == "constant" else None)


def one_hot(
    indices: Any, depth: int, on_value: Any = None, off_value: Any = None, axis: int = -1, dtype: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Indicator vectors of integers along a new axis, of on_value (1) and off_value (0)."""
    hot = ops.one_hot(indices, depth, axis=axis, dtype=dtype or "float32")
    if on_value is None and off_value is None:
        return hot
    on, off = 1 if on_value is None else on_value, 0 if off_value is None else off_value
    return hot * on + (1 - hot) * off


def function(func: Any = None, **options: Any) -> Any:
    """Compiles a function that reads and assigns Variables.

    Python control flow on tensors is not rewritten: use `tf.cond` and `tf.while_loop`. Of
    TensorFlow's options only `jit_compile` has a meaning here.
    """
    jit_compile = options.get("jit_compile")
    return autodiff.jit(jit_compile=jit_compile) if func is None else autodiff.jit(func, jit_compile=jit_compile)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of a list of tensors."""
    total, *rest = inputs
    for x in rest:
        total = ops.add(total, x)
    return total


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """true_fn() if pred else false_fn()."""
    return ops.cond(pred, true_fn, false_fn)


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None, **options: Any) -> Any:
    """Repeats body(*loop_vars) while cond(*loop_vars)."""
    return ops.while_loop(cond, body, loop_vars, maximum_iterations=maximum_iterations)


abs = adapt(ops.abs)
argmax = adapt(ops.argmax, input="x")
argmin = adapt(ops.argmin, input="x")
argsort = adapt(ops.argsort, values="x")
broadcast_to = adapt(ops.broadcast_to, input="x")
cast = adapt(ops.cast)
clip_by_value = adapt(ops.clip, t="x", clip_value_min="x_min", clip_value_max="x_max")
cumsum = adapt(ops.cumsum)
einsum = adapt(ops.einsum)
expand_dims = adapt(ops.expand_dims, input="x")
identity = adapt(ops.convert_to_tensor, input="x")
is_tensor = ops.is_tensor
meshgrid = adapt(ops.meshgrid)
norm = adapt(ops.norm, tensor="x")
ones_like = adapt(ops.ones_like, input="x")
repeat = adapt(ops.repeat, input="x")
reshape = adapt(ops.reshape, tensor="x", shape="newshape")
roll = adapt(ops.roll, input="x")
sort = adapt(ops.sort, values="x")
squeeze = adapt(ops.squeeze, input="x")
stop_gradient = adapt(ops.stop_gradient, input="variable")
tensordot = adapt(ops.tensordot, a="x1", b="x2")
tile = adapt(ops.tile, input="x", multiples="repeats")
unstack = adapt(ops.unstack, value="x")
zeros_like = adapt(ops.zeros_like, input="x")
