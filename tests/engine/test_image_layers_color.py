"""Image preprocessing layers of colours, filters and mixing: what they draw, when they do nothing, what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import triceras as keras

IMAGES = (np.random.default_rng(0).random((2, 10, 12, 3)) * 255).astype("float32")
LABELS = np.eye(2, 3, dtype="float32")
NAMES = {
    "AugMix": {"chain_depth": 2, "num_chains": 2, "all_ops": False},
    "AutoContrast": {},
    "ContrastLimitedAdaptiveHistogramEqualization": {"tile_grid_size": (2, 2), "clip_limit": 40},
    "CutMix": {},
    "Equalization": {},
    "MixUp": {"alpha": 0.5},
    "RandAugment": {},
    "RandomBrightness": {"factor": 0.3},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomColorJitter": {
        "brightness_factor": 0.2,
        "contrast_factor": 0.2,
        "saturation_factor": 0.2,
        "hue_factor": 0.2,
    },
    "RandomContrast": {"factor": 0.3},
    "RandomErasing": {"factor": (0.9, 1.0)},
    "RandomGaussianBlur": {"factor": (0.9, 1.0)},
    "RandomGrayscale": {"factor": 0.9},
    "RandomHue": {"factor": 0.5},
    "RandomInvert": {"factor": (0.9, 1.0)},
    "RandomPosterization": {"factor": 4},
    "RandomSaturation": {"factor": (0.1, 0.9)},
    "RandomSharpness": {"factor": 0.3},
    "Solarization": {"threshold_factor": (0.3, 0.6)},
}
UNSEEDED = ("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "Equalization")
# Each shape of which takes seconds to compile.
POLICIES = ("AugMix", "RandAugment")
IN_INFERENCE = ("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization")


def made(name: str, **further: Any) -> Any:
    seed = {} if name in UNSEEDED else {"seed": 7}
    return getattr(keras.layers, name)(**{**NAMES[name], **seed, **further})


def array(x: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(x)


def close(x: Any, y: Any, atol: float = 1e-3) -> None:
    np.testing.assert_allclose(array(x), array(y), rtol=1e-5, atol=atol)


@pytest.mark.parametrize("name", NAMES)
def test_seeds_repeat_and_inference_does_nothing(name: str) -> None:
    first, again = made(name), made(name)
    outputs = [array(first(IMAGES, training=True)) for _ in range(4)]
    for output in outputs:
        close(output, again(IMAGES, training=True))
        assert output.shape == IMAGES.shape and output.min() >= -1e-3 and output.max() <= 255.001
    assert max(np.abs(output - IMAGES).max() for output in outputs) > 1
    if name not in UNSEEDED:
        assert max(np.abs(output - outputs[0]).max() for output in outputs) > 0
    wanted, atol = (outputs[0], 1e-3) if name in IN_INFERENCE else (IMAGES, 0)
    close(first(IMAGES, training=False), wanted, atol)


@pytest.mark.parametrize("name", NAMES)
def test_compiled(name: str) -> None:
    layer, eager = made(name), made(name)
    compiled = keras.jit(lambda images: layer(images, training=True))
    for _ in range(2):
        close(compiled(IMAGES), eager(IMAGES, training=True), atol=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_one_image_and_a_dict(name: str) -> None:
    if name not in POLICIES:
        alone = made(name)(IMAGES[0], training=True)
        assert tuple(alone.shape) == IMAGES.shape[1:]
        close(alone, made(name)(IMAGES[:1], training=True)[0])
    layer = made(name)
    images, data = made(name)(IMAGES, training=True), {"images": IMAGES, "labels": LABELS}
    result = layer(data, training=True)
    close(result["images"], images)
    assert list(result) == list(data)
    if name in ("CutMix", "MixUp"):
        close(array(result["labels"]).sum(axis=-1), np.ones(2), atol=1e-5)
    else:
        close(result["labels"], LABELS, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_symbolic_and_channels_first(name: str) -> None:
    symbol = keras.KerasTensor((None, 10, 12, 3), "float32")
    assert made(name)(symbol).shape == (None, 10, 12, 3)
    if name in POLICIES:
        return
    first = IMAGES.transpose(0, 3, 1, 2)
    output = array(made(name, data_format="channels_first")(first, training=True))
    if name != "RandomErasing":  # its noise is drawn in the images' order
        close(output.transpose(0, 2, 3, 1), made(name)(IMAGES, training=True), atol=2e-3)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in POLICIES])
def test_value_range(name: str) -> None:
    if name in ("CutMix", "MixUp", "RandomGrayscale"):
        return
    bytes_, unit = made(name), made(name, value_range=(0, 1))
    images = np.floor(IMAGES)
    close(unit(images / 255, training=True), array(bytes_(images, training=True)) / 255, atol=5e-3)


@pytest.mark.parametrize(
    "name", ["RandomBrightness", "RandomGrayscale", "ContrastLimitedAdaptiveHistogramEqualization"]
)
def test_integers_stay_integers(name: str) -> None:
    output = made(name)(IMAGES.astype("uint8"), training=True)
    assert array(output).dtype == "uint8"


@pytest.mark.parametrize("name", ["AutoContrast", "MixUp", "RandomHue", "Solarization", "RandomSharpness"])
def test_dtypes(name: str) -> None:
    for dtype, out in (("mixed_float16", "float16"), ("float32", "float32")):
        output = made(name, dtype=dtype)(IMAGES.astype("uint8"), training=True)
        assert keras.backend.standardize_dtype(output.dtype) == out
    assert array(made(name, dtype="uint8")(IMAGES, training=True)).dtype == "uint8"


NOTHING = [
    ("RandomBrightness", {"factor": 0}),
    ("RandomColorDegeneration", {"factor": 0}),
    ("RandomColorJitter", {}),
    ("RandomContrast", {"factor": 0}),
    ("RandomErasing", {"factor": 0}),
    ("RandomGaussianBlur", {"factor": 0}),
    ("RandomGrayscale", {"factor": 0}),
    ("RandomHue", {"factor": 0}),
    ("RandomInvert", {"factor": 0}),
    ("RandomSaturation", {"factor": (0.5, 0.5)}),
    ("RandomSharpness", {"factor": (0.5, 0.5)}),
    ("RandomPosterization", {"factor": (8, 8)}),
]


@pytest.mark.parametrize(("name", "config"), NOTHING)
def test_factors_that_change_nothing(name: str, config: Any) -> None:
    images = np.floor(IMAGES)
    close(getattr(keras.layers, name)(**config)(images, training=True), images)


# Of 2000 images: the key of what is drawn, and the range that its numbers fill.
DRAWN = [
    ("RandomBrightness", {"factor": (-0.2, 0.4)}, "rgb_delta", (-51, 102)),
    ("RandomColorDegeneration", {"factor": 0.3}, "factor", (-0.3, 0.3)),
    ("RandomContrast", {"factor": (0.2, 0.6)}, "contrast_factor", (0.8, 1.6)),
    ("RandomHue", {"factor": 0.6}, "factor", (-0.3, 0.3)),
    ("RandomPosterization", {"factor": (2, 6)}, "shift_factor", (2, 6)),
    ("RandomSaturation", {"factor": (0.2, 0.6)}, "factor", (0.25, 1.5)),
    ("RandomSharpness", {"factor": 0.4}, "factor", (0, 0.4)),
    ("Solarization", {"addition_factor": 0.2}, "additions", (0, 51)),
    ("Solarization", {"threshold_factor": (0.2, 0.4)}, "thresholds", (51, 102)),
    ("MixUp", {"alpha": 1.0}, "mix_weight", (0, 1)),
]


@pytest.mark.parametrize(("name", "config", "key", "limits"), DRAWN)
def test_ranges_of_what_is_drawn(name: str, config: Any, key: str, limits: Any) -> None:
    layer = getattr(keras.layers, name)(seed=1, **config)
    drawn = array(layer.get_random_transformation(np.zeros((2000, 1, 1, 3), "float32"), training=True)[key])
    assert drawn.size == 2000
    low, high = limits
    margin = 0.02 * (high - low)
    assert low - 1e-5 <= drawn.min() <= low + margin and high - margin <= drawn.max() <= high + 1e-5


def test_the_same_numbers_on_every_backend() -> None:
    images = np.zeros((2, 4, 4, 3), "float32")
    draw = lambda layer: layer.get_random_transformation(images, training=True)  # noqa: E731
    delta = array(draw(keras.layers.RandomBrightness(0.5, seed=7))["rgb_delta"]).ravel()
    indices = array(draw(keras.layers.RandAugment(seed=7))["layer_idxes"])
    np.testing.assert_allclose(delta, BRIGHTNESS, rtol=1e-6)
    np.testing.assert_array_equal(indices, AUGMENTATIONS)


BRIGHTNESS = [-14.531682, -18.651543]
AUGMENTATIONS = [6, 1]


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_rectangles(share: float) -> None:
    layer = keras.layers.RandomErasing((1, 1), scale=(share, share), fill_value=1.0, seed=3)
    erased = array(layer(np.zeros((200, 30, 40, 1), "float32"), training=True))[..., 0]
    assert abs(erased.mean() - share) < 0.01
    rows, columns = erased.max(axis=2), erased.max(axis=1)
    np.testing.assert_array_equal(erased, rows[:, :, None] * columns[:, None, :])
    for line, size in ((rows, 30), (columns, 40)):
        assert np.abs(line.sum(axis=1) - size * share**0.5).max() <= 1
        assert (np.abs(np.diff(np.pad(line, ((0, 0), (1, 1))), axis=1)).sum(axis=1) == 2).all()  # in one piece
        assert line[:, 0].any() and line[:, -1].any()


def test_a_fill_for_each_channel() -> None:
    # The real layer refuses it on JAX.
    layer = keras.layers.RandomErasing((1, 1), scale=(1, 1), fill_value=(1, 2, 3))
    close(layer(IMAGES, training=True), np.broadcast_to([1, 2, 3], IMAGES.shape))


def test_cut_mix_weighs_labels_by_area() -> None:
    images = np.repeat(np.arange(6, dtype="float32"), 64).reshape((6, 8, 8, 1))
    layer = keras.layers.CutMix((0.9, 1.0), seed=5)
    result = layer({"images": images, "labels": np.eye(6), "segmentation_masks": images}, training=True)
    found = array(result["images"])
    areas = [[(image == label).mean() for label in range(6)] for image in found]
    close(result["labels"], areas, atol=1e-5)
    close(result["segmentation_masks"], found, atol=0)
    assert np.mean(areas) * 6 - np.trace(areas) / 6 + 1e-9 > 0


def test_mix_up_of_boxes() -> None:
    data = {
        "images": IMAGES,
        "bounding_boxes": {"boxes": np.ones((2, 3, 4), "float32"), "labels": np.ones((2, 3), "float32")},
    }
    layer = keras.layers.MixUp(seed=1, bounding_box_format="xyxy")
    boxes = layer(data, training=True)["bounding_boxes"]
    assert tuple(boxes["boxes"].shape) == (2, 6, 4) and tuple(boxes["labels"].shape) == (2, 6)
    shapes = {"images": (2, 10, 12, 3), "bounding_boxes": {"boxes": (2, 3, 4), "labels": (2, 3)}}
    assert layer.compute_output_shape(shapes)["bounding_boxes"] == {"boxes": (2, 6, 4), "labels": (2, 6)}


def test_mixing_weights_sum_to_one() -> None:
    drawn = keras.layers.AugMix(num_chains=4, seed=2).get_random_transformation(IMAGES, training=True)
    assert abs(array(drawn["chain_mixing_weights"]).sum() - 1) < 1e-5
    assert tuple(drawn["chain_transforms"]["layer_idxes"].shape) == (4, 3)
    assert 0 <= float(array(drawn["weight_sample"])) <= 1


def test_in_a_model() -> None:
    inputs = keras.Input((10, 12, 3))
    x = keras.layers.RandomContrast(0.3)(keras.layers.RandomBrightness(0.2)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(x)))
    model.compile("sgd", "mse")
    history = model.fit(IMAGES / 255, np.zeros((2, 1)), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


BAD = [
    ("RandomBrightness", {"factor": 2}),
    ("RandomBrightness", {"factor": 0.1, "value_range": 3}),
    ("RandomContrast", {"factor": -1}),
    ("RandomContrast", {"factor": 1.5}),
    ("RandomContrast", {"factor": "a"}),
    ("RandomColorDegeneration", {"factor": -1.5}),
    ("RandomColorJitter", {"brightness_factor": 3}),
    ("RandomGrayscale", {"factor": 2}),
    ("RandomHue", {"factor": -0.5}),
    ("RandomHue", {"factor": 1.5}),
    ("RandomSaturation", {"factor": 1.5}),
    ("RandomSharpness", {"factor": -0.3}),
    ("RandomPosterization", {"factor": 0}),
    ("RandomPosterization", {"factor": 9}),
    ("RandomPosterization", {"factor": 4.5}),
    ("Solarization", {"addition_factor": 2}),
    ("Solarization", {"threshold_factor": "a"}),
    ("RandomErasing", {"factor": 2}),
    ("RandomErasing", {"scale": 2}),
    ("RandomErasing", {"fill_value": "a"}),
    ("RandomGaussianBlur", {"factor": 2}),
    ("RandomGaussianBlur", {"kernel_size": 4}),
    ("RandomGaussianBlur", {"kernel_size": (3, 3, 3)}),
    ("RandomGaussianBlur", {"sigma": -1}),
    ("RandomGaussianBlur", {"sigma": (2, 1)}),
    ("RandomInvert", {"factor": 3}),
    ("MixUp", {"alpha": 0}),
    ("CutMix", {"factor": 2}),
    ("RandAugment", {"factor": 2}),
    ("RandAugment", {"num_ops": 0}),
    ("AugMix", {"num_chains": 0}),
    ("AugMix", {"chain_depth": 0}),
    ("AugMix", {"alpha": 0}),
    ("Equalization", {"bins": 0}),
    ("AutoContrast", {"value_range": (255, 0)}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (0, 2)}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"clip_limit": "a"}),
]


@pytest.mark.parametrize(("name", "config"), BAD)
def test_bad_arguments(name: str, config: Any) -> None:
    key = next(key for key in config if key != "factor" or len(config) == 1)
    key = "factor" if name == "RandomColorJitter" else key
    with pytest.raises(ValueError, match=key):
        getattr(keras.layers, name)(**config)


def test_bad_interpolation() -> None:
    for name in ("RandAugment", "AugMix"):
        with pytest.raises(NotImplementedError, match="interpolation"):
            made(name, interpolation="cubic")


@pytest.mark.parametrize("name", NAMES)
def test_bad_images(name: str) -> None:
    for shape in ((4, 4), (1, 2, 4, 4, 3)):
        with pytest.raises(ValueError, match="rank"):
            made(name)(np.zeros(shape, "float32"))


def test_wrong_channels_and_fills() -> None:
    for name in ("RandomHue", "RandomSaturation", "RandomGrayscale", "RandomColorDegeneration"):
        with pytest.raises(ValueError, match="channel"):
            made(name)(np.zeros((2, 4, 4, 2), "float32"), training=True)
    with pytest.raises(ValueError, match="fill_value"):
        made("RandomErasing", fill_value=(1, 2))(IMAGES, training=True)
    with pytest.raises(TypeError, match="factor"):
        keras.layers.RandomGrayscale(factor=(0.1, 0.2))
    with pytest.raises(NotImplementedError, match="bounding_boxes"):
        made("CutMix").transform_bounding_boxes({"boxes": np.zeros((2, 1, 4))}, None)


def test_a_grid_that_does_not_fit() -> None:
    layer = keras.layers.ContrastLimitedAdaptiveHistogramEqualization(clip_limit=0, tile_grid_size=(4, 4))
    image = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [12, 13, 14]], "float32")[..., None]
    mirrored = np.pad(image, ((0, 3), (0, 1), (0, 0)), mode="symmetric")
    close(layer(image), layer(mirrored)[:5, :3])
    assert tuple(layer(image[:2, :1]).shape) == (2, 1, 1)
