"""Recurrent layers, their cells, and the layers around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.parity.row import Row

X = (2, 5, 3)
MASK = np.array([[1, 0, 1, 1, 0], [0, 1, 1, 1, 1]], bool)
RIGHT = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
ALL = {"return_sequences": True, "return_state": True}
STATE = (2, 4)
DROPPED = {"dropout": 0.5, "recurrent_dropout": 0.5, "seed": 1}

# Keras draws masks of dropout in inference too, and of h one for each gate.
DRAWN: dict[str, Any] = {"random": True, "counters": False, "modes": (True,)}


def same_start(package: Any) -> dict[str, Any]:
    """Weights that are the same before any is carried over, so that states go on from the same numbers."""
    constant = package.initializers.Constant(0.1)
    return {"kernel_initializer": constant, "recurrent_initializer": constant}


TABLE = [
    *(Row(name, (X,), {"units": 4}) for name in ("SimpleRNN", "LSTM", "GRU")),
    Row("SimpleRNN", (X,), {"units": 4, "go_backwards": True, **ALL}, {"mask": RIGHT}),
    Row("LSTM", (X,), {"units": 4, **ALL}, {"initial_state": [STATE, STATE]}),
    Row("LSTM", (X,), {"units": 4, "return_sequences": True, "zero_output_for_mask": True}, {"mask": MASK}),
    Row("LSTM", (X,), lambda k: {"units": 4, "stateful": True, **same_start(k)}, symbolic=False, gradients=False),
    Row("LSTM", (X,), {"units": 4, "activation": "relu", "unroll": True, "unit_forget_bias": False}, thorough=True),
    Row(
        "LSTM",
        (X,),
        {"units": 4, "kernel_regularizer": "l2", "activity_regularizer": "l1", **DROPPED},
        **DRAWN,
    ),
    Row("LSTM", (X,), {"units": 4, "dtype": "mixed_bfloat16", **ALL}, rtol=3e-2, atol=3e-2),
    Row("GRU", (X,), {"units": 4, "dtype": "float64"}, thorough=True),
    Row("GRU", (X,), {"units": 4, "go_backwards": True, **ALL}, {"initial_state": STATE, "mask": RIGHT}),
    Row("GRU", (X,), {"units": 4, "reset_after": False, "return_sequences": True}, thorough=True),
    Row("GRU", (X,), {"units": 4, "use_bias": False, "recurrent_activation": "hard_sigmoid"}),
    Row("SimpleRNN", (X,), {"units": 4, **DROPPED}, **DRAWN),
    Row("GRU", (X,), {"units": 4, **DROPPED}, **DRAWN, thorough=True),
    Row("SimpleRNNCell", ((2, 3), STATE), {"units": 4}),
    Row("LSTMCell", ((2, 3), [STATE, STATE]), {"units": 4}),
    Row("GRUCell", ((2, 3), STATE), {"units": 4}),
    Row("GRUCell", ((2, 3), STATE), {"units": 4, "reset_after": False}, thorough=True),
    Row("RNN", (X,), lambda k: {"cell": k.layers.LSTMCell(4), **ALL}, {"mask": RIGHT}),
    Row("RNN", (X,), lambda k: {"cell": [k.layers.LSTMCell(4), k.layers.GRUCell(2)], "return_sequences": True}),
    Row(
        "StackedRNNCells",
        ((2, 3), [[STATE, STATE], (2, 2)]),
        lambda k: {"cells": [k.layers.LSTMCell(4), k.layers.GRUCell(2)]},
    ),
    Row("Bidirectional", (X,), lambda k: {"layer": k.layers.LSTM(4, **ALL)}, {"mask": RIGHT}),
    Row("Bidirectional", (X,), lambda k: {"layer": k.layers.GRU(4), "merge_mode": "mul"}),
    Row("Bidirectional", (X,), lambda k: {"layer": k.layers.GRU(4), "merge_mode": None}),
    Row(
        "Bidirectional",
        (X,),
        lambda k: {
            "layer": k.layers.LSTM(4, return_sequences=True),
            "backward_layer": k.layers.SimpleRNN(4, return_sequences=True, go_backwards=True),
            "merge_mode": "ave",
        },
    ),
    Row("TimeDistributed", (X,), lambda k: {"layer": k.layers.Dense(4)}),
    Row("TimeDistributed", ((2, 3, 6, 5, 2),), lambda k: {"layer": k.layers.Conv2D(4, 3)}),
]

# Without dropout, training makes no difference.
ROWS = [row if row.random else row._replace(modes=(False,)) for row in TABLE]
