"""Memory stays flat: over thousands of steps, and over many calls of fit."""

from __future__ import annotations

import gc
import resource
import sys
import tracemalloc

import numpy as np
import pytest

import triceras as keras
from triceras import layers

pytestmark = pytest.mark.optimized

RNG = np.random.default_rng(5)
X = RNG.normal(size=(512, 8)).astype("float32")
Y = (X[:, :3] @ np.ones((3, 1))).astype("float32")

PYTHON = 32 * 1024  # bytes of Python objects that may come with hundreds of steps
BLOCKS = 500  # and blocks of memory with thousands: one a step would be more
RESIDENT = 48 * 2**20  # allocators keep pages, so the whole process is bounded generously


def resident():
    """Bytes of memory that the process holds."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def growth(work, times):
    """Bytes of the process and blocks of Python memory that `times` more calls of work leave behind, and the bytes
    of Python objects that one does, which is slow to find out."""
    for _ in range(2):
        work()
    gc.collect()
    before, blocks = resident(), sys.getallocatedblocks()
    for _ in range(times):
        work()
    gc.collect()
    process, blocks = resident() - before, sys.getallocatedblocks() - blocks
    tracemalloc.start()
    try:
        work()
        gc.collect()
        start = tracemalloc.get_traced_memory()[0]
        work()
        gc.collect()
        return process, blocks, tracemalloc.get_traced_memory()[0] - start
    finally:
        tracemalloc.stop()


def assert_flat(work, times):
    process, blocks, python = growth(work, times)
    assert process < RESIDENT and blocks < BLOCKS and python < PYTHON, (process, blocks, python)


def compiled():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(8, "relu"), layers.Dropout(0.1), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mse"])
    return model


class Watching(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.loss = logs["loss"]


def test_thousands_of_steps():
    """Several a compiled call, where the backend does so."""
    model = compiled()
    assert_flat(lambda: model.fit(X, Y, batch_size=1, verbose=0), 4)


def test_steps_that_a_callback_watches():
    model = compiled()
    assert_flat(lambda: model.fit(X, Y, batch_size=2, verbose=0, callbacks=[Watching()]), 3)


def test_batches_of_a_generator():
    def batches():
        for i in range(0, 512, 2):
            yield X[i : i + 4], Y[i : i + 4]

    model = compiled()
    assert_flat(lambda: model.fit(batches(), verbose=0), 3)


def test_fifty_calls():
    model = compiled()

    def work():
        model.fit(X[:64], Y[:64], validation_split=0.5, batch_size=16, verbose=0)
        model.evaluate(X[:64], Y[:64], verbose=0)
        model.predict(X[:64], verbose=0)
        model.train_on_batch(X[:32], Y[:32])

    assert_flat(work, 50)


def test_models_are_freed():
    """A model that nobody holds takes its weights and compiled steps with it."""

    def work():
        model = keras.Sequential([keras.Input((8,)), layers.Dense(1)])
        model.compile("adam", "mse", run_eagerly=True)
        model.fit(X[:32], Y[:32], verbose=0)

    assert_flat(work, 10)
