"""Normalisations; the oracles are written from the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Table, floats, ints

CASES = Table()


def _moments(x: Any, axes: Any, keepdims: bool = False) -> Any:
    return x.mean(axes, keepdims=keepdims), x.var(axes, keepdims=keepdims)


for axes in (0, -1, (0, 1), (0, 2), (0, 1, 2)):
    CASES.add("moments", floats((3, 4, 5)), kw={"axes": axes}, oracle=_moments, tol=4)
CASES.add("moments", floats((3, 4, 5)), kw={"axes": (1, 2), "keepdims": True}, oracle=_moments, tol=4)
CASES.add("moments", floats((3, 4), low=999, high=1001), kw={"axes": 0}, oracle=_moments, tol=100, label="far from 0")
CASES.add("moments", floats((3, 4), "float16", 200, 300), kw={"axes": 0}, oracle=_moments, tol=2, label="float16")
CASES.add("moments", floats((3, 4), "float64"), kw={"axes": 0}, oracle=_moments, tol=4, label="float64")


def _along(v: Any, x: Any, axis: int) -> Any:
    return v.reshape(-1, *[1] * (x.ndim - 1 - axis % x.ndim))


def _batch(
    x: Any, mean: Any, variance: Any, axis: int = -1, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Any:
    out = (x - _along(mean, x, axis)) / np.sqrt(_along(variance, x, axis) + epsilon)
    out = out if scale is None else out * _along(scale, x, axis)
    return out if offset is None else out + _along(offset, x, axis)


def _by_batch(x: Any, axis: int = -1, offset: Any = None, scale: Any = None, epsilon: float = 1e-3) -> Any:
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    mean, variance = x.mean(others), x.var(others)
    return _batch(x, mean, variance, axis, offset, scale, epsilon), mean, variance


for shape, axis in (
    ((4, 3), -1),
    ((2, 5, 3), 2),
    ((2, 4, 5, 3), -1),
    ((2, 3, 4, 5), 1),
    ((2, 3, 4, 5), 2),
    ((2, 2, 3, 2, 3), -1),
):
    for dtype in ("float32", "float64") if len(shape) == 4 else ("float32",):
        size = shape[axis]
        x, mean, variance = floats(shape, dtype), floats((size,), dtype), floats((size,), dtype, 0.5, 2)
        offset, scale = floats((size,), dtype, -1, 1), floats((size,), dtype, 0.5, 3)
        for kw in (
            {"axis": axis, "offset": offset, "scale": scale},
            {"axis": axis, "epsilon": 0.1},
            {"axis": axis, "scale": scale},
        ):
            CASES.add("batch_normalization", x, mean, variance, kw=kw, oracle=_batch, tol=8, returns=dtype)
            CASES.add("normalize_by_batch", x, kw=kw, oracle=_by_batch, tol=8, returns=(dtype,) * 3)
CASES.add(
    "batch_normalization",
    floats((4, 3), "float16"),
    floats((3,)),
    floats((3,), low=0.5),
    kw={"axis": -1},
    oracle=_batch,
    tol=4,
    returns="float16",
)
CASES.add(
    "normalize_by_batch",
    floats((4, 3), "float16"),
    kw={"axis": -1},
    oracle=_by_batch,
    tol=4,
    returns=("float16", "float32", "float32"),
)


def _affine(x: Any, axes: Any, factor: Any, shift: Any) -> Any:
    axes = sorted(i % x.ndim for i in ((axes,) if isinstance(axes, int) else axes))
    shape = [x.shape[i] if i in axes else 1 for i in range(x.ndim)]
    x = x if factor is None else x * factor.reshape(shape)
    return x if shift is None else x + shift.reshape(shape)


def _layer(x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    scaled = (x - x.mean(axis, keepdims=True)) / np.sqrt(
        x.var(axis, keepdims=True) + (1e-7 if epsilon is None else epsilon)
    )
    return _affine(scaled, axis, gamma, beta)


def _rms(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    return _affine(
        x / np.sqrt((x * x).mean(axis, keepdims=True) + (1e-7 if epsilon is None else epsilon)), axis, scale, None
    )


for axis, shape in ((-1, (5,)), ((1, 2), (4, 5)), (1, (4,)), ((0, 2), (3, 5))):
    gamma, beta = floats(shape, low=0.5, high=2), floats(shape)
    CASES.add("layer_normalization", floats((3, 4, 5)), gamma, beta, kw={"axis": axis}, oracle=_layer, tol=8)
    CASES.add("layer_normalization", floats((3, 4, 5)), kw={"axis": axis, "epsilon": 0.1}, oracle=_layer, tol=8)
    CASES.add("rms_normalization", floats((3, 4, 5)), gamma, kw={"axis": axis}, oracle=_rms, tol=8)
    CASES.add("rms_normalization", floats((3, 4, 5)), kw={"axis": axis, "epsilon": 0.1}, oracle=_rms, tol=8)
for dtype in ("float16", "float64"):
    CASES.add(
        "layer_normalization", floats((3, 5), dtype), floats((5,), dtype), kw={"epsilon": 1e-3}, oracle=_layer, tol=4
    )
    CASES.add("rms_normalization", floats((3, 5), dtype), floats((5,), dtype), kw={"epsilon": 1e-3}, oracle=_rms, tol=4)


def _group(x: Any, groups: int, axis: int = -1, gamma: Any = None, beta: Any = None, epsilon: Any = None) -> Any:
    wide = np.moveaxis(x.astype("float64"), axis, 1)
    parts = wide.reshape(len(x), groups, -1)
    mean, variance = parts.mean(-1, keepdims=True), parts.var(-1, keepdims=True)
    out = ((parts - mean) / np.sqrt(variance + (1e-7 if epsilon is None else epsilon))).reshape(wide.shape)
    column = (-1, *(1,) * (x.ndim - 2))
    out = out * (1 if gamma is None else gamma.reshape(column)) + (0 if beta is None else beta.reshape(column))
    return np.moveaxis(out, 1, axis)


for axis, shape, groups in ((-1, (2, 3, 4), 2), (1, (2, 6, 3), 3), (2, (2, 3, 4, 5), 4), (-1, (3, 6), 1)):
    x, gamma, beta = floats(shape), floats((shape[axis],), low=0.5, high=2), floats((shape[axis],))
    CASES.add("group_normalization", x, groups, axis, gamma, beta, oracle=_group, tol=8)
    CASES.add("group_normalization", x, groups, axis, kw={"epsilon": 0.1}, oracle=_group, tol=8)
for dtype in ("float16", "float64"):
    CASES.add("group_normalization", floats((2, 3, 4), dtype), 2, kw={"epsilon": 1e-3}, oracle=_group, tol=4)


def _normalize(x: Any, axis: int = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    least = 1e-7 if epsilon is None else epsilon
    return x / np.maximum(np.linalg.norm(x, ord=order, axis=axis, keepdims=True), least)


for kw in ({}, {"axis": 0}, {"order": 1}, {"order": 3, "axis": 0}, {"order": np.inf}, {"epsilon": 3.0}):
    CASES.add("normalize", floats((3, 4)), kw=kw, oracle=_normalize, tol=4)
CASES.add("normalize", np.zeros((2, 3), "float32"), oracle=_normalize)
CASES.add("normalize", ints((2, 3), low=1), oracle=_normalize, returns="float32", tol=4)


def _flat_norm(x: Any, axis: Any, order: Any = 2) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else axis
    size = np.abs(x)
    norm = size.max(axes, keepdims=True) if order == np.inf else (size**order).sum(axes, keepdims=True) ** (1 / order)
    return x / norm


for kw in ({"axis": None}, {"axis": (0, 1)}, {"axis": (0, 2), "order": 1}, {"axis": (1, 2), "order": np.inf}):
    CASES.add("normalize", floats((2, 3, 2)), kw=kw, oracle=_flat_norm, tol=4)
ERRORS: list[Any] = [
    ("normalize", (floats((2, 3)),), {"order": 0}, ValueError, ("normalize", "order", "0")),
    ("normalize", (floats((2, 3)),), {"order": "fro"}, ValueError, ("normalize", "order", "fro")),
    ("layer_normalization", (floats((2, 3)),), {"rms_scaling": True}, TypeError, ("rms_scaling",)),
    ("group_normalization", (floats((2, 3)), 2), {}, ValueError, ("group_normalization", "groups", "2", "3")),
    ("moments", (floats((2, 3)), 0), {"synchronized": True}, ValueError, ("synchronized",)),
    ("moments", (floats((2, 3)), 2), {}, ValueError, ("2",)),
]
