"""Learning rate schedules against the real Keras."""

from __future__ import annotations

import json

import keras as reference
import numpy as np
import pytest

import triceras as keras

CASES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 10], "values": [1.0, 0.5, 0.25]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 8}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 8, "power": 2.0, "end_learning_rate": 0.01}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 8, "power": 0.5, "cycle": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5, "staircase": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 10}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 10, "alpha": 0.2, "warmup_target": 0.1, "warmup_steps": 5},
    ),
    ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 10, "warmup_target": 0.1}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0, "m_mul": 0.9}),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1},
    ),
]  # fmt: skip
STEPS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 14, 17, 23]


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_follows_keras(name, arguments):
    ours = getattr(keras.optimizers.schedules, name)(**arguments)
    theirs = getattr(reference.optimizers.schedules, name)(**arguments)
    expected = [float(theirs(step)) for step in STEPS]
    np.testing.assert_allclose([float(ours(step)) for step in STEPS], expected, rtol=1e-5, atol=1e-8)
    tensor = keras.ops.convert_to_tensor(np.int32(STEPS[5]))
    np.testing.assert_allclose(float(ours(tensor)), expected[5], rtol=1e-5)
    assert ours.get_config() == theirs.get_config()
    module = keras.optimizers.schedules
    assert module.serialize(ours) == reference.optimizers.schedules.serialize(theirs)
    again = module.deserialize(json.loads(json.dumps(module.serialize(ours))))
    assert type(again) is type(ours) and again.get_config() == ours.get_config()


@pytest.mark.parametrize(("name", "arguments"), CASES[::4])
def test_within_an_optimizer_saved(name, arguments):
    made = keras.optimizers.Adam(getattr(keras.optimizers.schedules, name)(**arguments))
    again = keras.optimizers.Adam.from_config(json.loads(json.dumps(made.get_config())))
    assert float(again.learning_rate) == pytest.approx(float(made.learning_rate))


def test_of_ones_own():
    class Ramp(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, slope):
            self.slope = slope

        def __call__(self, step):
            return self.slope * keras.ops.cast(step, "float32")

        def get_config(self):
            return {"slope": self.slope}

    made = keras.optimizers.SGD(Ramp(0.5))
    weight = keras.Variable([1.0])
    for _ in range(3):
        made.apply([keras.ops.ones(1)], [weight])
    assert weight.numpy() == pytest.approx([1 - 0.5 * (0 + 1 + 2)])
    config = made.get_config()
    with pytest.raises(TypeError, match="Ramp"):
        keras.optimizers.SGD.from_config(config)
    assert keras.optimizers.SGD.from_config(config, custom_objects={"Ramp": Ramp})


def test_wrong_arguments():
    module = keras.optimizers.schedules
    with pytest.raises(ValueError, match="positive"):
        module.ExponentialDecay(0.1, 0, 0.5)
    with pytest.raises(ValueError, match="one value more"):
        module.PiecewiseConstantDecay([1], [0.1])
    with pytest.raises(NotImplementedError, match="__call__"):
        module.LearningRateSchedule()(0)
