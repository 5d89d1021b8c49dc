"""Image layers that move pixels: what they do with drawn numbers, beside the real Keras; boxes beside the pixels; what
they draw; the functions on bounding boxes; bad input."""

from __future__ import annotations

from typing import Any

import keras as real
import numpy as np
import pytest

import triceras as keras
from tests.parity.layers import image_geometry
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 255, (2, 6, 8, 3)).astype("float32")
MASKS = RNG.integers(0, 5, (2, 6, 8, 1)).astype("uint8")
BOXES = np.array([[[0, 0, 4, 5], [2, 1, 6, 3]], [[3, 3, 8, 6], [1, 1, 2, 2]]], "float32")
LABELS = np.array([[1, 2], [3, 4]], "float32")


def numpy(x: Any) -> np.ndarray:
    return real.ops.convert_to_numpy(x)


def converted(package: Any, tree: Any) -> Any:
    """Arrays in a dict as tensors."""
    return {k: package.ops.convert_to_tensor(v) if isinstance(v, np.ndarray) else v for k, v in tree.items()}


def turned(angles: list[float], height: int = 6, width: int = 8) -> dict[str, Any]:
    """The transformation of RandomRotation, by its definition."""
    rows = []
    for angle in np.radians(angles):
        c, s, x, y = np.cos(angle), np.sin(angle), (width - 1) / 2, (height - 1) / 2
        rows.append([c, -s, x - c * x + s * y, s, c, y - s * x - c * y, 0, 0])
    sizes = {"image_height": height, "image_width": width, "batch_size": len(angles)}
    return {"angle": np.array(angles, "float32"), "rotation_matrix": np.array(rows, "float32"), **sizes}


SHAPE = {"input_shape": (2, 6, 8, 3)}
CORNERS = np.array([[[0, 0], [7, 0], [0, 5], [7, 5]]] * 2, "float32")
MOVES = [[[1, 1], [0.8, 1], [1, 0.9], [0.95, 1.1]], [[1, 1], [1.1, 1], [1, 1.2], [0.9, 1]]]
ENDS = CORNERS * np.array(MOVES, "float32")
PERSPECTIVE = {"apply_perspective": np.array([True, False]), "start_points": CORNERS, "end_points": ENDS, **SHAPE}
TRANSLATIONS = {"translations": np.array([[1.3, -0.6], [-2.0, 1.7]], "float32"), **SHAPE}
ZOOMS = {
    "height_zoom": np.array([[1.2], [0.7]], "float32"),
    "width_zoom": np.array([[0.9], [1.3]], "float32"),
    **SHAPE,
}
SHEARS = {"shear_factor": np.array([[0.21, 0.13], [-0.34, 0.23]], "float32"), **SHAPE}
FLIPS = {"flips": np.array([True, False]).reshape(2, 1, 1, 1), **SHAPE}

# A layer, its constructor's arguments, a transformation.
DRAWN = [
    ("RandomFlip", {"mode": "horizontal"}, FLIPS),
    ("RandomFlip", {"mode": "vertical"}, FLIPS),
    ("RandomFlip", {}, FLIPS),
    ("RandomRotation", {"factor": 0.5}, turned([30.0, -75.0])),
    ("RandomRotation", {"factor": 0.5, "fill_mode": "constant", "fill_value": 3.0}, turned([30.0, -75.0])),
    ("RandomRotation", {"factor": 0.5, "fill_mode": "constant", "interpolation": "nearest"}, turned([20.0, 50.0])),
    ("RandomTranslation", {"height_factor": 0.5, "width_factor": 0.5}, TRANSLATIONS),
    ("RandomTranslation", {"height_factor": 0.5, "width_factor": 0.5, "fill_mode": "nearest"}, TRANSLATIONS),
    ("RandomZoom", {"height_factor": 0.5, "width_factor": 0.5}, ZOOMS),
    ("RandomZoom", {"height_factor": 0.5, "fill_mode": "constant", "fill_value": 1.0}, ZOOMS),
    ("RandomShear", {"x_factor": 0.5}, SHEARS),
    ("RandomShear", {"x_factor": 0.5, "fill_mode": "nearest"}, SHEARS),
    ("RandomPerspective", {}, PERSPECTIVE),
    ("RandomCrop", {"height": 3, "width": 4}, (2, 1)),
]
NAMES = [f"{name}-{','.join(map(str, config.values()))}" for name, config, _ in DRAWN]
# What is random, but of which the field cannot be given, and what is not random.
OTHERS = {"RandomElasticTransform", "Resizing", "CenterCrop", "MaxNumBoundingBoxes"}


# The first of each layer always, the others with --thorough.
FIRST = [name not in {n for n, _, _ in DRAWN[:i]} for i, (name, _, _) in enumerate(DRAWN)]
CASES = [
    pytest.param(*case, id=label, marks=[] if first else [pytest.mark.thorough])
    for case, label, first in zip(DRAWN, NAMES, FIRST, strict=True)
]


def pair(name: str, config: dict[str, Any], **more: Any) -> tuple[Any, Any]:
    ours, theirs = (getattr(package.layers, name)(**config, **more) for package in (keras, real))
    return ours, theirs


def given(package: Any, transformation: Any) -> Any:
    return transformation if isinstance(transformation, tuple) else converted(package, transformation)


@pytest.mark.parametrize("name, config, transformation", CASES)
def test_images_and_masks(name: str, config: dict[str, Any], transformation: Any) -> None:
    ours, theirs = pair(name, config)
    # Masks of bytes: Keras computes perspectives in bytes too, and makes floats of others.
    for method, x in (("transform_images", IMAGES), ("transform_segmentation_masks", MASKS.astype("float32"))):
        found = getattr(ours, method)(keras.ops.convert_to_tensor(x), given(keras, transformation))
        wanted = getattr(theirs, method)(real.ops.convert_to_tensor(x), given(real, transformation))
        assert numpy(found).dtype == numpy(wanted).dtype
        np.testing.assert_allclose(numpy(found), numpy(wanted), rtol=1e-4, atol=5e-3)


@pytest.mark.parametrize("name, config, transformation", CASES[3:4])
def test_channels_first(name: str, config: dict[str, Any], transformation: Any) -> None:
    ours = getattr(keras.layers, name)(**config)
    first = getattr(keras.layers, name)(data_format="channels_first", **config)
    wanted = numpy(ours.transform_images(IMAGES, given(keras, transformation)))
    x = np.ascontiguousarray(IMAGES.transpose(0, 3, 1, 2))
    found = numpy(first.transform_images(x, given(keras, transformation)))
    np.testing.assert_allclose(found.transpose(0, 2, 3, 1), wanted, rtol=1e-5, atol=1e-3)


# Keras shears boxes in other units than pixels, moves those of images that it leaves alone when it changes the view,
# does not cut them off at a crop's edges, and turns only corners: `test_boxes_follow_the_pixels` has these.
WRONG_THERE = ("RandomShear", "RandomPerspective", "RandomCrop")
BOXED = [case for case in CASES if case.values[0] not in WRONG_THERE]


@pytest.mark.parametrize("name, config, transformation", BOXED)
def test_boxes(name: str, config: dict[str, Any], transformation: Any) -> None:
    for box_format in ("xyxy",) if name == "RandomRotation" else ("xyxy", "center_xywh"):
        ours, theirs = pair(name, config, bounding_box_format=box_format)
        boxes = numpy(real.utils.bounding_boxes.convert_format(BOXES, "xyxy", box_format))
        both = {"boxes": boxes, "labels": LABELS}
        found = ours.transform_bounding_boxes(converted(keras, both), given(keras, transformation))
        wanted = theirs.transform_bounding_boxes(converted(real, both), given(real, transformation))
        for key in both:
            np.testing.assert_allclose(numpy(found[key]), numpy(wanted[key]), rtol=1e-4, atol=1e-4)


SQUARE = 40
WARPS = [
    ("RandomRotation", {"factor": 0.5}, turned([25.0], SQUARE, SQUARE)),
    ("RandomShear", {"x_factor": 0.5}, {"shear_factor": np.array([[0.3, 0.2]], "float32")}),
    ("RandomPerspective", {}, {**PERSPECTIVE, "apply_perspective": np.array([True])}),
    ("RandomPerspective", {}, {**PERSPECTIVE, "apply_perspective": np.array([False])}),
    ("RandomTranslation", {"height_factor": 0, "width_factor": 0}, {"translations": np.array([[5, -3.0]], "float32")}),
    ("RandomZoom", {"height_factor": 0.1}, {k: np.array([[1.3]], "float32") for k in ("height_zoom", "width_zoom")}),
    ("RandomFlip", {}, {"flips": np.ones((1, 1, 1, 1), bool)}),
    ("RandomCrop", {"height": 30, "width": 28}, (4, 7, (SQUARE, SQUARE))),
    ("CenterCrop", {"height": 30, "width": 28}, {}),
    ("CenterCrop", {"height": 50, "width": 45}, {}),
    ("Resizing", {"height": 60, "width": 30}, (SQUARE, SQUARE)),
    ("Resizing", {"height": 60, "width": 45, "crop_to_aspect_ratio": True}, (SQUARE, SQUARE)),
    ("Resizing", {"height": 50, "width": 75, "pad_to_aspect_ratio": True}, (SQUARE, SQUARE)),
]


@pytest.mark.parametrize("box_format", ["rel_yxyx", pytest.param("xyxy", marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name, config, transformation", WARPS)
def test_boxes_follow_the_pixels(name: str, config: dict[str, Any], transformation: Any, box_format: str) -> None:
    """The box around a bright rectangle is around it afterwards."""
    image = np.zeros((1, SQUARE, SQUARE, 1), "float32")
    image[0, 15:24, 14:27] = 1
    fills = ("RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom")
    sampling = {"fill_mode": "constant"} if name in fills else {}
    layer = getattr(keras.layers, name)(bounding_box_format=box_format, **config, **sampling)
    if isinstance(transformation, dict):
        transformation = {**transformation, "input_shape": image.shape}
    if name == "RandomPerspective":
        for key in ("start_points", "end_points"):
            points = transformation[key][:1] * (SQUARE - 1) / np.array([7, 5])
            transformation[key] = points.astype("float32")
    drawn = given(keras, transformation)
    found = numpy(layer.transform_images(image, drawn))[0, ..., 0]
    rows, columns = np.nonzero(found > 0.5)
    convert = keras.utils.bounding_boxes.convert_format
    before = convert(np.array([[[14, 15, 27, 24.0]]], "float32"), "xyxy", box_format, SQUARE, SQUARE)
    boxes = layer.transform_bounding_boxes({"boxes": before, "labels": np.ones((1, 1))}, drawn)
    after = numpy(convert(boxes, box_format, "xyxy", *found.shape)["boxes"])[0, 0]
    around = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(after, around, atol=2.0)


RANDOM = [
    ("RandomFlip", {}),
    ("RandomCrop", {"height": 3, "width": 4}),
    ("RandomRotation", {"factor": 0.3}),
    ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.3}),
    ("RandomZoom", {"height_factor": 0.2, "width_factor": 0.3}),
    ("RandomShear", {"x_factor": 0.2, "y_factor": 0.3}),
    ("RandomPerspective", {"factor": 1.0, "scale": 0.3}),
    ("RandomElasticTransform", {"factor": 1.0, "scale": 1.0}),
]


@pytest.mark.parametrize("name, config", RANDOM)
def test_a_seed_repeats_and_compiling_changes_nothing(name: str, config: dict[str, Any]) -> None:
    make = getattr(keras.layers, name)
    layer, again, compiled = (make(seed=5, **config) for _ in range(3))
    x = keras.ops.convert_to_tensor(IMAGES)
    first = numpy(layer(x, training=True))
    np.testing.assert_array_equal(numpy(again(x, training=True)), first)
    np.testing.assert_allclose(numpy(keras.jit(lambda v: compiled(v, training=True))(x)), first, rtol=1e-4, atol=5e-3)
    if name != "RandomCrop":
        np.testing.assert_array_equal(numpy(layer(x, training=False)), IMAGES)
    alone = numpy(make(seed=5, **config)(IMAGES[0], training=True))
    assert alone.shape == first.shape[1:]


@pytest.mark.parametrize(
    "name, config",
    [
        ("RandomRotation", {"factor": 0}),
        ("RandomTranslation", {"height_factor": 0, "width_factor": 0}),
        ("RandomZoom", {"height_factor": 0}),
        ("RandomShear", {}),
        ("RandomPerspective", {"factor": 0}),
        ("RandomPerspective", {"scale": 0}),
        ("RandomElasticTransform", {"factor": 0}),
        ("RandomElasticTransform", {"scale": 0}),
    ],
)
def test_nothing_drawn_is_nothing_done(name: str, config: dict[str, Any]) -> None:
    layer = getattr(keras.layers, name)(bounding_box_format="xyxy", **config)
    data = {"images": IMAGES, "segmentation_masks": MASKS, "labels": np.array([1, 2])}
    if name != "RandomElasticTransform":
        data["bounding_boxes"] = {"boxes": BOXES, "labels": LABELS}
    result = layer(data, training=True)
    np.testing.assert_allclose(numpy(result["images"]), IMAGES, rtol=1e-4, atol=1e-2)
    np.testing.assert_array_equal(numpy(result["segmentation_masks"]), MASKS)
    if "bounding_boxes" in data:
        np.testing.assert_allclose(numpy(result["bounding_boxes"]["boxes"]), BOXES, atol=1e-4)
        np.testing.assert_array_equal(numpy(result["bounding_boxes"]["labels"]), LABELS)


def test_what_is_drawn() -> None:
    many = np.zeros((4000, 2, 4, 1), "float32")
    layers = keras.layers

    def ends(x: Any) -> tuple[float, float]:
        return float(numpy(x).min()), float(numpy(x).max())

    def draw(layer: Any) -> dict[str, Any]:
        return layer.get_random_transformation(many, training=True)

    np.testing.assert_allclose(ends(draw(layers.RandomRotation((-0.1, 0.3), seed=1))["angle"]), (-36, 108), atol=0.5)
    moves = numpy(draw(layers.RandomTranslation(0.5, (-0.25, 0.1), seed=1))["translations"])
    np.testing.assert_allclose([ends(moves[:, 0]), ends(moves[:, 1])], [(-1, 0.4), (-1, 1)], atol=0.01)
    zoom = draw(layers.RandomZoom((-0.2, 0.3), 0.1, seed=1))
    np.testing.assert_allclose(ends(zoom["height_zoom"]), (0.8, 1.3), atol=0.01)
    np.testing.assert_allclose(ends(zoom["width_zoom"]), (0.9, 1.1), atol=0.01)
    same = draw(layers.RandomZoom(0.2, seed=1))
    np.testing.assert_array_equal(numpy(same["height_zoom"]), numpy(same["width_zoom"]))
    shears = numpy(draw(layers.RandomShear(0.2, (0.1, 0.3), seed=1))["shear_factor"])
    np.testing.assert_allclose([ends(shears[:, 0]), ends(shears[:, 1])], [(-0.2, 0.2), (-0.3, 0.3)], atol=0.01)
    assert np.abs(shears[:, 1]).min() >= 0.1
    assert 0.45 < numpy(draw(layers.RandomFlip(seed=1))["flips"]).mean() < 0.55
    view = draw(layers.RandomPerspective((0.2, 0.4), 0.4, seed=1))
    assert 0.27 < numpy(view["apply_perspective"]).mean() < 0.33
    np.testing.assert_allclose(ends(view["end_points"][:, 3, 0]), (2.4, 3.6), atol=0.01)
    field = draw(layers.RandomElasticTransform(1.0, (0.5, 1.0), seed=1))
    assert 0.45 < numpy(field["apply_transform"]).mean() < 0.55
    assert 0.5 <= float(numpy(field["distortion_factor"])) <= 1
    starts = [layers.RandomCrop(2, 2, seed=seed).get_random_transformation(many)[:2] for seed in range(30)]
    assert {int(numpy(left)) for _, left in starts} == {0, 1, 2}
    assert {int(numpy(top)) for top, _ in starts} == {0}


def test_a_strong_field_moves_pixels_smoothly() -> None:
    image = np.arange(40.0).reshape(1, 1, 40, 1) * np.ones((1, 30, 1, 1))
    layer = keras.layers.RandomElasticTransform((1, 1), (1, 1), seed=3)
    ours, wanted = layer.get_elastic_transform_params(30, 40, 0.5)
    np.testing.assert_allclose([float(numpy(ours)), float(numpy(wanted))], [2.0, 0.75], rtol=1e-6)
    moved = numpy(layer(image, training=True))[0, ..., 0]
    off = (moved - image[0, ..., 0])[8:-8, 8:-8]
    # Far from the edges the standard deviation is alpha / (2 sqrt(pi)), 4 / 3.54.
    assert 0.6 < off.std() < 1.7
    assert np.abs(np.diff(off, axis=0)).mean() < off.std()


def test_a_crop_is_a_part_and_small_images_are_resized() -> None:
    layer = keras.layers.RandomCrop(3, 4, seed=2)
    part = numpy(layer(IMAGES, training=True))
    places = [(top, left) for top in range(4) for left in range(5)]
    assert any(np.array_equal(part, IMAGES[:, top : top + 3, left : left + 4]) for top, left in places)
    resized = numpy(keras.ops.image.resize(IMAGES, (3, 4), crop_to_aspect_ratio=True))
    np.testing.assert_allclose(numpy(layer(IMAGES, training=False)), resized)
    small = IMAGES[:, :2]
    resized = numpy(keras.ops.image.resize(small, (3, 4), crop_to_aspect_ratio=True))
    np.testing.assert_allclose(numpy(layer(small, training=True)), resized)


def test_masks_without_channels_and_one_image() -> None:
    layer = keras.layers.RandomRotation(0.3, seed=4, bounding_box_format="xyxy")
    batch = layer({"images": IMAGES[:1], "segmentation_masks": MASKS[:1]}, training=True)
    layer = keras.layers.RandomRotation(0.3, seed=4, bounding_box_format="xyxy")
    data = {
        "images": IMAGES[0],
        "segmentation_masks": MASKS[0, ..., 0],
        "bounding_boxes": {"boxes": BOXES[0], "labels": LABELS[0]},
        "labels": 7,
    }
    alone = layer(data, training=True)
    np.testing.assert_allclose(numpy(alone["images"]), numpy(batch["images"])[0], rtol=1e-5, atol=1e-3)
    np.testing.assert_array_equal(numpy(alone["segmentation_masks"]), numpy(batch["segmentation_masks"])[0, ..., 0])
    assert numpy(alone["bounding_boxes"]["boxes"]).shape == (2, 4)
    assert numpy(alone["labels"]) == 7


def test_in_a_model() -> None:
    inputs = keras.Input((None, None, 3), dtype="uint8")
    x = keras.layers.RandomFlip(seed=1)(keras.layers.Resizing(6, 6)(inputs))
    outputs = keras.layers.CenterCrop(4, 4)(keras.layers.RandomRotation(0.1, seed=2)(x))
    model = keras.Model(inputs, outputs)
    assert outputs.shape == (None, 4, 4, 3)
    assert numpy(model(RNG.integers(0, 255, (2, 9, 7, 3)).astype("uint8"), training=True)).shape == (2, 4, 4, 3)


BOTH = {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}
BAD = [
    (ValueError, "RandomRotation", {"factor": 2}, "factor"),
    (ValueError, "RandomRotation", {"factor": "a"}, "factor"),
    (NotImplementedError, "RandomRotation", {"factor": 0.1, "fill_mode": "mirror"}, "fill_mode"),
    (NotImplementedError, "RandomRotation", {"factor": 0.1, "interpolation": "bicubic"}, "interpolation"),
    (ValueError, "RandomTranslation", {"height_factor": 2, "width_factor": 0.1}, "height_factor"),
    (ValueError, "RandomTranslation", {"height_factor": 0.1, "width_factor": (0.1, 0.2, 0.3)}, "width_factor"),
    (ValueError, "RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1, "factor": 1}, "factor"),
    (ValueError, "RandomZoom", {"height_factor": (-1, 1)}, "height_factor"),
    (ValueError, "RandomZoom", {"height_factor": 0.1, "width_factor": 1.5}, "width_factor"),
    (ValueError, "RandomShear", {"x_factor": -0.2}, "x_factor"),
    (ValueError, "RandomShear", {"y_factor": 2}, "y_factor"),
    (NotImplementedError, "RandomShear", {"fill_mode": "edge"}, "fill_mode"),
    (ValueError, "RandomPerspective", {"factor": 2}, "factor"),
    (ValueError, "RandomPerspective", {"scale": -1}, "scale"),
    (NotImplementedError, "RandomPerspective", {"interpolation": "cubic"}, "interpolation"),
    (ValueError, "RandomElasticTransform", {"scale": 2}, "scale"),
    (ValueError, "RandomElasticTransform", {"value_range": 3}, "value_range"),
    (NotImplementedError, "RandomElasticTransform", {"fill_mode": "edge"}, "fill_mode"),
    (ValueError, "RandomFlip", {"mode": "diagonal"}, "mode"),
    (ValueError, "RandomFlip", {"seed": 1.5}, "seed"),
    (ValueError, "RandomFlip", {"data_format": "last"}, "data_format"),
    (ValueError, "Resizing", {"height": 0, "width": 3}, "height"),
    (ValueError, "Resizing", {"height": 3, "width": 3.5}, "width"),
    (ValueError, "Resizing", {"height": 3, "width": 3, "interpolation": "cubic"}, "interpolation"),
    (ValueError, "Resizing", {"height": 3, "width": 3, "fill_mode": "reflect"}, "fill_mode"),
    (ValueError, "Resizing", {"height": 3, "width": 3, **BOTH}, "crop_to_aspect_ratio"),
    (ValueError, "CenterCrop", {"height": "a", "width": 3}, "height"),
    (ValueError, "RandomCrop", {"height": 3, "width": -3}, "width"),
    (ValueError, "MaxNumBoundingBoxes", {"max_number": 0}, "max_number"),
]


@pytest.mark.parametrize("error, name, config, said", BAD)
def test_bad_arguments(error: type[Exception], name: str, config: dict[str, Any], said: str) -> None:
    with pytest.raises(error, match=said):
        getattr(keras.layers, name)(**config)


def test_bad_input() -> None:
    layer = keras.layers.RandomFlip(name="flips")
    with pytest.raises(ValueError, match=r"'flips'.*rank 3.*\(6, 8\)"):
        layer(np.zeros((6, 8)))
    with pytest.raises(ValueError, match=r"'flips'.*\(1, 2, 6, 8, 3\)"):
        layer(np.zeros((1, 2, 6, 8, 3)))
    with pytest.raises(ValueError, match="'flips'.*bounding_box_format"):
        layer({"images": IMAGES, "bounding_boxes": {"boxes": BOXES, "labels": LABELS}})
    with pytest.raises(ValueError, match="'flips'.*labels"):
        layer({"labels": LABELS})
    field = keras.layers.RandomElasticTransform(name="field", bounding_box_format="xyxy")
    with pytest.raises(NotImplementedError, match="'field'.*transform_bounding_boxes"):
        field({"images": IMAGES, "bounding_boxes": {"boxes": BOXES, "labels": LABELS}})


def test_every_class_of_this_half_is_tested() -> None:
    package = BaseImagePreprocessingLayer.__module__.rsplit(".", 1)[0]
    parts = ("affine", "box_counts", "cropping", "distorting", "flipping", "resizing")
    modules = {f"{package}.{part}" for part in parts}
    names = {name for name, x in vars(keras.layers).items() if getattr(x, "__module__", None) in modules}
    rows = {row.name for row in image_geometry.ROWS}
    assert names == rows == {name for name, _, _ in DRAWN} | OTHERS
