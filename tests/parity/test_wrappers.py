"""keras.wrappers with scikit-learn's own checks, its digits, and the real Keras's estimators."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import triceras

X, Y = load_digits(return_X_y=True)
X, Y = X[:400] / 16, Y[:400]
NAMES = ("SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer")
QUIET = {"verbose": 0}


def dense(package: Any, X: Any, y: Any, loss: str = "mse", units: int = 8) -> Any:
    inputs = package.Input((X.shape[1],))
    hidden = package.layers.Dense(units, activation="relu")(inputs)
    last = "softmax" if loss == "categorical_crossentropy" else None
    model = package.Model(inputs, package.layers.Dense(y.shape[1], activation=last)(hidden))
    model.compile(loss=loss, optimizer="adam")
    return model


def build(X: Any, y: Any, **options: Any) -> Any:
    return dense(triceras, X, y, **options)


def build_keras(X: Any, y: Any, **options: Any) -> Any:
    return dense(keras, X, y, **options)


def classifier(**options: Any) -> Any:
    options = {"fit_kwargs": {"epochs": 15, "verbose": 0}, **options}
    kwargs = {"loss": "categorical_crossentropy", "units": 32}
    return triceras.wrappers.SKLearnClassifier(build, model_kwargs=kwargs, **options)


# What needs a model that learns anything from a few samples in one epoch, and the same from the same data. The real
# Keras's estimators fail these too, each of them.
LEARNING = {
    "check_classifier_data_not_an_array", "check_classifiers_one_label_sample_weights", "check_classifiers_classes",
    "check_classifiers_train", "check_supervised_y_2d", "check_regressor_data_not_an_array", "check_regressors_int",
    "check_fit_idempotent", "check_classifiers_one_label", "check_regressors_train", "check_methods_subset_invariance",
    "check_methods_sample_order_invariance",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_scikit_learns_checks(name: str) -> None:
    loss = {"loss": "categorical_crossentropy"} if name == "SKLearnClassifier" else {}
    estimator = getattr(triceras.wrappers, name)(build, model_kwargs=loss, fit_kwargs=QUIET)
    count = 0
    for copy, check in estimator_checks_generator(estimator, legacy=True, mark="skip"):
        title = getattr(check, "func", check).__name__
        if title in LEARNING:
            continue
        try:
            check(copy)
        except Exception as error:
            if type(error).__name__ not in ("SkipTest", "Skipped", "SkipTestWarning"):
                raise AssertionError(f"{name} fails {title}") from error
        count += 1
    assert count > 25


@pytest.mark.parametrize("name", NAMES)
def test_tags_and_parameters_are_keras(name: str) -> None:
    ours, theirs = (getattr(package.wrappers, name) for package in (triceras, keras))
    one, other = ours(build, fit_kwargs=QUIET), theirs(build, fit_kwargs=QUIET)
    assert one.get_params() == other.get_params()
    tags, reference = one.__sklearn_tags__(), other.__sklearn_tags__()
    for part in ("estimator_type", *(f"{kind}_tags" for kind in ("target", "transformer", "classifier", "regressor"))):
        assert getattr(tags, part) == getattr(reference, part), part
    assert tags.non_deterministic == reference.non_deterministic


def test_digits() -> None:
    labels = np.array([f"digit {i}" for i in range(10)])[Y]
    found = classifier().fit(X, labels)
    assert found.score(X, labels) > 0.8 and found.classes_.tolist() == sorted(set(labels))
    assert found.decision_function(X[:3]).shape == (3, 10) and found.predict(X[:3]).dtype == labels.dtype
    assert len(found.history_.history["loss"]) == 15


def test_pipelines_and_validation() -> None:
    pipeline = make_pipeline(StandardScaler(), classifier(fit_kwargs={"epochs": 8, "verbose": 0}))
    scores = cross_val_score(pipeline, X, Y, cv=2)
    assert scores.shape == (2,) and scores.min() > 0.4


def test_the_same_targets_reach_the_model() -> None:
    """What the function is called with, in both packages."""
    for name, y in (("SKLearnClassifier", np.array(["b", "a", "b", "a"])), ("SKLearnRegressor", np.arange(4.0))):
        seen = []
        for package in (triceras, keras):

            def function(X: Any, y: Any, package: Any = package) -> Any:
                seen.append((X.dtype, y.dtype, X.tolist(), y.tolist()))
                return dense(package, X, y)

            getattr(package.wrappers, name)(function, fit_kwargs=QUIET).fit(np.eye(4), y)
        assert seen[0] == seen[1]


def test_predictions_are_keras_for_the_same_weights() -> None:
    found = []
    for package, function in ((triceras, build), (keras, build_keras)):
        regressor = package.wrappers.SKLearnRegressor(function, fit_kwargs=QUIET).fit(X, Y.astype(float))
        weights = [np.full(w.shape, 0.01 * (i + 1)) for i, w in enumerate(regressor.model_.get_weights())]
        regressor.model_.set_weights(weights)
        found.append(regressor.predict(X[:5]))
    assert found[0].shape == found[1].shape == (5,)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


def test_a_model_is_cloned_for_each_fit() -> None:
    model = build(X, Y[:, None])
    before = [w.copy() for w in model.get_weights()]
    regressor = triceras.wrappers.SKLearnRegressor(model, fit_kwargs=QUIET)
    regressor.fit(X, Y)
    assert regressor.model_ is not model and regressor.predict(X[:3]).shape == (3,)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    first = regressor.model_
    assert regressor.fit(X, Y).model_ is not first
    warm = triceras.wrappers.SKLearnRegressor(model, warm_start=True, fit_kwargs=QUIET).fit(X, Y)
    first, steps = warm.model_, int(warm.model_.optimizer.iterations.numpy())
    assert warm.fit(X, Y).model_ is first and int(first.optimizer.iterations.numpy()) == 2 * steps


def test_arguments_of_fit() -> None:
    regressor = triceras.wrappers.SKLearnRegressor(build, fit_kwargs={"epochs": 3, "verbose": 0})
    assert len(regressor.fit(X, Y).history_.epoch) == 3
    assert len(regressor.fit(X, Y, epochs=2).history_.epoch) == 2


def test_a_transformer() -> None:
    transformer = triceras.wrappers.SKLearnTransformer(build, fit_kwargs=QUIET)
    assert transformer.fit_transform(X, Y).shape == (400, 1)


def test_copies() -> None:
    fitted = classifier(fit_kwargs={"epochs": 1, "verbose": 0}).fit(X, Y)
    assert clone(fitted).get_params() == fitted.get_params() and not hasattr(clone(fitted), "model_")
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X[:5]), fitted.predict(X[:5]))


def test_bad_input() -> None:
    regressor = triceras.wrappers.SKLearnRegressor
    with pytest.raises(NotFittedError):
        regressor(build).predict(X)
    with pytest.raises(ValueError, match="continuous"):
        triceras.wrappers.SKLearnClassifier(build).fit(X, Y * 1.5)
    with pytest.raises(TypeError, match="model must be"):
        regressor(5).fit(X, Y)
    with pytest.raises(RuntimeError, match="'lonely' must be compiled"):
        regressor(triceras.Sequential([triceras.layers.Dense(1)], name="lonely")).fit(X, Y)
    with pytest.raises(ValueError, match="features"):
        regressor(build, fit_kwargs=QUIET).fit(X, Y).predict(X[:, :3])
    with pytest.raises(AttributeError):
        triceras.wrappers.Nothing


def test_without_scikit_learn() -> None:
    program = "import sys; sys.modules['sklearn'] = None; import triceras; triceras.wrappers.SKLearnRegressor"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "ImportError" in found.stderr and "triceras[sklearn]" in found.stderr
