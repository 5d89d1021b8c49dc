"""Data that comes batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from triceras.train.data.arrays import to_batch
from triceras.train.data.data import Batch, Data, warn_ran_out
from triceras.train.data.weights import ClassWeights
from triceras.utils.batches import unpack_x_y_sample_weight


class Converter:
    """Makes a source's items batches of native tensors.

    A tuple or list is (x,), (x, y) or (x, y, sample_weight); anything else is x. Arrays are copied, because the
    source may fill them anew while the device still reads.

    Raises ValueError, naming the source: another number of entries, values that are not numbers.
    """

    def __init__(self, source: str, class_weight: dict[int, float] | None = None) -> None:
        self._source = source
        self._weights = None if class_weight is None else ClassWeights(class_weight)

    def __call__(self, item: Any) -> Batch:
        try:
            x, y, sample_weight = unpack_x_y_sample_weight(item)
            if self._weights is not None:
                sample_weight = self._weights.times(y, sample_weight)
            return to_batch(x, y, sample_weight, copy=True)
        except ValueError as error:
            raise ValueError(f"{self._source} gave a batch that cannot be used: {error}") from None


class StreamData(Data):
    """Batches of an iterable or iterator.

    An iterator goes on from epoch to epoch; an iterable begins anew, but goes on where `steps` left it amid.

    Args:
        source: an iterable, or an iterator, of batches.
        name: what errors call it.
        length: how many batches a pass has; None if that is not known.
        batch_size: rows a batch, if it is known.
        steps: so many batches an epoch; None is all.
        class_weight: a dict from class to weight, multiplied into the batches' sample weights.
    """

    def __init__(
        self,
        source: Iterable[Any],
        name: str,
        *,
        length: int | None = None,
        batch_size: int | None = None,
        steps: int | None = None,
        class_weight: dict[int, float] | None = None,
    ) -> None:
        self.source, self.name, self.length = source, name, length
        self.batch_size = batch_size
        self.steps = length if steps is None else steps if length is None else min(steps, length)
        self._wanted = steps
        self._convert = Converter(name, class_weight)
        self._once = hasattr(source, "__next__")
        self._iterator: Iterator[Any] | None = None
        self._used = 0  # batches that the iterator has given to epochs
        self._kept: list[Batch] = []  # the first batch, where it was looked at

    def first(self) -> Batch:
        if not self._kept:
            if self._used:
                raise RuntimeError(f"The first batch of {self.name} is gone: an epoch has taken it.")
            if not self._pull():
                raise ValueError(f"{self.name} gave no batches.")
        return self._kept[0]

    def batches(self) -> Iterator[Batch]:
        if self._wanted is None or self._used == self.length:
            self.reset()
        got = 0
        try:
            while got != self._wanted and (self._kept or self._pull(anew=got == 0)):
                got, self._used = got + 1, self._used + 1
                yield self._kept.pop()
            else:
                self._end(got)
        finally:
            if self._wanted is None:
                self._drop()

    def _pull(self, anew: bool = False) -> bool:
        """Takes the next batch from the source; whether there was one. `anew`: from its beginning after its end."""
        if self._iterator is None:
            self._iterator, self._used = iter(self.source), 0
        for item in self._iterator:
            self._kept.append(self._convert(item))
            return True
        if self._once or not anew or not self._used:
            return False
        self._drop()
        return self._pull()

    def _end(self, got: int) -> None:
        """After an epoch that nothing cut short."""
        wanted = self._wanted or self.steps
        if wanted is not None and got < wanted:
            warn_ran_out(got, wanted)
            if not self._once:
                self._drop()
        if self._wanted is None and got:
            self.steps = got

    def reset(self) -> None:
        if self._used:
            self._drop()

    def _drop(self) -> None:
        """Lets go of a pass, and of the workers it may have. A user's own iterator stays open."""
        iterator, self._iterator = self._iterator, None
        self._used, self._kept = 0, []
        close = None if self._once else getattr(iterator, "close", None)
        if close is not None:
            close()

    def close(self) -> None:
        self._drop()
