"""Trainer: compile, fit, evaluate, predict. The one training loop, for every backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import optree

from triceras import callbacks as callbacks_module
from triceras import losses, ops, optimizers
from triceras import metrics as metrics_module
from triceras.autodiff import GradientTape
from triceras.callbacks import CallbackList, History
from triceras.callbacks.callback import to_number
from triceras.layers.layer import Layer
from triceras.ops import symbolic
from triceras.train.data import ArrayData, as_arrays, class_weights, gather, pack, unpack_x_y_sample_weight
from triceras_backends.active import backend as B


class Trainer:
    """The training half of a Model."""

    UNTRACKED = Layer.UNTRACKED | {"_metric_arguments", "_runners", "_structure"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop_training = False
        self.compiled = False
        self.optimizer: Any = None
        self.run_eagerly = False
        self.jit_compile: Any = "auto"
        self._loss: Any = None
        self._metric_arguments: list[Any] = []
        self._loss_tracker: Any = None  # before the other metrics, as in the logs
        self._compile_metrics: list[Any] | None = None
        self._runners: dict[Any, Any] = {}
        self._structure: dict[str, list[Any]] | None = None

    # -- compile ------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "adam",
        loss: Any = None,
        metrics: Any = None,
        run_eagerly: bool = False,
        jit_compile: Any = "auto",
    ) -> None:
        """Says how to train.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function of (y_true, y_pred).
            metrics: a list of names, Metrics or functions; "accuracy" fits itself to the output.
            run_eagerly: whether steps run as plain Python.
            jit_compile: True uses the framework's compiler, False never; "auto" is the backend's best.

        Raises ValueError: an unknown name (with the nearest one); nothing is changed then.
        """
        optimizer = optimizers.get(optimizer)
        loss = None if loss is None else losses.as_loss(loss)
        requested = [] if metrics is None else list(metrics) if isinstance(metrics, (list, tuple)) else [metrics]
        for metric in requested:
            if isinstance(metric, str) and metric not in ("accuracy", "acc"):
                metrics_module.get(metric)
        self.optimizer, self._loss, self._metric_arguments = optimizer, loss, requested
        self.run_eagerly, self.jit_compile = bool(run_eagerly), jit_compile
        self._compile_metrics = None
        self._loss_tracker = metrics_module.Mean(name="loss")
        self._runners = {}
        self.compiled = True

    def _require_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"Model {self.name!r} must be compiled before {method}(): call compile(optimizer, loss).")

    # -- steps: written once, overridable, run compiled -----------------------------------

    def train_step(self, data: Any) -> Mapping[str, Any]:
        """One update from one batch; returns logs. Override it for training of your own."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> Mapping[str, Any]:
        """The loss and metrics of one batch; returns logs."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False)
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """The outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss, a scalar: the compiled one, and the penalties of regularized weights.

        Raises ValueError: neither is there, or targets are missing.
        """
        total = None
        if self._loss is not None:
            if y is None:
                raise ValueError(f"Model {self.name!r} was compiled with a loss, so it needs targets: fit(x, y).")
            total = self._loss(y, y_pred, sample_weight)
        for penalty in self.losses:
            total = penalty if total is None else ops.add(total, penalty)
        if total is None:
            raise ValueError(f"Model {self.name!r} has no loss: give one to compile(), or override compute_loss().")
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Mapping[str, Any]:
        """Updates the compiled metrics with one batch; returns all results by name."""
        for metric in self._compile_metrics or []:
            metric.update_state(y, y_pred)
        return self.get_metrics_result()

    def get_metrics_result(self) -> Mapping[str, Any]:
        """Current results of the loss and all metrics, by name, on the device."""
        return {metric.name: metric.result() for metric in self.metrics}

    def reset_metrics(self) -> None:
        """Forgets what the metrics have seen."""
        for metric in self.metrics:
            metric.reset_state()

    def _track_loss(self, loss: Any, x: Any) -> None:
        self._loss_tracker.update_state(loss, sample_weight=ops.shape(optree.tree_leaves(x)[0])[0])

    # -- preparation ----------------------------------------------------------------------

    def _prepare(self, batch: Any, training: bool) -> None:
        """Makes what the first step would make: weights, metrics, slots of the optimizer.

        The model is only traced on the batch's shapes, so wrong data costs nothing and changes nothing.
        """
        x, y, _ = unpack_x_y_sample_weight(batch)
        spec = optree.tree_map(lambda a: symbolic.KerasTensor(B.static_shape(a), B.dtype_of(a)), (x, y))
        needs_outputs = self._metric_arguments and self._compile_metrics is None and y is not None
        if not self.built or needs_outputs:
            outputs = self(spec[0])
            if needs_outputs:
                self._compile_metrics = [metrics_module.as_metric(m, spec[1], outputs) for m in self._metric_arguments]
        if training and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    @contextmanager
    def _fixed_structure(self) -> Iterator[None]:
        """Within it, what the model consists of is looked up once, not at every step."""
        self._structure = {
            "trainable_variables": super().trainable_variables,
            "regularized_weights": super().regularized_weights,
            "metrics": super().metrics,
        }
        try:
            yield
        finally:
            self._structure = None

    @property
    def trainable_variables(self) -> list[Any]:
        return super().trainable_variables if self._structure is None else self._structure["trainable_variables"]

    @property
    def regularized_weights(self) -> list[Any]:
        return super().regularized_weights if self._structure is None else self._structure["regularized_weights"]

    @property
    def metrics(self) -> list[Any]:
        return super().metrics if self._structure is None else self._structure["metrics"]

    def _runner(self, phase: str) -> Any:
        """A function of (arrays, indices) that runs a step on the rows at indices, compiled.

        indices None takes the arrays as the batch. A change of what is trainable makes a new one.
        """
        frozen = tuple(id(variable) for variable in self.trainable_variables)
        step = getattr(self, f"{phase}_step")
        key = (phase, frozen)
        if key not in self._runners:

            def run(arrays: Any, indices: Any) -> Any:
                return step(arrays if indices is None else gather(arrays, indices))

            jit_compile = None if self.jit_compile == "auto" else self.jit_compile
            hint = [*self.variables, *self.metrics_variables, *(self.optimizer.variables if self.optimizer is not None else [])]
            self._runners[key] = run if self.run_eagerly else B.jit(run, variables=hint, jit_compile=jit_compile)
        return self._runners[key]

    # -- fit ------------------------------------------------------------------------------

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
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
    ) -> History:
        """Trains by mini-batches; returns the History of losses and metrics.

        Args:
            x, y, sample_weight: arrays (or structures of them) of equal length.
            batch_size: rows a step, 32 by default.
            epochs: the epoch to stop after, counting from `initial_epoch`.
            verbose: 0 nothing, 1 (or "auto") a progress bar, 2 a line an epoch.
            validation_split: the share of rows at the end kept for validation.
            validation_data: (x, y) or (x, y, sample_weight), instead of a split.
            shuffle: a new order each epoch, the same on every backend.
            class_weight: a weight a class, for rows with integer or one-hot labels.

        Raises ValueError: not compiled; no rows; lengths that differ; a layer's own complaints.
        """
        self._require_compiled("fit")
        data = {"x": x, "y": y, "sample_weight": sample_weight}
        if validation_split and validation_data is None:
            data, held_out = ArrayData(**data).split(validation_split)
            validation_data = pack(**held_out)
        if class_weight is not None:
            if data.get("sample_weight") is not None or data.get("y") is None:
                raise ValueError("class_weight needs y, and no sample_weight beside it.")
            data["sample_weight"] = class_weights(data["y"], class_weight)
        training = ArrayData(**data, batch_size=batch_size, shuffle=shuffle, steps=steps_per_epoch)
        validation = None
        if validation_data is not None:
            validation = ArrayData(
                *unpack_x_y_sample_weight(tuple(validation_data)),
                batch_size=validation_batch_size or batch_size,
                steps=validation_steps,
            )
        self._prepare(training.first(), training=True)
        history = History()
        params = {"epochs": epochs, "steps": training.steps, "verbose": verbose}
        hooks = CallbackList([*(callbacks or []), history, *_progress(verbose)], self, params)
        self.stop_training = False
        with self._fixed_structure():
            hooks.run("on_train_begin", None)
            for epoch in range(initial_epoch, epochs):
                self._epoch(epoch, training, validation if (epoch + 1) % validation_freq == 0 else None, hooks)
                if self.stop_training:
                    break
            hooks.run("on_train_end", None)
        self.history = history
        return history

    def _epoch(self, epoch: int, training: ArrayData, validation: ArrayData | None, hooks: CallbackList) -> None:
        self.reset_metrics()
        hooks.run("on_epoch_begin", epoch, None)
        logs = self._run("train", training, hooks)
        numbers = {name: to_number(value) for name, value in logs.items()}
        if validation is not None:
            hooks.params["validating"] = True
            try:
                numbers |= {f"val_{name}": value for name, value in self._evaluate(validation, hooks).items()}
            finally:
                hooks.params["validating"] = False
        hooks.run("on_epoch_end", epoch, numbers)

    def _run(self, phase: str, data: ArrayData, hooks: CallbackList) -> Mapping[str, Any]:
        """Runs a phase's step over one epoch; returns the last logs. Nothing here waits for the device."""
        run = self._runner(phase)
        begin = f"on_{phase}_batch_begin"
        logs: Mapping[str, Any] = {}
        for step, indices in enumerate(data.epoch()):
            hooks.run(begin, step, None)
            logs = run(data.arrays, indices)
            hooks.batch_end(phase, step, logs)
            if self.stop_training:
                break
        return logs

    # -- evaluate and predict ---------------------------------------------------------------

    def _evaluate(self, data: ArrayData, hooks: CallbackList) -> dict[str, Any]:
        self.reset_metrics()
        stopping, self.stop_training = self.stop_training, False
        hooks.run("on_test_begin", None)
        logs = {name: to_number(value) for name, value in self._run("test", data, hooks).items()}
        hooks.run("on_test_end", logs)
        self.stop_training = self.stop_training or stopping
        return logs

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
        """The loss and metrics over data: a float if there is only the loss, else a list, or a dict by name."""
        self._require_compiled("evaluate")
        data = ArrayData(x, y, sample_weight, batch_size, steps=steps)
        self._prepare(data.first(), training=False)
        hooks = CallbackList([*(callbacks or []), *_progress(verbose)], self, {"epochs": 1, "steps": data.steps})
        with self._fixed_structure():
            return _result(self._evaluate(data, hooks), return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for x, batch by batch, as NumPy arrays."""
        data = ArrayData(x, batch_size=batch_size, steps=steps)
        self._prepare(data.first(), training=False)
        hooks = CallbackList([*(callbacks or []), *_progress(verbose)], self, {"epochs": 1, "steps": data.steps})
        outputs = []
        with self._fixed_structure():
            run = self._runner("predict")
            hooks.run("on_predict_begin", None)
            for step, indices in enumerate(data.epoch()):
                hooks.run("on_predict_batch_begin", step, None)
                outputs.append(run(data.arrays, indices))
                hooks.batch_end("predict", step, None)
            hooks.run("on_predict_end", None)
        return optree.tree_map(lambda *parts: np.concatenate([B.convert_to_numpy(p) for p in parts]), *outputs)

    # -- one batch --------------------------------------------------------------------------

    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """One update from one batch; its loss and metrics as in `evaluate`."""
        self._require_compiled("train_on_batch")
        return self._on_batch("train", x, y, sample_weight, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The loss and metrics of one batch as in `evaluate`."""
        self._require_compiled("test_on_batch")
        return self._on_batch("test", x, y, sample_weight, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        batch = pack(as_arrays("x", x))
        self._prepare(batch, training=False)
        return optree.tree_map(B.convert_to_numpy, self._runner("predict")(batch, None))

    def _on_batch(self, phase: str, x: Any, y: Any, sample_weight: Any, return_dict: bool) -> Any:
        batch = ArrayData(x, y, sample_weight).arrays
        self._prepare(batch, training=phase == "train")
        with self._fixed_structure():
            self.reset_metrics()
            logs = self._runner(phase)(batch, None)
        return _result({name: to_number(value) for name, value in logs.items()}, return_dict)


def _progress(verbose: Any) -> list[Any]:
    if verbose in ("auto", 1, True):
        return [callbacks_module.ProgbarLogger()]
    if verbose == 2:
        return [callbacks_module.EpochLines()]
    if verbose in (0, False, None):
        return []
    raise ValueError(f'verbose must be 0, 1, 2 or "auto"; got: {verbose!r}')


def _result(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
