"""Convolutions; the oracles are written from the definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal

from tests.conformance.cases.base import Table, floats

CASES = Table()


def _pair(value: Any, n: int) -> tuple[int, ...]:
    return (value,) * n if isinstance(value, int) else tuple(value)


def _conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1
) -> Any:
    """One window at a time, by scipy's correlate over dilated kernels."""
    n = inputs.ndim - 2
    if data_format == "channels_first":
        inputs = np.moveaxis(inputs, 1, -1)
    strides, dilation = _pair(strides, n), _pair(dilation_rate, n)
    window = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation, strict=False)]
    dilated = np.zeros((*window, *kernel.shape[n:]))
    dilated[tuple(slice(None, None, d) for d in dilation)] = kernel
    if padding == "same":
        total = [
            max((-(-s // t) - 1) * t + w - s, 0) for s, t, w in zip(inputs.shape[1:], strides, window, strict=False)
        ]
        inputs = np.pad(inputs, [(0, 0), *((p // 2, p - p // 2) for p in total), (0, 0)])
    channels, filters = kernel.shape[n:]
    groups = inputs.shape[-1] // channels
    maps = []
    for f in range(filters):
        first = f // (filters // groups) * channels
        maps.append([
            sum(scipy.signal.correlate(image[..., first + c], dilated[..., c, f], "valid", "direct") for c in range(channels))
            for image in inputs
        ])  # fmt: skip
    out = np.stack([np.stack(m) for m in maps], -1)
    out = out[(slice(None), *(slice(None, None, s) for s in strides))]
    return np.moveaxis(out, -1, 1) if data_format == "channels_first" else out


def _add_conv(inputs: tuple[int, ...], kernel: tuple[int, ...], dtype: str = "float32", **kw: Any) -> None:
    label = f"{dtype}{list(inputs)},{list(kernel)},{kw}".replace(" ", "")
    tol = 20 if dtype != "float16" else 5
    CASES.add("conv", floats(inputs, dtype), floats(kernel, dtype), kw=kw, oracle=_conv, tol=tol, label=label)


for padding in ("valid", "same"):
    _add_conv((2, 7, 3), (3, 3, 4), padding=padding)
    _add_conv((2, 7, 3), (2, 3, 4), padding=padding, strides=2)
    _add_conv((2, 5, 6, 2), (3, 3, 2, 4), padding=padding)
    _add_conv((2, 5, 6, 2), (2, 3, 2, 4), padding=padding, strides=2)
    _add_conv((1, 6, 7, 2), (3, 2, 2, 3), padding=padding, strides=(2, 3))
    _add_conv((1, 7, 8, 2), (3, 2, 2, 3), padding=padding, dilation_rate=2)
    _add_conv((1, 7, 8, 2), (3, 2, 2, 3), padding=padding, dilation_rate=(1, 3))
    _add_conv((1, 5, 6, 4), (3, 3, 2, 6), padding=padding)
    _add_conv((1, 4, 5, 4, 2), (2, 3, 2, 2, 3), padding=padding)
    _add_conv((1, 4, 5, 4, 2), (2, 3, 2, 2, 3), padding=padding, strides=2)
_add_conv((2, 2, 5, 6), (3, 3, 2, 4), data_format="channels_first")
_add_conv((2, 2, 5, 6), (2, 3, 2, 4), data_format="channels_first", padding="same", strides=2)
_add_conv((2, 3, 7), (3, 3, 4), data_format="channels_first", padding="same")
_add_conv((2, 5, 6, 2), (1, 1, 2, 4))
_add_conv((2, 5, 6, 2), (3, 3, 2, 4), "float64")
_add_conv((2, 5, 6, 2), (3, 3, 2, 4), "float16")


# -- what is made of it --------------------------------------------------------------------


def _biased(inputs: Any, kernel: Any, bias: Any, *args: Any, data_format: Any = None, **kw: Any) -> Any:
    out = _conv(inputs, kernel, *args, data_format=data_format, **kw)
    return out + (bias.reshape(-1, *[1] * (out.ndim - 2)) if data_format == "channels_first" else bias)


def _depthwise(inputs: Any, kernel: Any, *args: Any, **kw: Any) -> Any:
    *window, channels, multiplier = kernel.shape
    return _conv(inputs, kernel.reshape(*window, 1, channels * multiplier), *args, **kw)


def _separable(inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, data_format: Any = None, **kw: Any) -> Any:
    return _conv(_depthwise(inputs, depthwise_kernel, data_format=data_format, **kw), pointwise_kernel,
                 data_format=data_format)  # fmt: skip


def _transpose(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
    data_format: Any = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """Every input adds the kernel, times itself, at its place; then the crop."""
    n = inputs.ndim - 2
    if data_format == "channels_first":
        inputs = np.moveaxis(inputs, 1, -1)
    strides, dilation = _pair(strides, n), _pair(dilation_rate, n)
    extra = (None,) * n if output_padding is None else _pair(output_padding, n)
    window = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation, strict=False)]
    whole = np.zeros(
        (
            inputs.shape[0],
            *((s - 1) * t + w + t for s, t, w in zip(inputs.shape[1:], strides, window, strict=False)),
            kernel.shape[-2],
        )
    )
    for place in np.ndindex(*inputs.shape[1:-1]):
        for tap in np.ndindex(*kernel.shape[:n]):
            at = tuple(p * t + k * d for p, t, k, d in zip(place, strides, tap, dilation, strict=True))
            whole[(slice(None), *at)] += inputs[(slice(None), *place)] @ kernel[tap].T
    key = []
    for size, t, w, p in zip(inputs.shape[1:], strides, window, extra, strict=False):
        length = (size - 1) * t + w
        if padding == "valid":
            out, before = (size * t + max(w - t, 0) if p is None else length + p), 0
        else:
            out = size * t if p is None else length + p - 2 * (w // 2)
            before = max(length - out, 0) // 2
        key.append(slice(before, before + out))
    out = whole[(slice(None), *key)]
    return np.moveaxis(out, -1, 1) if data_format == "channels_first" else out


for kw in ({}, {"padding": "same", "strides": 2}, {"data_format": "channels_first"}):
    CASES.add("biased_conv", floats((2, 5, 6, 5)), floats((3, 2, 5, 4)), floats((4,)), kw=kw, oracle=_biased, tol=20)
CASES.add("biased_conv", floats((2, 5, 3)), floats((2, 3, 4)), floats((4,)), oracle=_biased, tol=20)
for kw in ({}, {"padding": "same"}, {"strides": 2}, {"strides": 2, "padding": "same"}, {"dilation_rate": 2}):
    CASES.add("depthwise_conv", floats((2, 6, 7, 3)), floats((3, 2, 3, 2)), kw=kw, oracle=_depthwise, tol=20)
    CASES.add("depthwise_conv", floats((2, 7, 3)), floats((3, 3, 2)), kw=kw, oracle=_depthwise, tol=20)
CASES.add(
    "depthwise_conv", floats((2, 6, 7, 3)), floats((3, 2, 3, 1)), kw={"strides": (2, 1)}, oracle=_depthwise, tol=20
)
CASES.add(
    "depthwise_conv", floats((2, 3, 6, 7)), floats((3, 2, 3, 2)), kw={"data_format": "channels_first"},
    oracle=_depthwise, tol=20,
)  # fmt: skip
for kw in ({}, {"padding": "same", "strides": 2}):
    parts = floats((2, 6, 7, 3)), floats((3, 2, 3, 2)), floats((1, 1, 6, 4))
    CASES.add("separable_conv", *parts, kw=kw, oracle=_separable, tol=40)
CASES.add("separable_conv", floats((2, 7, 3)), floats((3, 3, 2)), floats((1, 6, 4)), oracle=_separable, tol=40)
for padding in ("valid", "same"):
    for kw in ({}, {"strides": 2}, {"strides": 3}, {"dilation_rate": 2}, {"strides": 3, "output_padding": 1}):
        kw = kw | {"padding": padding}
        CASES.add("conv_transpose", floats((2, 4, 3)), floats((2, 2, 3)), kw=kw, oracle=_transpose, tol=20)
        CASES.add("conv_transpose", floats((2, 3, 4, 2)), floats((3, 2, 4, 2)), kw=kw, oracle=_transpose, tol=20)
    CASES.add(
        "conv_transpose", floats((1, 3, 2, 2, 2)), floats((2, 3, 2, 2, 2)), kw={"strides": 2, "padding": padding},
        oracle=_transpose, tol=20,
    )  # fmt: skip
CASES.add(
    "conv_transpose", floats((2, 2, 3, 4)), floats((3, 2, 4, 2)),
    kw={"strides": (2, 1), "data_format": "channels_first", "padding": "same"}, oracle=_transpose, tol=20,
)  # fmt: skip

IMAGE, WINDOW = floats((1, 5, 4, 3)), floats((2, 2, 3, 4))
ERRORS: list[Any] = [
    ("conv", (floats((1, 2, 4, 3)), floats((3, 2, 3, 4))), {}, ValueError, ("conv", "(2, 4)", "(3, 2, 3, 4)")),
    ("conv", (IMAGE, WINDOW), {"dilation_rate": (1, 4)}, ValueError, ("conv", "(1, 4)", "(5, 4)")),
    ("conv", (IMAGE, WINDOW), {"strides": 0}, ValueError, ("strides", "0")),
    ("conv", (IMAGE, WINDOW), {"strides": 1.5}, ValueError, ("strides", "1.5")),
    ("conv_transpose", (IMAGE, WINDOW), {}, ValueError, ("conv_transpose", "3", "(2, 2, 3, 4)")),
    ("conv_transpose", (IMAGE, floats((2, 2, 4, 3))), {"padding": "full"}, ValueError, ("padding", "full")),
    ("conv_transpose", (IMAGE, floats((2, 2, 4, 3))), {"strides": 2, "output_padding": 2}, ValueError, ("2",)),
    ("depthwise_conv", (IMAGE, floats((2, 2, 2, 1))), {}, ValueError, ("depthwise_conv", "3", "2")),
]
