"""Looking at the running means of the weights."""

from __future__ import annotations

from typing import Any

from triceras.callbacks.callback import Callback


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the running means of the weights that an optimizer with use_ema=True keeps.

    The means change places with the weights before and after. Polyak and Juditsky, 1992.

    Args:
        swap_on_epoch: whether they also do at the end of an epoch, and back at the beginning of the
            next, so that callbacks after this one (ModelCheckpoint) save the means.

    Raises ValueError: the optimizer keeps no means.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(use_ema=True), "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> callback = keras.callbacks.SwapEMAWeights()
    >>> history = model.fit(x, y, verbose=0, callbacks=[callback])
    >>> sorted(history.history)
    ['loss']
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def _averages(self) -> list[Any]:
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise ValueError("SwapEMAWeights needs an optimizer with use_ema=True.")
        return list(optimizer._averages)

    def _swap(self) -> None:
        averages = self._averages()  # none before the first step
        for variable, average in zip(self.model.trainable_variables, averages, strict=False):
            weight = variable.numpy()
            variable.assign(average)
            average.assign(weight)
        self._swapped = not self._swapped

    def on_train_begin(self, logs: Any = None) -> None:
        self._swapped = False
        self._averages()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._swapped:
            self._swap()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self.swap_on_epoch:
            return
        self._swap()
        if epoch + 1 == self.params.get("epochs") or self.model.stop_training:
            # The end: the means stay in the model, and finalize_variable_values finds them as means too.
            for variable, average in zip(self.model.trainable_variables, self._averages(), strict=False):
                average.assign(variable)
            self._swapped = False

    def on_test_begin(self, logs: Any = None) -> None:
        self._swap()

    def on_test_end(self, logs: Any = None) -> None:
        self._swap()

    def on_predict_begin(self, logs: Any = None) -> None:
        self._swap()

    def on_predict_end(self, logs: Any = None) -> None:
        self._swap()
