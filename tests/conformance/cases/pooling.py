"""Pooling; the oracle looks at one window at a time."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tests.conformance.cases.base import Table, distinct, floats, ints
from tests.conformance.cases.gradients_base import Gradients, spread
from tests.conformance.support import f32
from triceras_backends.active import backend as B

CASES = Table()
GRADIENTS = Gradients()


def pooled(
    reduce: Any, inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: Any = None
) -> Any:
    """reduce(window, axis=...) of each window."""
    n = inputs.ndim - 2
    if data_format == "channels_first":
        inputs = np.moveaxis(inputs, 1, -1)
    window = (pool_size,) * n if isinstance(pool_size, int) else pool_size
    strides = window if strides is None else (strides,) * n if isinstance(strides, int) else strides
    starts = []
    for size, w, step in zip(inputs.shape[1:], window, strides, strict=False):
        before = 0
        count = (size - w) // step + 1
        if padding == "same":
            count = -(-size // step)
            before = max((count - 1) * step + w - size, 0) // 2
        starts.append([(max(i * step - before, 0), min(i * step - before + w, size)) for i in range(count)])
    out = np.zeros((inputs.shape[0], *map(len, starts), inputs.shape[-1]))
    for place in np.ndindex(*map(len, starts)):
        key = (slice(None), *(slice(*starts[i][p]) for i, p in enumerate(place)))
        out[(slice(None), *place)] = reduce(inputs[key], axis=tuple(range(1, n + 1)))
    return np.moveaxis(out, -1, 1) if data_format == "channels_first" else out


for op, reduce in (("max_pool", np.max), ("average_pool", np.mean)):
    oracle = functools.partial(pooled, reduce)
    for padding in ("valid", "same"):
        for shape, size, strides in (
            ((2, 7, 3), 2, None),
            ((2, 7, 3), 3, 2),
            ((2, 6, 7, 3), 2, None),
            ((2, 6, 7, 3), 3, 1),
            ((2, 6, 7, 3), (3, 2), (2, 3)),
            ((1, 10, 9, 2), 9, 1),
            ((1, 4, 5, 4, 2), 2, None),
            ((1, 4, 5, 4, 2), (2, 3, 1), (1, 2, 2)),
        ):
            kw = {"pool_size": size, "strides": strides, "padding": padding}
            CASES.add(op, distinct(shape) - 20, kw=kw, oracle=oracle, tol=4)
        CASES.add(
            op,
            floats((2, 3, 6, 7)),
            kw={"pool_size": 3, "strides": 2, "padding": padding, "data_format": "channels_first"},
            oracle=oracle,
            tol=4,
        )
    for dtype in ("float64", "float16", "bfloat16"):
        CASES.add(op, floats((1, 4, 4, 2), dtype), kw={"pool_size": 2}, oracle=oracle, tol=4)
for dtype in ("int32", "int64", "uint8", "int8", "int16"):
    CASES.add(
        "max_pool",
        ints((1, 5, 4, 2), dtype),
        kw={"pool_size": 2, "padding": "same"},
        oracle=functools.partial(pooled, np.max),
        returns=dtype,
    )
    CASES.add(
        "max_pool",
        ints((1, 3, 4, 4, 2), dtype),
        kw={"pool_size": 2},
        oracle=functools.partial(pooled, np.max),
        returns=dtype,
    )
CASES.add(
    "average_pool",
    ints((1, 4, 4, 2)),
    kw={"pool_size": 2},
    oracle=functools.partial(pooled, np.mean),
    returns="float32",
)


# -- adaptive ------------------------------------------------------------------------------


def adapted(reduce: Any, inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    n = inputs.ndim - 2
    if data_format == "channels_first":
        inputs = np.moveaxis(inputs, 1, -1)
    sizes = (output_size,) * n if isinstance(output_size, int) else output_size
    cells = [
        [slice(i * n // k, -(-(i + 1) * n // k)) for i in range(k)]
        for n, k in zip(inputs.shape[1:], sizes, strict=False)
    ]
    out = np.zeros((inputs.shape[0], *sizes, inputs.shape[-1]))
    for place in np.ndindex(*sizes):
        key = (slice(None), *(cells[i][p] for i, p in enumerate(place)))
        out[(slice(None), *place)] = reduce(inputs[key], axis=tuple(range(1, n + 1)))
    return np.moveaxis(out, -1, 1) if data_format == "channels_first" else out


for op, reduce in (("adaptive_max_pool", np.max), ("adaptive_average_pool", np.mean)):
    oracle = functools.partial(adapted, reduce)
    for shape, size in (
        ((2, 7, 3), 3),
        ((2, 3, 2), 5),
        ((2, 6, 7, 3), 1),
        ((2, 6, 7, 3), (4, 3)),
        ((0, 3, 4, 1), 2),
        ((1, 4, 5, 3, 2), (2, 3, 3)),
    ):
        CASES.add(op, distinct(shape) - 20, kw={"output_size": size}, oracle=oracle, tol=4)
    for shape in ((2, 3, 7), (2, 3, 6, 7), (1, 2, 3, 4, 5)):
        CASES.add(op, distinct(shape), kw={"output_size": 2, "data_format": "channels_first"}, oracle=oracle, tol=4)
    for dtype in ("float64", "float16", "bfloat16"):
        CASES.add(op, floats((1, 5, 4, 2), dtype), kw={"output_size": 3}, oracle=oracle, tol=4)
    GRADIENTS.add(op, spread(1, 5, 2), output_size=3)
    GRADIENTS.add(op, spread(1, 3, 4, 1), output_size=(2, 3))
    GRADIENTS.add(op, spread(1, 2, 2, 3, 2), output_size=2, data_format="channels_first")
for dtype in ("int32", "uint8"):
    CASES.add("adaptive_max_pool", ints((1, 5, 4, 2), dtype), kw={"output_size": 2},
              oracle=functools.partial(adapted, np.max), returns=dtype)  # fmt: skip
CASES.add("adaptive_average_pool", ints((1, 5, 2)), kw={"output_size": 2},
          oracle=functools.partial(adapted, np.mean), returns="float32")  # fmt: skip

AWKWARD: list[Any] = [
    ("adaptive_max_pool with ties", lambda x: B.adaptive_max_pool(x, 2)[..., 0] * f32([1, 10]),
     ([[[2.0], [2.0], [2.0]]],), [[[[1], [10], [0]]]]),
    ("adaptive_max_pool with ties in two dimensions", lambda x: B.adaptive_max_pool(x, 1),
     ([[[[0.0], [2.0]], [[2.0], [2.0]]]],), [[[[[0], [1]], [[0], [0]]]]]),
]  # fmt: skip
X = floats((1, 4, 4, 2))
ERRORS: list[Any] = [
    ("adaptive_max_pool", (floats((3, 4)), 2), {}, ValueError, ("adaptive_max_pool", "(3, 4)")),
    ("adaptive_average_pool", (X, 0), {}, ValueError, ("adaptive_average_pool", "output_size", "0")),
    ("adaptive_average_pool", (X, (2, 2, 2)), {}, ValueError, ("(2, 2, 2)",)),
    ("adaptive_max_pool", (X, (2, None)), {}, ValueError, ("(2, None)",)),
    ("adaptive_max_pool", (X, 2), {"data_format": "first"}, ValueError, ("first",)),
]
