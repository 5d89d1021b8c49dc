"""Checkpoints in the format of Orbax, which is optional."""

from __future__ import annotations

import os
from typing import Any

from triceras.callbacks.checkpoint import ModelCheckpoint


class OrbaxCheckpoint(ModelCheckpoint):
    """Saves the state in Orbax's format, after every epoch or every so many batches.

    A checkpoint is the folder `<directory>/<step>`, a tree of arrays: "trainable_variables" and
    "non_trainable_variables", and unless only weights are saved "optimizer_variables" and "metrics_variables". In each
    the arrays stand under their places in the model's lists ("0", "1", ...). Orbax's own tools read them; `restore`
    puts them back.

    Args:
        directory: where to; made if it is not there.
        monitor: what "best" is measured by.
        verbose: 1 prints what happens.
        save_best_only: whether only an improvement is saved.
        mode: "min", "max", or "auto" to tell from the name.
        save_freq: "epoch", or a number of batches, counted over epochs. The step of a checkpoint is the number of the
            epoch from 0, or of all batches so far.
        initial_value_threshold: the value to beat at first.
        max_to_keep: the newest so many checkpoints are kept; None keeps all.
        save_on_background: whether training goes on while a checkpoint is written.
        save_weights_only: whether the states of the optimizer and the metrics are left out.

    Raises ImportError: orbax-checkpoint is not installed. Raises ValueError: another save_freq or mode.

    Example:

    >>> try:
    ...     callback = keras.callbacks.OrbaxCheckpoint("checkpoints", max_to_keep=3)
    ... except ImportError as error:
    ...     callback = None  # pip install orbax-checkpoint
    """

    def __init__(
        self,
        directory: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        orbax = _orbax()
        super().__init__(
            directory, monitor, verbose, save_best_only, save_weights_only, mode, save_freq, initial_value_threshold
        )
        self.directory = os.path.abspath(self.filepath)
        self.max_to_keep, self.save_on_background = max_to_keep, save_on_background
        self.every_batch = save_freq != "epoch"
        options = orbax.CheckpointManagerOptions(
            max_to_keep=max_to_keep, enable_async_checkpointing=save_on_background, create=True
        )
        self.manager = orbax.CheckpointManager(self.directory, options=options)

    def _path(self, epoch: int, batch: int | None, logs: Any) -> str:
        return os.path.join(self.directory, str(self._step(epoch)))

    def _step(self, epoch: int) -> int:
        return epoch if self.save_freq == "epoch" else self._batches

    def _write(self, path: str, epoch: int) -> None:
        tree = {kind: {place: v.numpy() for place, v in found.items()} for kind, found in self._variables().items()}
        self.manager.save(self._step(epoch), args=_orbax().args.StandardSave(tree))

    def _variables(self) -> dict[str, dict[str, Any]]:
        model = self.model
        kinds = {
            "trainable_variables": model.trainable_variables,
            "non_trainable_variables": model.non_trainable_variables,
        }
        if not self.save_weights_only:
            kinds["optimizer_variables"] = getattr(getattr(model, "optimizer", None), "variables", [])
            kinds["metrics_variables"] = getattr(model, "metrics_variables", [])
        # Orbax keeps no empty trees.
        return {kind: {str(i): v for i, v in enumerate(found)} for kind, found in kinds.items() if len(found)}

    def on_train_end(self, logs: Any = None) -> None:
        """Waits for the last checkpoint."""
        self.manager.wait_until_finished()

    def restore(self, step: int | None = None) -> int:
        """Puts a checkpoint back into the model: the newest, or that of a step. Returns its step.

        Raises FileNotFoundError: there is none. Raises ValueError: it is of another model.
        """
        self.manager.wait_until_finished()
        step = self.manager.latest_step() if step is None else step
        if step is None:
            raise FileNotFoundError(f"There are no checkpoints in {self.directory!r}.")
        tree = self.manager.restore(step, args=_orbax().args.StandardRestore())
        wanted = self._variables()
        for kind, found in wanted.items():
            arrays = tree.get(kind, {})
            shapes = {place: tuple(array.shape) for place, array in arrays.items()}
            if shapes != {place: tuple(variable.shape) for place, variable in found.items()}:
                raise ValueError(
                    f"The checkpoint {step} in {self.directory!r} is of another model: its {kind} are {len(arrays)} "
                    f"arrays for {len(found)} Variables, or have other shapes."
                )
        for kind, found in wanted.items():
            for place, variable in found.items():
                variable.assign(tree[kind][place])
        return step


def _orbax() -> Any:
    try:
        from orbax import checkpoint  # noqa: PLC0415
    except ImportError:
        raise ImportError(
            "OrbaxCheckpoint needs the package orbax-checkpoint. Install it: pip install orbax-checkpoint."
        ) from None
    return checkpoint
