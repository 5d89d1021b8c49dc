"""Creation, shape, indexing and sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Raw, Table, Var, distinct, floats, ints, some

CASES = Table()

# -- creation ----------------------------------------------------------------------------

DTYPES = ["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float64"]
for name, fill in (("zeros", 0), ("ones", 1)):
    for shape in [(), (3,), (2, 0), (2, 1, 3, 2)]:
        CASES.add(
            name, kw={"shape": shape}, oracle=lambda shape, fill=fill, **_: np.full(shape, fill), returns="float32"
        )
    for dtype in DTYPES:
        kw: dict[str, Any] = {"shape": (2, 3), "dtype": dtype}
        CASES.add(name, kw=kw, oracle=lambda shape, fill=fill, **_: np.full(shape, fill), returns=dtype)
    for x in (floats((2, 3)), ints((3,), "int8"), floats(()), np.zeros((0, 2), "bool"), floats((2,), "bfloat16")):
        CASES.add(f"{name}_like", x, oracle=lambda x, fill=fill: np.full(x.shape, fill), returns="same")
    CASES.add(
        f"{name}_like",
        floats((2,)),
        kw={"dtype": "int32"},
        oracle=lambda x, fill=fill, **_: np.full(x.shape, fill),
        returns="int32",
    )
    CASES.add(f"{name}_like", Var(floats((2,))), oracle=lambda x, fill=fill: np.full(x.shape, fill), returns="same")


def _full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    return np.broadcast_to(fill_value, shape)


CASES.add("full", kw={"shape": (2, 3), "fill_value": 1.5}, oracle=_full, returns="float32")
CASES.add("full", kw={"shape": (), "fill_value": 7, "dtype": "int32"}, oracle=_full, returns="int32")
CASES.add("full", kw={"shape": (2, 3), "fill_value": floats((3,)), "dtype": "float32"}, oracle=_full, returns="float32")
CASES.add("full", kw={"shape": (0, 3), "fill_value": True, "dtype": "bool"}, oracle=_full, returns="bool")
CASES.add("full", kw={"shape": (2,), "fill_value": 2.0, "dtype": "bfloat16"}, oracle=_full, returns="bfloat16")
for x, value in ((floats((2, 3)), 2), (ints((2, 3)), 2), (floats((2, 3)), floats((3,))), (floats((), "float16"), 0.5)):
    CASES.add(
        "full_like",
        x,
        kw={"fill_value": value},
        oracle=lambda x, fill_value: np.broadcast_to(fill_value, x.shape),
        returns="same",
    )
CASES.add(
    "full_like",
    floats((2,)),
    kw={"fill_value": 3, "dtype": "int8"},
    oracle=lambda x, **_: np.full(2, 3),
    returns="int8",
)

for args, returns in (
    ((5,), "int32"), ((0,), "int32"), ((2, 7), "int32"), ((2, 11, 3), "int32"), ((5, 0, -2), "int32"), ((5, 2), "int32"),
    ((3.0,), "float32"), ((0.0, 1.0, 0.25), "float32"), ((0, 1, 0.25), "float32"), ((-2.5, 3), "float32"),
):  # fmt: skip
    CASES.add("arange", *args, oracle=np.arange, returns=returns, spec=False)
for dtype in ("float32", "float16", "bfloat16", "int8", "int64", "float64"):
    CASES.add(
        "arange",
        2,
        9,
        2,
        kw={"dtype": dtype},
        oracle=np.arange if dtype != "bfloat16" else lambda *a, dtype: np.arange(*a),
        returns=dtype,
        spec=False,
    )

for kw in (
    {},
    {"num": 5},
    {"num": 5, "endpoint": False},
    {"num": 1},
    {"num": 0},
    {"num": 3, "dtype": "float16"},
    {"num": 4, "dtype": "int32"},
):
    CASES.add("linspace", -1.0, 2.0, kw=kw, oracle=np.linspace, returns=kw.get("dtype", "float32"), tol=2)
CASES.add("linspace", 0, 10, kw={"num": 5}, oracle=np.linspace, returns="float32")
CASES.add("linspace", floats((2, 3)), floats((3,)), kw={"num": 4}, oracle=np.linspace, tol=4)
CASES.add(
    "linspace", floats((2, 3)), floats((2, 3), low=3, high=4), kw={"num": 4, "axis": -1}, oracle=np.linspace, tol=4
)
CASES.add("linspace", floats((2,), "float64"), 3.0, kw={"num": 4, "axis": 1}, oracle=np.linspace, returns="float64")
CASES.add("linspace", 0.0, 1.0, kw={"num": 5, "retstep": True}, oracle=np.linspace, returns=("float32", "float32"),
          post=lambda out: [out[0], np.asarray(out[1], "float32")], spec=False)  # fmt: skip

for kw in (
    {"N": 3},
    {"N": 2, "M": 4},
    {"N": 3, "k": 1},
    {"N": 3, "M": 2, "k": -1},
    {"N": 2, "k": 5},
    {"N": 0},
    {"N": 2, "dtype": "int32"},
    {"N": 2, "dtype": "bool"},
):
    CASES.add("eye", kw=kw, oracle=np.eye, returns=kw.get("dtype", "float32"))
for kw in ({"n": 3}, {"n": 1, "dtype": "int32"}, {"n": 2, "dtype": "float16"}):
    CASES.add("identity", kw=kw, oracle=np.identity, returns=kw.get("dtype", "float32"))
for indexing in ("xy", "ij"):
    CASES.add(
        "meshgrid", floats((2,)), floats((3,)), kw={"indexing": indexing}, oracle=np.meshgrid, returns=("float32",) * 2
    )
    CASES.add(
        "meshgrid",
        floats((2,)),
        floats((3,)),
        floats((1,)),
        kw={"indexing": indexing},
        oracle=np.meshgrid,
        returns=("float32",) * 3,
    )
CASES.add("meshgrid", floats((2,)), oracle=np.meshgrid, returns=("float32",))
for name, fn in (("tril", np.tril), ("triu", np.triu)):
    for k in (0, 1, -1, 5):
        CASES.add(name, floats((3, 4)), kw={"k": k}, oracle=fn)
    for x in (
        floats((2, 1, 3, 3)),
        ints((3, 3), "bool"),
        ints((2, 3)),
        floats((2, 2), "bfloat16"),
        np.zeros((0, 2), "float32"),
    ):
        CASES.add(name, x, oracle=fn)
for k in (0, 1, -2):
    CASES.add("diag", floats((3,)), kw={"k": k}, oracle=np.diag)
    CASES.add("diag", floats((3, 4)), kw={"k": k}, oracle=np.diag)
CASES.add("diag", ints((2, 2), "bool"), oracle=np.diag)
for kw in ({}, {"offset": 1}, {"offset": -1, "axis1": 1, "axis2": 2}, {"axis1": -1, "axis2": 0}, {"offset": 3}):
    CASES.add("diagonal", floats((3, 2, 4)), kw=kw, oracle=np.diagonal)
CASES.add("diagonal", ints((2, 2), "int8"), oracle=np.diagonal)

# -- shape -----------------------------------------------------------------------------

for x, newshape in (
    (floats((2, 3)), (3, 2)), (floats((2, 3)), (-1,)), (floats((2, 3)), 6), (floats((2, 3)), [6, 1]), (floats(()), (1, 1)),
    (floats((1,)), ()), (floats((2, 3, 4)), (4, -1, 2)), (np.zeros((0, 3), "float32"), (3, 0)), (ints((4,), "bool"), (2, 2)),
    (floats((2, 3)), (2, 3)),
):  # fmt: skip
    CASES.add("reshape", x, kw={"newshape": newshape}, oracle=lambda x, newshape: np.reshape(x, newshape))
for shape, axes in (
    ((), None),
    ((3,), None),
    ((2, 3), None),
    ((2, 3), (1, 0)),
    ((2, 3, 4), (2, 0, 1)),
    ((2, 1, 3, 2), None),
    ((2, 3, 4), (-1, 0, -2)),
):
    CASES.add("transpose", floats(shape), kw={"axes": axes}, oracle=np.transpose)
for x in (floats(()), floats((2, 3)), ints((2, 1, 3, 2), "int8"), np.zeros((0, 2), "float32")):
    CASES.add("ravel", x, oracle=np.ravel)
for axis in (0, 1, -1, -2, (0, 2), (1, -1)):
    CASES.add("expand_dims", floats((2, 3)), kw={"axis": axis}, oracle=np.expand_dims)
CASES.add("expand_dims", floats(()), kw={"axis": 0}, oracle=np.expand_dims)
for axis in (None, 0, -1, 2, (0, 2), (2, -1)):
    CASES.add("squeeze", floats((1, 3, 1, 1)), kw={"axis": axis}, oracle=np.squeeze)
CASES.add("squeeze", floats((2, 3)), oracle=np.squeeze)
CASES.add("squeeze", floats((1, 1)), oracle=np.squeeze)
for source, destination in ((0, -1), (-1, 0), ((0, 1), (2, 0)), ([0, -1], [1, 0]), (1, 1)):
    CASES.add("moveaxis", floats((2, 3, 4)), kw={"source": source, "destination": destination}, oracle=np.moveaxis)
for a, b in ((0, 1), (-1, 0), (1, 1), (0, -2)):
    CASES.add("swapaxes", floats((2, 3, 4)), kw={"axis1": a, "axis2": b}, oracle=np.swapaxes)
for shape, to in (((3,), (2, 3)), ((), (2, 2)), ((2, 1), (4, 2, 3)), ((1,), (0,)), ((2, 3), (2, 3)), ((1, 1), (3, 1))):
    CASES.add("broadcast_to", floats(shape), kw={"shape": to}, oracle=np.broadcast_to)
CASES.add("broadcast_to", ints((3,), "bool"), kw={"shape": (2, 3)}, oracle=np.broadcast_to)

for shapes, axis in (
    (((2, 3), (1, 3)), 0),
    (((2, 3), (2, 1)), 1),
    (((2, 3), (2, 1)), -1),
    (((3,), (0,), (2,)), 0),
    (((2, 3),), 0),
    (((2, 1, 3, 2),) * 2, 2),
):
    CASES.add("concatenate", [floats(s) for s in shapes], kw={"axis": axis}, oracle=np.concatenate)
for a, b in (
    ("int32", "float32"),
    ("bool", "int8"),
    ("float16", "bfloat16"),
    ("int8", "uint8"),
    ("float32", "float64"),
):
    CASES.add("concatenate", [some((2,), a), some((3,), b)], oracle=np.concatenate)
    CASES.add("stack", [some((2,), a), some((2,), b)], oracle=np.stack)
CASES.add("concatenate", [Var(floats((2,))), Raw(floats((2,)))], oracle=np.concatenate)
for axis in (0, 1, -1, 2):
    CASES.add("stack", [floats((2, 3)), floats((2, 3), low=0)], kw={"axis": axis}, oracle=np.stack)
CASES.add("stack", [floats(()), floats(())], oracle=np.stack)
CASES.add("stack", (floats((0,)),), oracle=np.stack)


def _unstack(x: Any, num: Any = None, axis: int = 0) -> Any:
    return list(np.moveaxis(x, axis, 0))


for kw in ({}, {"axis": 1}, {"axis": -1}, {"num": 2}, {"num": 3, "axis": -2}):
    CASES.add("unstack", floats((2, 3, 4)), kw=kw, oracle=_unstack, returns="same")
CASES.add("unstack", ints((3,), "int8"), oracle=_unstack, returns="same")
for sections, axis in ((2, 0), (3, 1), (2, -1), ([1], 0), ([1, 3], 2), ([], 0), ((2,), 1), ([1, 1], 0), (1, 0)):
    CASES.add(
        "split", floats((2, 3, 4)), kw={"indices_or_sections": sections, "axis": axis}, oracle=np.split, returns="same"
    )
for shape, repeats in (
    ((3,), 2),
    ((2, 3), (2, 1)),
    ((2, 3), 2),
    ((3,), (2, 2)),
    ((2, 1, 3), (2,)),
    ((), (2,)),
    ((2,), 0),
    ((2, 3), (1, 0)),
):
    CASES.add("tile", floats(shape), kw={"repeats": repeats}, oracle=lambda x, repeats: np.tile(x, repeats))
for kw in (
    {"repeats": 2},
    {"repeats": 2, "axis": 0},
    {"repeats": 3, "axis": -1},
    {"repeats": [1, 2], "axis": 0},
    {"repeats": [0, 2, 1], "axis": 1},
    {"repeats": 0, "axis": 0},
):
    CASES.add("repeat", floats((2, 3)), kw=kw, oracle=np.repeat)
CASES.add("repeat", floats(()), kw={"repeats": 3}, oracle=np.repeat)
CASES.add("repeat", ints((2,)), kw={"repeats": Raw(np.array([2, 1])), "axis": 0}, oracle=np.repeat)
for axis in (None, 0, -1, (0, 2)):
    CASES.add("flip", floats((2, 3, 4)), kw={"axis": axis}, oracle=np.flip)
CASES.add("flip", floats((3,), "bfloat16"), oracle=np.flip)
for kw in (
    {"shift": 1},
    {"shift": -2, "axis": 0},
    {"shift": (1, -1), "axis": (0, 2)},
    {"shift": 7, "axis": 1},
    {"shift": 1, "axis": -1},
):
    CASES.add("roll", floats((2, 3, 4)), kw=kw, oracle=np.roll)
CASES.add("roll", np.zeros((0, 2), "float32"), kw={"shift": 1, "axis": 0}, oracle=np.roll)


def padded(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    return np.pad(x, pad_width, mode, **({} if constant_values is None else {"constant_values": constant_values}))


for kw in (
    {"pad_width": 1}, {"pad_width": (1, 2)}, {"pad_width": ((1, 0), (0, 2))}, {"pad_width": ((0, 0), (1, 1)), "constant_values": 2.5},
    {"pad_width": ((1, 1), (2, 1)), "mode": "reflect"}, {"pad_width": ((1, 2), (2, 1)), "mode": "symmetric"},
    {"pad_width": ((1, 2), (3, 0)), "mode": "edge"}, {"pad_width": 0}, {"pad_width": ((1,), (2,))},
):  # fmt: skip
    CASES.add("pad", floats((3, 4)), kw=kw, oracle=padded)
for x in (
    ints((2, 2), "int8"),
    ints((2, 2), "bool"),
    floats((2, 1, 3, 2)),
    np.zeros((0, 2), "float32"),
    floats((2,), "bfloat16"),
):
    CASES.add("pad", x, kw={"pad_width": 1}, oracle=padded)
CASES.add(
    "pad", floats((2, 3, 4, 2)), kw={"pad_width": ((0, 0), (1, 2), (2, 1), (0, 0)), "mode": "reflect"}, oracle=padded
)
CASES.add("pad", floats((2, 3, 2)), kw={"pad_width": ((1, 1), (1, 2), (2, 1)), "mode": "symmetric"}, oracle=padded)
CASES.add("pad", ints((2, 3), "int32"), kw={"pad_width": ((0, 1), (2, 1)), "mode": "edge"}, oracle=padded)

# -- indexing ----------------------------------------------------------------------------


def _take(x: Any, indices: Any, axis: int | None = None) -> Any:
    x = np.ravel(x) if axis is None else x
    axis = axis or 0
    size = x.shape[axis]
    wrapped = np.where(indices < 0, np.asarray(indices) + size, indices)
    out = np.take(x, np.clip(wrapped, 0, size - 1), axis=axis)
    axis = axis % x.ndim
    outside = ((wrapped < 0) | (wrapped >= size)).reshape((1,) * axis + wrapped.shape + (1,) * (x.ndim - axis - 1))
    return np.where(outside, np.nan, out) if x.dtype.kind == "f" else out


INDICES = np.array([[0, 2], [1, -1]], "int32")
for axis in (None, 0, 1, -1):
    CASES.add("take", floats((3, 4, 3)), INDICES, kw={"axis": axis}, oracle=_take, returns="same")
CASES.add("take", floats((3, 4)), np.array(1, "int64"), kw={"axis": 1}, oracle=_take, returns="same")
CASES.add("take", floats((3, 4)), 1, kw={"axis": 0}, oracle=_take, returns="same")
CASES.add("take", ints((5,), "int8"), ints((3,), "uint8", 0, 5), kw={"axis": 0}, oracle=_take, returns="same")
CASES.add("take", floats((3, 2)), np.zeros((0,), "int32"), kw={"axis": 0}, oracle=_take, returns="same")
OUTSIDE = np.array([0, 3, -4, 2, 100, -100], "int32")
CASES.add("take", floats((3, 2)), OUTSIDE, kw={"axis": 0}, oracle=_take, returns="same", label="float outside")
CASES.add("take", floats((2, 3)), OUTSIDE, kw={"axis": -1}, oracle=_take, returns="same", label="float outside,axis=-1")
CASES.add("take", floats((3,), "float16"), OUTSIDE, oracle=_take, returns="same", label="float16 outside")
CASES.add("take", ints((3,)), OUTSIDE, kw={"axis": 0}, oracle=_take, returns="same", label="int outside")

for axis in (0, 1, -1):
    indices = ints((2, 3), "int32", 0, 2)
    CASES.add("take_along_axis", floats((2, 3)), indices, kw={"axis": axis}, oracle=np.take_along_axis, returns="same")
CASES.add(
    "take_along_axis",
    floats((2, 3)),
    np.array([0, 5, 2], "int32"),
    kw={"axis": None},
    oracle=np.take_along_axis,
    returns="same",
)
CASES.add(
    "take_along_axis",
    floats((2, 3, 4)),
    ints((2, 1, 2), "int32", 0, 4),
    kw={"axis": 2},
    oracle=np.take_along_axis,
    returns="same",
)
CASES.add(
    "take_along_axis",
    floats((2, 3)),
    np.array([[-1, 0], [-3, 2]], "int32"),
    kw={"axis": 1},
    oracle=np.take_along_axis,
    returns="same",
)

for x in (floats((4, 2, 3)), ints((5,), "uint8"), floats((3, 2), "bfloat16")):
    CASES.add("rows", x, Raw(np.array([2, 0, 0, 1], "int32")), oracle=lambda x, indices: x[indices], returns="same")
    CASES.add("rows", x, Raw(np.array([], "int32")), oracle=lambda x, indices: x[indices], returns="same")


def _slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    starts = [min(max(int(s), 0), n - m) for s, n, m in zip(start_indices, inputs.shape, shape, strict=True)]
    return inputs[tuple(slice(s, s + m) for s, m in zip(starts, shape, strict=True))]


def _slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    out = inputs.copy()
    starts = [min(max(int(s), 0), n - m) for s, n, m in zip(start_indices, inputs.shape, updates.shape, strict=True)]
    out[tuple(slice(s, s + m) for s, m in zip(starts, updates.shape, strict=True))] = updates
    return out


for start, shape in (
    ((0, 0), (2, 2)),
    ((1, 2), (2, 2)),
    ([2, 0], [1, 4]),
    ((0, 0), (0, 4)),
    ((2, 3), (2, 2)),
    ((-2, 1), (2, 2)),
):
    CASES.add("slice", floats((3, 4)), kw={"start_indices": start, "shape": shape}, oracle=_slice, returns="same")
CASES.add(
    "slice",
    floats((3, 4)),
    kw={"start_indices": np.array([1, 3], "int32"), "shape": (2, 2)},
    oracle=_slice,
    returns="same",
)
CASES.add(
    "slice",
    ints((5,), "int8"),
    kw={"start_indices": np.array([3], "int32"), "shape": (2,)},
    oracle=_slice,
    returns="same",
)
for start in ((0, 0), (1, 2), (2, 3), np.array([1, 1], "int32")):
    kw = {"start_indices": start, "updates": floats((2, 2), low=5, high=6)}
    CASES.add("slice_update", floats((3, 4)), kw=kw, oracle=_slice_update, returns="same")
CASES.add(
    "slice_update", ints((4,)), kw={"start_indices": (1,), "updates": ints((2,))}, oracle=_slice_update, returns="same"
)


def scattered(indices: Any, values: Any, shape: Any) -> Any:
    out = np.zeros(shape, values.dtype)
    np.add.at(out, tuple(np.moveaxis(indices, -1, 0)), values)
    return out


for indices, values, shape in (
    (np.array([[0], [2], [0]], "int32"), floats((3,)), (4,)),
    (np.array([[0, 1], [1, 0], [0, 1]], "int32"), floats((3,)), (2, 3)),
    (np.array([[1], [0]], "int32"), floats((2, 3)), (3, 3)),
    (np.array([[[0], [1]], [[1], [1]]], "int32"), floats((2, 2)), (2,)),
    (np.array([[0], [2], [0]], "int64"), ints((3,)), (4,)),
    (np.array([[-1]], "int32"), floats((1,)), (3,)),
):
    CASES.add("scatter", indices, values, kw={"shape": shape}, oracle=scattered, returns=values.dtype.name)

_UFUNCS: dict[str, Any] = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}


def scatter_updated(inputs: Any, indices: Any, updates: Any, reduction: Any = None) -> Any:
    out, where = inputs.copy(), tuple(np.moveaxis(indices, -1, 0))
    if reduction is None:
        out[where] = updates
    else:
        _UFUNCS[reduction].at(out, where, updates)
    return out


for reduction in (None, "add", "max", "min", "mul"):
    kw = {} if reduction is None else {"reduction": reduction}
    repeated = np.array([[0], [2], [0 if reduction else 1]], "int32")
    CASES.add(
        "scatter_update", floats((4,)), repeated, floats((3,)), kw=kw, oracle=scatter_updated, returns="same", tol=2
    )
    CASES.add(
        "scatter_update",
        floats((2, 3)),
        np.array([[1, 2], [0, 0]], "int32"),
        floats((2,)),
        kw=kw,
        oracle=scatter_updated,
        returns="same",
    )
    CASES.add(
        "scatter_update",
        floats((3, 2)),
        np.array([[2], [0]], "int32"),
        floats((2, 2)),
        kw=kw,
        oracle=scatter_updated,
        returns="same",
    )
    CASES.add(
        "scatter_update",
        ints((4,)),
        np.array([[3], [1]], "int32"),
        ints((2,)),
        kw=kw,
        oracle=scatter_updated,
        returns="same",
    )

X = floats((3, 4, 2))
for key in (
    0, -1, (1, 2), (slice(1, None),), (slice(None, None, -1),), (Ellipsis, 0), (None, 0), (slice(None), slice(3, 0, -2)), (0, Ellipsis, None),
    Ellipsis, (slice(-2, None), -1, slice(None, None, 2)), (slice(5, 9),), (), None, (1, 2, 1), slice(None, -1), (Ellipsis, slice(None, None, -2)),
):  # fmt: skip
    CASES.add("getitem", X, kw={"key": key}, oracle=lambda x, key: x[key], returns="same")
for key in (
    np.array([0, 2, 2], "int32"), (np.array([0, 2]), np.array([1, -1])), (slice(None), np.array([[0, 1], [3, 2]], "int32")),
    (np.array([0, 1]), slice(None), np.array([1, 0])), (0, np.array([1, 2])), Raw(np.array([1, 0])), [0, 2],
):  # fmt: skip
    CASES.add("getitem", X, kw={"key": key}, oracle=lambda x, key: x[key], returns="same")
for key in (
    X[..., 0] > 0,
    X > 0,
    (slice(None), np.array([True, False, True, False])),
    Raw(np.array([True, False, True])),
):
    CASES.add("getitem", X, kw={"key": key}, oracle=lambda x, key: x[key], returns="same", spec=False)
CASES.add("getitem", Var(X), kw={"key": (0, slice(None))}, oracle=lambda x, key: x[key], returns="same")
CASES.add("getitem", ints((3,), "bool"), kw={"key": 1}, oracle=lambda x, key: x[key], returns="same")

# -- sorting -----------------------------------------------------------------------------

WITH_NAN = np.array([[3.0, np.nan, -np.inf, 1], [np.inf, 0, np.nan, -1]], "float32")
TIES = ints((3, 8), "int32", 0, 3)


def _argsort(x: Any, axis: Any = -1) -> Any:
    return np.argsort(x, axis=axis, kind="stable")


for axis in (-1, 0, 1, None):
    CASES.add("sort", distinct((2, 3, 4)), kw={"axis": axis}, oracle=np.sort)
    CASES.add("argsort", distinct((2, 3, 4)), kw={"axis": axis}, oracle=_argsort, returns="int32")
    CASES.add("sort", TIES, kw={"axis": axis}, oracle=np.sort)
    CASES.add("argsort", TIES, kw={"axis": axis}, oracle=_argsort, returns="int32")
for dtype in ("int8", "uint8", "int64", "float16", "bfloat16", "float64", "bool"):
    CASES.add("sort", some((6,), dtype), oracle=np.sort)
    CASES.add("argsort", some((6,), dtype), oracle=_argsort, returns="int32")
for x in (WITH_NAN, np.zeros((0,), "float32"), floats((1,)), np.array([2**31 - 1, -(2**31), 0], "int32")):
    CASES.add("sort", x, oracle=np.sort)
    CASES.add("argsort", x, oracle=_argsort, returns="int32")


def _top_k(x: Any, k: int, sorted: bool = True) -> Any:
    order = np.argsort(-x.astype("float64"), axis=-1, kind="stable")[..., :k]
    return [np.take_along_axis(x, order, -1), order]


for x, k in (
    (distinct((2, 5)), 3),
    (distinct((4,)), 1),
    (distinct((2, 3, 4)), 4),
    (TIES, 4),
    (TIES.astype("float32"), 8),
    (distinct((3,), "float16"), 2),
):
    CASES.add("top_k", x, k, oracle=_top_k, returns=(x.dtype.name, "int32"))
CASES.add("top_k", distinct((2, 5)), 3, kw={"sorted": False}, oracle=lambda x, k, sorted: [np.sort(p)[..., ::-1] for p in _top_k(x, k)],
          returns=("float32", "int32"), post=lambda out: [np.sort(o)[..., ::-1] for o in out])  # fmt: skip

SORTED = np.array([1.0, 2.0, 2.0, 3.5], "float32")
for side in ("left", "right"):
    for values in (
        np.array([0.0, 2.0, 9.0, 2.5], "float32"),
        np.array([[2.0], [1.0]], "float32"),
        np.array(2.0, "float32"),
    ):
        CASES.add("searchsorted", SORTED, values, kw={"side": side}, oracle=np.searchsorted, returns="int32")
    CASES.add(
        "searchsorted",
        np.array([1, 2, 4]),
        np.array([2, 3]),
        kw={"side": side},
        oracle=np.searchsorted,
        returns="int32",
    )
