"""Creation, shape and indexing where frameworks are apt to differ: ends, ties, what is out of range, rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.arrays import WITH_NAN, padded, scatter_updated, scattered
from tests.conformance.cases.base import Raw, Table, floats, ints, np_dtype, some
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()

for _from, _to in (
    ("float32", "int32"), ("float32", "bool"), ("float32", "bfloat16"), ("float16", "float32"), ("int32", "int8"),
    ("bool", "float32"), ("int32", "complex64"), ("float32", "float32"),
):  # fmt: skip
    CASES.add("cast", some((2, 3), _from), _to, oracle=lambda x, dtype: x.astype(np_dtype(dtype)), returns=_to)

CASES.add("arange", 1, 1.3, 0.1, oracle=np.arange, returns="float32", spec=False)
CASES.add(
    "arange", 0.5, 3, 0.5, kw={"dtype": "int32"}, oracle=lambda *a, **kw: [[0, 1, 1, 2, 2]], returns="int32", spec=False
)
CASES.add("arange", 3, kw={"dtype": "bool"}, oracle=lambda n, dtype: np.array([0, 1, 1]), returns="bool", spec=False)
CASES.add(
    "arange",
    Raw(np.array(5, "uint8")),
    Raw(np.array(0, "uint8")),
    -1,
    oracle=lambda *_: np.arange(5, 0, -1),
    returns="uint8",
    spec=False,
)
CASES.add(
    "linspace",
    floats((2,), "float16"),
    3.0,
    kw={"num": 3, "retstep": True},
    oracle=np.linspace,
    returns=("float16",) * 2,
    tol=2,
)
CASES.add("linspace", -1, 1, kw={"num": 4, "dtype": "int32"}, oracle=np.linspace, returns="int32")
CASES.add("repeat", floats((2, 3)), kw={"repeats": np.array([1, 2], "int32"), "axis": 0}, oracle=np.repeat, spec=False)
CASES.add(
    "repeat",
    floats((2, 3)),
    kw={"repeats": np.array(2, "int32")},
    oracle=np.repeat,
    spec=False,
    label="by a scalar tensor",
)
CASES.add("pad", floats(()), kw={"pad_width": 0}, oracle=padded)
CASES.add("pad", floats((2, 3)), kw={"pad_width": ((0, 0), (5, 4)), "mode": "reflect"}, oracle=padded)
CASES.add(
    "pad", floats((2,)), kw={"pad_width": 1, "constant_values": np.array(2.5, "float32")}, oracle=padded, spec=False
)
CASES.add("pad", floats((2, 3)), kw={"pad_width": 1, "mode": "empty"}, oracle=lambda x, **kw: x, returns="same",
          post=lambda out: [out[0][1:-1, 1:-1]])  # fmt: skip
for mode in ("wrap", "circular", "linear_ramp", "maximum", "mean", "median", "minimum"):
    for x in (floats((3, 4)), ints((3, 2))):
        CASES.add("pad", x, kw={"pad_width": ((1, 2), (3, 0)), "mode": mode},
                  oracle=lambda x, pad_width, mode: np.pad(x, pad_width, {"circular": "wrap"}.get(mode, mode)))  # fmt: skip
AROUND = np.array([[5], [0], [-1], [-9]], "int32")
CASES.add(
    "take", floats((3, 2)), np.array([True, False]), kw={"axis": 0}, oracle=lambda x, i, axis: x[[1, 0]], returns="same"
)
CASES.add("take_along_axis", floats((4, 2)), AROUND, kw={"axis": 1}, oracle=lambda x, i, axis: np.stack(
    [[np.nan], x[1, :1], x[2, 1:], [np.nan]]), returns="same", label="outside")  # fmt: skip
CASES.add("take_along_axis", ints((4, 2)), AROUND, kw={"axis": 1}, oracle=lambda x, i, axis: np.stack(
    [x[0, 1:], x[1, :1], x[2, 1:], x[3, :1]]), returns="same", label="outside, integers")  # fmt: skip
CASES.add("scatter", AROUND, floats((4,)), kw={"shape": (4,)}, oracle=lambda i, v, shape: scattered(i[1:3], v[1:3], shape),
          returns="float32", label="outside")  # fmt: skip
CASES.add(
    "scatter",
    np.array([[0], [1]]),
    9.0,
    kw={"shape": (3,)},
    oracle=lambda *_, **__: [[9.0, 9.0, 0.0]],
    returns="float32",
)
for reduction in (None, "add", "max", "min", "mul"):
    CASES.add("scatter_update", floats((4,)), AROUND, floats((4,), low=1), kw={"reduction": reduction}, returns="same",
              oracle=lambda x, i, u, reduction: scatter_updated(x, i[1:3], u[1:3], reduction), label=f"outside,{reduction}")  # fmt: skip
    CASES.add("scatter_update", floats((2, 3)), np.array([[0, 4], [1, -4], [1, 1]], "int32"), floats((3,)), returns="same",
              kw={"reduction": reduction}, label=f"outside in the second,{reduction}",
              oracle=lambda x, i, u, reduction: scatter_updated(x, i[2:], u[2:], reduction))  # fmt: skip
CASES.add("scatter_update", ints((2,)), np.array([[0], [0]], "int32"), np.array([0.7, 0.7], "float32"), kw={"reduction": "add"},
          oracle=lambda x, *_, **__: x, returns="same", label="updates cast")  # fmt: skip
CASES.add("scatter_update", np.array([True, False]), np.array([[1]], "int32"), np.array([True]), kw={"reduction": "add"},
          oracle=lambda *_, **__: np.ones(2), returns="bool")  # fmt: skip
CASES.add("slice_update", ints((2,)), kw={"start_indices": (0,), "updates": np.array([2.7], "float32")},
          oracle=lambda inputs, **_: np.array([2, inputs[1]]), returns="same")  # fmt: skip
CASES.add("top_k", WITH_NAN, 3, oracle=lambda x, k: [[[np.nan, 3, 1], [np.nan, np.inf, 0]], [[1, 0, 3], [2, 0, 1]]],
          returns=("float32", "int32"), label="NaN first")  # fmt: skip

GRADIENTS = Gradients()
for _mode in ("wrap", "linear_ramp", "maximum", "mean", "median"):
    GRADIENTS.add("pad", spread(3, 4), pad_width=((1, 2), (0, 1)), mode=_mode)
for _how in (None, "max", "mul"):
    GRADIENTS.add("scatter_update", spread(4), spread(4, low=-2.0, high=2.0), label=f"outside,{_how}",
                  fn=lambda x, u, how=_how: B.scatter_update(x, AROUND, u * x, how))  # fmt: skip
GRADIENTS.add("take_along_axis", spread(4, 2), fn=lambda x: B.where(
    np.array([[False], [True], [True], [False]]), B.square(B.take_along_axis(x, AROUND, 1)), 0.0), label="outside")  # fmt: skip

A = floats((2, 3))
ERRORS: list[Any] = [
    ("arange", (0, 5, 0), {}, ValueError, ("arange", "step")),
    ("linspace", (A, A), {"num": 3, "axis": 5}, ValueError, ("linspace", "5")),
    ("repeat", (A, -1), {"axis": 0}, ValueError, ("repeat", "-1")),
    ("pad", (A, -1), {}, ValueError, ("pad", "-1")),
    ("pad", (A, 1), {"constant_values": (1, 2)}, ValueError, ("pad", "(1, 2)")),
    ("pad", (np.zeros((0, 2), "float32"), 1), {"mode": "wrap"}, ValueError, ("pad", "wrap", "(0, 2)")),
    *((op, (A, A), {"axis": 0}, ValueError, (op, "float32")) for op in ("take", "take_along_axis")),
    ("take", (np.zeros((0, 2), "float32"), np.array([0])), {"axis": 0}, ValueError, ("take", "(0, 2)")),
    ("scatter", (floats((2, 1)), floats((2,)), (3,)), {}, ValueError, ("scatter", "float32")),
    ("scatter", (np.array([[0], [1]]), floats((3,)), (3,)), {}, ValueError, ("scatter",)),
    ("scatter_update", (A, np.array([[0], [1]]), floats((3, 3))), {}, ValueError, ("scatter_update",)),
    ("slice", (A, (0, 0), (-1, 1)), {}, ValueError, ("slice", "(-1, 1)")),
    ("slice_update", (A, (0, 0), floats((3,))), {}, ValueError, ("slice_update", "(3,)")),
]
