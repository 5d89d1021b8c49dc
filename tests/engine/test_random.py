"""Random functions on symbolic tensors: part of a model, and drawn anew in every call."""

from __future__ import annotations

import numpy as np
import pytest

import triceras
from triceras import ops, random


def test_specs_of_unknown_sizes() -> None:
    x = triceras.KerasTensor((None, 3))
    assert random.shuffle(x).shape == (None, 3)
    assert random.dropout(x, 0.5).shape == (None, 3)
    samples = random.categorical(x, 4)
    assert (samples.shape, samples.dtype) == ((None, 4), "int32")
    assert random.dropout(triceras.KerasTensor((None, 3), "int32"), 0.5).dtype == "float32"


def test_bad_arguments_are_refused_as_eagerly() -> None:
    with pytest.raises(ValueError, match="rate"):
        random.dropout(triceras.KerasTensor((None, 3)), 1.5)
    with pytest.raises(ValueError, match="logits"):
        random.categorical(triceras.KerasTensor((3,)), 1)


def test_a_model_draws_as_the_function_does() -> None:
    x = np.arange(20, dtype="float32").reshape(4, 5)
    inputs = triceras.Input((5,))
    generator, twin = random.SeedGenerator(3), random.SeedGenerator(3)
    model = triceras.Model(inputs, [random.dropout(inputs, 0.5, seed=generator), random.shuffle(inputs, 1, generator)])
    np.testing.assert_array_equal(ops.convert_to_numpy(generator.state.value), ops.convert_to_numpy(twin.state.value))
    seen = []
    for _ in range(2):
        dropped, shuffled = (ops.convert_to_numpy(y) for y in model(x))
        np.testing.assert_array_equal(dropped, ops.convert_to_numpy(random.dropout(x, 0.5, seed=twin)))
        np.testing.assert_array_equal(shuffled, ops.convert_to_numpy(random.shuffle(x, 1, twin)))
        seen.append(dropped)
    assert not np.array_equal(*seen)


def test_a_number_as_seed_repeats() -> None:
    inputs = triceras.Input((6,))
    model = triceras.Model(inputs, random.dropout(inputs, 0.5, seed=7))
    x = np.ones((3, 6), "float32")
    np.testing.assert_array_equal(ops.convert_to_numpy(model(x)), ops.convert_to_numpy(model(x)))


def test_an_unknown_argument_of_a_seed_generator() -> None:
    with pytest.raises(ValueError, match="sed"):
        random.SeedGenerator(1, sed=2)


def test_meshgrid_by_its_keyword() -> None:
    """A keyword-only parameter after tensors of any number reaches the primitive as such."""
    grid = ops.meshgrid(np.arange(2.0), np.arange(3.0), indexing="ij")
    assert [tuple(ops.shape(x)) for x in grid] == [(2, 3), (2, 3)]
