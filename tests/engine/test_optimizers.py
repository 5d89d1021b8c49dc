"""Optimizers against the real Keras, side by side on the same gradients, option by option."""

from __future__ import annotations

import json
import warnings

import keras as reference
import numpy as np
import pytest

import triceras as keras
from triceras import ops

STEPS = 6
SHAPES = {"kernel": (3, 2), "bias": (2,)}

PLAIN = [
    ("SGD", {"learning_rate": 0.1}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("Adam", {"learning_rate": 0.05}),
    ("Adam", {"learning_rate": 0.05, "amsgrad": True, "beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-3}),
    ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.1}),
    ("AdamW", {"learning_rate": 0.05, "amsgrad": True}),
    ("RMSprop", {"learning_rate": 0.05}),
    ("RMSprop", {"learning_rate": 0.05, "momentum": 0.8}),
    ("RMSprop", {"learning_rate": 0.05, "centered": True, "rho": 0.7}),
    ("RMSprop", {"learning_rate": 0.05, "momentum": 0.8, "centered": True, "epsilon": 1e-2}),
    ("Adagrad", {"learning_rate": 0.5, "initial_accumulator_value": 0.3}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8}),
    ("Adamax", {"learning_rate": 0.05}),
    ("Nadam", {"learning_rate": 0.05}),
    ("Ftrl", {"learning_rate": 0.1}),
    (
        "Ftrl",
        {
            "learning_rate": 0.1, "learning_rate_power": -0.6, "l1_regularization_strength": 0.1,
            "l2_regularization_strength": 0.2, "l2_shrinkage_regularization_strength": 0.05, "beta": 0.3,
        },
    ),
    ("Lion", {"learning_rate": 0.05}),
    ("Lamb", {"learning_rate": 0.05}),
    ("Adafactor", {"learning_rate": 0.5}),
    ("Adafactor", {"learning_rate": 0.05, "relative_step": False, "clip_threshold": 0.5}),
]  # fmt: skip

OPTIONS = [
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.3},
    {"global_clipnorm": 0.7},
    {"use_ema": True, "ema_momentum": 0.6},
    {"use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 3},
    {"loss_scale_factor": 8.0},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_overwrite_frequency": 2, "clipnorm": 0.4},
    {"gradient_accumulation_steps": 2, "weight_decay": 0.05, "clipvalue": 0.2},
]


def gradients(step):
    rng = np.random.default_rng(step)
    return [rng.normal(size=shape).astype("float32") for shape in SHAPES.values()]


def variables(package):
    rng = np.random.default_rng(100)
    return [package.Variable(rng.normal(size=shape).astype("float32"), name=name) for name, shape in SHAPES.items()]


def numbers(found):
    return [np.asarray(reference.ops.convert_to_numpy(getattr(v, "value", v)), "float64") for v in found]


def native(package, arrays):
    return [package.ops.convert_to_tensor(array) for array in arrays]


def run(package, name, arguments, steps=STEPS, jit=False):
    made = getattr(package.optimizers, name)(**arguments)
    weights = variables(package)
    made.build(weights)
    apply = lambda *given: made.apply(list(given), weights) and None  # noqa: E731
    if jit:
        apply = keras.jit(lambda *given: made.apply(list(given), weights).value)
    trail = []
    for step in range(steps):
        apply(*native(package, gradients(step)))
        trail.append(numbers(weights))
    return made, weights, trail


def same(ours, theirs):
    for step, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_allclose(x, y, rtol=2e-5, atol=1e-6, err_msg=f"step {step}")


def check(name, arguments, jit=False):
    ours, weights, trail = run(keras, name, arguments, jit=jit)
    theirs, others, expected = run(reference, name, arguments)
    same(trail, expected)
    assert int(ours.iterations) == int(theirs.iterations)
    state = list(zip(ours.variables, theirs.variables, strict=True))
    for mine, its in state:
        assert mine.shape == tuple(its.shape)
        np.testing.assert_allclose(*(numbers([v])[0] for v in (mine, its)), rtol=1e-4, atol=1e-6)
    ours.finalize_variable_values(weights)
    theirs.finalize_variable_values(others)
    same([numbers(weights)], [numbers(others)])


@pytest.mark.parametrize(("name", "arguments"), PLAIN)
def test_updates(name, arguments):
    check(name, arguments)


@pytest.mark.parametrize("options", OPTIONS)
def test_options(options):
    check("Adam", {"learning_rate": 0.1, **options})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "gradient_accumulation_steps": 3, "global_clipnorm": 0.5}),
        ("AdamW", {"learning_rate": 0.1, "use_ema": True, "ema_overwrite_frequency": 2, "clipnorm": 0.4}),
        ("Nadam", {"learning_rate": 0.1}),
    ],
)
def test_within_jit(name, arguments):
    check(name, arguments, jit=True)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("SGD", {"momentum": 0.9, "use_ema": True, "gradient_accumulation_steps": 2}),
        ("Adam", {"amsgrad": True, "use_ema": True, "gradient_accumulation_steps": 2}),
        ("RMSprop", {"centered": True, "momentum": 0.9}),
        ("Adagrad", {}),
        ("Adadelta", {}),
        ("Adamax", {}),
        ("Ftrl", {}),
        ("Lion", {}),
        ("Lamb", {}),
    ],
)
def test_variables_have_the_names_and_order_of_keras(name, arguments):
    paths = []
    for package in (keras, reference):
        made = getattr(package.optimizers, name)(name="opt", **arguments)
        made.build(variables(package))
        paths.append([v.path for v in made.variables])
    assert paths[0] == paths[1]


@pytest.mark.parametrize(("name", "arguments"), PLAIN)
def test_configurations(name, arguments):
    ours = getattr(keras.optimizers, name)(name="opt", **arguments)
    theirs = getattr(reference.optimizers, name)(name="opt", **arguments)
    mine, its = ours.get_config(), theirs.get_config()
    assert list(mine) == list(its)
    assert mine == pytest.approx(its)
    again = keras.optimizers.get(json.loads(json.dumps(keras.optimizers.serialize(ours))))
    assert type(again) is type(ours) and again.get_config() == mine
    assert keras.optimizers.serialize(ours).keys() == reference.optimizers.serialize(theirs).keys()


def test_weight_decay_exclusions():
    results = []
    for package in (keras, reference):
        made = package.optimizers.AdamW(0.1, weight_decay=0.5)
        weights = variables(package)
        made.exclude_from_weight_decay(var_names=["bia"])
        made.build(weights)
        for step in range(3):
            made.apply(native(package, gradients(step)), weights)
        results.append(numbers(weights))
        listed = package.optimizers.SGD(0.1, weight_decay=0.5)
        listed.exclude_from_weight_decay(var_list=weights[:1])
        listed.apply(native(package, gradients(9)), weights)
        results[-1] += numbers(weights)
    same(results[:1], results[1:])
    with pytest.raises(ValueError, match="before"):
        made = keras.optimizers.SGD(weight_decay=0.1)
        made.build([])
        made.exclude_from_weight_decay(var_names=["x"])


def test_learning_rate():
    made = keras.optimizers.SGD(0.5)
    made.learning_rate = 0.25
    assert float(made.learning_rate) == 0.25 and float(made.variables[1]) == 0.25
    weight = keras.Variable([1.0])
    made.apply([ops.ones(1)], [weight])
    made.learning_rate.assign(0.5)
    made.apply([ops.ones(1)], [weight])
    assert weight.numpy() == pytest.approx([0.25])
    made.learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.25, 0.125])
    assert len(made.variables) == 1
    made.apply([ops.ones(1)], [weight])
    made.apply([ops.ones(1)], [weight])
    assert weight.numpy() == pytest.approx([0.25 - 0.25 - 0.125])
    with pytest.raises(TypeError, match="schedule"):
        made.learning_rate = 0.1
    assert float(keras.optimizers.Adam(lambda: 0.3).learning_rate) == pytest.approx(0.3)


def test_iterations_can_be_assigned():
    ours, theirs = keras.optimizers.Adam(0.1), reference.optimizers.Adam(0.1)
    weights = variables(keras), variables(reference)
    for package, made, own in ((keras, ours, weights[0]), (reference, theirs, weights[1])):
        made.build(own)
        made.variables[0].assign(5)
        made.apply(native(package, gradients(0)), own)
    same([numbers(weights[0])], [numbers(weights[1])])


def test_schedule_within_jit():
    schedule = lambda package: package.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)  # noqa: E731
    *_, ours = run(keras, "Adam", {"learning_rate": schedule(keras)}, jit=True)
    *_, theirs = run(reference, "Adam", {"learning_rate": schedule(reference)})
    same(ours, theirs)


def test_constraints_follow_the_update():
    weight = keras.Variable([1.0, -1.0])
    weight.constraint = lambda w: ops.maximum(w, 0.0)
    keras.optimizers.SGD(0.5).apply([ops.ones(2)], [weight])
    assert weight.numpy().tolist() == [0.5, 0.0]


def test_values_read_before_stay():
    weights = variables(keras)
    made = keras.optimizers.Adam(0.1)
    made.build(weights)
    before = [weight.value for weight in weights] + [v.value for v in made.variables]
    copies = [np.array(ops.convert_to_numpy(value)) for value in before]
    made.apply(native(keras, gradients(0)), weights)
    for value, copy in zip(before, copies, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(value), copy)


def test_some_variables_of_those_built():
    weights = variables(keras)
    made = keras.optimizers.Adam(0.1, use_ema=True)
    made.build(weights)
    before = weights[0].numpy()
    made.apply([ops.ones(2)], weights[1:])
    assert (weights[0].numpy() == before).all()
    with pytest.warns(UserWarning, match="kernel"):
        made.apply([None, ops.ones(2)], weights)
    assert (weights[0].numpy() == before).all() and int(made.iterations) == 2
    np.testing.assert_allclose(made.variables[2].numpy(), 0)


# -- written for Keras 3 ------------------------------------------------------------------------


def written_for_keras(package):
    class Heavy(package.optimizers.Optimizer):
        def __init__(self, learning_rate=0.1, momentum=0.9, **kwargs):
            super().__init__(learning_rate=learning_rate, **kwargs)
            self.momentum = momentum

        def build(self, variables):
            if self.built:
                return
            super().build(variables)
            self.momentums = [self.add_variable_from_reference(v, name="momentum") for v in variables]
            self.count = self.add_variable((), dtype="float32", name="count")

        def update_step(self, gradient, variable, learning_rate):
            o = package.ops
            rate = o.cast(learning_rate, variable.dtype)
            m = self.momentums[self._get_variable_index(variable)]
            self.assign(m, o.subtract(o.multiply(m, self.momentum), o.multiply(gradient, rate)))
            self.assign_add(variable, m)
            self.assign_sub(self.count, o.cast(self.iterations, "float32") + 1)

        def get_config(self):
            return {**super().get_config(), "momentum": self.momentum}

    return Heavy


@pytest.mark.parametrize("jit", [False, True])
def test_optimizer_written_for_keras(jit):
    found = []
    for package in (keras, reference):
        made, weights = written_for_keras(package)(0.1, name="heavy", weight_decay=0.01), variables(package)
        made.build(weights)
        apply = lambda *given: made.apply(list(given), weights)  # noqa: E731
        if jit and package is keras:
            apply = keras.jit(lambda *given: made.apply(list(given), weights).value)
        for step in range(4):
            apply(*native(package, gradients(step)))
        found.append((numbers(weights), numbers(made.variables), [v.path for v in made.variables]))
    same([found[0][0], found[0][1]], [found[1][0], found[1][1]])
    assert found[0][2] == found[1][2]
    cls = written_for_keras(keras)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(cls(0.5)), custom_objects={"Heavy": cls})
    assert isinstance(again, cls) and float(again.learning_rate) == 0.5


def test_a_step_over_a_list_kernel():
    class Half(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient * 0.5, variable, learning_rate)

    made, weights = Half(0.1), variables(keras)
    plain, others = keras.optimizers.Adam(0.1), variables(keras)
    for step in range(3):
        made.apply(native(keras, gradients(step)), weights)
        plain.apply(native(keras, [g / 2 for g in gradients(step)]), others)
    same([numbers(weights)], [numbers(others)])


def test_super_init_is_not_forgotten():
    class Forgets(keras.optimizers.Optimizer):
        def __init__(self):
            self.momentum = 0.9

    with pytest.raises(RuntimeError, match="super"):
        Forgets()


# -- state ----------------------------------------------------------------------------------------


def test_state_is_saved_and_loaded():
    made, weights = keras.optimizers.Adam(0.1), variables(keras)
    made.apply(native(keras, gradients(0)), weights)
    store = {}
    made.save_own_variables(store)
    again, others = keras.optimizers.Adam(0.5), variables(keras)
    with pytest.raises(ValueError, match="build"):
        again.load_own_variables(store)
    again.build(others)
    again.load_own_variables(store)
    for mine, its in zip(others, weights, strict=True):
        mine.assign(its)
    for o, w in ((made, weights), (again, others)):
        o.apply(native(keras, gradients(1)), w)
    same([numbers(weights)], [numbers(others)])
    theirs = reference.optimizers.Adam(0.5)
    theirs.build(variables(reference))
    theirs.load_own_variables(store)
    assert int(theirs.iterations) == 1 and float(theirs.learning_rate) == pytest.approx(0.1)


@pytest.mark.parametrize("arguments", [{}, {"use_ema": True, "gradient_accumulation_steps": 2}])
def test_stateless_apply(arguments):
    made, weights = keras.optimizers.Adam(0.1, **arguments), variables(keras)
    with pytest.raises(ValueError, match="build"):
        made.stateless_apply([], [], [])
    made.build(weights)
    before = numbers(weights) + numbers(made.variables)
    values, state = [v.value for v in weights], [v.value for v in made.variables]
    for step in range(3):
        values, state = made.stateless_apply(state, native(keras, gradients(step)), values)
    same([before], [numbers(weights) + numbers(made.variables)])
    for step in range(3):
        made.apply(native(keras, gradients(step)), weights)
    same([numbers(values) + numbers(state)], [numbers(weights) + numbers(made.variables)])
    with pytest.raises(ValueError, match="values"):
        made.stateless_apply(state[1:], native(keras, gradients(0)), values)


# -- loss scaling ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jit", [False, True])
def test_loss_scale_optimizer(jit):
    """Against the rule worked out by hand (the real Keras cannot run its own eagerly on JAX)."""
    made = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1, momentum=0.9), initial_scale=8.0, dynamic_growth_steps=2
    )
    weights = variables(keras)
    made.build(weights)
    apply = lambda *given: made.apply(list(given), weights).value  # noqa: E731
    apply = keras.jit(apply) if jit else apply
    expected, momenta, scale, good, done = numbers(weights), [0.0, 0.0], 8.0, 0, 0
    for step in range(6):
        given = gradients(step)
        if step in (1, 4):
            given[1][0] = np.inf if step == 1 else np.nan
        count = apply(*native(keras, given))
        if step in (1, 4):
            scale, good = scale / 2, 0
        else:
            momenta = [0.9 * m - 0.1 * g / scale for m, g in zip(momenta, given, strict=True)]
            expected = [w + m for w, m in zip(expected, momenta, strict=True)]
            good, done = good + 1, done + 1
            if good == 2:
                scale, good = scale * 2, 0
        same([numbers(weights)], [expected])
        assert (float(made.dynamic_scale), int(made.step_counter), int(count)) == (scale, good, done)
        assert float(made.scale_loss(ops.ones(()) * 3)) == 3 * scale


def test_loss_scale_optimizer_is_saved():
    ours, theirs = (
        p.optimizers.LossScaleOptimizer(p.optimizers.SGD(0.1, name="inner"), name="scale") for p in (keras, reference)
    )
    assert ours.get_config().keys() == theirs.get_config().keys()
    ours.build(variables(keras))
    theirs.build(variables(reference))
    assert [v.path for v in ours.variables] == [v.path for v in theirs.variables]
    again = keras.optimizers.get(json.loads(json.dumps(keras.optimizers.serialize(ours))))
    assert isinstance(again.inner_optimizer, keras.optimizers.SGD) and again.initial_scale == 2**15


def inner_sgd():
    return keras.optimizers.SGD(0.1)


def test_loss_scale_optimizer_passes_on():
    made = keras.optimizers.LossScaleOptimizer(inner_sgd())
    made.learning_rate = 0.5
    assert float(made.inner_optimizer.learning_rate) == 0.5 and float(made.learning_rate) == 0.5
    with pytest.raises(TypeError, match="inner"):
        keras.optimizers.LossScaleOptimizer("sgd")
    with pytest.raises(ValueError, match="scale"):
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(loss_scale_factor=2.0))


def test_wrong_arguments():
    for arguments in (
        {"clipnorm": 1.0, "clipvalue": 1.0},
        {"use_ema": True, "ema_momentum": 1.5},
        {"gradient_accumulation_steps": 1},
        {"use_ema": True, "ema_overwrite_frequency": 0},
        {"learning_rate": "fast"},
        {"momentum": 2.0},
    ):
        with pytest.raises(ValueError):
            keras.optimizers.SGD(**arguments)
    with pytest.raises(ValueError, match="weight_decay"):
        keras.optimizers.AdamW(weight_decay=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert keras.optimizers.get("rmsprop").name.startswith("rm_sprop")
