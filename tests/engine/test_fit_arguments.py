"""compile's and fit's arguments: names and values of every log, and the weights, are the real Keras's."""

from __future__ import annotations

import warnings

import keras as oracle
import numpy as np
import pytest

import triceras as keras

RNG = np.random.default_rng(3)
ROWS = 50
X = RNG.normal(size=(ROWS, 6)).astype("float32")
A = (X @ RNG.normal(size=(6, 2))).astype("float32")
C = X[:, :3].argmax(-1).astype("int32")
W = np.linspace(0.5, 2, ROWS).astype("float32")
V = W[::-1].copy()
ONE_HOT = np.eye(3, dtype="float32")[C]
BINARY = (X[:, :1] > 0).astype("float32")
SPARSE = "sparse_categorical_crossentropy"


def single(package, units=3, activation="softmax"):
    layers = package.layers
    return package.Sequential(
        [package.Input((6,)), layers.Dense(8, activation="tanh"), layers.Dense(units, activation=activation)]
    )


def regression(package):
    return single(package, 2, None)


def binary(package):
    return single(package, 1, "sigmoid")


def parts(package):
    layers = package.layers
    return layers.Dense(8, activation="tanh"), layers.Dense(2, name="a"), layers.Dense(3, "softmax", name="c")


def functional(package, names=None):
    h, a, c = parts(package)
    x = package.Input((6,))
    hidden = h(x)
    outputs = [a(hidden), c(hidden)]
    return package.Model(x, outputs if names is None else dict(zip(names, outputs, strict=True)))


def subclassed(package, names=None):
    class Two(package.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.a, self.c = parts(package)

        def call(self, x):
            hidden = self.hidden(x)
            outputs = [self.a(hidden), self.c(hidden)]
            return outputs if names is None else dict(zip(names, outputs, strict=True))

    model = Two()
    model(X[:2])
    return model


MODELS = {
    "functional list": functional,
    "functional dict": lambda package: functional(package, "ac"),
    "functional dict of other names": lambda package: functional(package, "uv"),
    "subclassed list": subclassed,
    "subclassed dict": lambda package: subclassed(package, "uv"),
}


def twins(make, arguments):
    """A compiled model and the real Keras's with the same weights; `arguments` may depend on the package."""
    model, reference = make(keras), make(oracle)
    reference.set_weights(model.get_weights())
    for package, net in ((keras, model), (oracle, reference)):
        net.compile("sgd", **(arguments(package) if callable(arguments) else arguments))
    return model, reference


def assert_same(ours, theirs):
    """The same names, and the same values."""
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        np.testing.assert_allclose(value, theirs[name], rtol=2e-4, atol=1e-6, err_msg=name)


def assert_same_weights(model, reference):
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)


def check(make, arguments, y, **fit):
    model, reference = twins(make, arguments)
    given = {"shuffle": False, "verbose": 0, "epochs": 2, "batch_size": 16, **fit}
    histories = [net.fit(X, y, **given).history for net in (model, reference)]
    assert_same(*histories)
    assert_same_weights(model, reference)
    return model, histories[0]


SINGLE = {
    "name": (single, {"loss": SPARSE, "metrics": ["accuracy"]}, C),
    "objects": (
        single,
        lambda p: {
            "loss": p.losses.SparseCategoricalCrossentropy(),
            "metrics": [p.metrics.SparseCategoricalAccuracy(), "acc"],
        },
        C,
    ),
    "functions": (
        regression,
        lambda p: {"loss": lambda t, y: (t - y) ** 2, "metrics": [lambda t, y: t - y, p.losses.mean_squared_error]},
        A,
    ),
    "lists": (single, {"loss": [SPARSE], "metrics": [["accuracy"]], "loss_weights": [0.5]}, C),
    "one-hot": (single, {"loss": "categorical_crossentropy", "metrics": ["accuracy", SPARSE[7:]]}, ONE_HOT),
    "binary": (binary, {"loss": "binary_crossentropy", "metrics": ["accuracy", "binary_accuracy"]}, BINARY),
    "names are kept": (regression, {"loss": "mse", "metrics": ["mse", "MSE", "MeanSquaredError"]}, A),
    "a name twice": (regression, {"loss": "mse", "metrics": ["mse", "mse"]}, A),
    "loss_weights": (regression, {"loss": "mse", "loss_weights": 0.3}, A),
}


@pytest.mark.parametrize("case", SINGLE)
def test_one_output(case):
    make, arguments, y = SINGLE[case]
    check(make, arguments, y)


WEIGHTED = {"loss": SPARSE, "metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}


def test_weighted_metrics_get_a_name_of_their_own():
    _, history = check(single, WEIGHTED, C, sample_weight=W)
    assert list(history) == ["loss", "accuracy", "weighted_accuracy"]
    check(single, {"loss": SPARSE, "weighted_metrics": ["accuracy"]}, C, sample_weight=W)


def test_crossentropy_fits_itself_to_the_output():
    """Keras's documentation promises it for "crossentropy" and "ce"; 3.15 knows neither name."""
    targets = ((single, C, SPARSE), (single, ONE_HOT, "categorical_crossentropy"), (binary, BINARY, "bce"))
    for make, y, loss in targets:
        model = make(keras)
        model.compile("sgd", loss, metrics=["crossentropy", "ce"])
        logs = model.evaluate(X, y, verbose=0, return_dict=True)
        assert list(logs) == ["loss", "crossentropy", "ce"]
        np.testing.assert_allclose([logs["crossentropy"], logs["ce"]], logs["loss"], rtol=1e-5)


def both(names, first, second):
    return [first, second] if names is None else dict(zip(names, (first, second), strict=True))


OUTPUTS = {  # what names stand for: a function from the outputs' names, None for a list
    "losses": lambda n: {"loss": both(n, "mse", SPARSE)},
    "list of losses": lambda n: {"loss": ["mse", SPARSE]},
    "loss_weights": lambda n: {"loss": both(n, "mse", SPARSE), "loss_weights": both(n, 0.3, 2.0)},
    "metrics": lambda n: {"loss": ["mse", SPARSE], "metrics": both(n, ["mse"], ["accuracy"])},
    "flat metrics": lambda n: {"loss": ["mse", SPARSE], "metrics": ["mse", None]},
    "some of all": lambda n: {
        "loss": both(n, "mse", SPARSE),
        "metrics": [None, ["accuracy"]] if n is None else {n[1]: ["accuracy"]},
        "weighted_metrics": [["mse"], None] if n is None else {n[0]: "mse"},
    },
    "a clash": lambda n: {
        "loss": ["mse", SPARSE],
        "metrics": [["mse"], ["accuracy"]],
        "weighted_metrics": [["mse"], ["accuracy"]],
    },
    "a loss for one output": lambda n: {"loss": both(n, None, SPARSE), "metrics": both(n, "mse", "accuracy")},
}


@pytest.mark.filterwarnings("ignore:.*radient")
@pytest.mark.parametrize("model", MODELS)
def test_several_outputs(model):
    make = MODELS[model]
    by_list, names = "list" in model, "uv" if "other" in model or model == "subclassed dict" else "ac"
    cases = list(OUTPUTS) if model == "functional dict" else ["losses", "a clash"]
    for arguments in (OUTPUTS[case] for case in cases):
        y = [A, C] if by_list else dict(zip(names, (A, C), strict=True))
        check(make, arguments(None if by_list else names), y, batch_size=25)


def test_names_of_several_outputs():
    arguments = {"loss": ["mse", SPARSE], "metrics": {"c": ["accuracy"]}, "weighted_metrics": {"c": "accuracy"}}
    model, history = check(functional, arguments, {"a": A, "c": C}, validation_split=0.2)
    logs = ["loss", "a_loss", "c_loss", "c_accuracy", "c_weighted_accuracy"]
    assert list(history) == logs + [f"val_{name}" for name in logs]
    assert model.metrics_names == logs


@pytest.mark.parametrize("names", [None, "ac"])
def test_sample_weights_by_output(names):
    arguments = {"loss": ["mse", SPARSE], "weighted_metrics": [["mse"], ["accuracy"]]}
    y = both(names, A, C)
    for weights in (both(names, W, V), W):
        check(lambda package: functional(package, names), arguments, y, sample_weight=weights)


def test_targets_for_names_that_no_output_has():
    model = functional(keras)
    model.compile("sgd", ["mse", SPARSE])
    with pytest.raises(ValueError, match=r"\['b'\].*a, c"):
        model.fit(X, {"a": A, "b": C}, verbose=0)
    with pytest.raises(ValueError, match="2 outputs.*3"):
        model.fit(X, [A, C, C], verbose=0)
    model.fit(X, [A, C], verbose=0)


FIT = {
    "pair": {"validation_data": (X[:20], C[:20])},
    "triple": {"sample_weight": W, "validation_data": (X[:20], C[:20], V[:20]), "validation_batch_size": 7},
    "split": {"sample_weight": W, "validation_split": 0.3},
    "validation_steps": {"validation_data": (X, C), "validation_steps": 2},
    "validation_freq": {"validation_data": (X, C), "validation_freq": 2, "epochs": 5},
    "validation_freq list": {"validation_data": (X, C), "validation_freq": [1, 4], "epochs": 5},
    "class_weight": {"class_weight": {0: 0.5, 1: 2.0}, "validation_split": 0.3},
    "initial_epoch": {"initial_epoch": 2, "epochs": 4},
    "steps_per_epoch": {"steps_per_epoch": 2, "epochs": 5},
}


@pytest.mark.parametrize("case", FIT)
def test_fit(case):
    check(single, WEIGHTED, C, **FIT[case])


def test_class_weight_of_one_hot_labels():
    arguments = {"loss": "categorical_crossentropy", "weighted_metrics": ["accuracy"]}
    check(single, arguments, ONE_HOT, class_weight={0: 0.5, 1: 2.0})


def test_epochs_of_the_history():
    model = single(keras)
    model.compile("sgd", SPARSE)
    history = model.fit(X, C, initial_epoch=2, epochs=5, verbose=0)
    assert history.epoch == [2, 3, 4] and model.history is history


def test_shuffled_batches_stay_together():
    seen = []

    class Sees(keras.Sequential):
        def train_step(self, data):
            seen.append(np.asarray(data[0])[:, 0].tolist())
            return super().train_step(data)

    model = Sees([keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    rows = np.arange(40, dtype="float32")[:, None]
    model.fit(rows, rows, batch_size=8, shuffle="batch", verbose=0)
    assert sorted(seen) == rows.reshape(5, 8).tolist() and seen != sorted(seen)


@pytest.mark.parametrize("names", ["one", None, "uv"])
def test_single_batches(names):
    if names == "one":
        make, arguments, y = single, {"loss": SPARSE, "metrics": ["accuracy"]}, C
    else:
        make, y = (lambda package: functional(package, names)), both(names, A, C)
        arguments = {"loss": ["mse", SPARSE], "metrics": [["mse"], ["accuracy"]]}
    model, reference = twins(make, arguments)

    def rows(part):
        if names == "one":
            return y[part]
        return [a[part] for a in y] if names is None else {name: a[part] for name, a in y.items()}

    for part in (slice(0, 16), slice(16, 32), slice(32, 50)):  # metrics begin anew with each call
        for method in ("train_on_batch", "test_on_batch"):
            logs = [getattr(net, method)(X[part], rows(part), return_dict=True) for net in (model, reference)]
            assert_same(*logs)
    predicted = [net.predict_on_batch(X) for net in (model, reference)]
    if names == "one":
        weighing = {"class_weight": {0: 3.0}}, {"sample_weight": W}
        for given in weighing:
            results = [net.train_on_batch(X, C, **given) for net in (model, reference)]
            np.testing.assert_allclose(*results, rtol=1e-4)
        predicted = [[one] for one in predicted]
    elif names is not None:
        predicted = [[one[name] for name in names] for one in predicted]
    for ours, theirs in zip(*predicted, strict=True):
        assert isinstance(ours, np.ndarray)
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_evaluate_and_predict():
    model, reference = twins(functional, {"loss": ["mse", SPARSE], "weighted_metrics": [["mse"], ["accuracy"]]})
    for given in ({}, {"batch_size": 7}, {"batch_size": 8, "steps": 3}, {"sample_weight": [W, V]}):
        results = [net.evaluate(X, [A, C], verbose=0, return_dict=True, **given) for net in (model, reference)]
        assert_same(*results)
        if "sample_weight" not in given:
            for ours, theirs in zip(*[net.predict(X, verbose=0, **given) for net in (model, reference)], strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    assert isinstance(model.evaluate(X, [A, C], verbose=0), list)
    model.compile("sgd", ["mse", None])
    assert isinstance(model.evaluate(X, [A, C], verbose=0), float)


class Batches(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append(("begin", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(("end", batch))

    on_test_batch_begin = on_predict_batch_begin = on_train_batch_begin
    on_test_batch_end = on_predict_batch_end = on_train_batch_end


def strides(steps, by):
    """What Keras's backends that can run several steps show callbacks: the first step of a stride, and its last."""
    return [e for i in range(0, steps, by) for e in (("begin", i), ("end", min(i + by, steps) - 1))]


@pytest.mark.parametrize("steps", [1, 3, 7, "auto"])
def test_steps_per_execution(steps):
    def batches():
        for i in range(0, ROWS, 8):
            yield X[i : i + 8], C[i : i + 8]

    start = single(keras).get_weights()
    results = []
    for source in ((X, C), (batches(), None)):
        model = single(keras)
        model.set_weights(start)
        model.compile("sgd", SPARSE, metrics=["accuracy"], steps_per_execution=steps)
        by = 1 if steps == "auto" else steps
        size = 8 if source[1] is not None else None
        for method, data in (("fit", source), ("evaluate", (X, C)), ("predict", (X,))):
            batch_size = size if method == "fit" else 8
            callback = Batches()
            found = getattr(model, method)(
                *data,
                batch_size=batch_size,
                verbose=0,
                callbacks=[callback],
                **({"shuffle": False} if size and method == "fit" else {}),
            )
            assert callback.seen == strides(7, by)
            results.append(found.history["loss"] if method == "fit" else found)
    plain = single(keras)
    plain.set_weights(start)
    plain.compile("sgd", SPARSE, metrics=["accuracy"])
    loss = plain.fit(X, C, batch_size=8, shuffle=False, verbose=0).history["loss"]
    for fitted in results[::3]:
        np.testing.assert_allclose(fitted, loss, rtol=1e-5)
    for predicted in results[2::3]:
        np.testing.assert_allclose(predicted, plain.predict(X, verbose=0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("how", [{"run_eagerly": True}, {"jit_compile": False}])
def test_ways_to_run(how):
    model, reference = twins(single, {"loss": SPARSE})
    model.compile("sgd", SPARSE, metrics=["accuracy"], **how)
    reference.compile("sgd", SPARSE, metrics=["accuracy"])
    assert_same(*[net.fit(X, C, shuffle=False, verbose=0).history for net in (model, reference)])


def stateful(package):
    layers = package.layers
    return package.Sequential(
        [package.Input((6,)), layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.4), layers.Dense(3)]
    )


def test_the_compiled_loop_is_the_loop_of_steps():
    """Moving statistics, dropout's seeds and the optimizer's moments: bit for bit, batches watched or not."""
    found = []
    for callbacks in ([], [Batches()]):
        keras.utils.set_random_seed(1)
        model = stateful(keras)
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(X, C, batch_size=8, epochs=2, verbose=0, callbacks=callbacks)
        found.append([*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_callback_list_is_taken_as_it_is():
    model = single(keras)
    model.compile("sgd", SPARSE)
    callback = Batches()
    history = model.fit(X, C, verbose=0, epochs=2, callbacks=keras.callbacks.CallbackList([callback], model=model))
    assert len(history.history["loss"]) == 2 and len(callback.seen) == 8
    own = keras.callbacks.History()
    assert model.fit(X, C, verbose=0, callbacks=keras.callbacks.CallbackList([own], model=model)) is own
    assert model.fit(X, C, verbose=0, callbacks=[own]) is own
    assert len(own.history["loss"]) == 2
    model.evaluate(X, C, verbose=0, callbacks=keras.callbacks.CallbackList([callback], model=model))


def test_unknown_verbose():
    model = single(keras)
    model.compile("sgd", SPARSE)
    with pytest.raises(ValueError, match="verbose"):
        model.fit(X, C, verbose=7)


TOKENS = RNG.integers(1, 7, (24, 6)).astype("int32")
TOKENS[:, 4:] = 0
TOKENS[::3, 2:] = 0
TAGS = RNG.integers(0, 3, (24, 6)).astype("int32")
TAG_WEIGHTS = RNG.uniform(0.5, 2, (24, 6)).astype("float32")


def tagger(package):
    layers = package.layers
    return package.Sequential(
        [
            package.Input((6,), dtype="int32"),
            layers.Embedding(7, 5, mask_zero=True),
            layers.LSTM(4, return_sequences=True),
            layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.mark.parametrize("weights", [None, TAG_WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_masked_values_do_not_count(reduction, weights):
    model, reference = twins(
        tagger, lambda p: {"loss": p.losses.SparseCategoricalCrossentropy(reduction=reduction), "metrics": ["accuracy"]}
    )
    given = {"sample_weight": weights, "batch_size": 8, "verbose": 0}
    assert_same(*[net.evaluate(TOKENS, TAGS, return_dict=True, **given) for net in (model, reference)])
    ours, theirs = (net.fit(TOKENS, TAGS, shuffle=False, **given).history for net in (model, reference))
    np.testing.assert_allclose(ours["loss"], theirs["loss"], rtol=1e-4)
    assert_same_weights(model, reference)


def test_masks_reach_metrics():
    """In `fit` too; Keras loses the mask there on some backends, and scales it beside weights on others."""
    model = tagger(keras)
    model.compile(keras.optimizers.SGD(0.0), SPARSE, metrics=["accuracy"], weighted_metrics=["accuracy"])
    right = (model.predict(TOKENS, verbose=0).argmax(-1) == TAGS) * 1.0
    logs = model.fit(TOKENS, TAGS, sample_weight=TAG_WEIGHTS, batch_size=8, verbose=0).history
    mask = TOKENS != 0
    np.testing.assert_allclose(logs["accuracy"], right[mask].mean(), rtol=1e-5)
    expected = np.average(right[mask], weights=TAG_WEIGHTS[mask])
    np.testing.assert_allclose(logs["weighted_accuracy"], expected, rtol=1e-5)


def test_no_warnings():
    model = tagger(keras)
    model.compile("sgd", SPARSE, metrics=["accuracy"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(TOKENS, TAGS, verbose=0, validation_split=0.5)
