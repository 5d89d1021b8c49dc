"""Dense and kin: layers that map the last axis, or nothing at all."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

LoRA = {"lora_rank": 2}

ROWS = [
    Row("Dense", ((3, 4),), {"units": 5}),
    Row("Dense", ((2, 3, 4),), {"units": 5, "activation": "tanh", "use_bias": False}),
    Row(
        "Dense",
        ((3, 4),),
        {
            "units": 2,
            "kernel_regularizer": "l2",
            "bias_regularizer": "l1",
            "activity_regularizer": "l2",
            "kernel_constraint": "max_norm",
            "bias_constraint": "non_neg",
            "kernel_initializer": "he_normal",
        },
    ),
    Row("Dense", ((3, 4),), {"units": 5, **LoRA}),
    Row("Dense", ((3, 4),), {"units": 5, "dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    Row("Dense", (np.ones((3, 4)),), {"units": 5, "dtype": "float64"}),
    Row("Dense", ((3, 4),), {"units": 5, "activation": "relu", "trainable": False}),
    Row("EinsumDense", ((3, 4),), {"equation": "ab,bc->ac", "output_shape": 5, "bias_axes": "c"}),
    Row(
        "EinsumDense",
        ((2, 3, 4),),
        {"equation": "abc,cde->abde", "output_shape": (None, 5, 2), "bias_axes": "de", "activation": "relu"},
        symbolic=False,  # Keras's symbolic answer keeps the None that the input's shape settles
    ),
    Row("EinsumDense", ((2, 3, 4),), {"equation": "...x,xy->...y", "output_shape": 5, "bias_axes": "y"}),
    Row(
        "EinsumDense",
        ((2, 3, 4),),
        {"equation": "abc,bce->ae", "output_shape": (5,), "kernel_regularizer": "l2", **LoRA},
    ),
    Row("EinsumDense", ((2, 3, 4),), {"equation": "abc,bd->adc", "output_shape": (5, 4)}),
    Row("Activation", ((3, 4),), {"activation": "tanh"}),
    Row("Activation", ((3, 4),), {"activation": "softmax", "dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    Row("Flatten", ((2, 3, 4),)),
    Row("Flatten", ((2, 3, 4, 5),), {"data_format": "channels_first"}),
    Row("Flatten", (np.arange(3.0, dtype="float32"),)),
    Row("ActivityRegularization", ((3, 4),), {"l1": 0.1, "l2": 0.2}),
    Row("Identity", ((3, 4),)),
    Row("Rescaling", ((2, 3, 4),), {"scale": 2.0, "offset": -1}),
    Row("Rescaling", ((2, 3, 4),), {"scale": [1.0, 2.0, 3.0, 4.0], "offset": [0.0, 1.0, 0.0, 2.0]}),
    Row("Rescaling", (np.arange(6, dtype="uint8").reshape(2, 3),), {"scale": 1 / 255}),
    Row("Rescaling", ((2, 3),), {"scale": 0.5, "dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    Row("Rescaling", (np.arange(6, dtype="int32"),), {"scale": 2, "dtype": "int32"}, gradients=False),
    Row("Lambda", ((3, 4),), lambda k: {"function": k.ops.tanh}),
    Row("Lambda", ((3, 4),), lambda k: {"function": k.ops.leaky_relu, "arguments": {"negative_slope": 0.5}}),
    Row("Lambda", ((3, 4),), lambda k: {"function": k.ops.relu, "output_shape": (4,)}),
]

# An InputLayer is not called; a Wrapper is what its subclasses make of it.
ELSEWHERE = {"InputLayer": "tests/engine/test_core_layers.py", "Wrapper": "tests/engine/test_core_layers.py"}
