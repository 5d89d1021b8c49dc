"""Saving while training goes on."""

from __future__ import annotations

import os
import warnings
from typing import Any

from triceras.callbacks.callback import Callback
from triceras.callbacks.monitor import Monitor
from triceras.callbacks.weights_file import load_arrays, save_arrays, save_weights
from triceras.utils.logs import say


def check_frequency(owner: str, save_freq: Any) -> None:
    """Raises ValueError: neither "epoch" nor a positive number of batches."""
    whole = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
    if save_freq != "epoch" and not whole:
        raise ValueError(f'{owner}: save_freq must be "epoch" or a number of batches; got: {save_freq!r}')


class ModelCheckpoint(Monitor):
    """Saves the weights, after every epoch or every so many batches.

    The file is NumPy's .npz whatever its suffix; read it with `callbacks.load_weights(model, path)`.

    Args:
        filepath: where to; may name the epoch, the batch and logs: "at-{epoch:02d}-{val_loss:.2f}.npz".
        monitor: what "best" is measured by.
        verbose: 1 prints what happens.
        save_best_only: whether only an improvement is saved.
        save_weights_only: weights are what is saved, in either case.
        mode: "min", "max", or "auto" to tell from the name.
        save_freq: "epoch", or a number of batches, counted over epochs.
        initial_value_threshold: the value to beat at first.

    Raises ValueError: another save_freq. Raises KeyError: a name in filepath that the logs do not have.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.ModelCheckpoint("at-{epoch}.weights.h5", save_weights_only=True)
    >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    >>> import os
    >>> sorted(os.listdir())
    ['at-1.weights.h5', 'at-2.weights.h5']
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        check_frequency("ModelCheckpoint", save_freq)
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        self.verbose, self.save_best_only, self.save_weights_only = verbose, save_best_only, save_weights_only
        self.save_freq, self.best = save_freq, initial_value_threshold
        self._epoch = self._batches = 0
        # A subclass may look at batches for reasons of its own.
        own = type(self).on_train_batch_end is ModelCheckpoint.on_train_batch_end
        self.every_batch = save_freq != "epoch" or not own

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.save_freq != "epoch":
            self._batches += 1
            if self._batches % self.save_freq == 0:
                self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def _save(self, epoch: int, batch: int | None, logs: Any) -> None:
        logs = logs or {}
        if self.save_best_only and not self._improved(epoch, logs):
            return
        path = self._path(epoch, batch, logs)
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: saving to {path}")
        self._write(path, epoch)

    def _write(self, path: str, epoch: int) -> None:
        save_weights(self.model, path)

    def _improved(self, epoch: int, logs: Any) -> bool:
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"ModelCheckpoint cannot tell the best: it watches {self.monitor!r}, which the logs do not have; "
                f"they have: {', '.join(logs) or 'nothing'}.",
                stacklevel=4,
            )
            return False
        than = self.worst() if self.best is None else self.best
        if not self.better(current, than):
            if self.verbose:
                say(f"\nEpoch {epoch + 1}: {self.monitor} is no better than {than:.5f}")
            return False
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: {self.monitor} went from {than:.5f} to {current:.5f}")
        self.best = current
        return True

    def _path(self, epoch: int, batch: int | None, logs: Any) -> str:
        names = dict(logs) if "{" in self.filepath else {}
        if batch is not None:
            names["batch"] = batch + 1
        try:
            return self.filepath.format(epoch=epoch + 1, **names)
        except KeyError as error:
            raise KeyError(
                f"ModelCheckpoint: filepath {self.filepath!r} names {error}, which the logs do not have; "
                f"they have: {', '.join(['epoch', *names])}"
            ) from error


class BackupAndRestore(Callback):
    """Lets an interrupted `fit` go on where it was, when it is called again.

    Kept are the weights and all other state of the model, that of the optimizer, and the epoch. Each
    backup is one file, written whole or not at all.

    Args:
        backup_dir: a folder for this alone.
        save_freq: "epoch", or a number of batches.
        double_checkpoint: whether the backup before the last is kept too, in case the last cannot be read.
        delete_checkpoint: whether they are deleted when training has ended well.

    Raises ValueError: another save_freq, or a backup of another model.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.BackupAndRestore("backup")
    >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    >>> history.epoch
    [0, 1]
    """

    def __init__(
        self,
        backup_dir: Any,
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        check_frequency("BackupAndRestore", save_freq)
        if not backup_dir:
            raise ValueError("BackupAndRestore: backup_dir must name a folder.")
        super().__init__()
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq, self.double_checkpoint, self.delete_checkpoint = save_freq, double_checkpoint, delete_checkpoint
        self._latest = os.path.join(self.backup_dir, "latest.npz")
        self._previous = os.path.join(self.backup_dir, "previous.npz")
        self._epoch = self._batches = 0
        # A subclass may look at batches for reasons of its own.
        own = type(self).on_train_batch_end is BackupAndRestore.on_train_batch_end
        self.every_batch = save_freq != "epoch" or not own

    def on_train_begin(self, logs: Any = None) -> None:
        """Restores the backup, if there is one: `fit` then begins at its epoch."""
        failure: Exception | None = None
        for path in (self._latest, self._previous):
            if os.path.exists(path):
                try:
                    arrays = load_arrays(path)
                except (ValueError, OSError) as error:
                    failure = error
                    continue
                self._restore(arrays)
                return
        if failure is not None:
            raise ValueError(f"BackupAndRestore: no backup in {self.backup_dir!r} can be read.") from failure

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.save_freq != "epoch":
            self._batches += 1
            if self._batches % self.save_freq == 0:
                self._save(self._epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch + 1)

    def on_train_end(self, logs: Any = None) -> None:
        if self.delete_checkpoint:
            for path in (self._latest, self._previous):
                if os.path.exists(path):
                    os.unlink(path)
            if os.path.isdir(self.backup_dir) and not os.listdir(self.backup_dir):
                os.rmdir(self.backup_dir)

    def _state(self) -> dict[str, Any]:
        """Every Variable of the model and its optimizer by a key."""
        found = {f"model/{i}": v for i, v in enumerate(self.model.variables)}
        optimizer = getattr(self.model, "optimizer", None)
        return found | {f"optimizer/{i}": v for i, v in enumerate(getattr(optimizer, "variables", ()))}

    def _save(self, epoch: int) -> None:
        arrays = {key: variable.numpy() for key, variable in self._state().items()}
        if self.double_checkpoint and os.path.exists(self._latest):
            os.replace(self._latest, self._previous)
        save_arrays({**arrays, "epoch": epoch}, self._latest)

    def _restore(self, arrays: dict[str, Any]) -> None:
        epoch = int(arrays.pop("epoch"))
        state = self._state()
        wrong = [key for key in {*state, *arrays} if key not in state or key not in arrays
                 or tuple(state[key].shape) != arrays[key].shape]  # fmt: skip
        if wrong:
            raise ValueError(
                f"The backup in {self.backup_dir!r} is of another model or optimizer: it has {len(arrays)} arrays for "
                f"{len(state)} Variables, or other shapes ({', '.join(sorted(wrong)[:3])}). "
                "Use another folder, or delete it."
            )
        for key, variable in state.items():
            variable.assign(arrays[key])
        self.model._initial_epoch = epoch
