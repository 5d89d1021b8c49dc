"""Convolutions on JAX."""

from __future__ import annotations

from typing import Any

from jax import lax

from triceras_backends.contract.types import Tensor
from triceras_backends.jax_backend.kernels import INEXACT, checked, tensors
from triceras_backends.jax_backend.windows import check_padding, check_steps, each, is_first, spatial
from triceras_backends.transposed import transposed_crops


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
    _check_ranks("conv", x, kernel)
    strides, dilation = (each("conv", x.ndim - 2, value) for value in (strides, dilation_rate))
    _check_conv(x, kernel, strides, padding, first, dilation)
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
    _check_ranks("conv_transpose", x, kernel)
    strides, dilation = (each("conv_transpose", x.ndim - 2, value) for value in (strides, dilation_rate))
    check_padding("conv_transpose", padding)
    check_steps("conv_transpose", strides, dilation)
    if x.shape[1 if first else -1] != kernel.shape[-1]:
        raise ValueError(
            f"conv_transpose: inputs {x.shape} do not fit kernel {kernel.shape}, whose last size is their channels."
        )
    extra = output_padding if output_padding is None or isinstance(output_padding, int) else tuple(output_padding)
    return _conv_transpose(x, kernel, strides, padding, extra, first, dilation)


def _check_ranks(name: str, x: Any, kernel: Any) -> None:
    if x.ndim != kernel.ndim or x.ndim not in (3, 4, 5):
        raise ValueError(f"{name}: inputs {x.shape} and kernel {kernel.shape} must have the same rank, 3, 4 or 5.")


def _check_conv(x: Any, kernel: Any, strides: Any, padding: str, first: bool, dilation: Any) -> None:
    got = f"conv: inputs {x.shape} and kernel {kernel.shape}"
    channels = x.shape[1 if first else -1]
    groups = channels // kernel.shape[-2] if kernel.shape[-2] else 0
    if not groups or channels % kernel.shape[-2] or kernel.shape[-1] % groups:
        raise ValueError(
            f"{got} do not fit: {channels} channels in groups of {kernel.shape[-2]}, {kernel.shape[-1]} filters."
        )
    check_padding("conv", padding)
    window = [(n - 1) * step + 1 for n, step in zip(kernel.shape, dilation, strict=False)]
    if padding == "valid" and any(n < w for n, w in zip(spatial(x, first), window, strict=True)):
        raise ValueError(f"{got} do not fit: the window is larger than the inputs.")
    check_steps("conv", strides, dilation)
