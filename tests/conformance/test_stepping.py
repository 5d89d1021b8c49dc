"""The training loop's inner part, and the updates of metrics: against plain Python over the batches."""

from __future__ import annotations

import numpy as np
import optree
import pytest

from triceras_backends.active import backend as B

pytestmark = pytest.mark.optimized

RNG = np.random.default_rng(0)
X = RNG.normal(size=(23, 3)).astype("float32")
Y = RNG.integers(0, 5, 23).astype("int32")
ORDER = RNG.permutation(23).astype("int32")
HOW = {"eager": False, "default": None}


def arrays():
    return B.convert_to_tensor(X), {"y": B.convert_to_tensor(Y)}


def numbers(tree):
    return optree.tree_map(B.convert_to_numpy, tree)


class Counting:
    """A step with state: a running product that depends on the order of batches."""

    def __init__(self):
        self.state = B.Variable(np.ones(3, "float32"), trainable=False)
        self.count = B.Variable(0, dtype="int32", trainable=False)

    def __call__(self, batch):
        x, rest = batch
        self.state.assign(self.state.value * 0.9 + B.mean(x, axis=0))
        self.count.assign_add(1)
        return {"state": self.state.value, "labels": B.sum(rest["y"]), "batch": "static"}

    def expected(self, batches):
        state, labels = np.ones(3, "float32"), 0
        for rows in batches:
            state = state * np.float32(0.9) + X[rows].mean(0)
            labels = Y[rows].sum()
        return state, labels


def batches(order, size, start, stop):
    return [order[i * size : (i + 1) * size] for i in range(start, stop)]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("order", [ORDER, None, ORDER[:17]], ids=["shuffled", "in place", "some"])
@pytest.mark.parametrize(("size", "start", "stop"), [(5, 0, 3), (5, 1, 4), (4, 2, 5), (30, 0, 1)])
def test_runs_the_batches(how, order, size, start, stop):
    step = Counting()
    rows = np.arange(23) if order is None else order
    stop = min(stop, -(-len(rows) // size))
    result = B.stepper(step, [step.state, step.count], HOW[how])(arrays(), order, size, start, stop)
    state, labels = step.expected(batches(rows, size, start, stop))
    np.testing.assert_allclose(numbers(result["state"]), state, rtol=1e-5)
    assert numbers(result["labels"]) == labels and result["batch"] == "static"
    assert int(step.count) == stop - start


@pytest.mark.parametrize("how", HOW)
def test_divisions_change_nothing(how):
    """Not one bit: how many batches a call runs is found by the clock."""
    found = []
    for cuts in ([0, 5], [0, 1, 2, 3, 4, 5], [0, 2, 5]):
        step = Counting()
        run = B.stepper(step, [step.state, step.count], HOW[how])
        data = arrays()
        for start, stop in zip(cuts, cuts[1:]):
            result = run(data, ORDER, 5, start, stop)
        found.append(numbers(result["state"]))
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


@pytest.mark.parametrize("how", HOW)
def test_collects_all_results(how):
    weight = B.Variable(np.float32(2.0))
    run = B.stepper(lambda batch: {"out": batch[0] * weight, "labels": batch[1]["y"]}, [weight], HOW[how], collect=True)
    for order in (None, ORDER):
        parts = [numbers(part) for start, stop in ((0, 2), (2, 6)) for part in run(arrays(), order, 4, start, stop)]
        joined = optree.tree_map(lambda *each: np.concatenate(each), *parts)
        rows = np.arange(23) if order is None else order
        np.testing.assert_allclose(joined["out"], 2 * X[rows])
        np.testing.assert_array_equal(joined["labels"], Y[rows])


def test_steps_are_traced_once_a_shape():
    step = Counting()
    run = B.stepper(step, [step.state, step.count])
    data = arrays()
    for _ in range(3):
        for start, stop in ((0, 1), (1, 4), (4, 5)):
            run(data, ORDER, 5, start, stop)
    assert run.traces == (2 if run.compiled else 0)  # whole batches, and the last


def test_variables_the_step_was_not_hinted():
    """Of the hint some may be missing, or made by the step itself."""
    step = Counting()
    made = []

    def wrapped(batch):
        if not made:
            made.append(B.Variable(np.float32(10.0), trainable=False))
        made[0].assign_add(1.0)
        return step(batch)

    run = B.stepper(wrapped, [])
    run(arrays(), ORDER, 5, 0, 2)
    result = run(arrays(), ORDER, 5, 2, 4)
    np.testing.assert_allclose(numbers(result["state"]), step.expected(batches(ORDER, 5, 0, 4))[0], rtol=1e-5)
    assert float(made[0]) == 14.0


def test_an_error_in_a_step_leaves_the_variables():
    step = Counting()
    run = B.stepper(lambda batch: (step(batch), B.matmul(batch[0], B.ones((4, 2)))), [step.state, step.count])
    with pytest.raises(ValueError):
        run(arrays(), ORDER, 5, 0, 2)
    assert B.stepper(step, [])(arrays(), ORDER, 5, 0, 1)["batch"] == "static"


@pytest.mark.parametrize("weight", [None, 3, 0.5])
@pytest.mark.parametrize("jitted", [False, True])
def test_accumulate_and_clear(weight, jitted):
    total = B.Variable(np.float32(1.0), trainable=False)
    count = B.Variable(np.float32(2.0), trainable=False)
    run = B.jit(lambda values: B.accumulate(total, count, values, weight)) if jitted else None
    for values in (X, X[0], X[:, 0] > 0, np.float32(4.0)):
        values = B.convert_to_tensor(values)
        before = float(total), float(count)
        run(values) if run else B.accumulate(total, count, values, weight)
        factor = 1 if weight is None else weight
        sums = np.sum(numbers(values), dtype="float64")
        np.testing.assert_allclose(float(total), before[0] + factor * sums, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(float(count), before[1] + factor * numbers(values).size)
    held = total.value
    kept = float(held)
    clear = B.jit(lambda: B.clear([total, count])) if jitted else lambda: B.clear([total, count])
    clear()
    assert float(total) == float(count) == 0.0 and float(held) == kept
