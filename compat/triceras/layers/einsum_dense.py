"""EinsumDense: a dense layer whose product is written as an einsum equation."""

from __future__ import annotations

import math
import string
from typing import Any, NamedTuple

from triceras import activations, initializers, ops, regularizers
from triceras.layers.layer import Layer


class _Plan(NamedTuple):
    """What an equation means for an input's shape."""

    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    output: tuple[int | None, ...]
    # How many last axes of the input meet the first ones of the kernel, if it is a matrix product; else 0.
    contracted: int


def _plan(equation: str, input_shape: Any, output_shape: Any, bias_axes: str | None) -> _Plan:
    try:
        terms, out = equation.replace(" ", "").split("->")
        left, weight = terms.split(",")
    except ValueError:
        raise ValueError(f'EinsumDense: the equation must look like "ab,bc->ac"; got: {equation!r}') from None
    elided = len(input_shape) - len(left.replace("...", ""))
    on_left = left.startswith("...")
    if ("..." in left) != ("..." in out) or on_left != out.startswith("...") or (elided and "..." not in left):
        raise ValueError(f"EinsumDense: {equation!r} does not fit an input of shape {tuple(input_shape)}.")
    extra = "".join([c for c in string.ascii_uppercase if c not in equation][: max(elided, 0)])
    left, out = left.replace("...", extra), out.replace("...", extra)
    sizes = dict(zip(left, input_shape, strict=True))
    given = [c for c in out if c not in extra]
    given = given if on_left else given[1:]
    if len(given) != len(output_shape):
        raise ValueError(f"EinsumDense: output_shape {output_shape} must give a size for each of {given}.")
    for label, size in zip(given, output_shape, strict=True):
        if size is not None and sizes.setdefault(label, size) not in (size, None):
            raise ValueError(
                f"EinsumDense: output_shape says {label} is {size}, but the input of shape {tuple(input_shape)} "
                f"says {sizes[label]} in {equation!r}."
            )
    missing = [c for c in weight if sizes.get(c) is None]
    if missing:
        raise ValueError(f"EinsumDense: the sizes of {missing} in {equation!r} are not known.")
    shared = len(set(left) & set(weight) - set(out))
    kept = left[: len(left) - shared]
    product = left == kept + weight[:shared] and out == kept + weight[shared:]
    bias = None
    if bias_axes:
        if set(bias_axes) - set(out):
            raise ValueError(f"EinsumDense: bias_axes {bias_axes!r} must be axes of the output, {out!r}.")
        first = min(out.index(c) for c in bias_axes)
        bias = tuple(sizes[c] if c in bias_axes else 1 for c in out[first:])
    return _Plan(tuple(sizes[c] for c in weight), bias, tuple(sizes[c] for c in out), shared if product else 0)


class EinsumDense(Layer):
    """activation(einsum(equation, x, kernel) + bias).

    Args:
        equation: such as "ab,bc->ac", the input, the kernel and the output; "..." stands for any
            number of axes, at the beginning or the end of input and output.
        output_shape: sizes of the output's axes but the batch and those of "..."; None takes the input's.
        activation: a name or function; None is the identity.
        bias_axes: the output's axes that the bias has, such as "c"; None is no bias.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        kernel_constraint, bias_constraint: of the weights `kernel` and `bias`.

    Raises ValueError: an equation that does not fit the shapes.
    """

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint

    def build(self, input_shape: Any) -> None:
        plan = _plan(self.equation, input_shape, self.partial_output_shape, self.bias_axes)
        self._contracted = plan.contracted
        self.kernel = self.add_weight(
            plan.kernel,
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if plan.bias is not None:
            self.bias = self.add_weight(
                plan.bias,
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        kernel = self.kernel.value
        bias = None if self.bias is None else self.bias.value
        if self._contracted:
            return self.activation(_product(inputs, kernel, bias, self._contracted))
        x = ops.einsum(self.equation, inputs, kernel)
        return self.activation(x if bias is None else ops.add(x, bias))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return _plan(self.equation, input_shape, self.partial_output_shape, self.bias_axes).output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "equation": self.equation,
            "output_shape": self.partial_output_shape,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": self.kernel_initializer,
            "bias_initializer": self.bias_initializer,
            "kernel_regularizer": self.kernel_regularizer,
            "bias_regularizer": self.bias_regularizer,
            "kernel_constraint": self.kernel_constraint,
            "bias_constraint": self.bias_constraint,
        }


def _product(x: Any, kernel: Any, bias: Any, contracted: int) -> Any:
    """The last axes of x times the first ones of the kernel: one matrix product."""
    shape, weight = ops.shape(x), ops.shape(kernel)
    lead, new = shape[: len(shape) - contracted], weight[contracted:]
    inner, outer = math.prod(weight[:contracted]), math.prod(new)
    y = ops.matmul(ops.reshape(x, (-1, inner)), ops.reshape(kernel, (inner, outer)))
    whole = bias is not None and ops.shape(bias) == new
    if whole:
        y = ops.add(y, ops.reshape(bias, (outer,)))
    y = ops.reshape(y, (*lead, *new))
    return y if bias is None or whole else ops.add(y, bias)
