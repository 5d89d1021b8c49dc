"""Data in memory and PyDataset, generators and iterables: the same batches as NumPy slicing."""

from __future__ import annotations

import collections
import itertools
import os
import threading
import time
import warnings

import keras as oracle
import numpy as np
import optree
import pandas as pd
import pytest

import triceras as keras
from triceras.train.data import ArrayData, as_data, is_arrays, split
from triceras_backends.active import backend as B

ROWS, SIZE = 10, 4
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(ROWS, 3)).astype("float32")
Y = RANDOM.integers(0, 3, ROWS)
W = RANDOM.random(ROWS).astype("float32")
PARTS = [slice(start, start + SIZE) for start in range(0, ROWS, SIZE)]


def to_numpy(tree):
    assert all(B.is_tensor(leaf) for leaf in optree.tree_leaves(tree))
    return optree.tree_map(lambda leaf: np.asarray(B.convert_to_numpy(leaf)), tree)


def epoch(data):
    """One epoch's batches as the training loop takes them."""
    if not data.indexed:
        data.on_epoch_begin()
        found = [to_numpy(batch) for batch in data.batches()]
        data.on_epoch_end()
        return found
    order = data.order()
    assert order.dtype == np.int32
    arrays = to_numpy(data.arrays)
    parts = [order[start : start + data.batch_size] for start in range(0, len(order), data.batch_size)]
    return [optree.tree_map(lambda array: array[part], arrays) for part in parts]


def same(batches, expected):
    assert len(batches) == len(expected)
    for batch, wanted in zip(batches, expected):
        assert isinstance(batch, tuple) and optree.tree_structure(batch) == optree.tree_structure(wanted)
        for got, want in zip(optree.tree_leaves(batch), optree.tree_leaves(wanted)):
            np.testing.assert_allclose(got, want, rtol=1e-6)


def sliced(*arrays):
    return [optree.tree_map(lambda array: array[part], arrays) for part in PARTS]


def generated(count=3, close=None):
    try:
        for index in range(count):
            yield X[index : index + 2], Y[index : index + 2]
    finally:
        if close is not None:
            close.append(True)


GENERATED = [(X[i : i + 2], Y[i : i + 2]) for i in range(12)]


# -- arrays -------------------------------------------------------------------------------

ARRAYS = {
    "float32": X,
    "float64": X.astype("float64"),
    "lists": X.tolist(),
    "tensor": B.convert_to_tensor(X),
    "variable": keras.Variable(X),
    "strided": np.asfortranarray(X)[:, ::-1][:, ::-1],
    "other byte order": X.astype(">f4"),
    "frame": pd.DataFrame(X, columns=["a", "b", "c"]),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_every_kind(kind):
    data = as_data(ARRAYS[kind], Y, W, batch_size=SIZE)
    assert data.indexed and data.steps == 3 and data.rows == ROWS and data.batch_size == SIZE
    same(epoch(data), sliced(X, Y, W))
    same([to_numpy(data.first())], sliced(X, Y, W)[:1])
    assert B.dtype_of(data.arrays[0]) == "float32"


def test_read_only_arrays_and_negative_strides_are_taken():
    frozen = X.copy()
    frozen.flags.writeable = False
    same(epoch(as_data(frozen, batch_size=SIZE)), sliced(X))
    same(epoch(as_data(X[::-1], batch_size=SIZE)), sliced(X[::-1]))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float16", "bfloat16"])
def test_floats_get_floatx_and_the_rest_stays(dtype):
    values = B.convert_to_numpy(B.cast(B.convert_to_tensor(np.arange(4)), dtype))
    expected = "float32" if dtype in ("float16", "bfloat16") else dtype
    for source in (values, B.convert_to_tensor(values)):
        assert B.dtype_of(as_data(source).arrays[0]) == expected


STRUCTURES = {
    "dict": ({"a": X, "b": X * 2}, {"u": Y, "v": Y + 1}, {"u": W, "v": W}),
    "list": ([X, X * 2], [Y, Y + 1], [W, W]),
    "tuple": ((X, X * 2), (Y, Y + 1), W),
    "nested": ({"a": [X, (X * 2, X * 3)]}, Y, None),
    "missing": ({"a": X, "b": None}, Y, None),
}


@pytest.mark.parametrize("kind", STRUCTURES)
def test_structures_of_arrays(kind):
    expected = [part for part in STRUCTURES[kind] if part is not None]
    same(epoch(as_data(*STRUCTURES[kind], batch_size=SIZE)), sliced(*expected))


def test_pandas_columns():
    frame = pd.DataFrame({"a": X[:, 0], "b": Y, "c": Y > 1})
    mixed = frame.to_numpy(dtype="float32")
    same(epoch(as_data(frame, frame["b"], batch_size=SIZE)), sliced(mixed, Y[:, None]))
    columns = dict(frame.items())
    same(epoch(as_data(columns, batch_size=SIZE)), sliced({name: frame[name].to_numpy()[:, None] for name in frame}))
    nullable = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64")})
    (batch,) = epoch(as_data(nullable))
    assert batch[0].dtype == np.float32 and np.isnan(batch[0][1, 0])
    with pytest.raises(ValueError, match="x must hold numbers; these columns of the DataFrame do not: name, when"):
        as_data(pd.DataFrame({"n": [1.0], "name": ["p"], "when": pd.to_datetime(["2020-01-01"])}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, Y[:7]), r"same number of rows; got x: 10, y: 7"),
        (({"a": X, "b": X[:3]}, Y), r"x\['a'\]: 10, x\['b'\]: 3, y: 10"),
        ((X, Y, W[:2]), r"sample_weight: 2"),
        ((X[:0],), "no rows"),
        (([],), "no rows"),
        ((np.array(["a", "b"]),), "x must hold numbers; got an array of dtype"),
        ((X, ["a"] * ROWS), "y must hold numbers"),
        ((np.array([1, "a", None], object),), "dtype object"),
        (({"a": X, "b": "text"},), r"x\['b'\] must hold numbers"),
        (([[1, 2], [3]],), "x cannot be made an array"),
        ((3.0,), "type float"),
        ((np.float32(3),), "batch axis"),
        ((X, [Y, Y], [W]), r"structure of y; got sample_weight: a list of 1, y: a list of 2"),
        ((X, {"u": Y}, {"v": W}), r"a dict of \['v'\]"),
        ((X, Y, {"u": W}), "y: one array"),
        ((None, Y), "x of type NoneType"),
        ((object(),), "type object"),
        (("text",), "type str"),
    ],
)
def test_bad_arrays_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        as_data(*arguments)


@pytest.mark.parametrize("name", ["batch_size", "steps"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
def test_sizes_are_positive_integers(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a positive integer"):
        as_data(X, **{name: value})


def test_shuffling_is_repeatable_whole_and_new_each_epoch():
    def orders(shuffle):
        keras.utils.set_random_seed(3)
        data = as_data(X, batch_size=SIZE, shuffle=shuffle)
        return [data.order().tolist() for _ in range(3)]

    assert orders(True) == orders(True)
    first, second, third = orders(True)
    assert sorted(first) == list(range(ROWS)) and first != second != third
    assert orders(False) == [list(range(ROWS))] * 3
    blocks = orders("batch")
    assert blocks != orders(False)
    for order in blocks:
        starts = [order[start : start + SIZE] for start in (0, SIZE)]
        assert sorted(starts) == [[0, 1, 2, 3], [4, 5, 6, 7]] and order[8:] == [8, 9]


def test_steps_of_arrays_go_on_and_then_begin_anew():
    data = as_data(np.arange(10), batch_size=2, steps=2)
    assert data.steps == 2
    assert [data.order().tolist() for _ in range(2)] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    with pytest.warns(UserWarning, match="ran out of data after 1 of 2"):
        assert data.order().tolist() == [8, 9]
    assert data.order().tolist() == [0, 1, 2, 3]
    data.reset()
    assert data.order().tolist() == [0, 1, 2, 3]
    with pytest.warns(UserWarning, match="ran out of data after 5 of 7"):
        assert len(as_data(np.arange(10), batch_size=2, steps=7).order()) == 10


def test_split_takes_the_last_share():
    (x, y, w), (x2, y2, w2) = split({"a": X, "b": B.convert_to_tensor(X)}, pd.Series(Y), None, 0.25)
    np.testing.assert_allclose(x["a"], X[:7])
    np.testing.assert_allclose(np.asarray(B.convert_to_numpy(x2["b"])), X[7:])
    assert np.shares_memory(x["a"], X)
    assert y.ravel().tolist() == Y[:7].tolist() and y2.ravel().tolist() == Y[7:].tolist() and w is w2 is None
    for share, message in ((0.0, "between 0 and 1"), (1.0, "between"), (True, "between"), (0.99, "empty")):
        with pytest.raises(ValueError, match=message):
            split(X, Y, None, share)
    with pytest.raises(ValueError, match="validation_split divides arrays; x is a generator"):
        split(generated(), None, None, 0.5)
    with pytest.raises(ValueError, match="same number of rows"):
        split(X, Y[:3], None, 0.5)


# -- weights ------------------------------------------------------------------------------

CLASSES = {0: 1.5, 2: 0.25}
OF_ROWS = np.array([CLASSES.get(int(label), 1.0) for label in Y], "float32")


@pytest.mark.parametrize(
    "labels",
    [Y, Y[:, None], np.eye(3)[Y], Y.astype("float32"), B.convert_to_tensor(Y), pd.Series(Y), Y.tolist()],
    ids=["integers", "column", "one-hot", "floats", "tensor", "series", "list"],
)
def test_class_weights_of_labels(labels):
    for source in (as_data(X, labels, class_weight=CLASSES), as_data(iter([(X, labels)]), class_weight=CLASSES)):
        ((_, _, weights),) = epoch(source)
        np.testing.assert_allclose(weights, OF_ROWS)
        assert weights.dtype == np.float32


def test_class_weights_multiply_sample_weights():
    for given in (W, W[:, None], B.convert_to_tensor(W)):
        ((_, _, weights),) = epoch(as_data(X, Y, given, class_weight=CLASSES))
        np.testing.assert_allclose(weights.ravel(), W * OF_ROWS, rtol=1e-6)
        assert weights.shape == tuple(given.shape)
    steps = np.stack([Y, Y], 1)  # a label a time step
    ((_, _, weights),) = epoch(as_data(X, steps[..., None], W, class_weight=CLASSES))
    np.testing.assert_allclose(weights, W[:, None] * np.stack([OF_ROWS, OF_ROWS], 1), rtol=1e-6)


@pytest.mark.parametrize(
    ("y", "class_weight", "message"),
    [
        (None, {0: 1.0}, "needs the labels of a single output; got no labels"),
        ([Y, Y], {0: 1.0}, "the labels are a list, of several outputs"),
        ({"u": Y}, {0: 1.0}, "a dict"),
        (Y, {"cat": 1.0}, "dict from class"),
        (Y, [1.0, 2.0], "dict from class"),
    ],
)
def test_bad_class_weights_are_refused(y, class_weight, message):
    with pytest.raises(ValueError, match=message):
        as_data(X, y, class_weight=class_weight)


# -- batches ------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [X, (X,), [X], (X, Y), [X, Y], (X, Y, W), {"a": X}, (X, None, W)])
def test_unpack_is_kerass(data):
    ours, theirs = keras.utils.unpack_x_y_sample_weight(data), oracle.utils.unpack_x_y_sample_weight(data)
    assert all(mine is other for mine, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("parts", [(X,), ([X, X],), ({"a": X},), (X, Y), (X, Y, W)])
def test_pack_is_kerass(parts):
    ours, theirs = keras.utils.pack_x_y_sample_weight(*parts), oracle.utils.pack_x_y_sample_weight(*parts)
    assert type(ours) is type(theirs)
    if isinstance(ours, tuple):
        assert all(mine is other for mine, other in zip(ours, theirs, strict=True))


def test_pack_keeps_weights_without_targets():  # which Keras loses
    assert keras.utils.pack_x_y_sample_weight(X, None, W) == (X, None, W)


def test_unpack_refuses_other_lengths():
    for data in ((), (X, Y, W, W)):
        with pytest.raises(ValueError, match="entries"):
            keras.utils.unpack_x_y_sample_weight(data)


# -- generators and iterables ---------------------------------------------------------------


def test_items_of_every_form():
    items = [(X, Y, W), [X, Y], (X,), X, {"a": X}, ({"a": X}, Y), ((X, X), Y), (X, None, W)]
    expected = [(X, Y, W), (X, Y), (X,), (X,), ({"a": X},), ({"a": X}, Y), ((X, X), Y), (X, None, W)]
    data = as_data(item for item in items)
    assert not data.indexed and data.steps is None and data.batch_size is None
    same(epoch(data), expected)
    assert data.steps == len(items)


def test_the_first_batch_is_not_lost():
    for source in (generated(), [*GENERATED[:3]].__iter__(), zip(*zip(*GENERATED[:3]))):
        data = as_data(source)
        same([to_numpy(data.first())], GENERATED[:1])
        same([to_numpy(data.first())], GENERATED[:1])
        same(epoch(data), GENERATED[:3])


def test_generators_go_on_from_epoch_to_epoch():
    data = as_data(generated(5), steps=2)
    assert data.steps == 2
    same(epoch(data), GENERATED[:2])
    same(epoch(data), GENERATED[2:4])
    with pytest.warns(UserWarning, match="ran out of data after 1 of 2"):
        same(epoch(data), GENERATED[4:5])
    with pytest.warns(UserWarning, match="after 0 of 2"):
        assert epoch(data) == []


def test_a_generator_without_steps_ends_the_epoch_silently_and_the_next_aloud():
    data = as_data(generated(3))
    with warnings.catch_warnings(action="error"):
        same(epoch(data), GENERATED[:3])
    assert data.steps == 3
    with pytest.warns(UserWarning, match="after 0 of 3"):
        assert epoch(data) == []


class Batches:
    """An iterable that counts its passes and those that were closed."""

    def __init__(self, count, sized=False):
        self.count, self.passes, self.closed = count, 0, []
        if sized:
            self.__class__ = SizedBatches

    def __iter__(self):
        self.passes += 1
        return generated(self.count, self.closed)


class SizedBatches(Batches):
    def __len__(self):
        return self.count


@pytest.mark.parametrize("sized", [False, True])
def test_iterables_begin_each_epoch_anew(sized):
    source = Batches(3, sized)
    data = as_data(source)
    assert data.steps == (3 if sized else None)
    data.first()
    for count in (1, 2):
        same(epoch(data), GENERATED[:3])
        assert source.passes == count and data.steps == 3


@pytest.mark.parametrize("sized", [False, True])
def test_iterables_go_on_where_steps_left_them(sized):
    data = as_data(Batches(4, sized), steps=2)
    with warnings.catch_warnings(action="error"):
        for start in (0, 2, 0, 2):
            same(epoch(data), GENERATED[start : start + 2])
    data = as_data(Batches(3, sized), steps=2)
    same(epoch(data), GENERATED[:2])
    with pytest.warns(UserWarning, match="after 1 of 2"):
        same(epoch(data), GENERATED[2:3])
    same(epoch(data), GENERATED[:2])
    data.reset()
    same(epoch(data), GENERATED[:2])


def test_a_pass_left_early_is_closed_and_a_users_generator_is_not():
    source = Batches(3)
    batches = as_data(source).batches()
    next(batches)
    batches.close()
    assert source.closed == [True]
    data = as_data(source)
    data.first()
    data.close()
    assert source.closed == [True, True]
    closed = []
    generator = generated(3, closed)
    batches = as_data(generator).batches()
    next(batches)
    batches.close()
    assert not closed and len(list(generator)) == 2


def test_errors_of_a_source_keep_their_type():
    def broken():
        yield X, Y
        raise KeyError("lost")

    data = as_data(broken())
    batches = data.batches()
    next(batches)
    with pytest.raises(KeyError, match="lost"):
        next(batches)
    with pytest.raises(ValueError, match="generator gave no batches"):
        as_data(iter([])).first()
    with pytest.raises(ValueError, match="generator gave a batch that cannot be used: Data must be x"):
        as_data(iter([(X, Y, W, W)])).first()
    with pytest.raises(ValueError, match="cannot be used: y must hold numbers"):
        as_data(iter([(X, ["a", "b"])])).first()


def test_a_source_may_fill_its_buffer_anew():
    def source():
        buffer = np.zeros((2, 3), "float32")
        for index in range(3):
            buffer[:] = index
            yield buffer

    kept = list(as_data(source()).batches())
    assert [float(to_numpy(batch)[0][0, 0]) for batch in kept] == [0, 1, 2]


@pytest.mark.parametrize("name", ["y", "sample_weight", "batch_size"])
def test_what_a_stream_brings_itself_is_refused(name):
    value = {"y": Y, "sample_weight": W, "batch_size": 4}[name]
    for source, title in ((generated(), "generator"), (Batches(2), "Batches"), (Numbers(), "PyDataset")):
        with pytest.raises(ValueError, match=f"{name} is for arrays; the {title}"):
            as_data(source, **{name: value})


def test_what_is_an_array():
    assert all(is_arrays(value) for value in [*ARRAYS.values(), {"a": X}, (X, X), range(3), pd.Series(Y)])
    assert not any(is_arrays(value) for value in (generated(), Batches(2), Numbers(), None, "text"))


# -- PyDataset ------------------------------------------------------------------------------


class Numbers(keras.utils.PyDataset):
    """Batches that hold their position, the process that computed them, and the epoch."""

    def __init__(self, count=7, fail=None, **kwargs):
        super().__init__(**kwargs)
        self.count, self.fail, self.epochs, self.ended, self.asked = count, fail, 0, 0, []

    @property
    def num_batches(self):
        return self.count

    def __getitem__(self, index):
        self.asked.append(index)
        if index == self.fail:
            self.on_failure()
        time.sleep(0.002 * (index % 3))
        return np.full((2, 1), index), np.array([os.getpid(), threading.get_ident() % 2**31]), np.full(2, self.epochs)

    def on_failure(self):
        raise LookupError("no such batch")

    def on_epoch_begin(self):
        self.epochs += 1

    def on_epoch_end(self):
        self.ended += 1


class Dying(Numbers):
    def on_failure(self):
        os._exit(3)


WORKERS = {
    "none": {"workers": 0},
    "one": {"workers": 1},
    "threads": {"workers": 3, "max_queue_size": 2},
    "processes": {"workers": 2, "use_multiprocessing": True, "max_queue_size": 3},
    "process": {"workers": 1, "use_multiprocessing": True},
}
ignore_fork = pytest.mark.filterwarnings("ignore:os.fork", "ignore:.*fork.*:DeprecationWarning")


def positions(batches):
    return [int(batch[0][0, 0]) for batch in batches]


@ignore_fork
@pytest.mark.parametrize("kind", WORKERS)
def test_workers_give_the_batches_in_order(kind):
    dataset = Numbers(**WORKERS[kind])
    data = as_data(dataset)
    assert data.steps == 7 and not data.indexed
    for count in (1, 2):  # the hooks' changes reach the workers
        found = epoch(data)
        assert positions(found) == list(range(7))
        assert {int(batch[2][0]) for batch in found} == {count} and dataset.ended == count
    elsewhere = {int(batch[1][0]) for batch in found} != {os.getpid()}
    assert elsewhere == ("process" in kind)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("PyDataset")]


@ignore_fork
@pytest.mark.parametrize("kind", WORKERS)
def test_an_error_in_a_worker_keeps_its_type(kind):
    batches = as_data(Numbers(fail=3, **WORKERS[kind])).batches()
    assert positions(to_numpy(next(batches)) for _ in range(3)) == [0, 1, 2]
    with pytest.raises(LookupError, match="no such batch"):
        next(batches)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("PyDataset")]


@ignore_fork
def test_a_worker_that_dies_is_an_error_not_a_hang():
    batches = as_data(Dying(fail=2, workers=2, use_multiprocessing=True)).batches()
    with pytest.raises(RuntimeError, match="worker process of the PyDataset died"):
        list(batches)


@ignore_fork
@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_the_queue_is_bounded_and_an_epoch_left_early_ends_its_workers(kind):
    dataset = Numbers(count=None, **WORKERS[kind])
    batches = as_data(dataset, steps=1000).batches()
    next(batches)
    time.sleep(0.02)
    batches.close()
    assert len(dataset.asked) <= 3  # in the main process: the one taken, and max_queue_size ahead
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("PyDataset")]


def test_pydataset_shuffles_its_batches_repeatably():
    def orders(**kwargs):
        keras.utils.set_random_seed(1)
        data = as_data(Numbers(**kwargs), shuffle=True)
        return [positions(epoch(data)) for _ in range(2)]

    first, second = orders()
    assert sorted(first) == sorted(second) == list(range(7)) and first != second
    assert orders() == orders(**WORKERS["threads"]) == [first, second]
    data = as_data(Numbers(), shuffle=True, steps=4)
    with pytest.warns(UserWarning, match="after 3 of 4"):
        assert sorted(positions(epoch(data)) + positions(epoch(data))) == list(range(7))


def test_pydataset_without_end_needs_steps():
    data = as_data(Numbers(count=None), steps=3, shuffle=True)
    assert data.steps == 3
    assert [positions(epoch(data)) for _ in range(2)] == [[0, 1, 2], [3, 4, 5]]
    data.reset()
    assert positions(epoch(data)) == [0, 1, 2]
    with pytest.raises(ValueError, match="has no end"):
        as_data(Numbers(count=None))
    with pytest.raises(ValueError, match="has no batches"):
        as_data(Numbers(count=0))


def test_pydataset_by_hand():
    class Plain(keras.utils.Sequence):
        def __init__(self):
            pass

        def __len__(self):
            return 3

        def __getitem__(self, index):
            return X[PARTS[index]], Y[PARTS[index]]

    dataset = Plain()
    assert dataset.num_batches == 3 and (dataset.workers, dataset.max_queue_size) == (1, 10)
    same([tuple(batch) for batch in dataset], sliced(X, Y))
    data = as_data(dataset, class_weight=CLASSES)
    same([to_numpy(data.first())], sliced(X, Y, OF_ROWS)[:1])
    same(epoch(data), sliced(X, Y, OF_ROWS))
    endless = iter(Numbers(count=None))
    assert [int(item[0][0, 0]) for item in itertools.islice(endless, 3)] == [0, 1, 2]
    with pytest.raises(NotImplementedError, match="__getitem__"):
        keras.utils.PyDataset()[0]
    with pytest.raises(NotImplementedError, match="__len__"):
        _ = keras.utils.PyDataset().num_batches
    with pytest.raises(ValueError, match="workers=-1"):
        keras.utils.PyDataset(workers=-1)


def test_named_tuples_stay_named_inside_x():
    Pair = collections.namedtuple("Pair", "left right")
    data = ArrayData(Pair(X, X * 2), Y, batch_size=SIZE)
    assert type(data.first()[0]) is Pair
    same(epoch(data), sliced(Pair(X, X * 2), Y))
