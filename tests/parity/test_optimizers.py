"""Every optimizer and schedule of the installed Keras: ten steps on the same gradients, state, configurations."""

from __future__ import annotations

import inspect
import os
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

import triceras

STEPS = 10
SHAPES = {"dense/kernel": (4, 3), "bias": (3,), "embeddings": (5, 2)}


def schedule(k: Any) -> Any:
    return k.optimizers.schedules.ExponentialDecay(0.05, 3, 0.7)


# What the base class does for all of them is compared with some, two rows of it with each; and each has its own.
COMMON: list[dict[str, Any]] = [
    {},
    {"learning_rate": schedule, "weight_decay": 0.01, "clipnorm": 0.5},
    {"learning_rate": 0.03, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 4, "clipvalue": 0.3},
    {"learning_rate": 0.02, "gradient_accumulation_steps": 3, "global_clipnorm": 1.0, "loss_scale_factor": 4.0},
]
FEW = [{}, {"learning_rate": schedule, "weight_decay": 0.01, "clipnorm": 0.5, "use_ema": True, "ema_momentum": 0.8}]


def inner(name: str, **config: Any) -> Any:
    return lambda k: getattr(k.optimizers, name)(name=f"inner_{name.lower()}", **config)


def by_path(k: Any) -> Any:
    o = k.optimizers
    chosen = {".*bias": o.SGD(0.1, momentum=0.5, use_ema=True, name="b"), "cube": o.Lion(clipnorm=0.1, name="c")}
    return o.OptimizerMap(o.Adam(0.01, name="rest"), {**chosen, "none": o.RMSprop(name="none")})


ROWS: dict[str, list[dict[str, Any]]] = {
    "SGD": [*COMMON, {"momentum": 0.9}, {"momentum": 0.7, "nesterov": True, "weight_decay": 0.1}],
    "Adam": [*COMMON, {"amsgrad": True, "beta_1": 0.7, "beta_2": 0.6}, {"epsilon": 0.1, "weight_decay": 0.1}],
    "AdamW": [*FEW, {"amsgrad": True, "beta_2": 0.6, "learning_rate": 0.1}],
    "Adamax": [*FEW, {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 0.01}],
    "Nadam": [*FEW, {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 0.01}],
    "Lamb": [*FEW, {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 0.01}],
    "Lion": [*FEW, {"beta_1": 0.5, "beta_2": 0.8}],
    "Adagrad": [*FEW, {"initial_accumulator_value": 0.5, "epsilon": 0.01}],
    "Adadelta": [*FEW, {"learning_rate": 1.0, "rho": 0.5, "epsilon": 0.01}],
    "RMSprop": [
        *FEW, {"momentum": 0.9}, {"centered": True, "rho": 0.5},
        {"centered": True, "momentum": 0.5, "epsilon": 0.01},
    ],
    "Ftrl": [
        *FEW,
        {"learning_rate": 0.1, "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.1},
        {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.1, "beta": 0.3, "learning_rate_power": -0.3},
    ],
    "Adafactor": [*FEW, {"relative_step": False, "beta_2_decay": -0.5, "clip_threshold": 0.5, "epsilon_1": 1e-3}],
    "Muon": [
        *COMMON,
        {"nesterov": False, "exclude_layers": ["dense"], "exclude_embeddings": False, "rms_rate": None},
        {"adam_lr_ratio": 0.3, "adam_weight_decay": 0.2, "ns_steps": 3, "epsilon": 0.1, "momentum": 0.8},
        {"muon_a": 2.0, "muon_b": -1.5, "muon_c": 0.5, "adam_beta_1": 0.5, "adam_beta_2": 0.7, "rms_rate": 0.5},
    ],
    "ScheduleFreeAdamW": [*COMMON, {"warmup_steps": 4, "weight_decay": 0.1, "beta_2": 0.7, "epsilon": 0.01}],
    "LossScaleOptimizer": [
        {"inner_optimizer": inner("SGD", learning_rate=0.1, momentum=0.9)},
        {"inner_optimizer": inner("Adam", weight_decay=0.1), "initial_scale": 4.0, "dynamic_growth_steps": 3},
    ],
    "MultiOptimizer": [{"optimizer_map": by_path}, {"optimizer_map": by_path, "loss_scale_factor": 4.0}],
}  # fmt: skip

CASES = [(name, i) for name, rows in ROWS.items() for i in range(len(rows))]
# The second moments of Adafactor have names of their own here, where Keras gives several the same.
NAMED_OTHERWISE = {"Adafactor": "row and column", "Nadam": "u_product"}


def made(k: Any, name: str, row: dict[str, Any]) -> Any:
    config = {key: value(k) if inspect.isfunction(value) else value for key, value in row.items()}
    return getattr(k.optimizers, name)(**{"name": "own", **config})


def shapes(name: str) -> dict[str, tuple[int, ...]]:
    return SHAPES | {"cube": (2, 3, 4), "scalar": ()} if name in ("Muon", "MultiOptimizer") else SHAPES


def variables(k: Any, name: str = "") -> list[Any]:
    rng = np.random.default_rng(0)
    found = []
    for path, shape in shapes(name).items():
        *scope, label = path.split("/")
        value = rng.normal(size=shape).astype("float32")
        if scope:
            with k.name_scope(scope[0]):
                found.append(k.Variable(value, name=label))
        else:
            found.append(k.Variable(value, name=label))
    return found


def gradients(name: str) -> list[list[np.ndarray]]:
    rng = np.random.default_rng(1)
    return [[rng.normal(size=shape).astype("float32") for shape in shapes(name).values()] for _ in range(STEPS)]


def array(k: Any, x: Any) -> np.ndarray:
    return np.array(k.ops.convert_to_numpy(x.value if isinstance(x, k.Variable) else x))


def steps(k: Any, optimizer: Any, weights: list[Any], rows: list[Any]) -> list[list[np.ndarray]]:
    """The weights after a step with each row of gradients: by `apply`, and on JAX, which would compile each
    operation of each shape, without side effects in one program."""
    history = []
    optimizer.build(weights)
    if keras.backend.backend() != "jax":
        for grads in rows:
            optimizer.apply([k.ops.convert_to_tensor(g) for g in grads], weights)
            history.append([array(k, w) for w in weights])
        return history
    step = triceras.jit(lambda state, grads, values: optimizer.stateless_apply(state, grads, values))
    values, state = [w.value for w in weights], [v.value for v in optimizer.variables]
    for grads in rows:
        values, state = step(state, [k.ops.convert_to_tensor(g) for g in grads], values)
        history.append([array(k, w) for w in values])
    for variable, value in zip([*weights, *optimizer.variables], [*values, *state], strict=True):
        variable.assign(value)
    return history


def run(k: Any, name: str, row: dict[str, Any]) -> tuple[Any, list[np.ndarray], list[np.ndarray]]:
    """The optimizer, the weights after each step and at the end, its state."""
    optimizer, weights = made(k, name, row), variables(k, name)
    history = steps(k, optimizer, weights, gradients(name))
    state = [array(k, v) for v in optimizer.variables]
    optimizer.finalize_variable_values(weights)
    history.append([array(k, w) for w in weights])
    return optimizer, [np.concatenate([w.ravel() for w in ws]) for ws in history], state


def close(got: Any, wanted: Any, rtol: float = 1e-6) -> None:
    """Equal to 1e-6 of the size of the values: more than float32 can hold, after sums of ten, is not asked for."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=rtol, atol=rtol * max(1e-30, float(np.abs(wanted).max(initial=0))))


@pytest.mark.parametrize(("name", "row"), CASES, ids=lambda x: str(x))
def test_ten_steps(name: str, row: int) -> None:
    ours, got, state = run(triceras, name, ROWS[name][row])
    theirs, wanted, their_state = run(keras, name, ROWS[name][row])
    # On other backends than JAX, Keras's ScheduleFreeAdamW leaves the weights at the mean, beta_1 without effect;
    # the paper's formula is JAX's.
    as_documented = name != "ScheduleFreeAdamW" or keras.backend.backend() == "jax"
    for step in range(STEPS + 1) if as_documented else ():
        close(got[step], wanted[step], 4e-6 if name == "Muon" else 1e-6)
    assert [v.shape for v in ours.variables] == [tuple(v.shape) for v in theirs.variables]
    if name not in NAMED_OTHERWISE:
        assert [v.path for v in ours.variables] == [v.path for v in theirs.variables]
        # Keras counts in int64 on TensorFlow.
        assert [v.dtype for v in ours.variables] == [v.dtype.replace("64", "32") for v in theirs.variables]
    # Some of Keras's take 1 - beta_2 from a beta_2 rounded to float32, which is 1.3e-5 off.
    for mine, their in zip(state, their_state, strict=True) if as_documented else ():
        close(mine, their, 2e-5)


def plain(config: Any) -> Any:
    """A configuration without what says where a class's code is: Keras writes the module of a backend's variant."""
    if isinstance(config, dict):
        where = {"module", "registered_name"} & set(config) if "class_name" in config else set()
        return {key: plain(value) for key, value in config.items() if key not in where}
    return [plain(item) for item in config] if isinstance(config, (list, tuple)) else config


@pytest.mark.parametrize(("name", "row"), CASES, ids=lambda x: str(x))
def test_configuration(name: str, row: int) -> None:
    ours, theirs = made(triceras, name, ROWS[name][row]), made(keras, name, ROWS[name][row])
    config = ours.get_config()
    assert plain(config) == plain(theirs.get_config())
    assert list(config) == list(theirs.get_config())
    assert type(ours).from_config(config).get_config() == config
    saved = triceras.optimizers.serialize(ours)
    assert triceras.optimizers.deserialize(saved).get_config() == config
    assert triceras.optimizers.get(saved).get_config() == config
    # What we write, the real Keras reads, and the other way round.
    assert plain(type(theirs).from_config(theirs.get_config()).get_config()) == plain(config)
    assert plain(type(ours).from_config(theirs.get_config()).get_config()) == plain(config)


@pytest.mark.parametrize("name", ["Adafactor", "Muon", "Nadam", "ScheduleFreeAdamW", "MultiOptimizer"])
def test_eager_steps(name: str) -> None:
    """By `apply`, on the Variables themselves, the same numbers; these are the ones of several parts."""
    row = ROWS[name][-1]
    _, wanted, _ = run(triceras, name, row)
    optimizer, weights = made(triceras, name, row), variables(triceras, name)
    for i, grads in enumerate(gradients(name)[:3]):
        optimizer.apply([triceras.ops.convert_to_tensor(g) for g in grads], weights)
        close(np.concatenate([array(triceras, w).ravel() for w in weights]), wanted[i], 4e-6)


@pytest.mark.parametrize("beta_1", [0.9, 0.5])
def test_schedule_free_by_its_paper(beta_1: float) -> None:
    """On every backend, in float64 by NumPy: Keras has it on JAX alone."""
    rng, rate, beta_2 = np.random.default_rng(0), 0.1, 0.8
    w, grads = rng.normal(size=4), rng.normal(size=(STEPS, 4))
    optimizer = triceras.optimizers.ScheduleFreeAdamW(rate, beta_1=beta_1, beta_2=beta_2, epsilon=1e-3)
    variable = triceras.Variable(w.astype("float32"))
    iterate, mean, second = w.copy(), w.copy(), np.zeros(4)
    for t, g in enumerate(grads, 1):
        optimizer.apply([triceras.ops.convert_to_tensor(g.astype("float32"))], [variable])
        second = beta_2 * second + (1 - beta_2) * g**2
        iterate = iterate - rate * g / (np.sqrt(second / (1 - beta_2**t)) + 1e-3)
        mean = mean + (iterate - mean) / t
        np.testing.assert_allclose(variable.numpy(), (1 - beta_1) * iterate + beta_1 * mean, rtol=1e-5, atol=1e-5)


def test_every_optimizer_has_rows() -> None:
    public = vars(keras.optimizers)
    classes = {n for n, c in public.items() if inspect.isclass(c) and issubclass(c, keras.optimizers.Optimizer)}
    assert classes - {"Optimizer"} == set(ROWS)


# -- loss scaling --------------------------------------------------------------------------------------------------


def scaled(k: Any) -> list[Any]:
    """Weights after good and bad steps, and what the optimizer has come to."""
    optimizer = k.optimizers.LossScaleOptimizer(k.optimizers.SGD(0.1), initial_scale=8.0, dynamic_growth_steps=2)
    w = k.Variable(np.ones(2, "float32"))
    rows = [[np.full(2, x, "float32")] for x in (1.0, 2.0, np.inf, 1.0, np.nan, 3.0, 4.0, 5.0)]
    history = [weight for weights in steps(k, optimizer, [w], rows) for weight in weights]
    loss = optimizer.scale_loss(k.ops.convert_to_tensor(3.0))
    return [*history, *(array(k, v) for v in optimizer.variables), array(k, loss)]


def test_dynamic_loss_scale() -> None:
    for got, wanted in zip(scaled(triceras), scaled(keras), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_check_finite() -> None:
    optimizer = triceras.optimizers.LossScaleOptimizer(triceras.optimizers.SGD())
    good, bad = (triceras.ops.convert_to_tensor([1.0, x]) for x in (2.0, float("nan")))
    assert bool(optimizer.check_finite([good, None, good])) and not bool(optimizer.check_finite([good, bad]))


def test_mixed_precision_has_the_loss_scale_optimizer() -> None:
    assert triceras.mixed_precision.LossScaleOptimizer is triceras.optimizers.LossScaleOptimizer


# -- schedules -----------------------------------------------------------------------------------------------------

SCHEDULES: dict[str, list[dict[str, Any]]] = {
    "ExponentialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": staircase}
        for staircase in (False, True)
    ],
    "InverseTimeDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": staircase}
        for staircase in (False, True)
    ],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 9, "end_learning_rate": 0.01, "power": 0.5, "cycle": cycle}
        for cycle in (False, True)
    ],
    "PiecewiseConstantDecay": [{"boundaries": [5, 11], "values": [1.0, 0.5, 0.1]}],
    "CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 15},
        {"initial_learning_rate": 0.0, "decay_steps": 15, "alpha": 0.1, "warmup_target": 0.3, "warmup_steps": 6},
    ],
    "CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 5},
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.1},
        {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.5, "m_mul": 0.5, "name": "own"},
    ],
}
TIMETABLE = [(name, i) for name, rows in SCHEDULES.items() for i in range(len(rows))]


@pytest.mark.parametrize(("name", "row"), TIMETABLE, ids=lambda x: str(x))
def test_schedule(name: str, row: int) -> None:
    ours, theirs = (getattr(k.optimizers.schedules, name)(**SCHEDULES[name][row]) for k in (triceras, keras))
    for step in range(31):
        wanted = np.asarray(keras.ops.convert_to_numpy(theirs(step)))
        for given in (step, triceras.ops.convert_to_tensor(step), triceras.Variable(step, dtype="int32")):
            np.testing.assert_allclose(triceras.ops.convert_to_numpy(ours(given)), wanted, rtol=2e-6, atol=1e-8)
    assert ours.get_config() == theirs.get_config()
    assert triceras.optimizers.schedules.serialize(ours) == keras.optimizers.schedules.serialize(theirs)
    again = triceras.optimizers.schedules.deserialize(triceras.optimizers.schedules.serialize(ours))
    assert type(again) is type(ours) and again.get_config() == ours.get_config()


def test_every_schedule_has_rows() -> None:
    public = {n for n, c in vars(keras.optimizers.schedules).items() if inspect.isclass(c)}
    assert public - {"LearningRateSchedule"} == set(SCHEDULES)


# -- several optimizers --------------------------------------------------------------------------------------------


def test_a_map_chooses_by_the_whole_path() -> None:
    o = triceras.optimizers
    chosen = o.OptimizerMap(o.SGD(name="rest"), {"d": o.SGD(name="one"), "d/.*": o.SGD(name="two")})
    assert [chosen[path].name for path in ("d", "d/kernel", "x/d", "dd")] == ["one", "two", "rest", "rest"]
    assert len(chosen) == 2 and list(chosen) == ["d", "d/.*"] and "d/kernel" not in chosen
    del chosen["d"]
    assert list(chosen) == ["d/.*"]


def test_a_map_refuses_what_is_no_optimizer() -> None:
    o = triceras.optimizers
    chosen = o.OptimizerMap(o.SGD(), {"a.*": o.SGD(), ".*b": o.SGD()})
    with pytest.raises(TypeError, match="default_optimizer"):
        o.OptimizerMap("sgd")
    with pytest.raises(ValueError, match="string"):
        chosen[3] = o.SGD()
    with pytest.raises(ValueError, match="already"):
        chosen["a.*"] = o.SGD()
    with pytest.raises(ValueError, match="Optimizer"):
        chosen["c"] = "sgd"
    with pytest.raises(ValueError, match="several"):
        chosen["ab"]
    with pytest.raises(TypeError, match="optimizer_map"):
        o.MultiOptimizer({"a": o.SGD()})


def test_a_multi_optimizer_has_no_learning_rate() -> None:
    o = triceras.optimizers
    optimizer = o.MultiOptimizer(o.OptimizerMap(o.SGD()), loss_scale_factor=2.0)
    assert optimizer.optimizers[0].loss_scale_factor == 2.0
    with pytest.raises(AttributeError, match="learning rate"):
        optimizer.learning_rate
    with pytest.raises(AttributeError, match="learning rate"):
        optimizer.learning_rate = 0.1


def test_a_model_trains_with_several_optimizers() -> None:
    k = triceras
    k.utils.set_random_seed(0)
    model = k.Sequential([k.Input((4,)), k.layers.Dense(8, activation="relu", name="one"), k.layers.Dense(1)])
    chosen = k.optimizers.OptimizerMap(k.optimizers.Adam(0.01), {"one/kernel": k.optimizers.Muon(0.02)})
    model.compile(optimizer=k.optimizers.MultiOptimizer(chosen), loss="mse")
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    history = model.fit(x, x[:, :1] * 2, epochs=8, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]
    assert int(model.optimizer.iterations.numpy()) == 32


# -- constructors and state ----------------------------------------------------------------------------------------


def test_options_by_place_and_by_name() -> None:
    o = triceras.optimizers
    adam = o.Adam(0.1, 0.8, 0.9, 1e-3, False, 0.25, 2.0)
    assert (adam.weight_decay, adam.clipnorm) == (0.25, 2.0)
    assert o.AdamW(0.1, 0.5, name="x").weight_decay == 0.5
    with pytest.warns(UserWarning, match="decay"):
        o.Adam(decay=0.1)
    with pytest.raises(ValueError, match="lr"):
        o.Adam(lr=0.1)
    with pytest.raises(TypeError, match="multiple values"):
        o.SGD(0.1, learning_rate=0.1)


def test_set_weights() -> None:
    ours, weights = triceras.optimizers.Adam(), variables(triceras)
    with pytest.raises(ValueError, match="not built"):
        ours.set_weights([])
    ours.build(weights)
    values = [np.full(v.shape, i, "float32") for i, v in enumerate(ours.variables)]
    ours.set_weights(values)
    for variable, value in zip(ours.variables, values, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    with pytest.raises(ValueError, match="Nothing was changed"):
        ours.set_weights(values[:-1])


@pytest.mark.parametrize("name", ["Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop", "SGD"])
def test_legacy_names_say_where_to_go(name: str) -> None:
    with pytest.raises(ImportError, match=name):
        getattr(triceras.optimizers.legacy, name)(0.1)
