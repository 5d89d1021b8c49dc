"""LSTMs of convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.parity.row import Row

LINES, IMAGES, VOLUMES = (2, 4, 6, 3), (2, 4, 6, 5, 3), (1, 3, 4, 5, 4, 2)
RIGHT = np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)
ALL = {"return_sequences": True, "return_state": True}
SMALL = {"filters": 2, "kernel_size": 3}
SAME = {**SMALL, "padding": "same"}
STATE = (2, 4, 3, 2)

# Keras draws masks of dropout in inference too, and of h one for each gate.
DRAWN: dict[str, Any] = {"random": True, "counters": False}


def same_start(package: Any) -> dict[str, Any]:
    """Weights that are the same before any is carried over, so that states go on from the same numbers."""
    constant = package.initializers.Constant(0.1)
    return {"kernel_initializer": constant, "recurrent_initializer": constant}


ROWS = [
    Row("ConvLSTM1D", (LINES,), {**SAME, "go_backwards": True, **ALL}),
    Row("ConvLSTM1D", (LINES,), {**SMALL, "dilation_rate": 2, "use_bias": False}),
    Row("ConvLSTM2D", (IMAGES,), SMALL),
    Row("ConvLSTM2D", (IMAGES,), {**SMALL, **ALL}, {"initial_state": [STATE, STATE], "mask": RIGHT}, symbolic=False),
    Row("ConvLSTM2D", (IMAGES,), {**SAME, "strides": 2, "recurrent_activation": "hard_sigmoid", "unroll": True}),
    Row("ConvLSTM2D", ((2, 4, 3, 6, 5),), {**SAME, "data_format": "channels_first", **ALL}),
    Row(
        "ConvLSTM2D",
        (IMAGES,),
        lambda k: {**SAME, "stateful": True, **same_start(k)},
        symbolic=False,
        gradients=False,
    ),
    Row(
        "ConvLSTM2D",
        (IMAGES,),
        {**SAME, "dropout": 0.5, "recurrent_dropout": 0.5, "seed": 1},
        random=True,
        counters=False,
    ),
    Row("ConvLSTM2D", (IMAGES,), {**SMALL, "dtype": "mixed_float16"}, rtol=1e-2, atol=1e-2),
    Row("ConvLSTM3D", (VOLUMES,), {**SMALL, "kernel_size": 2, "unit_forget_bias": False}),
]
