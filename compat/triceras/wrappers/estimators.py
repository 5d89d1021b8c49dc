"""The estimators. This module needs scikit-learn; `triceras.wrappers` imports it when it is asked for one."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from triceras.models import Model, clone_model


class Estimator(BaseEstimator):
    """What the three estimators share: a model that is made, trained and asked.

    Subclasses say what targets become for the model (`_targets`).
    """

    def __init__(
        self,
        model: Any,
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Trains the model from its beginning; with warm_start, from where the last fit ended.

        Args:
            X: an array (samples, features).
            y: the targets, (samples,).
            **kwargs: for the model's `fit`, before those of fit_kwargs.

        Raises ValueError: data that is none. Raises RuntimeError: the model is not compiled. Raises TypeError: the
        model is neither a Model nor a function.
        """
        X, y = validate_data(self, X, y, multi_output=False)
        targets = self._targets(y)
        if not (self.warm_start and hasattr(self, "model_")):
            self.model_ = self._made(X, targets)
        arguments = {**(self.fit_kwargs or {}), **kwargs}
        self.history_ = self.model_.fit(X, targets, **arguments)
        return self

    def _made(self, X: Any, targets: Any) -> Any:
        """A model of this estimator's own: a clone of the given one, or what the function returns."""
        if isinstance(self.model, Model):
            _check_compiled(self.model)
            return _fresh(self.model)
        if not callable(self.model):
            kind = type(self.model).__name__
            raise TypeError(f"model must be a compiled Model or a function of (X, y) that returns one; got: {kind}")
        model = self.model(X, targets, **(self.model_kwargs or {}))
        _check_compiled(model)
        return model

    def _targets(self, y: Any) -> Any:
        """Targets as the model takes them: (samples, numbers)."""
        type_of_target(y, raise_unknown=True)
        return y.reshape(-1, 1)

    def _outputs(self, X: Any) -> Any:
        """What the model predicts. Raises NotFittedError: it is not trained."""
        check_is_fitted(self, "model_")
        X = validate_data(self, X, reset=False)
        return np.asarray(self.model_.predict(X, verbose=(self.fit_kwargs or {}).get("verbose", "auto")))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags


def _fresh(model: Any) -> Any:
    """A model as this one was before any training: new weights, compiled alike."""
    made = clone_model(model)
    settings = ("run_eagerly", "steps_per_execution", "jit_compile")
    made.compile(
        **copy.deepcopy({name: x for name, x in model._arguments.items() if name != "optimizer"}),
        optimizer=type(model.optimizer).from_config(model.optimizer.get_config()),
        **{name: getattr(model, name) for name in settings},
    )
    return made


def _check_compiled(model: Any) -> None:
    compiled = getattr(model, "compiled", False)
    if not compiled or model.optimizer is None or model._arguments["loss"] is None:
        name = getattr(model, "name", model)
        raise RuntimeError(f"The model {name!r} must be compiled, with a loss and an optimizer.")


class SKLearnClassifier(ClassifierMixin, Estimator):
    """A model as a classifier of scikit-learn.

    The model sees the labels as one-hot rows (samples, classes), and answers with a number a class: the largest wins.

    Args:
        model: a compiled Model, which is cloned for each fit; or a function of (X, y), the one-hot rows, and
            `model_kwargs` that returns one.
        warm_start: whether a further fit goes on with the trained model.
        model_kwargs: for the function.
        fit_kwargs: for the model's `fit`: epochs, batch_size, verbose, ...

    Attributes, after fit: `model_`, the trained model; `history_`, its History; `classes_`, the labels in order.

    Raises ImportError: scikit-learn is not installed.

    Example:

    >>> def build(X, y):
    ...     model = keras.Sequential([keras.layers.Dense(y.shape[1], activation="softmax")])
    ...     model.compile("adam", "categorical_crossentropy")
    ...     return model
    >>> classifier = keras.wrappers.SKLearnClassifier(build, fit_kwargs={"verbose": 0})
    >>> X, y = np.eye(4), np.array(["no", "yes", "no", "yes"])
    >>> classifier.fit(X, y).classes_.tolist()
    ['no', 'yes']
    >>> classifier.predict(X).shape
    (4,)
    """

    classes_: Any

    def _targets(self, y: Any) -> Any:
        kind = type_of_target(y, raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Only binary and multiclass target types are supported; SKLearnClassifier got y of the type {kind}. "
                "Unknown label type: labels must be integers or strings."
            )
        known = [self.classes_] if self.warm_start and hasattr(self, "classes_") else "auto"
        self._encoder = OneHotEncoder(categories=known, sparse_output=False).fit(y.reshape(-1, 1))
        self.classes_ = self._encoder.categories_[0]
        return self._encoder.transform(y.reshape(-1, 1))

    def decision_function(self, X: Any) -> Any:
        """The model's numbers, (samples, classes)."""
        return self._outputs(X)

    def predict(self, X: Any) -> Any:
        """The label of each sample, (samples,)."""
        best = np.argmax(self._outputs(X), axis=-1)
        return self.classes_[best]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags


class SKLearnRegressor(RegressorMixin, Estimator):
    """A model as a regressor of scikit-learn.

    The model sees the targets as (samples, 1), and answers in that shape.

    Args:
        model: a compiled Model, which is cloned for each fit; or a function of (X, y) and `model_kwargs` that returns
            one.
        warm_start: whether a further fit goes on with the trained model.
        model_kwargs: for the function.
        fit_kwargs: for the model's `fit`: epochs, batch_size, verbose, ...

    Attributes, after fit: `model_`, the trained model; `history_`, its History.

    Raises ImportError: scikit-learn is not installed.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> regressor = keras.wrappers.SKLearnRegressor(model, fit_kwargs={"verbose": 0})
    >>> X = np.eye(3)
    >>> regressor.fit(X, np.array([1.0, 2.0, 3.0])).predict(X).shape
    (3,)
    """

    def predict(self, X: Any) -> Any:
        """The prediction for each sample, (samples,)."""
        outputs = self._outputs(X)
        return outputs.squeeze(-1) if outputs.ndim > 1 and outputs.shape[-1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, Estimator):
    """A model as a transformer of scikit-learn: it is trained on targets, and its outputs are new features.

    Args:
        model: a compiled Model, which is cloned for each fit; or a function of (X, y) and `model_kwargs` that returns
            one.
        warm_start: whether a further fit goes on with the trained model.
        model_kwargs: for the function.
        fit_kwargs: for the model's `fit`: epochs, batch_size, verbose, ...

    Attributes, after fit: `model_`, the trained model; `history_`, its History.

    Raises ImportError: scikit-learn is not installed.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> model.compile("sgd", "mse")
    >>> transformer = keras.wrappers.SKLearnTransformer(model, fit_kwargs={"verbose": 0})
    >>> transformer.fit(np.eye(3), np.zeros(3)).transform(np.eye(3)).shape
    (3, 2)
    """

    def transform(self, X: Any) -> Any:
        """The model's outputs, (samples, ...)."""
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
