"""Windows as an axis of their own, and back; the oracles go window by window, block by block."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Table, distinct, floats, ints
from tests.conformance.cases.gradients_base import Gradients, spread

CASES = Table()
GRADIENTS = Gradients()


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _places(size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> list[tuple[slice, slice]]:
    """The slices of the padded image that the windows are."""
    ranges = []
    for n, k, d, p, s in zip(size, _pair(kernel), _pair(dilation), _pair(padding), _pair(stride), strict=True):
        reach = (k - 1) * d + 1
        ranges.append([slice(i, i + reach, d) for i in range(0, n + 2 * p - reach + 1, s)])
    return [(row, column) for row in ranges[0] for column in ranges[1]]


def _unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    places = _places(x.shape[2:], kernel_size, dilation, padding, stride)
    pads = [(p, p) for p in _pair(padding)]
    x, k = np.pad(x, [(0, 0), (0, 0), *pads]), int(np.prod(_pair(kernel_size)))
    return np.stack([x[:, :, row, column].reshape(x.shape[0], x.shape[1] * k) for row, column in places], -1)


def _fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    size, kernel, pad = _pair(output_size), _pair(kernel_size), _pair(padding)
    depth = x.shape[1] // (kernel[0] * kernel[1])
    out = np.zeros((x.shape[0], depth, size[0] + 2 * pad[0], size[1] + 2 * pad[1]), x.dtype)
    for i, (row, column) in enumerate(_places(size, kernel, dilation, pad, stride)):
        out[:, :, row, column] += x[:, :, i].reshape(x.shape[0], depth, *kernel)
    return out[:, :, pad[0] : pad[0] + size[0], pad[1] : pad[1] + size[1]]


WINDOWS: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 4, 5), {"kernel_size": 2}),
    ((2, 1, 4, 5), {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)}),
    ((1, 2, 7, 6), {"kernel_size": (2, 3), "dilation": 2, "padding": 1, "stride": 2}),
    ((1, 2, 7, 6), {"kernel_size": (3, 1), "dilation": (3, 1), "padding": (0, 2), "stride": 3}),
    ((1, 2, 3, 4), {"kernel_size": (3, 4)}),
    ((0, 2, 3, 4), {"kernel_size": 2}),
]
for shape, kw in WINDOWS:
    columns = _unfold(np.zeros(shape, "float32"), **kw).shape
    CASES.add("unfold", distinct(shape), kw=kw, oracle=_unfold)
    CASES.add("fold", floats(columns), kw={"output_size": shape[2:]} | kw, oracle=_fold, tol=4)
for dtype in ("float16", "bfloat16", "float64", "int32", "uint8", "bool"):
    x = floats((1, 2, 3, 3), dtype) if "float" in dtype else ints((1, 2, 3, 3), dtype)
    CASES.add("unfold", x, kw={"kernel_size": 2, "padding": 1}, oracle=_unfold, returns=dtype)
for dtype in ("float16", "float64", "int32", "int64"):
    x = floats((1, 8, 4), dtype) if "float" in dtype else ints((1, 8, 4), dtype)
    CASES.add("fold", x, kw={"output_size": 3, "kernel_size": 2}, oracle=_fold, returns=dtype)


def _blocks(x: Any, block_size: int, data_format: Any = "channels_last") -> Any:
    """depth_to_space, a pixel at a time."""
    x = np.moveaxis(x, 1, -1) if data_format == "channels_first" else x
    n, h, w, c = x.shape
    depth = c // block_size**2
    out = np.zeros((n, h * block_size, w * block_size, depth), x.dtype)
    for i in range(h * block_size):
        for j in range(w * block_size):
            at = (i % block_size * block_size + j % block_size) * depth
            out[:, i, j] = x[:, i // block_size, j // block_size, at : at + depth]
    return np.moveaxis(out, -1, 1) if data_format == "channels_first" else out


def _unblocked(x: Any, block_size: int, data_format: Any = "channels_last") -> Any:
    """What `_blocks` makes x of: its inverse, by where each of its numbers goes."""
    shape = _shrunk(x.shape, block_size, data_format)
    places = _blocks(np.arange(x.size).reshape(shape), block_size, data_format)
    out = np.zeros(x.size, x.dtype)
    out[places.ravel()] = x.ravel()
    return out.reshape(shape)


def _shrunk(shape: Any, k: int, data_format: Any) -> tuple[int, ...]:
    if data_format == "channels_first":
        return shape[0], shape[1] * k * k, shape[2] // k, shape[3] // k
    return shape[0], shape[1] // k, shape[2] // k, shape[3] * k * k


for shape, kw in (
    ((2, 2, 3, 8), {"block_size": 2}),
    ((1, 1, 2, 9), {"block_size": 3, "data_format": "channels_last"}),
    ((2, 8, 3, 2), {"block_size": 2, "data_format": "channels_first"}),
    ((1, 1, 1, 4), {"block_size": 2, "data_format": None}),
    ((0, 2, 2, 4), {"block_size": 2}),
):
    CASES.add("depth_to_space", distinct(shape), kw=kw, oracle=_blocks)
    CASES.add("space_to_depth", distinct(_blocks(distinct(shape), **kw).shape), kw=kw, oracle=_unblocked)
for dtype in ("float16", "bfloat16", "float64", "int32", "uint8", "bool"):
    x = floats((1, 2, 2, 4), dtype) if "float" in dtype else ints((1, 2, 2, 4), dtype)
    CASES.add("depth_to_space", x, kw={"block_size": 2}, oracle=_blocks, returns=dtype)
    CASES.add("space_to_depth", x, kw={"block_size": 2}, oracle=_unblocked, returns=dtype)

GRADIENTS.add("unfold", spread(1, 2, 4, 4), kernel_size=(2, 3), padding=1, stride=2)
GRADIENTS.add("unfold", spread(1, 1, 4, 4), kernel_size=2, dilation=2)
GRADIENTS.add("fold", spread(1, 8, 6), output_size=(3, 4), kernel_size=2)
GRADIENTS.add("fold", spread(1, 4, 4), output_size=4, kernel_size=2, dilation=2, padding=1, stride=2, label="strided")
GRADIENTS.add("depth_to_space", spread(1, 2, 1, 8), block_size=2)
GRADIENTS.add("space_to_depth", spread(1, 2, 2, 4), block_size=2, data_format="channels_first")

X = floats((1, 2, 4, 4))
ERRORS: list[Any] = [
    ("unfold", (floats((2, 4, 4)), 2), {}, ValueError, ("unfold", "(2, 4, 4)")),
    ("unfold", (X, 5), {}, ValueError, ("unfold", "(5, 5)", "(4, 4)")),
    ("unfold", (X, 0), {}, ValueError, ("kernel_size", "0")),
    ("unfold", (X, 2), {"stride": (1, 2, 3)}, ValueError, ("stride", "(1, 2, 3)")),
    ("unfold", (X, 2), {"padding": -1}, ValueError, ("padding", "-1")),
    ("fold", (floats((8, 6)), (3, 4), 2), {}, ValueError, ("fold", "(8, 6)")),
    ("fold", (floats((1, 8, 6)), (3, 5), 2), {}, ValueError, ("(1, 8, 6)", "(3, 5)")),
    ("fold", (floats((1, 7, 6)), (3, 4), 2), {}, ValueError, ("(1, 7, 6)", "4")),
    ("depth_to_space", (floats((2, 2, 4)), 2), {}, ValueError, ("depth_to_space", "(2, 2, 4)")),
    ("depth_to_space", (floats((1, 2, 2, 6)), 2), {}, ValueError, ("(1, 2, 2, 6)", "2")),
    ("depth_to_space", (floats((1, 2, 2, 4)), 1), {}, ValueError, ("block_size", "1")),
    ("space_to_depth", (floats((1, 2, 3, 4)), 2), {}, ValueError, ("space_to_depth", "(1, 2, 3, 4)")),
    ("space_to_depth", (floats((1, 2, 2, 4)), 2), {"data_format": "last"}, ValueError, ("last",)),
]
