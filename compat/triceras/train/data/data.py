"""What every source of batches gives the training loop."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

Batch = tuple[Any, ...]


class Data:
    """Batches, epoch by epoch: (x,), (x, y) or (x, y, sample_weight), trees of native tensors.

    Attributes:
        steps: batches an epoch, at most; None while it is unknown.
        batch_size: rows a batch, the last apart; None where the source does not say.
        indexed: whether all rows lie on the device in `arrays`, to be gathered in the `order()` of the epoch.
            Otherwise the batches come from `batches()`.
    """

    steps: int | None = None
    batch_size: int | None = None
    indexed = False

    # -- indexed --------------------------------------------------------------------------

    arrays: Batch
    rows: int

    def order(self) -> np.ndarray[Any, Any]:
        """The rows of the next epoch in their order, int32: `batch_size` after `batch_size` make the batches."""
        raise TypeError(f"{type(self).__name__} has no rows; take batches().")

    # -- streamed -------------------------------------------------------------------------

    def batches(self) -> Iterator[Batch]:
        """The next epoch's batches. To be closed where it is left early, as a generator is."""
        raise TypeError(f"{type(self).__name__} has no batches; take order() and arrays.")

    # -- both -----------------------------------------------------------------------------

    def first(self) -> Batch:
        """A batch to build from. It is not lost: the epoch has it too. Raises ValueError: there is none."""
        raise NotImplementedError

    def reset(self) -> None:
        """Makes the next epoch begin at the source's beginning, if it can; `steps` may have left it amid."""

    def on_epoch_begin(self) -> None:
        """Tells the source, before each epoch."""

    def on_epoch_end(self) -> None:
        """Tells the source, after each epoch."""

    def close(self) -> None:
        """Ends workers. Safe to call more than once."""


class Cursor:
    """Which batches of its source an epoch has.

    With `steps`, an epoch goes on where the last one ended; what the source lacks, the epoch lacks, with a warning.
    The one after the source's end begins it anew. Without steps, every epoch has the whole source.
    """

    def __init__(self, steps: int | None) -> None:
        self.steps = steps
        self.used = 0

    def take(self, available: int | None) -> range:
        """The next epoch's batches, of a source that has so many; None: without end."""
        wanted = self.steps if available is None else self.steps or available
        assert wanted is not None, "a source without end comes with steps"
        begin = self.used if available is None or self.used < available else 0
        end = begin + wanted if available is None else min(begin + wanted, available)
        if end - begin < wanted:
            warn_ran_out(end - begin, wanted)
        self.used = end
        return range(begin, end)


def warn_ran_out(got: int, wanted: int) -> None:
    """Says that an epoch ended before its steps did."""
    warnings.warn(
        f"Your input ran out of data after {got} of {wanted} batches, and the epoch ended there. "
        "The data must have at least steps_per_epoch * epochs batches: repeat the dataset, or give fewer steps.",
        stacklevel=4,
    )
