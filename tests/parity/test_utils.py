"""Arrays, images and configurations of keras.utils beside the real Keras's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

import triceras

RNG = np.random.RandomState(0)
IMAGE = RNG.rand(9, 12, 3) * 10
BYTES = RNG.randint(0, 255, (20, 30, 3)).astype("uint8")
RAGGED = [[1], [2, 3], [4, 5, 6]]


def plain(x: Any) -> Any:
    """Results of either package as NumPy."""
    if isinstance(x, Image.Image):
        return x.mode, np.asarray(x)
    return x if isinstance(x, (np.ndarray, str)) or x is None else np.asarray(keras.ops.convert_to_numpy(x))


def outcome(call: Any, package: Any) -> Any:
    try:
        return plain(call(package))
    except Exception as error:
        return type(error)


def same(call: Any, exact: bool = True) -> None:
    ours, theirs = outcome(call, triceras), outcome(call, keras)
    if isinstance(theirs, type):
        assert ours is theirs, (ours, theirs)
        return
    if isinstance(theirs, tuple):
        assert ours[0] == theirs[0]
        ours, theirs = ours[1], theirs[1]
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    if exact:
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


PAD = {
    "alone": {}, "maxlen": {"maxlen": 2}, "long": {"maxlen": 5}, "post": {"padding": "post", "value": 9},
    "cut post": {"maxlen": 2, "truncating": "post"}, "floats": {"dtype": "float32", "value": 1.5},
    "int64": {"dtype": "int64", "value": 2.7}, "wrong padding": {"padding": "x"},
    "wrong truncating": {"truncating": "x"}, "a string": {"value": "pad"},
}  # fmt: skip


@pytest.mark.parametrize("name", PAD)
def test_pad_sequences(name: str) -> None:
    same(lambda k: k.utils.pad_sequences(RAGGED, **PAD[name]))


@pytest.mark.parametrize(
    "sequences",
    [[], [[], [1]], [[[1, 2]], [[3, 4], [5, 6]]], [[[1, 2]], [[3, 4, 5]]], [1, 2], 5, np.ones((2, 3)), [np.arange(3)]],
    ids=str,
)
def test_pad_sequences_of_sorts(sequences: Any) -> None:
    same(lambda k: k.utils.pad_sequences(sequences))


def test_pad_sequences_of_words() -> None:
    words = [["a"], ["b", "c"]]
    same(lambda k: k.utils.pad_sequences(words, dtype=object, value="pad"))


def test_the_namespaces_are_one() -> None:
    assert triceras.preprocessing.sequence.pad_sequences is triceras.utils.pad_sequences
    assert triceras.preprocessing.image.load_img is triceras.utils.load_img
    names = ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array")
    assert all(getattr(triceras.preprocessing, name) is getattr(triceras.utils, name) for name in names)


@pytest.mark.parametrize("order", [1, 2, 3, 0, -1, np.inf, "x"])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_normalize(order: Any) -> None:
    x = np.arange(1.0, 7.0).reshape(2, 3)
    same(lambda k: k.utils.normalize(x, order=order), exact=False)


def test_normalize_along_other_axes() -> None:
    # Keras takes axis=0 of an array for what it is not, and raises.
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(triceras.utils.normalize(x, axis=0), x / np.linalg.norm(x, axis=0))
    zero = triceras.utils.normalize(np.zeros((2, 2), "float32"))
    assert zero.dtype == np.float32 and not zero.any()
    tensor = triceras.utils.normalize(triceras.ops.convert_to_tensor([[3.0, 4.0]]))
    assert triceras.ops.is_tensor(tensor)
    np.testing.assert_allclose(triceras.ops.convert_to_numpy(tensor), [[0.6, 0.8]], rtol=1e-6)


@pytest.mark.parametrize(
    "labels, classes",
    [([0, 2, 1], None), ([0, 2], 4), ([[0], [1]], None), ([[0, 1], [1, 2]], None), ([0, 5], 3), ([], None), (3, None)]
    + [([0.0, 1.7], None), (["a"], None), (np.array([[[1]], [[0]]]), None)],
    ids=str,
)
def test_to_categorical(labels: Any, classes: Any) -> None:
    same(lambda k: k.utils.to_categorical(labels, classes))


def test_to_categorical_of_tensors_and_negative_labels() -> None:
    found = triceras.utils.to_categorical(triceras.ops.convert_to_tensor([[0], [2]]), 3)
    assert triceras.ops.is_tensor(found)
    np.testing.assert_array_equal(triceras.ops.convert_to_numpy(found), [[1, 0, 0], [0, 0, 1]])
    with pytest.raises(ValueError, match="negative"):  # Keras counts from the end
        triceras.utils.to_categorical([-1, 0])


IMAGES = {
    "colours": (IMAGE, {}), "not stretched": (IMAGE, {"scale": False}), "grey": (IMAGE[..., :1], {}),
    "deep": (IMAGE[..., :1] * 1000, {"scale": False}), "with alpha": (RNG.rand(4, 5, 4), {}),
    "float64": (IMAGE, {"dtype": "float64"}), "black": (np.zeros((2, 2, 3)), {}),
    "channels first": (IMAGE.transpose(2, 0, 1), {"data_format": "channels_first"}),
    "two channels": (IMAGE[..., :2], {}), "rank 2": (IMAGE[..., 0], {}), "format": (IMAGE, {"data_format": "x"}),
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_array_to_img(name: str) -> None:
    array, options = IMAGES[name]
    same(lambda k: k.utils.array_to_img(array, **options))


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize("options", [{}, {"data_format": "channels_first"}, {"dtype": "uint8"}], ids=str)
def test_img_to_array(mode: str, options: Any) -> None:
    same(lambda k: k.utils.img_to_array(Image.fromarray(BYTES).convert(mode), **options))


def test_img_to_array_of_arrays() -> None:
    same(lambda k: k.utils.img_to_array(np.zeros((2, 2))))
    same(lambda k: k.utils.img_to_array(np.zeros(2)))


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("images")
    image = Image.fromarray(BYTES)
    for name, mode in (("rgb", "RGB"), ("palette", "P"), ("alpha", "LA"), ("bits", "1")):
        image.convert(mode).save(folder / f"{name}.png")
    Image.fromarray(RNG.randint(0, 60000, (6, 7)).astype("uint16")).save(folder / "deep.png")
    (folder / "no.png").write_text("no image")
    return folder


@pytest.mark.parametrize("mode", ["rgb", "rgba", "grayscale", "x"])
@pytest.mark.parametrize("name", ["rgb", "palette", "alpha", "bits", "deep", "no", "missing"])
def test_load_img(files: Path, name: str, mode: str) -> None:
    if mode == "x" and name in ("no", "missing"):
        pytest.skip("two things are wrong")
    same(lambda k: k.utils.load_img(files / f"{name}.png", color_mode=mode))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "hamming", "box", "area"])
@pytest.mark.parametrize("keep", [False, True])
def test_load_img_at_a_size(files: Path, interpolation: str, keep: bool) -> None:
    options = {"target_size": (7, 9), "interpolation": interpolation, "keep_aspect_ratio": keep}
    same(lambda k: k.utils.load_img(str(files / "rgb.png"), **options))


def test_load_img_of_bytes_and_others(files: Path) -> None:
    content = (files / "rgb.png").read_bytes()
    same(lambda k: k.utils.load_img(io.BytesIO(content)))
    same(lambda k: k.utils.load_img(5))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_save_img(tmp_path: Path, name: str, channels: int) -> None:
    array = np.concatenate([IMAGE, IMAGE], -1)[..., :channels]
    for package in (triceras, keras):
        package.utils.save_img(tmp_path / f"{package.__name__}-{name}", array)
    ours, theirs = (np.asarray(Image.open(tmp_path / f"{k.__name__}-{name}")) for k in (triceras, keras))
    np.testing.assert_array_equal(ours, theirs)


def test_scikit_learns_photograph_survives_a_png(tmp_path: Path) -> None:
    from sklearn.datasets import load_sample_image

    photograph = load_sample_image("china.jpg")
    triceras.utils.save_img(tmp_path / "china.png", photograph, scale=False)
    read = triceras.utils.img_to_array(triceras.utils.load_img(tmp_path / "china.png"), dtype="uint8")
    np.testing.assert_array_equal(read, photograph)


def test_save_img_tells_no_format(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown file extension"):
        triceras.utils.save_img(tmp_path / "nothing", IMAGE)
    triceras.utils.save_img(tmp_path / "nothing", IMAGE, file_format="jpg")
    assert Image.open(tmp_path / "nothing").format == "JPEG"


RESIZES = {
    "square": ((5, 5), {}), "nearest": ((6, 10), {"interpolation": "nearest"}), "up": ((30, 10), {}),
    "size": ((5,), {}), "interpolation": ((5, 5), {"interpolation": "nope"}), "format": ((4, 4), {"data_format": "z"}),
}  # fmt: skip


@pytest.mark.parametrize("name", RESIZES)
def test_smart_resize(name: str) -> None:
    size, options = RESIZES[name]
    same(lambda k: k.preprocessing.image.smart_resize(IMAGE.astype("float32"), size, **options), exact=False)


def test_smart_resize_of_sorts() -> None:
    batch = IMAGE[None].astype("float32")
    same(lambda k: k.preprocessing.image.smart_resize(batch, (3, 9)), exact=False)
    same(lambda k: k.preprocessing.image.smart_resize(batch[0, 0], (3, 9)), exact=False)
    first = batch[0].transpose(2, 0, 1)
    same(lambda k: k.preprocessing.image.smart_resize(first, (5, 5), data_format="channels_first"), exact=False)
    # Keras's backends differ about bytes: some round.
    assert triceras.preprocessing.image.smart_resize(BYTES, (5, 4)).dtype == np.float32
    assert triceras.ops.is_tensor(triceras.preprocessing.image.smart_resize(triceras.ops.ones((8, 8, 3)), (2, 2)))


# -- small things ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", [triceras, keras], ids=lambda k: k.__name__)
def test_config(package: Any) -> None:
    config = package.utils.Config(a=1, b={"c": 2})
    config.d = 5
    config["e"] = 6
    assert config.as_dict() == {"a": 1, "b": {"c": 2}, "d": 5, "e": 6} and config["b"] == {"c": 2}
    assert len(config) == 4 and "a" in config and list(config) == list(config.keys()) == ["a", "b", "d", "e"]
    assert config.get("z", 7) == 7 and config.pop("e") == 6 and config.to_json() == '{"a": 1, "b": {"c": 2}, "d": 5}'
    config.update(f=1)
    config.freeze()
    assert config.frozen
    with pytest.raises(ValueError, match="frozen"):
        config.a = 2
    config.unfreeze()
    with pytest.raises(AttributeError):
        config.zzz
    with pytest.raises(KeyError):
        config["zzz"]


def test_config_deletes_and_copies() -> None:
    import copy

    config = triceras.utils.Config(a=1, b=2)
    del config.a, config["b"]
    assert not len(config) and copy.deepcopy(config) == config
    with pytest.raises(AttributeError, match="no 'a'"):
        del config.a


def sources(package: Any) -> list[list[str]]:
    inputs = [package.Input((2,), name=name) for name in "abc"]
    dense, add = package.layers.Dense(2), package.layers.Add()
    model = package.Model(inputs[:2], dense(inputs[0]) + inputs[1])
    tensors = [
        add([dense(inputs[1]), inputs[0], dense(inputs[2])]) + dense(inputs[0]),
        add([inputs[0], dense(inputs[0]), inputs[1]]),
        inputs[2],
        model([inputs[2], inputs[1]]),
    ]
    return [[x.name for x in package.utils.get_source_inputs(tensor)] for tensor in tensors]


def test_get_source_inputs() -> None:
    assert sources(triceras) == sources(keras) == [["b", "a", "c"], ["a", "b"], ["c"], ["c", "b"]]
    lonely = triceras.KerasTensor((2,))
    assert triceras.utils.get_source_inputs(lonely) is lonely and triceras.utils.get_source_inputs(3) == 3


def test_is_keras_tensor() -> None:
    for found in (triceras.utils.is_keras_tensor, triceras.backend.is_keras_tensor):
        assert found(triceras.Input((2,))) and not found(np.zeros(2)) and not found(triceras.ops.zeros(2))


DTYPES = ("float32", "bfloat16", "float8_e4m3fn", "uint8", "bool", None, np.float32, np.dtype("int32"), "nope")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["is_float_dtype", "is_int_dtype", "standardize_dtype"])
def test_dtypes(name: str, dtype: Any) -> None:
    calls = [lambda k=k: getattr(k.backend, name)(dtype) for k in (triceras, keras)]
    ours, theirs = (outcome(lambda k, call=call: str(call()), None) for call in calls)
    assert ours == theirs


@pytest.mark.parametrize("package", [triceras, keras], ids=lambda k: k.__name__)
def test_get_uid(package: Any) -> None:
    package.backend.clear_session()
    assert [package.backend.get_uid("a"), package.backend.get_uid("a"), package.backend.get_uid()] == [1, 2, 1]
    package.layers.Dense(1)
    assert package.backend.get_uid("dense") == 2 and package.layers.Dense(1).name == "dense_2"


def test_legacy() -> None:
    legacy = triceras.legacy.saving
    assert legacy.serialize_keras_object is triceras.utils.legacy.serialize_keras_object
    for package in (triceras, keras):
        found = package.utils.legacy.serialize_keras_object(package.regularizers.L2(0.5))
        assert (found["class_name"], found["config"]) == ("L2", {"l2": 0.5})
        assert package.utils.legacy.serialize_keras_object(package.activations.relu) == "relu"
        with pytest.raises(ValueError):
            package.utils.legacy.serialize_keras_object(5)
        config = {"class_name": "Dense", "config": {"units": 3}}
        made = package.utils.legacy.deserialize_keras_object(config, {"Dense": package.layers.Dense})
        assert made.units == 3
    assert legacy.deserialize_keras_object("relu", {"relu": triceras.activations.relu}) is triceras.activations.relu
    for unknown in ("nope", {"class_name": "Nope", "config": {}}, 5):
        with pytest.raises(ValueError):
            legacy.deserialize_keras_object(unknown)


def test_version() -> None:
    assert triceras.version() == triceras.__version__
