"""The training loop's inner part: a step applied to batch after batch of arrays in memory."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Function


def stepper(step: Function, variables: Any = None, jit_compile: bool | None = None, collect: bool = False) -> Any:
    """A function `run(arrays, order, size, start, stop)` that calls step(batch) for the batches start to stop.

    Batch i has the rows order[i * size : (i + 1) * size] of every tensor in the tree `arrays`; the
    last batch may have fewer. `order` is an int32 NumPy array of rows, known to be in range, or None
    for the rows as they come. Returns what the last call of step returned; with `collect` a list of
    what the calls returned, rows that were computed together joined along the first axis.

    step may read and assign Variables. `variables` and `jit_compile` are as in `jit`. Where it pays,
    the calls run inside one compiled program; how a range is divided into calls of `run` changes no
    result. `run.compiled` says whether step is traced instead of run each time.
    """
