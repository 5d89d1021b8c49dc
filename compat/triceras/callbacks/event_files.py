"""Event files for TensorBoard."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any

from triceras.callbacks.callback import Callback


class TensorBoard(Callback):
    """Writes what TensorBoard shows: `tensorboard --logdir path`. Needs the package tensorboardX.

    Training's values go to the folder "train", validation's to "validation", under tags as
    "epoch_loss" and "batch_loss".

    Args:
        log_dir: the folder.
        histogram_freq: epochs between histograms of the weights; 0 for none.
        write_graph: the model's graph is not written; a note says so where it is asked for in words.
        write_images: 2D weights as images, too, with the histograms.
        write_steps_per_second: whether steps per second are written each epoch.
        update_freq: "epoch", "batch", or a number of batches between writes.
        profile_batch, embeddings_freq, embeddings_metadata: not supported; a warning says so.

    Raises ImportError: tensorboardX is not installed. Raises ValueError: another update_freq.

    Example:

    >>> keras.callbacks.TensorBoard("logs", update_freq=10).log_dir
    'logs'
    """

    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: Any = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        whole = isinstance(update_freq, int) and not isinstance(update_freq, bool) and update_freq > 0
        if update_freq not in ("epoch", "batch") and not whole:
            raise ValueError(f'TensorBoard: update_freq must be "epoch", "batch" or a number; got: {update_freq!r}')
        if profile_batch or embeddings_freq:
            warnings.warn("TensorBoard: profiles and embeddings are not written.", stacklevel=2)
        self._make_writer = _writer_class()
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq, self.write_graph, self.write_images = histogram_freq, write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self._writers: dict[str, Any] = {}
        self._step = self._tested = 0
        self._began = (0.0, 0)
        # A subclass may look at batches for reasons of its own.
        own = type(self).on_train_batch_end is TensorBoard.on_train_batch_end
        self.every_batch = self.update_freq != "epoch" or not own

    def _write(self, folder: str, values: dict[str, Any], step: int) -> None:
        if folder not in self._writers:
            self._writers[folder] = self._make_writer(os.path.join(self.log_dir, folder))
        for tag, value in values.items():
            self._writers[folder].add_scalar(tag, value, step)

    def on_train_begin(self, logs: Any = None) -> None:
        self._step = self._count()

    def on_train_end(self, logs: Any = None) -> None:
        self._close()

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.write_steps_per_second:
            self._began = time.monotonic(), self._count()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step += 1
        if self.update_freq != "epoch" and self._step % self.update_freq == 0:
            self._write("train", {f"batch_{name}": value for name, value in (logs or {}).items()}, self._step)

    def on_test_end(self, logs: Any = None) -> None:
        count = self._count()
        values = {f"evaluation_{name}_vs_iterations": value for name, value in (logs or {}).items()}
        self._write("validation", values, count)
        self._writers["validation"].flush()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = logs or {}
        train = {f"epoch_{name}": value for name, value in logs.items() if not name.startswith("val_")}
        held_out = {f"epoch_{name[4:]}": value for name, value in logs.items() if name.startswith("val_")}
        train["epoch_learning_rate"] = float(self.model.optimizer.learning_rate)
        if self.write_steps_per_second:
            began, first = self._began
            train["epoch_steps_per_second"] = (self._count() - first) / max(time.monotonic() - began, 1e-9)
        self._write("train", train, epoch)
        if held_out:
            self._write("validation", held_out, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._histograms(epoch)
        for writer in self._writers.values():
            writer.flush()

    def _histograms(self, epoch: int) -> None:
        writer = self._writers["train"]
        for variable in self.model.variables:
            array = variable.numpy()
            if array.dtype.kind != "f":
                continue
            writer.add_histogram(f"{variable.path}/histogram", array, epoch)
            if self.write_images and array.ndim == 2:
                low, high = array.min(), array.max()
                image = (array - low) / (high - low if high > low else 1)
                writer.add_image(f"{variable.path}/image", image[None], epoch)

    def _count(self) -> int:
        """How many updates the optimizer has made."""
        return int(self.model.optimizer.iterations)


def _writer_class() -> Any:
    try:
        from tensorboardX import SummaryWriter  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            "TensorBoard writes its files with the package tensorboardX: pip install 'triceras[tensorboard]', "
            "or pip install tensorboardX."
        ) from error
    return SummaryWriter
