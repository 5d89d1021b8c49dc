"""Data of other libraries: tensors and datasets, taken over on every backend where the library is installed."""

from __future__ import annotations

import warnings

import grain
import keras as oracle
import numpy as np
import optree
import pytest

import triceras as keras
from tests.engine.test_data import CLASSES, OF_ROWS, SIZE, W, X, Y, epoch, same, sliced, to_numpy
from triceras.train.data import as_data
from triceras_backends.active import backend as B


def of(framework):
    return pytest.importorskip(framework)


# -- tensors ------------------------------------------------------------------------------

TENSORS = {
    "torch": lambda a: of("torch").from_numpy(a.copy()),
    "torch with gradients": lambda a: of("torch").tensor(a, requires_grad=True) if a.dtype.kind == "f" else a,
    "torch bfloat16": lambda a: of("torch").tensor(a).bfloat16() if a.dtype.kind == "f" else a,
    "jax": lambda a: of("jax").numpy.asarray(a),
    "jax bfloat16": lambda a: of("jax").numpy.asarray(a, "bfloat16") if a.dtype.kind == "f" else a,
    "tensorflow": lambda a: of("tensorflow").constant(a),
    "tensorflow variable": lambda a: of("tensorflow").Variable(a),
}


@pytest.mark.parametrize("kind", TENSORS)
def test_tensors_of_every_framework(kind):
    make = TENSORS[kind]
    rounded = np.round(X * 8) / 8 if "bfloat16" in kind else X  # few bits, so that nothing is lost
    rounded = np.clip(rounded, -2, 2)
    for data in (
        as_data(make(rounded), make(Y), batch_size=SIZE),
        as_data([(make(rounded[i : i + SIZE]), make(Y[i : i + SIZE])) for i in (0, 4, 8)].__iter__()),
    ):
        same(epoch(data), sliced(rounded, Y))


# -- torch DataLoader ---------------------------------------------------------------------


class Rows:
    """A map-style dataset."""

    def __init__(self, form, fail=None):
        self.form, self.fail = form, fail

    def __len__(self):
        return len(X)

    def __getitem__(self, index):
        if index == self.fail:
            raise LookupError("no such row")
        return self.form(index)


FORMS = {
    "x": (lambda i: X[i], (X,)),
    "(x,)": (lambda i: (X[i],), (X,)),
    "(x, y)": (lambda i: (X[i], Y[i]), (X, Y)),
    "(x, y, w)": (lambda i: (X[i], Y[i], W[i]), (X, Y, W)),
    "dict": (lambda i: {"a": X[i], "b": Y[i]}, ({"a": X, "b": Y},)),
    "dict and y": (lambda i: ({"a": X[i]}, Y[i]), ({"a": X}, Y)),
    "float64": (lambda i: (X[i].astype("float64"), float(Y[i])), (X, Y.astype("float32"))),
}
workers = pytest.mark.filterwarnings("ignore:os.fork", "ignore:.*fork.*:DeprecationWarning")


@workers
@pytest.mark.parametrize("num_workers", [0, 2])
def test_data_loader(num_workers):
    loader = of("torch").utils.data.DataLoader
    for form, expected in FORMS.values():
        data = as_data(loader(Rows(form), batch_size=SIZE, num_workers=num_workers))
        assert data.steps == 3 and data.batch_size == SIZE and not data.indexed
        same([to_numpy(data.first())], sliced(*expected)[:1])
        for _ in range(1 if num_workers else 2):
            found = epoch(data)
            same(found, sliced(*expected))
        assert found[0][0].dtype == np.float32 if not isinstance(found[0][0], dict) else True
        if num_workers:
            return  # the forms come from the collating, not from the workers


@workers
@pytest.mark.parametrize("num_workers", [0, 2])
def test_data_loader_errors(num_workers):
    loader = of("torch").utils.data.DataLoader(Rows(FORMS["x"][0], fail=5), batch_size=SIZE, num_workers=num_workers)
    data = as_data(loader)
    batches = data.batches()
    next(batches)
    with pytest.raises(LookupError, match="no such row"):
        next(batches)
    with pytest.raises(ValueError, match="y is for arrays; the torch DataLoader"):
        as_data(loader, Y)
    with pytest.raises(ValueError, match="goes into a torch DataLoader"):
        as_data(Rows(FORMS["x"][0]))


def test_data_loader_without_length():
    torch = of("torch")

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(X)

    data = as_data(torch.utils.data.DataLoader(Stream(), batch_size=SIZE))
    assert data.steps is None
    same(epoch(data), sliced(X))
    assert data.steps == 3


# -- tf.data ------------------------------------------------------------------------------


def test_tf_data():
    tf = of("tensorflow")
    for expected in ((X, Y, W), (X, Y), (X,), ({"a": X}, Y)):
        rows = tf.data.Dataset.from_tensor_slices(expected)
        data = as_data(rows.batch(SIZE))
        assert data.steps == 3
        for _ in range(2):
            same(epoch(data), sliced(*expected))
    same(epoch(as_data(tf.data.Dataset.from_tensor_slices(X).batch(SIZE))), sliced(X))
    weighted = tf.data.Dataset.from_tensor_slices((X, Y)).batch(SIZE)
    same(epoch(as_data(weighted, class_weight=CLASSES)), sliced(X, Y, OF_ROWS))
    unknown = as_data(weighted.filter(lambda *_: True))
    assert unknown.steps is None
    same(epoch(unknown), sliced(X, Y))
    with pytest.raises(ValueError, match="tf.data.Dataset has no end"):
        as_data(weighted.repeat())
    data = as_data(weighted.repeat(), steps=2)
    found = epoch(data) + epoch(data)
    same(found, [*sliced(X, Y), sliced(X, Y)[0]])
    with pytest.raises(ValueError, match="batch_size is for arrays; the tf.data.Dataset"):
        as_data(weighted, batch_size=2)


# -- grain --------------------------------------------------------------------------------


def grain_rows():
    return grain.MapDataset.range(len(X)).map(lambda index: (X[index], Y[index]))


def test_grain_datasets():
    for source, steps in (
        (grain_rows().batch(SIZE), 3),
        (grain_rows().to_iter_dataset().batch(SIZE), None),
    ):
        data = as_data(source)
        assert data.steps == steps and data.batch_size is None
        for _ in range(2):
            same(epoch(data), sliced(X, Y))
        same([to_numpy(data.first())], sliced(X, Y)[:1])
    with pytest.raises(ValueError, match="grain dataset has no end"):
        as_data(grain_rows().repeat().batch(SIZE))
    data = as_data(grain_rows().repeat().batch(5), steps=2)
    for _ in range(2):
        assert [batch[1].tolist() for batch in epoch(data)] == [Y[:5].tolist(), Y[5:].tolist()]
    with pytest.raises(ValueError, match="y is for arrays; the grain dataset"):
        as_data(grain_rows().batch(SIZE), Y)


def test_grain_data_loader():
    class Source:
        def __len__(self):
            return len(X)

        def __getitem__(self, index):
            return X[index], Y[index]

    sampler = grain.samplers.SequentialSampler(num_records=len(X))
    loader = grain.DataLoader(
        data_source=Source(), sampler=sampler, operations=[grain.transforms.Batch(SIZE)], worker_count=0
    )
    data = as_data(loader)
    for _ in range(2):
        same(epoch(data), sliced(X, Y))


# -- Keras's own --------------------------------------------------------------------------


def test_keras_own_dataset():
    class Theirs(oracle.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            part = slice(index * SIZE, (index + 1) * SIZE)
            return X[part], Y[part]

    for options in ({}, {"workers": 2}):
        data = as_data(Theirs(**options))
        assert data.steps == 3
        same(epoch(data), sliced(X, Y))


# -- the classes alone, where the library is not there --------------------------------------


def stand_in(name, module, **members):
    return type(name, (), {"__module__": module, **members})()


def test_datasets_are_known_by_their_class():
    batches = {"__iter__": lambda self: iter(sliced(X, Y))}
    loader = stand_in("DataLoader", "torch.utils.data.dataloader", __len__=lambda self: 3, batch_size=SIZE, **batches)
    dataset = stand_in("DatasetV2", "tensorflow.python.data.ops.dataset_ops", cardinality=lambda self: -2, **batches)
    endless = stand_in("DatasetV2", "tensorflow.python.data.ops.dataset_ops", cardinality=lambda self: -1, **batches)
    for source, steps, size in ((loader, 3, SIZE), (dataset, None, None)):
        data = as_data(source)
        assert (data.steps, data.batch_size) == (steps, size)
        same(epoch(data), sliced(X, Y))
    with pytest.raises(ValueError, match="no end"):
        as_data(endless)
    with pytest.raises(ValueError, match="the DataLoader given as x"):
        as_data(stand_in("DataLoader", "somewhere.torch", **batches), Y)


# -- a loop over them -----------------------------------------------------------------------


def test_a_training_loop_over_any_source_learns_the_same():
    def train(source, steps=None):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
        model.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        data = as_data(source, steps=steps)
        with warnings.catch_warnings(action="error"):
            for _ in range(2):
                for batch in data.batches():
                    model.train_on_batch(*batch)
        return [B.convert_to_numpy(weight.value) for weight in model.weights]

    def generated():
        for _ in range(2):
            yield from sliced(X, Y)

    class Ours(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return sliced(X, Y)[index]

    wanted = train(Ours())
    for source, steps in ((generated(), 3), (Ours(workers=2), None), (grain_rows().batch(SIZE), None)):
        for got, want in zip(train(source, steps), wanted):
            np.testing.assert_allclose(got, want, rtol=1e-6)
    assert optree.tree_all(optree.tree_map(lambda array: np.isfinite(array).all(), wanted))
