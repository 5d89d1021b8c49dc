"""Masks: made, passed on, filled in, lost with a warning; eager, inside jit and symbolic."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import triceras as keras
from triceras import masks, ops

IDS = np.array([[1, 2, 0], [3, 0, 0]])
MASK = IDS != 0


class Embed(keras.Layer):
    """As an Embedding with mask_zero."""

    def call(self, ids):
        return ops.cast(ops.expand_dims(ids, -1), "float32") * ops.ones((1, 1, 2))

    def compute_mask(self, inputs, previous_mask=None):
        return ops.not_equal(inputs, 0)


class Pass(keras.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x):
        return x * 2


class Sum(keras.Layer):
    """Takes the mask and does not pass it on: a sum over the steps that count."""

    def compute_mask(self, inputs, previous_mask=None):
        return None

    def call(self, x, mask=None):
        if mask is not None:
            x = x * ops.cast(ops.expand_dims(mask, -1), x.dtype)
        return ops.sum(x, axis=1)


def numpy(x):
    return None if x is None else ops.convert_to_numpy(x)


def chain(ids):
    return sum_layer(passing(embed(ids)))


embed, passing, sum_layer = Embed(), Pass(), Sum()
WANT = np.where(MASK, IDS * 2.0, 0).sum(1, keepdims=True) * np.ones((1, 2))


def test_set_and_get():
    x = ops.ones((2, 3))
    assert masks.get_mask(x) is None
    masks.set_mask(x, MASK)
    assert masks.get_mask(x) is MASK and masks.in_use
    masks.set_mask(x, None)
    assert masks.get_mask(x) is None
    symbol = keras.Input((3,))
    masks.set_mask(symbol, symbol)
    assert masks.get_mask(symbol) is symbol


@pytest.mark.parametrize("compiled", [False, True])
def test_implicit_propagation(compiled):
    chain(IDS)
    got = (keras.jit(chain) if compiled else chain)(ops.convert_to_tensor(IDS))
    np.testing.assert_allclose(numpy(got), WANT)
    assert masks.get_mask(got) is None


def test_tensors_inside_traces_carry_masks_and_drop_them():
    found = []

    def fn(x):
        y = x + 1
        masks.set_mask(y, x)
        found.append(masks.get_mask(y) is x and masks.get_mask(y + 1) is None)
        return y

    keras.jit(fn)(ops.ones((2,)))
    keras.vmap(fn)(ops.ones((2,)))
    assert all(found) and found


def test_a_mask_survives_the_cast_of_its_tensor():
    x = ops.ones((2, 3), dtype="float16")
    masks.set_mask(x, ops.convert_to_tensor(MASK))
    np.testing.assert_array_equal(numpy(masks.get_mask(Pass()(x))), MASK)


def test_an_explicit_mask_wins():
    x = embed(IDS)
    other = np.array([[True, False, False], [False, False, False]])
    np.testing.assert_allclose(numpy(sum_layer(x, mask=other)), [[1, 1], [0, 0]])

    class Both(Pass):
        def call(self, x, mask=None):
            return x * 1

    np.testing.assert_array_equal(numpy(masks.get_mask(Both()(x, mask=other))), other)


def test_several_arguments_get_their_masks():
    seen = {}

    class Two(Pass):
        def call(self, a, b, a_mask=None, b_mask=None):
            seen.update(a=numpy(a_mask), b=numpy(b_mask))
            return a + b

    x = embed(IDS)
    out = Two()(x, b=ops.ones((2, 3, 2)))
    np.testing.assert_array_equal(seen["a"], MASK)
    assert seen["b"] is None
    np.testing.assert_array_equal(numpy(masks.get_mask(out)), MASK)

    class Listed(Pass):
        def call(self, pair, mask=None):
            seen["pair"] = mask
            return pair[0] + pair[1]

    Listed()([x, ops.ones((2, 3, 2))])
    np.testing.assert_array_equal(numpy(seen["pair"][0]), MASK)
    assert seen["pair"][1] is None


def test_a_lost_mask_is_warned_of_by_name():
    class Plain(keras.Layer):
        def call(self, x):
            return x * 1

    with pytest.warns(UserWarning, match=r"forgetful.*mask.*lost"):
        out = Plain(name="forgetful")(embed(IDS))
    assert masks.get_mask(out) is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Plain()(ops.ones((2, 3)))


def test_sequential_and_nested_models_pass_masks():
    model = keras.Sequential([Embed(), Pass(), Sum()])
    np.testing.assert_allclose(numpy(model(IDS)), WANT)


def test_symbolic_tensors_carry_masks():
    x = embed(keras.Input((3,), dtype="int32"))
    mask = masks.get_mask(x)
    assert mask.shape == (None, 3) and mask.dtype == "bool" and masks.get_mask(passing(x)).shape == (None, 3)
    assert masks.get_mask(sum_layer(x)) is None
