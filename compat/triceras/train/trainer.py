"""Trainer: fit, evaluate, predict. The one training loop, for every backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import optree

from triceras import callbacks as callbacks_module
from triceras.callbacks import CallbackList, History
from triceras.callbacks.callback import to_number
from triceras.train.data import Data, as_data, split, to_batch, unpack_x_y_sample_weight
from triceras.train.data.weights import ClassWeights
from triceras.train.limits import limited
from triceras.train.pace import Pace, whole_steps
from triceras.train.steps import Steps
from triceras.train.structure import Structure
from triceras.utils.tracebacks import filtered
from triceras_backends import config
from triceras_backends.active import backend as B


class Trainer(Steps):
    """The training half of a Model."""

    # -- fit ------------------------------------------------------------------------------

    @filtered
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Trains by mini-batches; returns the History of losses and metrics.

        Args:
            x, y, sample_weight: arrays (or structures of them) of equal length: NumPy, native tensors, pandas,
                lists. Or x alone is a source of batches x, (x, y) or (x, y, sample_weight): a generator,
                PyDataset, torch DataLoader, tf.data.Dataset, grain loader.
            batch_size: rows a step, 32 by default.
            epochs: the epoch to stop before, counting from 0; the first is `initial_epoch`.
            verbose: 0 nothing, 1 (or "auto") a progress bar, 2 a line an epoch.
            validation_split: the share of rows at the end kept for validation.
            validation_data: (x, y), (x, y, sample_weight) or a source of batches, instead of a split.
            shuffle: a new order each epoch, the same on every backend; "batch" keeps batches together.
            class_weight: a weight a class, for rows with integer or one-hot labels.
            steps_per_epoch, validation_steps: batches an epoch; None is all there are.
            validation_freq: validates every so many epochs, or after the epochs of a list, counting from 1.

        An interrupt (SIGINT) leaves the model with the weights of the last whole step.

        Raises ValueError: not compiled; no rows; lengths that differ; a layer's own complaints.
        """
        self._require_compiled("fit")
        epochs = limited("epochs", epochs, config.max_epochs())
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split(x, y, sample_weight, validation_split)
        size = {"batch_size": batch_size, "steps": steps_per_epoch}
        data = as_data(x, y, sample_weight, **size, shuffle=shuffle, class_weight=class_weight)
        validation = None
        with self._surrounded(data, training=True):
            if validation_data is not None:
                validation = self._validation(validation_data, validation_batch_size or batch_size, validation_steps)
            history = History()
            hooks = self._callback_list(callbacks, [history], data, epochs, verbose)
            history = next(callback for callback in hooks.callbacks if isinstance(callback, History))
            self._initial_epoch = None  # BackupAndRestore may set where to go on
            hooks.run("on_train_begin", None)
            logs: dict[str, Any] = {}
            for epoch in range(self._initial_epoch or initial_epoch, epochs):
                due = validation is not None and _is_due(validation_freq, epoch)
                numbers = self._epoch(epoch, data, validation if due else None, hooks)
                if numbers is None:  # the data has ended, as the warning said
                    break
                logs = numbers
                if self.stop_training:
                    break
            if self.optimizer is not None:
                self.optimizer.finalize_variable_values(self.trainable_variables)
            hooks.run("on_train_end", logs)
            if validation is not None:
                validation.close()
        self.history = history
        return history

    @contextmanager
    def _surrounded(self, data: Data, training: bool) -> Iterator[None]:
        """What surrounds any run over data: the model made, its structure looked up, workers ended."""
        self.stop_training = False
        try:
            self._prepare(_first_of(data), training=training)
            with self._fixed_structure():
                yield
        finally:
            data.close()

    def _callback_list(self, callbacks: Any, more: list[Any], data: Data, epochs: int, verbose: Any) -> CallbackList:
        """The callbacks of a run: the user's, `more`, and the progress bar; a list of the user's own has its bar."""
        steps = limited("steps_per_epoch", data.steps, config.max_steps_per_epoch(), depth=5)
        params = {"epochs": epochs, "steps": steps, "verbose": verbose}
        if isinstance(callbacks, CallbackList):
            return _complete(callbacks, self, more, params)
        return CallbackList([*_listed(callbacks), *more, *_progress(verbose)], model=self, **params)

    def _validation(self, given: Any, batch_size: int | None, steps: int | None) -> Data:
        if isinstance(given, (tuple, list)):
            x, y, sample_weight = unpack_x_y_sample_weight(tuple(given))
            return as_data(x, y, sample_weight, batch_size=batch_size, steps=steps)
        return as_data(given, steps=steps)

    def _epoch(self, epoch: int, training: Data, validation: Data | None, hooks: CallbackList) -> dict[str, Any] | None:
        """Trains for an epoch and validates; its logs, or None if there were no batches."""
        self.reset_metrics()
        hooks.run("on_epoch_begin", epoch, None)
        self._fix_structure()  # a callback may have frozen layers
        logs = self._run("train", training, hooks)
        if logs is None:
            return None
        numbers = {name: to_number(value) for name, value in logs.items()}
        if validation is not None:
            hooks.params["validating"] = True
            try:
                numbers |= {f"val_{name}": value for name, value in self._evaluate(validation, hooks).items()}
            finally:
                hooks.params["validating"] = False
        hooks.run("on_epoch_end", epoch, numbers)
        return numbers

    # -- the loop -----------------------------------------------------------------------------

    def _run(self, phase: str, data: Data, hooks: CallbackList) -> Any:
        """Runs a phase's step over one epoch. Nothing here waits for the device.

        Returns the last logs, None if there were no batches; or what was predicted.
        """
        data.on_epoch_begin()
        with whole_steps() as interrupts:
            run = self._run_arrays if data.indexed else self._run_batches
            result = run(phase, data, hooks, interrupts)
        data.on_epoch_end()
        return result

    def _run_arrays(self, phase: str, data: Data, hooks: CallbackList, interrupts: Any) -> Any:
        order = data.order() if phase == "train" else None
        rows, size = (data.rows if order is None else len(order)), data.batch_size
        steps = -(-rows // size)  # type: ignore[operator]
        if order is None:
            steps = min(steps, data.steps or steps)
        steps = min(steps, config.max_steps_per_epoch() or steps)
        if steps == 1 and rows == data.rows:  # nothing to gather: the batch is the data
            return self._run_batches(phase, data, hooks, interrupts, [data.arrays])
        runner = self._runner(phase, whole=True)
        pace = self._pace(runner, phase, hooks)
        begin = f"on_{phase}_batch_begin"
        result: Any = {}
        parts: list[Any] = []
        step = 0
        while step < steps and not self.stop_training:
            stop = min(step + pace.steps, steps)
            hooks.run(begin, step, None)
            began = time.monotonic()
            interrupts.begin()
            result = runner(data.arrays, order, size, step, stop)
            interrupts.end()
            pace.timed(stop - step, began)
            if phase == "predict":
                parts += [optree.tree_map(B.convert_to_numpy, part) for part in result]
            hooks.batch_end(phase, stop - 1, None if phase == "predict" else result)
            step = stop
        return parts if phase == "predict" else result

    def _pace(self, runner: Any, phase: str, hooks: CallbackList) -> Pace:
        if self.steps_per_execution != "auto":
            return Pace(self.steps_per_execution)
        return Pace(1) if hooks.needs_batches(phase) else runner.pace

    def _run_batches(
        self, phase: str, data: Data, hooks: CallbackList, interrupts: Any, batches: list[Any] | None = None
    ) -> Any:
        runner = self._runner(phase, whole=False)
        begin = f"on_{phase}_batch_begin"
        every = 1 if self.steps_per_execution == "auto" else self.steps_per_execution
        source = iter(data.batches() if batches is None else batches)
        most = config.max_steps_per_epoch()
        logs: Any = {}
        parts: list[Any] = []
        step = -1
        try:
            for step, batch in enumerate(source):
                if step % every == 0:
                    hooks.run(begin, step, None)
                interrupts.begin()
                logs = runner(batch)
                interrupts.end()
                if phase == "predict":
                    parts.append(optree.tree_map(B.convert_to_numpy, logs))
                if step % every == every - 1:
                    hooks.batch_end(phase, step, None if phase == "predict" else logs)
                if self.stop_training or step + 1 == most:
                    break
            if step >= 0 and step % every != every - 1:
                hooks.batch_end(phase, step, None if phase == "predict" else logs)
        finally:
            if hasattr(source, "close"):
                source.close()
        return parts if phase == "predict" else logs if step >= 0 else None

    # -- evaluate and predict ---------------------------------------------------------------

    def _evaluate(self, data: Data, hooks: CallbackList) -> dict[str, Any]:
        self.reset_metrics()
        data.reset()
        stopping, self.stop_training = self.stop_training, False
        hooks.run("on_test_begin", None)
        logs = {name: to_number(value) for name, value in (self._run("test", data, hooks) or {}).items()}
        hooks.run("on_test_end", logs)
        self.stop_training = self.stop_training or stopping
        return logs

    @filtered
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss and metrics over data: a float if there is only the loss, else a list, or a dict by name.

        Arguments as in `fit`; `steps` batches at most.
        """
        self._require_compiled("evaluate")
        data = as_data(x, y, sample_weight, batch_size=batch_size, steps=steps)
        with self._surrounded(data, training=False):
            hooks = self._callback_list(callbacks, [], data, 1, verbose)
            return _result(self._evaluate(data, hooks), return_dict)

    @filtered
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for x (arrays, or a source of batches), as NumPy arrays."""
        data = as_data(x, batch_size=batch_size, steps=steps)
        with self._surrounded(data, training=False):
            hooks = self._callback_list(callbacks, [], data, 1, verbose)
            hooks.run("on_predict_begin", None)
            parts = self._run("predict", data, hooks)
            hooks.run("on_predict_end", None)
        return parts[0] if len(parts) == 1 else optree.tree_map(lambda *each: np.concatenate(each), *parts)

    # -- one batch --------------------------------------------------------------------------

    @filtered
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One update from one batch; its loss and metrics as in `evaluate`."""
        self._require_compiled("train_on_batch")
        if class_weight is not None:
            sample_weight = ClassWeights(class_weight).times(y, sample_weight)
        return self._on_batch("train", x, y, sample_weight, return_dict)

    @filtered
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The loss and metrics of one batch as in `evaluate`."""
        self._require_compiled("test_on_batch")
        return self._on_batch("test", x, y, sample_weight, return_dict)

    @filtered
    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        batch = to_batch(x)
        self._prepare(lambda: batch, training=False)
        with self._fixed_structure():
            return optree.tree_map(B.convert_to_numpy, self._runner("predict", whole=False)(batch))

    def _on_batch(self, phase: str, x: Any, y: Any, sample_weight: Any, return_dict: bool) -> Any:
        batch = to_batch(x, y, sample_weight)
        self._prepare(lambda: batch, training=phase == "train")
        with self._fixed_structure(), whole_steps() as interrupts:
            interrupts.begin()
            self.reset_metrics()
            logs = self._runner(phase, whole=False)(batch)
            interrupts.end()
            return _result({name: to_number(value) for name, value in logs.items()}, return_dict)

    # -- structure ------------------------------------------------------------------------------

    @contextmanager
    def _fixed_structure(self) -> Iterator[None]:
        """Within it, what the model consists of is looked up once, not at every step."""
        self._fix_structure()
        try:
            yield
        finally:
            self._structure = None

    def _fix_structure(self) -> None:
        if self._known is None or not self._known.is_current:
            self._known = Structure(self, self._look)
        self._structure = self._known

    def _look(self) -> tuple[list[Any], list[Any], list[Any]]:
        self._structure = None
        return super().trainable_variables, super().regularized_weights, self.metrics

    @property
    def trainable_variables(self) -> list[Any]:
        structure = self._structure
        return super().trainable_variables if structure is None else structure.trainable_variables

    @property
    def regularized_weights(self) -> list[Any]:
        structure = self._structure
        return super().regularized_weights if structure is None else structure.regularized_weights


def _first_of(data: Data) -> Callable[[], Any]:
    """A function that gives a first batch. A stream is asked at once: it may be empty."""
    if data.indexed:
        return data.first
    batch = data.first()
    return lambda: batch


def _listed(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]


def _complete(callbacks: CallbackList, model: Any, more: list[Any], params: dict[str, Any]) -> CallbackList:
    """A list of the user's own, with what it lacks: the model, the parameters, a History."""
    if callbacks.model is None:
        callbacks.set_model(model)
    callbacks.set_params({**callbacks.params, **params})
    for callback in more:
        if not any(isinstance(known, type(callback)) for known in callbacks.callbacks):
            callbacks.append(callback)
    return callbacks


def _is_due(frequency: Any, epoch: int) -> bool:
    """Whether an epoch, counted from 0, is one to validate after."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _progress(verbose: Any) -> list[Any]:
    if verbose in ("auto", 1, True):
        return [callbacks_module.ProgbarLogger()]
    if verbose == 2:
        return [callbacks_module.EpochLines()]
    if verbose in (0, False, None):
        return []
    raise ValueError(f'verbose must be 0, 1, 2 or "auto"; got: {verbose!r}')


def _result(logs: Mapping[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return dict(logs)
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
