"""LSTMs of convolutions."""

from __future__ import annotations

from typing import Any

from tests.parity.row import Row

LINES, IMAGES, VOLUMES = (2, 4, 6, 3), (2, 4, 6, 5, 3), (1, 3, 4, 5, 4, 2)
ALL = {"return_sequences": True, "return_state": True}
SMALL = {"filters": 2, "kernel_size": 3}
SAME = {**SMALL, "padding": "same"}
STATE = (2, 4, 3, 2)

# Keras draws masks of dropout in inference too, and of h one for each gate.
DRAWN: dict[str, Any] = {"random": True, "counters": False, "modes": (True,)}


def same_start(package: Any) -> dict[str, Any]:
    """Weights that are the same before any is carried over, so that states go on from the same numbers."""
    constant = package.initializers.Constant(0.1)
    return {"kernel_initializer": constant, "recurrent_initializer": constant}


# Without dropout, training makes no difference. Each shape is compiled anew on JAX, so the short table is short.
ONE: dict[str, Any] = {"modes": (False,)}
LONG: dict[str, Any] = {**ONE, "thorough": True}

ROWS = [
    Row("ConvLSTM1D", (LINES,), {**SAME, "go_backwards": True, **ALL}, **ONE),
    Row("ConvLSTM1D", (LINES,), {**SMALL, "dilation_rate": 2, "use_bias": False}, **LONG),
    # Masks have no row: the real Keras fails on JAX with one. tests/engine/test_conv_lstm.py has them.
    Row("ConvLSTM2D", (IMAGES,), {**SMALL, **ALL}, {"initial_state": [STATE, STATE]}, **ONE),
    Row(
        "ConvLSTM2D", (IMAGES,), {**SAME, "strides": 2, "recurrent_activation": "hard_sigmoid", "unroll": True}, **LONG
    ),
    Row("ConvLSTM2D", ((2, 4, 3, 6, 5),), {**SAME, "data_format": "channels_first", **ALL}, **LONG),
    Row(
        "ConvLSTM2D",
        (IMAGES,),
        lambda k: {**SAME, "stateful": True, **same_start(k)},
        symbolic=False,
        gradients=False,
        **LONG,
    ),
    Row("ConvLSTM2D", (IMAGES,), {**SAME, "dropout": 0.5, "recurrent_dropout": 0.5, "seed": 1}, **DRAWN),
    Row("ConvLSTM2D", (IMAGES,), {**SMALL, "dtype": "mixed_float16"}, rtol=1e-2, atol=1e-2, **LONG),
    Row("ConvLSTM3D", (VOLUMES,), {**SMALL, "kernel_size": 2, "unit_forget_bias": False}, **ONE),
]
