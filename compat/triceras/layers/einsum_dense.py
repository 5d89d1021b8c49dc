"""EinsumDense: a dense layer whose product is written as an einsum equation."""

from __future__ import annotations

import math
import string
from typing import Any, NamedTuple

from triceras import activations, ops
from triceras.layers.arguments import add_with_options, described_options, keep_options
from triceras.layers.layer import Layer
from triceras.layers.lora import AdaptedWeight, LowRankUpdate
from triceras.utils.serialization import serialize_keras_object as serialize


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


class EinsumDense(LowRankUpdate, Layer):
    """A dense layer over any axes: activation(einsum(equation, x, kernel) + bias).

    Args:
        equation: the axes of the input, the kernel and the output, such as "ab,bc->ac"; "..." stands
            for any number of axes at the beginning, or at the end, of input and output.
        output_shape: the sizes of the output's axes but the first one and those of "...": an int or
            a tuple; None in it takes the input's size.
        activation: a name or function; None is the identity.
        bias_axes: the output's axes that the bias has, such as "c"; None is no bias.
        kernel_initializer: of the weight `kernel`.
        bias_initializer: of the weight `bias`.
        kernel_regularizer: a function of `kernel` whose result is added to the loss.
        bias_regularizer: the same of `bias`.
        kernel_constraint: a function applied to `kernel` after each update.
        bias_constraint: the same to `bias`.
        lora_rank: the rank of a low-rank adaptation: the kernel is frozen, and a difference
            A B of this rank is trained in its place; see `enable_lora`. None is no adaptation.
        lora_alpha: the difference is multiplied by lora_alpha / lora_rank; None makes this 1.
        gptq_unpacked_column_size: kept as an attribute.
        quantization_config: kept for the layer's configuration.

    Shapes: as the equation says; "abc,cd->abd" with output_shape (None, 8) maps
    (batch, steps, features) to (batch, steps, 8).

    Raises ValueError: an equation of another form, or one that does not fit the shapes; bias
    axes that the output has not.

    Example:

    >>> layer = keras.layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 4), bias_axes="de")
    >>> keras.ops.shape(layer(np.zeros((3, 7, 5))))
    (3, 7, 2, 4)
    >>> layer.kernel.shape, layer.bias.shape
    ((5, 2, 4), (2, 4))
    """

    kernel: Any = AdaptedWeight()

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
        lora_rank: int | None = None,
        lora_alpha: Any = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._keep_lora(lora_rank, lora_alpha)
        self.quantization_config = quantization_config
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        keep_options(
            self, kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer,
            kernel_constraint=kernel_constraint,
        )  # fmt: skip
        keep_options(
            self, bias_initializer=bias_initializer, bias_regularizer=bias_regularizer,
            bias_constraint=bias_constraint,
        )  # fmt: skip
        self.gptq_unpacked_column_size = gptq_unpacked_column_size

    def build(self, input_shape: Any) -> None:
        plan = self._plan(input_shape)
        self._contracted = plan.contracted
        self.kernel = add_with_options(self, "kernel", plan.kernel)
        self.bias = None if plan.bias is None else add_with_options(self, "bias", plan.bias)
        self._adapt_as_asked()

    def _plan(self, input_shape: Any) -> _Plan:
        try:
            return _plan(self.equation, input_shape, self.partial_output_shape, self.bias_axes)
        except ValueError as error:
            raise ValueError(f"Layer {self.name!r} ({error})") from None

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        kernel = self.kernel if self.lora_enabled else self.kernel.value
        bias = None if self.bias is None else self.bias.value
        if self._contracted:
            return self.activation(_product(inputs, kernel, bias, self._contracted))
        x = ops.einsum(self.equation, inputs, kernel)
        return self.activation(x if bias is None else ops.add(x, bias))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return self._plan(input_shape).output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            **described_options(self, "kernel", "bias"),
            "quantization_config": serialize(self.quantization_config),
            **self._lora_config(),
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
