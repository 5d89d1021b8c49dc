"""Convolutions on JAX."""

from __future__ import annotations

from typing import Any

from jax import lax

from triceras_backends.contract.types import Tensor
from triceras_backends.jax_backend.kernels import INEXACT, checked, tensors
from triceras_backends.jax_backend.windows import spatial
from triceras_backends.transposed import transposed_crops
from triceras_backends.windows import check_groups, check_reach, check_transposed, convolution_steps, is_first


def _layouts(rank: int, first: bool) -> tuple[str, str]:
    """The layout of the inputs, and the spatial letters."""
    letters = "DHW"[5 - rank :]
    return (f"NC{letters}" if first else f"N{letters}C"), letters


def _convolved(x: Any, kernel: Any, strides: Any, padding: str, first: bool, dilation: Any) -> Any:
    layout, letters = _layouts(x.ndim, first)
    return lax.conv_general_dilated(
        x,
        kernel,
        strides,
        padding.upper(),
        rhs_dilation=dilation,
        dimension_numbers=(layout, f"{letters}IO", layout),
        feature_group_count=x.shape[1 if first else -1] // kernel.shape[-2],
    )


def _transposed(x: Any, kernel: Any, strides: Any, padding: str, extra: Any, first: bool, dilation: Any) -> Any:
    layout, letters = _layouts(x.ndim, first)
    n = x.ndim - 2
    crops = transposed_crops(kernel.shape[:n], strides, dilation, padding, extra)
    reach = [(w - 1) * d for w, d in zip(kernel.shape, dilation, strict=False)]
    return lax.conv_general_dilated(
        x,
        lax.rev(kernel, tuple(range(n))),
        (1,) * n,
        [(r - before, r - after) for r, (before, after) in zip(reach, crops, strict=True)],
        lhs_dilation=strides,
        rhs_dilation=dilation,
        dimension_numbers=(layout, f"{letters}OI", layout),
    )


_conv = checked("conv", _convolved, static=(2, 3, 4, 5))
_conv_transpose = checked("conv_transpose", _transposed, static=(2, 3, 4, 5, 6))


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, kernel = tensors((inputs, kernel), INEXACT)
    first = is_first(data_format)
    strides, dilation = convolution_steps("conv", x.shape, kernel.shape, strides, dilation_rate, padding)
    check_groups(x.shape[1 if first else -1], kernel.shape)
    if padding == "valid":
        check_reach(spatial(x, first), kernel.shape, dilation)
    return _conv(x, kernel, strides, padding, first, dilation)


def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    x, kernel = tensors((inputs, kernel), INEXACT)
    first = is_first(data_format)
    strides, dilation = convolution_steps("conv_transpose", x.shape, kernel.shape, strides, dilation_rate, padding)
    check_transposed(x.shape[1 if first else -1], kernel.shape)
    extra = output_padding if output_padding is None or isinstance(output_padding, int) else tuple(output_padding)
    return _conv_transpose(x, kernel, strides, padding, extra, first, dilation)
