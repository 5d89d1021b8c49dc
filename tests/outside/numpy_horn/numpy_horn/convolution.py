"""Convolutions: sums of products over a view of the inputs' windows."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from numpy_horn.kernels import table
from numpy_horn.windows import channels_last, padded, restored, view
from triceras_backends.transposed import transposed_crops
from triceras_backends.windows import check_groups, convolution_steps, is_first


def _steps(x: Any, kernel: Any, strides: Any, padding: str, dilation_rate: Any) -> tuple[Any, Any, Any]:
    steps = convolution_steps("conv", x.shape, kernel.shape, strides, dilation_rate, padding)
    return kernel.shape[: x.ndim - 2], *steps


def _conv(x: Any, kernel: Any, strides: Any, padding: str, data_format: str | None, dilation_rate: Any) -> Any:
    first = is_first(data_format)
    windows, strides, dilations = _steps(x, kernel, strides, padding, dilation_rate)
    x = channels_last(x, first)
    *_, width, filters = kernel.shape
    groups = check_groups(x.shape[-1], kernel.shape)
    reach = [(w - 1) * d + 1 for w, d in zip(windows, dilations, strict=True)]
    found = view(padded(x, reach, strides, padding), windows, strides, dilations)
    n = len(windows)
    found = found.reshape(*found.shape[: n + 1], groups, width, *windows)
    kernel = kernel.reshape(*windows, width, groups, filters // groups)
    outer, inner = "xyz"[:n], "ijk"[:n]
    out = np.einsum(f"b{outer}gc{inner},{inner}cgf->b{outer}gf", found, kernel, optimize=True)
    return restored(out.reshape(*out.shape[:-2], filters), first)


def _conv_transpose(
    x: Any, kernel: Any, strides: Any, padding: str, output_padding: Any, data_format: str | None, dilation_rate: Any
) -> Any:
    first = is_first(data_format)
    windows, strides, dilations = _steps(x, kernel, strides, padding, dilation_rate)
    x = channels_last(x, first)
    if x.shape[-1] != kernel.shape[-1]:
        raise ValueError(f"{x.shape[-1]} input channels do not fit a kernel of shape {kernel.shape}")
    crops = transposed_crops(windows, strides, dilations, padding, output_padding)
    spans = [(size - 1) * stride + 1 for size, stride in zip(x.shape[1:-1], strides, strict=True)]
    whole = [span + (w - 1) * d for span, w, d in zip(spans, windows, dilations, strict=True)]
    out = np.zeros((x.shape[0], *whole, kernel.shape[-2]), x.dtype)
    for at in itertools.product(*map(range, windows)):
        starts = [i * d for i, d in zip(at, dilations, strict=True)]
        key = tuple(slice(i, i + span, s) for i, span, s in zip(starts, spans, strides, strict=True))
        out[(slice(None), *key)] += x @ kernel[at].T
    grown = np.pad(out, [(0, 0), *((max(-a, 0), max(-b, 0)) for a, b in crops), (0, 0)])
    kept = [slice(max(a, 0), size - max(b, 0)) for (a, b), size in zip(crops, grown.shape[1:-1], strict=True)]
    return restored(grown[(slice(None), *kept)], first)


table(globals(), "float", conv=_conv, conv_transpose=_conv_transpose)
