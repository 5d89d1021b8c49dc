"""Datasets from folders, series and arrays beside the real Keras's, which reads them with TensorFlow."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

import triceras

RNG = np.random.RandomState(0)
SIZE = {"image_size": (6, 7), "shuffle": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    """Pictures, texts and sounds in classes, files within files, hidden ones and others."""
    root = tmp_path_factory.mktemp("data")
    for name, count in (("b", 5), ("a", 4), ("c", 3)):
        (root / "images" / name / "more").mkdir(parents=True)
        (root / "texts" / name).mkdir(parents=True)
        for i in range(count):
            where = root / "images" / name / ("more" if i == 1 else "")
            Image.fromarray(RNG.randint(0, 255, (9 + i, 12, 3)).astype("uint8")).save(where / f"f{i}.png")
            (root / "texts" / name / f"t{i}.txt").write_text(f"{name} text {i} é", encoding="utf-8")
    images = root / "images"
    (images / "a" / "note.txt").write_text("x")
    (images / ".hidden").mkdir()
    Image.fromarray(RNG.randint(0, 255, (9, 12, 3)).astype("uint8")).save(images / ".hidden" / "x.png")
    Image.fromarray(RNG.randint(0, 255, (9, 12, 4)).astype("uint8")).save(images / "c" / "alpha.png")
    Image.fromarray(RNG.randint(0, 255, (9, 12)).astype("uint8")).save(images / "c" / "grey.PNG")
    for name in "xy":
        (root / "sounds" / name).mkdir(parents=True)
        for i in range(3):
            with wave.open(str(root / "sounds" / name / f"{i}.wav"), "wb") as file:
                file.setparams((1, 2, 16000, 0, "NONE", ""))
                file.writeframes((RNG.randn(50 + 10 * i) * 3000).astype("<i2").tobytes())
    return root


def batches(dataset: Any) -> list[tuple[np.ndarray, ...]]:
    found = []
    for batch in dataset:
        parts = batch if isinstance(batch, (tuple, list)) else (batch,)
        arrays = [part.numpy() if hasattr(part, "numpy") else np.asarray(part) for part in parts]
        found.append(tuple(_text(array) for array in arrays))
    return found


def _text(array: Any) -> Any:
    array = np.asarray(array)
    if array.dtype.kind not in "OS":
        return array
    return np.array([x.decode() if isinstance(x, bytes) else x for x in array.ravel()]).reshape(array.shape)


def compare(function: str, *args: Any, tolerance: float = 1e-3, **options: Any) -> None:
    """Both packages' datasets, or the types of their errors."""
    made = []
    for package in (triceras, keras):
        try:
            made.append(getattr(package.utils, function)(*args, **options))
        except Exception as error:
            made.append(type(error))
    ours, theirs = made
    if isinstance(theirs, type):
        assert ours is theirs
        return
    assert isinstance(ours, (list, tuple)) == isinstance(theirs, (list, tuple))
    parts = zip(ours, theirs, strict=True) if isinstance(ours, (list, tuple)) else [(ours, theirs)]
    for one, other in parts:
        assert getattr(one, "class_names", None) == getattr(other, "class_names", None)
        if hasattr(other, "file_paths"):
            assert one.file_paths == other.file_paths
        got, wanted = batches(one), batches(other)
        assert len(one) == len(got) == len(wanted)
        for batch, reference in zip(got, wanted, strict=True):
            assert [a.shape for a in batch] == [b.shape for b in reference]
            for a, b in zip(batch, reference, strict=True):
                if a.dtype.kind == "U":
                    assert a.tolist() == b.tolist()
                else:
                    # split_dataset leaves integers as they are, where Keras's datasets make them 32 bits wide.
                    assert a.dtype == b.dtype or (function == "split_dataset" and a.dtype.kind == b.dtype.kind)
                    np.testing.assert_allclose(a.astype("float64"), b.astype("float64"), atol=tolerance)


IMAGES: dict[str, dict[str, Any]] = {
    "alone": {}, "nearest": {"interpolation": "nearest"}, "area": {"interpolation": "area"},
    "lanczos3": {"interpolation": "lanczos3"}, "lanczos5": {"interpolation": "lanczos5"},
    "gaussian": {"interpolation": "gaussian"}, "mitchellcubic": {"interpolation": "mitchellcubic"},
    # TensorFlow takes the weights from a table of 1024.
    "bicubic": {"interpolation": "bicubic", "tolerance": 0.2},
    "unknown interpolation": {"interpolation": "x"},
    "cropped": {"crop_to_aspect_ratio": True}, "padded": {"pad_to_aspect_ratio": True},
    "cropped and padded": {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
    # TensorFlow cuts the grey values off, Pillow rounds them.
    "grey": {"color_mode": "grayscale", "tolerance": 1.5}, "alpha": {"color_mode": "rgba"}, "mode": {"color_mode": "q"},
    "one-hot": {"label_mode": "categorical"}, "binary of three": {"label_mode": "binary"},
    "binary": {"label_mode": "binary", "class_names": ["a", "b"]}, "no labels": {"label_mode": None},
    "labels None": {"labels": None}, "labels": {"labels": [i % 3 for i in range(15)], "label_mode": "categorical"},
    "too few labels": {"labels": [1, 2]}, "wrong labels": {"labels": "x"}, "wrong mode": {"label_mode": "q"},
    "classes": {"class_names": ["c", "a"]}, "unknown class": {"class_names": ["c", "z"]},
    "classes and labels": {"class_names": ["c"], "labels": [0]},
    "training": {"validation_split": 0.3, "subset": "training"}, "both": {"validation_split": 0.3, "subset": "both"},
    "validation": {"validation_split": 0.3, "subset": "validation"}, "no subset": {"validation_split": 0.3},
    "no split": {"subset": "both"}, "split": {"validation_split": 2, "subset": "both"},
    "subset": {"validation_split": 0.3, "subset": "q"}, "small batches": {"batch_size": 4},
    "samples": {"batch_size": None, "class_names": ["a"]}, "first": {"data_format": "channels_first"},
    "size": {"image_size": (6,)}, "negative": {"image_size": (6, -1)}, "format": {"format": "q"},
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_images(folder: Path, name: str, capsys: Any) -> None:
    compare("image_dataset_from_directory", str(folder / "images"), **SIZE | IMAGES[name])


def test_what_is_said(folder: Path, capsys: Any) -> None:
    said = []
    for package in (triceras, keras):
        for options in ({}, {"labels": None}, {"validation_split": 0.3, "subset": "both"}):
            package.utils.image_dataset_from_directory(folder / "images", **SIZE, **options)
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] and "Found 14 files belonging to 3 classes." in said[0]
    triceras.utils.image_dataset_from_directory(folder / "images", verbose=False, **SIZE)
    assert capsys.readouterr().out == ""


def test_files_are_shuffled_alike(folder: Path) -> None:
    options = {"image_size": (6, 7), "seed": 7, "validation_split": 0.3, "subset": "both", "verbose": False}
    found = [k.utils.image_dataset_from_directory(str(folder / "images"), **options) for k in (triceras, keras)]
    assert [part.file_paths for part in found[0]] == [part.file_paths for part in found[1]]
    training = found[0][0]
    passes = [np.concatenate([labels for _, labels in training]) for _ in range(3)]
    assert all(np.array_equal(np.sort(each), np.sort(passes[0])) for each in passes)
    assert not np.array_equal(passes[0], passes[1])  # another order at each pass
    again = triceras.utils.image_dataset_from_directory(str(folder / "images"), **options)[0]
    for first, second in zip(passes, [np.concatenate([labels for _, labels in again]) for _ in range(3)], strict=True):
        np.testing.assert_array_equal(first, second)


def test_bad_folders(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        triceras.utils.image_dataset_from_directory(tmp_path / "no")
    with pytest.raises(ValueError, match="no images in the folder"):
        triceras.utils.image_dataset_from_directory(folder / "texts")
    with pytest.raises(ValueError, match="seed"):
        triceras.utils.image_dataset_from_directory(folder / "images", validation_split=0.3, subset="both")
    with pytest.raises(ValueError, match="batch_size"):
        triceras.utils.image_dataset_from_directory(folder / "images", batch_size=0, verbose=False)


TEXTS: dict[str, dict[str, Any]] = {
    "alone": {}, "short": {"max_length": 3, "batch_size": 5}, "samples": {"batch_size": None, "class_names": ["a"]},
    "one-hot": {"label_mode": "categorical"}, "no labels": {"labels": None, "label_mode": None},
    "both": {"validation_split": 0.25, "subset": "both"},
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_texts(folder: Path, name: str) -> None:
    compare("text_dataset_from_directory", str(folder / "texts"), shuffle=False, **TEXTS[name])


def test_a_text_is_cut_between_characters(folder: Path) -> None:
    dataset = triceras.utils.text_dataset_from_directory(
        folder / "texts", max_length=10, shuffle=False, class_names=["a"], verbose=False
    )
    assert next(iter(dataset))[0][0] == "a text 0 "
    with pytest.raises(ValueError, match="max_length"):
        triceras.utils.text_dataset_from_directory(folder / "texts", max_length=0)


SOUNDS: dict[str, dict[str, Any]] = {
    "alone": {}, "length": {"output_sequence_length": 55}, "cut": {"output_sequence_length": 5, "label_mode": "binary"},
    "one by one": {"batch_size": 1}, "samples": {"batch_size": None, "output_sequence_length": 60},
    "ragged and length": {"ragged": True, "output_sequence_length": 4}, "rate": {"sampling_rate": -1},
}  # fmt: skip


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds(folder: Path, name: str) -> None:
    compare("audio_dataset_from_directory", str(folder / "sounds"), shuffle=False, tolerance=1e-6, **SOUNDS[name])


def test_sounds_of_other_lengths_and_rates(folder: Path) -> None:
    read = triceras.utils.audio_dataset_from_directory
    sounds, _ = next(iter(read(folder / "sounds", shuffle=False, ragged=True, verbose=False)))
    assert [sound.shape for sound in sounds] == [(50, 1), (60, 1), (70, 1)] * 2
    slower, _ = next(iter(read(folder / "sounds", shuffle=False, sampling_rate=8000, verbose=False)))
    assert slower.shape == (6, 35, 1) and slower.dtype == np.float32


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_samples_of_any_width(tmp_path: Path, width: int) -> None:
    (tmp_path / "a").mkdir()
    top = 2 ** (8 * width - 1)
    values = [0, top // 2, -(top // 2)]
    content = b"".join(
        (value + top).to_bytes(1, "little") if width == 1 else value.to_bytes(width, "little", signed=True)
        for value in values
    )
    with wave.open(str(tmp_path / "a" / "x.wav"), "wb") as file:
        file.setparams((1, width, 8000, 0, "NONE", ""))
        file.writeframes(content)
    sounds = next(iter(triceras.utils.audio_dataset_from_directory(tmp_path, label_mode=None, verbose=False)))
    np.testing.assert_allclose(sounds[0, :, 0], [0, 0.5, -0.5])


def test_no_wave(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.wav").write_bytes(b"RIFFnothing")
    with pytest.raises(ValueError, match=r"x\.wav is no WAV file"):
        list(triceras.utils.audio_dataset_from_directory(tmp_path, verbose=False))


# -- series --------------------------------------------------------------------------------------------------------

X = np.arange(12)
SERIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "alone": (None, {}), "targets": (X * 10, {"batch_size": 4}), "fewer targets": (X[:7], {"batch_size": 4}),
    "stride": (None, {"sequence_stride": 2}), "rate": (None, {"sampling_rate": 2}),
    "samples": (X, {"batch_size": None}),
    "both": (X, {"sequence_stride": 3, "sampling_rate": 2, "batch_size": 2}), "all": (X, {"sequence_length": 12}),
    "part": (X, {"start_index": 2, "end_index": 9}), "from": (X, {"start_index": 2}), "to": (None, {"end_index": 7}),
    "too long": (None, {"sequence_length": 13}), "short part": (X, {"sequence_length": 5, "start_index": 8}),
    "no stride": (None, {"sequence_stride": 0}), "no rate": (None, {"sampling_rate": 0}),
    "format": (X, {"format": "q"}),
    "far start": (None, {"start_index": 12}), "negative start": (None, {"start_index": -1}),
    "far end": (None, {"end_index": 13}), "negative end": (None, {"end_index": -2}),
    "end before start": (None, {"start_index": 5, "end_index": 4}), "long stride": (None, {"sequence_stride": 12}),
    "long rate": (None, {"sampling_rate": 12}),
}  # fmt: skip


@pytest.mark.parametrize("name", SERIES)
def test_series(name: str) -> None:
    targets, options = SERIES[name]
    compare("timeseries_dataset_from_array", X, targets, **{"sequence_length": 3, **options})


def test_series_of_rows() -> None:
    compare("timeseries_dataset_from_array", np.arange(24.0).reshape(12, 2), None, 3, batch_size=2)


def test_series_are_shuffled_with_their_targets() -> None:
    dataset = triceras.utils.timeseries_dataset_from_array(X, X, 3, shuffle=True, seed=1, batch_size=4)
    orders = []
    for _ in range(2):
        found = list(dataset)
        for windows, targets in found:
            np.testing.assert_array_equal(windows[:, 0], targets)
        orders.append(np.concatenate([targets for _, targets in found]).tolist())
    assert sorted(orders[0]) == list(range(10)) and orders[0] != orders[1]
    with pytest.raises(ValueError, match="sequence_length"):
        triceras.utils.timeseries_dataset_from_array(X, None, 0)


# -- split -----------------------------------------------------------------------------------------------------------

Y = np.arange(10)
SPLITS: dict[str, tuple[Any, dict[str, Any]]] = {
    "share": (Y, {"left_size": 0.8}), "number": (Y, {"left_size": 3}), "right": (Y, {"right_size": 0.3}),
    "between": (Y, {"left_size": 0.5, "right_size": 0.2}), "numbers": (Y, {"left_size": 4, "right_size": 3}),
    "mixed": (Y, {"left_size": 0.5, "right_size": 3}), "neither": (Y, {}), "half": (Y[:7], {"left_size": 0.5}),
    "right half": (Y[:7], {"right_size": 0.5}), "rounded": (Y, {"left_size": 0.85}), "down": (Y, {"right_size": 0.25}),
    "tuple": ((Y, Y * 2), {"left_size": 0.8}), "list": ([Y, Y * 2], {"left_size": 0.8}),
    "shuffled": (Y, {"left_size": 0.8, "shuffle": True, "seed": 3}), "much": (Y, {"left_size": 1.5}),
    "negative": (Y, {"left_size": -1}), "many": (Y, {"left_size": 20}), "more": (Y, {"left_size": 8, "right_size": 5}),
    "over": (Y, {"left_size": 0.8, "right_size": 0.5}), "a string": (Y, {"left_size": "a"}),
    "no data": (5, {"left_size": 0.5}), "empty": (Y, {"left_size": 0.05}), "unequal": ((Y, Y[:3]), {"left_size": 0.5}),
    "a dict": ({"a": Y}, {"left_size": 0.5}), "numbers in a list": ([1, 2], {"left_size": 0.5}),
    "an iterator": (iter(Y), {"left_size": 0.5}), "a bool": (Y, {"left_size": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPLITS)
def test_split(name: str) -> None:
    data, options = SPLITS[name]
    compare("split_dataset", data, preferred_backend="tensorflow", **options)


def test_split_of_datasets() -> None:
    class Squares(triceras.utils.PyDataset):
        def __len__(self) -> int:
            return 6

        def __getitem__(self, index: int) -> Any:
            return np.array(index), np.array(index**2)

    left, right = triceras.utils.split_dataset(Squares(), left_size=4)
    assert [int(y) for _, y in left] == [0, 1, 4, 9] and [int(y) for _, y in right] == [16, 25]
    again, _ = triceras.utils.split_dataset(left, left_size=0.5)
    x, y = next(iter(again.batch(8)))
    assert x.tolist() == [0, 1] and y.tolist() == [0, 1]


# -- what a dataset can do ---------------------------------------------------------------------------------------------


def numbers(count: int = 10) -> Any:
    return triceras.utils.split_dataset(np.arange(count + 1), left_size=count)[0]


def test_methods_of_datasets() -> None:
    def ints(dataset: Any) -> list[int]:
        return [int(x) for x in dataset]

    assert ints(numbers().map(lambda x: x * 2).take(3)) == [0, 2, 4]
    assert ints(numbers().skip(8)) == [8, 9] and len(numbers().skip(20)) == 0
    assert ints(numbers(3).repeat(2)) == [0, 1, 2, 0, 1, 2] and len(numbers(3).repeat(2)) == 6
    assert ints(numbers(3).repeat().take(5)) == [0, 1, 2, 0, 1] and len(numbers(3).take(-1)) == 3
    assert ints(numbers().filter(lambda x: x % 2 == 0)) == [0, 2, 4, 6, 8]
    assert ints(numbers().prefetch(3)) == ints(numbers().cache()) == list(range(10))
    assert [batch.tolist() for batch in numbers(5).batch(2)] == [[0, 1], [2, 3], [4]]
    assert len(numbers(5).batch(2, drop_remainder=True)) == len(list(numbers(5).batch(2, drop_remainder=True))) == 2
    assert ints(numbers(5).batch(2).unbatch()) == list(range(5)) and numbers().cardinality() == 10
    shuffled = numbers().shuffle(4, seed=1)
    first, second = ints(shuffled), ints(shuffled)
    assert sorted(first) == sorted(second) == list(range(10)) and first != second
    with pytest.raises(TypeError, match="not known"):
        len(numbers().filter(bool))
    with pytest.raises(ValueError, match="batch_size"):
        numbers().batch(-1)


def test_what_goes_wrong_ahead_is_raised_in_place() -> None:
    def fails(x: Any) -> Any:
        if x == 3:
            raise OSError("broken")
        return x

    found = iter(numbers().map(fails).prefetch(5))
    assert [int(next(found)) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="broken"):
        next(found)


def test_a_cache_is_filled_by_a_whole_pass() -> None:
    seen = []
    cached = numbers(4).map(lambda x: seen.append(int(x)) or x).cache()
    next(iter(cached))
    list(cached)
    list(cached)
    assert seen == [0, 0, 1, 2, 3]


def test_fit_takes_images_from_folders(folder: Path) -> None:
    options = {"image_size": (6, 7), "batch_size": 4, "seed": 1, "verbose": False}
    training, validation = triceras.utils.image_dataset_from_directory(
        folder / "images", validation_split=0.3, subset="both", **options
    )
    layers = [triceras.layers.Rescaling(1 / 255), triceras.layers.Flatten(), triceras.layers.Dense(3)]
    model = triceras.Sequential(layers)
    model.compile("adam", triceras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit(training, validation_data=validation, epochs=2, verbose=0)
    assert len(history.history["val_loss"]) == 2 and model.predict(validation, verbose=0).shape == (4, 3)


def test_fit_takes_series() -> None:
    dataset = triceras.utils.timeseries_dataset_from_array(X.astype("float32")[:, None], X[3:], 3, batch_size=4)
    model = triceras.Sequential([triceras.layers.Flatten(), triceras.layers.Dense(1)])
    model.compile("adam", "mse")
    assert len(model.fit(dataset, epochs=2, verbose=0).history["loss"]) == 2
