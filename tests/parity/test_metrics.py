"""Each metric beside the real Keras's: results and state over several batches, configurations, names, errors."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import keras as real
import numpy as np
import pytest

import triceras as keras
from tests.parity.metrics import (
    BASES,
    BITS,
    FOUND,
    FULL,
    FUNCTIONS,
    LABELS,
    OUT,
    PIXELS,
    REAL,
    ROWS,
    WEIGHTS,
    MetricRow,
    P,
    label,
)
from triceras import masks


def numpy(x: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(x))


def pair(row: MetricRow) -> tuple[Any, Any]:
    # A name, as names made from the class's are counted.
    return tuple(
        getattr(package.metrics, row.name)(**{"name": "metric", **row.arguments(package)}) for package in (keras, real)
    )


def state(metric: Any) -> list[tuple[str, tuple[int, ...], str]]:
    # Keras's integers are int64 on TensorFlow, ours int32 everywhere.
    return [(v.path, tuple(v.shape), v.dtype.replace("int64", "int32")) for v in metric.variables]


def check(ours: Any, theirs: Any, loose: bool) -> None:
    assert state(ours) == state(theirs)
    pairs = [(ours.result(), theirs.result()), *zip(ours.variables, theirs.variables, strict=True)]
    for a, b in pairs:
        a, b = numpy(getattr(a, "value", a)), np.asarray(real.ops.convert_to_numpy(getattr(b, "value", b)))
        assert a.shape == b.shape
        tolerance = 2e-2 if loose else 1e-5
        np.testing.assert_allclose(a.astype("float64"), b.astype("float64"), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_row(row: MetricRow) -> None:
    ours, theirs = pair(row)
    loose = ours.dtype in ("float16", "bfloat16")
    for batch in row.batches:
        for metric in (ours, theirs):
            metric.update_state(*batch)
        check(ours, theirs, loose)
    for metric in (ours, theirs):
        metric.reset_state()
        metric.update_state(*row.batches[0])
    check(ours, theirs, loose)
    check_config(row, ours, theirs)


def check_config(row: MetricRow, ours: Any, theirs: Any) -> None:
    written = dict(ours.get_config())
    for key in row.unwritten:
        assert written.pop(key) == row.config[key]
    # The real Keras writes a tensor where it was given a list.
    plain = real.ops.convert_to_numpy
    expected = {k: plain(v).tolist() if hasattr(v, "shape") else v for k, v in theirs.get_config().items()}
    assert written == {**expected, "dtype": expected["dtype"].replace("int64", "int32")}
    assert type(ours).from_config(ours.get_config()).get_config() == ours.get_config()
    described = keras.metrics.serialize(ours)
    assert described["class_name"] == row.name
    assert keras.metrics.deserialize(described).get_config() == ours.get_config()
    assert keras.metrics.deserialize(real.metrics.serialize(theirs)).get_config().keys() == theirs.get_config().keys()
    assert type(real.metrics.deserialize(described)).__name__ == row.name


@pytest.mark.parametrize("row", ROWS[::4], ids=label)
def test_compiled_and_stateless(row: MetricRow) -> None:
    metric, _ = pair(row)
    batch = [None if x is None else keras.ops.convert_to_tensor(x) for x in row.batches[0]]
    metric.update_state(*batch)
    expected = [numpy(v.value) for v in metric.variables]
    values = metric.stateless_reset_state()
    assert not any(numpy(value).any() for value in values)
    found = metric.stateless_update_state(values, *batch)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(numpy(a).astype("float64"), b.astype("float64"), rtol=1e-5)
    np.testing.assert_allclose(numpy(metric.stateless_result(found)), numpy(metric.result()), rtol=1e-6)
    keras.jit(lambda *batch: metric.update_state(*batch))(*batch)
    for v, b in zip(metric.variables, expected, strict=True):
        np.testing.assert_allclose(numpy(v.value).astype("float64"), 2 * b.astype("float64"), rtol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "options"), FUNCTIONS)
def test_function(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    ours, theirs = (getattr(package.metrics, name)(*arguments, **options) for package in (keras, real))
    np.testing.assert_allclose(numpy(ours), real.ops.convert_to_numpy(theirs), rtol=1e-5, atol=1e-6)


def classes() -> list[str]:
    return sorted(name for name in dir(real.metrics) if inspect.isclass(getattr(real.metrics, name)))


@pytest.mark.parametrize("name", [name for name in classes() if name not in BASES])
def test_every_metric_has_a_row(name: str) -> None:
    assert name in {row.name for row in ROWS}


def test_signatures() -> None:
    for name in dir(real.metrics):
        theirs = getattr(real.metrics, name)
        if not name.startswith("_") and callable(theirs):
            ours = getattr(keras.metrics, name)
            found = [
                [(p.name, p.kind, p.default) for p in inspect.signature(x).parameters.values()] for x in (ours, theirs)
            ]
            assert found[0] == found[1], name


def test_attributes() -> None:
    """What Keras's metrics have, ours have."""
    for row in ROWS:
        ours, theirs = pair(row)
        for metric in (ours, theirs):
            metric.update_state(*row.batches[0])
        missing = [name for name in dir(theirs) if not name.startswith("_") and not hasattr(ours, name)]
        assert not missing, (row.name, missing)


# -- names ---------------------------------------------------------------------------------

ALIASES = """
    accuracy bce BCE mse MSE mae MAE mape MAPE msle MSLE cosine_similarity hinge squared_hinge categorical_hinge poisson
    kl_divergence binary_accuracy categorical_accuracy sparse_categorical_accuracy top_k_categorical_accuracy
    sparse_top_k_categorical_accuracy auc precision recall binary_crossentropy categorical_crossentropy
    sparse_categorical_crossentropy pearson_correlation concordance_correlation r2_score f1_score mean sum
    root_mean_squared_error true_positives
""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", ALIASES)
def test_get(name: str) -> None:
    ours, theirs = keras.metrics.get(name), real.metrics.get(name)
    assert type(ours).__name__ == type(theirs).__name__
    configs = [{k: v for k, v in metric.get_config().items() if k != "name"} for metric in (ours, theirs)]
    assert configs[0] == configs[1]


def test_get_of_others() -> None:
    assert keras.metrics.get(None) is None
    assert isinstance(keras.metrics.get(keras.metrics.AUC), keras.metrics.AUC)
    assert keras.metrics.get({"class_name": "AUC", "config": {"curve": "PR"}}).curve == "PR"
    for wrong in ("mean_square_error", 3):
        with pytest.raises(ValueError, match="metric"):
            keras.metrics.get(wrong)


# -- masks, weights -------------------------------------------------------------------------


def test_masked_values_do_not_count() -> None:
    y_pred = keras.ops.convert_to_tensor(P.reshape(2, 2, 3))
    mask = np.array([[True, False], [True, True]])
    masks.set_mask(y_pred, keras.ops.convert_to_tensor(mask))
    right = P.argmax(-1) == LABELS
    for weights in (None, WEIGHTS.reshape(2, 2), WEIGHTS[:2]):
        metric = keras.metrics.SparseCategoricalAccuracy()
        metric.update_state(LABELS.reshape(2, 2), y_pred, weights)
        each = np.ones(4) if weights is None else np.broadcast_to(weights.reshape(2, -1), (2, 2)).ravel()
        expected = np.average(right, weights=each * mask.ravel())
        np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)


def test_ignored_class_does_not_count() -> None:
    ours, other = (keras.metrics.SparseCategoricalCrossentropy(ignore_class=c) for c in (1, None))
    ours.update_state(LABELS, P)
    other.update_state(LABELS[::2], P[::2])
    np.testing.assert_allclose(float(ours.result()), float(other.result()), rtol=1e-6)


def test_labels_that_are_no_class_do_not_count() -> None:
    """On every backend: Keras drops them on PyTorch."""
    metric = keras.metrics.MeanIoU(num_classes=3)
    metric.update_state(PIXELS, FOUND)
    other = keras.metrics.MeanIoU(num_classes=3, ignore_class=255)
    other.update_state(PIXELS, FOUND)
    np.testing.assert_array_equal(numpy(metric.total_cm.value), numpy(other.total_cm.value))


def test_weights_cut_to_integers_warn() -> None:
    with pytest.warns(UserWarning, match="float32"):
        keras.metrics.MeanIoU(3).update_state(LABELS, LABELS, WEIGHTS)


def test_many_thresholds_count_as_few_do() -> None:
    """Outputs at thresholds, and thresholds in any order."""
    thresholds = [0.5, 0.1, 0.9, 0.3, 0.7, 0.0, 1.0, 0.2, 0.4, 0.6]
    y_true, y_pred = np.tile([0, 1], 6), np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 1, 1, 0], "float32")
    many = keras.metrics.TruePositives(thresholds=thresholds)
    many.update_state(y_true, y_pred)
    for t, found in zip(thresholds, numpy(many.result()), strict=True):
        one = keras.metrics.TruePositives(thresholds=t)
        one.update_state(y_true, y_pred)
        assert float(one.result()) == found


# -- in fit -----------------------------------------------------------------------------------


def test_in_fit() -> None:
    """State whose shape the outputs determine is there before the compiled step."""
    metrics = [
        "f1_score", "r2_score", keras.metrics.AUC(multi_label=True, name="auc"), keras.metrics.Precision(top_k=1), "ce",
        keras.metrics.PrecisionAtRecall(0.5), keras.metrics.OneHotMeanIoU(3), keras.losses.huber,
    ]  # fmt: skip
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=metrics)
    y = np.eye(3, dtype="float32")[np.tile(LABELS, 2)]
    x = np.tile(REAL, (2, 1))
    logs = model.fit(x, y, batch_size=4, epochs=2, verbose=0).history
    assert {"f1_score", "r2_score", "auc", "ce", "huber"} <= set(logs)
    found = model.evaluate(x, y, batch_size=4, return_dict=True, verbose=0)
    metric = keras.metrics.R2Score()
    metric.update_state(y, model.predict(x, verbose=0))
    np.testing.assert_allclose(found["r2_score"], float(metric.result()), rtol=1e-4)


def test_made_in_a_step_of_ones_own() -> None:
    class Model(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(3, activation="softmax")
            self.score = keras.metrics.F1Score(average="macro", threshold=0.4)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def test_step(self, data: Any) -> Any:
            x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
            self.score.update_state(y, self(x))
            return {"score": self.score.result()}

    model = Model()
    model.compile("sgd")
    y = np.eye(3, dtype="float32")[LABELS]
    found = model.evaluate(REAL, y, batch_size=2, return_dict=True, verbose=0)
    metric = keras.metrics.F1Score(average="macro", threshold=0.4)
    metric.update_state(y, model.predict(REAL, verbose=0))
    np.testing.assert_allclose(found["score"], float(metric.result()), rtol=1e-5)


# -- bad input --------------------------------------------------------------------------------

ERRORS: list[tuple[Any, str]] = [
    (lambda k: k.metrics.AUC(curve="x"), "curve"),
    (lambda k: k.metrics.AUC(summation_method="x"), "summation_method"),
    (lambda k: k.metrics.AUC(num_thresholds=1), "num_thresholds"),
    (lambda k: k.metrics.AUC(num_labels=2), "num_labels"),
    (lambda k: k.metrics.Precision(thresholds=[-0.1]), "thresholds"),
    (lambda k: k.metrics.Recall(thresholds=2.0), "thresholds"),
    (lambda k: k.metrics.TruePositives(thresholds=[None]), "thresholds"),
    (lambda k: k.metrics.PrecisionAtRecall(2), "recall"),
    (lambda k: k.metrics.RecallAtPrecision(-1), "precision"),
    (lambda k: k.metrics.SensitivityAtSpecificity(0.5, num_thresholds=0), "num_thresholds"),
    (lambda k: k.metrics.SpecificityAtSensitivity(2), "sensitivity"),
    (lambda k: k.metrics.IoU(3, [0, 3]), "target_class_ids"),
    (lambda k: k.metrics.BinaryIoU([2]), "target_class_ids"),
    (lambda k: k.metrics.F1Score("x"), "average"),
    (lambda k: k.metrics.FBetaScore(beta=1), "beta"),
    (lambda k: k.metrics.F1Score(threshold=2.0), "threshold"),
    (lambda k: k.metrics.F1Score().update_state(BITS[:, 0], P[:, 0]), "f1_score"),
    (lambda k: k.metrics.R2Score("x"), "class_aggregation"),
    (lambda k: k.metrics.R2Score(num_regressors=-1), "num_regressors"),
    (lambda k: k.metrics.R2Score().update_state(REAL[:, 0], OUT[:, 0]), "r2_score"),
    (lambda k: k.metrics.Mean(dtype="float17"), "float17"),
    (lambda k: k.metrics.Mean().stateless_update_state([1.0], REAL), "2 variables"),
]


@pytest.mark.parametrize(("call", "text"), ERRORS)
def test_errors_of_keras(call: Any, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in (keras, real):
            with pytest.raises(ValueError, match=text if package is keras else ""):
                call(package)


OURS: list[tuple[Any, str]] = [
    (lambda m: m.AUC(thresholds=[2.0]), "thresholds"),
    (lambda m: m.AUC(label_weights=[-1.0, 1.0]), "label_weights"),
    (lambda m: m.AUC(multi_label=True, num_labels=2).update_state(BITS, P), "2 labels"),
    (lambda m: m.AUC(label_weights=[1.0, 2.0]).update_state(BITS, P), "2 label_weights"),
    (lambda m: m.Precision(class_id=5).update_state(BITS, P), "class_id 5"),
    (lambda m: m.Recall().update_state(BITS, P[:2]), r"\(4, 3\).*\(2, 3\)"),
    (lambda m: m.Recall().update_state(BITS, P, np.ones(3)), r"sample_weight of shape \(3, 1\)"),
    (lambda m: m.MeanIoU(3).update_state(LABELS[:2], LABELS), r"\(2,\) and \(4,\)"),
    (lambda m: m.F1Score().update_state(BITS, P[:, :2]), r"\(4, 3\).*\(4, 2\)"),
    (lambda m: m.MeanSquaredError().update_state(REAL, OUT[:2]), r"mean_squared_error: .*\(4, 3\).*\(2, 3\)"),
    (lambda m: m.MeanSquaredError().update_state(REAL, OUT, FULL), "sample_weight"),
    (lambda m: m.SparseCategoricalAccuracy().update_state(LABELS[:2], P), "sparse_categorical_accuracy: y_true"),
    (lambda m: m.BinaryAccuracy(threshold=1.5), "threshold"),
]


@pytest.mark.parametrize(("call", "text"), OURS)
def test_errors_of_ours(call: Any, text: str) -> None:
    """Keras leaves these to the framework, or to chance."""
    with pytest.raises(ValueError, match=text):
        call(keras.metrics)


def test_methods_to_define() -> None:
    for call in (lambda m: m.result(), lambda m: m.update_state(1.0)):
        with pytest.raises(NotImplementedError):
            call(keras.metrics.Metric())
