"""Items of a dataset computed ahead, in order, by threads or processes."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

# The dataset of a worker process, which its initializer puts here.
_dataset: Any = None


def computed_ahead(
    dataset: Any, indices: Iterable[int], workers: int, processes: bool, queue_size: int
) -> Iterator[Any]:
    """dataset[index] for each index, in order.

    Args:
        workers: how many are computed at a time.
        processes: whether in processes, each with its own copy of the dataset, or in threads.
        queue_size: at most so many are computed ahead.

    Raises what an item raises; RuntimeError: a worker process died. When the iterator is closed, which an
    error does too, the workers have ended.
    """
    pool: Executor
    get: Callable[[int], Any]
    if processes:
        pool, get = ProcessPoolExecutor(workers, initializer=_adopt, initargs=(dataset,)), _item
    else:
        pool, get = ThreadPoolExecutor(workers, thread_name_prefix="PyDataset"), dataset.__getitem__
    waiting: deque[tuple[int, Future[Any]]] = deque()
    try:
        for index in indices:
            waiting.append((index, _submit(pool, get, index)))
            if len(waiting) >= max(queue_size, 1):
                yield _result(*waiting.popleft())
        while waiting:
            yield _result(*waiting.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _adopt(dataset: Any) -> None:
    global _dataset
    _dataset = dataset
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process ends its workers itself


def _item(index: int) -> Any:
    return _dataset[index]


def _submit(pool: Executor, get: Callable[[int], Any], index: int) -> Future[Any]:
    try:
        return pool.submit(get, index)
    except BrokenProcessPool as error:
        raise _death(index) from error


def _result(index: int, future: Future[Any]) -> Any:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _death(index) from error


def _death(index: int) -> RuntimeError:
    return RuntimeError(
        f"A worker process of the PyDataset died while batch {index} was waited for: it was killed, ran out of "
        "memory, or crashed in native code. use_multiprocessing=False shows the error itself."
    )
