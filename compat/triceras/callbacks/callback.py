"""Callbacks: what happens around epochs and batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from triceras_backends.active import backend as B


class Logs(Mapping[str, float]):
    """Losses and metrics by name, still on the device: reading an entry waits for it."""

    def __init__(self, values: Mapping[str, Any] | None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> float:
        return to_number(self._values[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(dict(self))


def to_number(value: Any) -> Any:
    """A scalar tensor as a Python float; another tensor as a NumPy array."""
    array = np.asarray(B.convert_to_numpy(value))
    return float(array) if array.ndim == 0 else array


class Callback:
    """Base class: override what you need. `self.model` and `self.params` are set before use.

    `logs` maps names to values. Those of a batch are read from the device when looked at.

    `every_batch` False says that the hooks of batches may be left out for some.

    Example:

    >>> class Count(keras.callbacks.Callback):
    ...     epochs = 0
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.epochs += 1
    >>> count = Count()
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[count])
    >>> count.epochs
    2
    """

    every_batch = True

    _model: Any = None
    params: dict[str, Any] = {}

    def __init__(self) -> None:
        self._model = None
        self.params = {}

    @property
    def model(self) -> Any:
        """The model that is being trained, evaluated or used."""
        return self._model

    def set_model(self, model: Any) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Before an epoch; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """After an epoch, validation included ("val_" names)."""

    def on_train_begin(self, logs: Any = None) -> None:
        """At the beginning of `fit`."""

    def on_train_end(self, logs: Any = None) -> None:
        """At the end of `fit`."""

    def on_test_begin(self, logs: Any = None) -> None:
        """At the beginning of `evaluate`, or of a validation."""

    def on_test_end(self, logs: Any = None) -> None:
        """At the end of `evaluate`, or of a validation."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """At the beginning of `predict`."""

    def on_predict_end(self, logs: Any = None) -> None:
        """At the end of `predict`."""

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Another name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of `fit`."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of `fit`."""
        self.on_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of `evaluate`."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of `evaluate`."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a step of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a step of `predict`."""
