"""Image preprocessing layers that draw (colours, filters, mixing, policies) beside the real Keras's.

Both are given the transformation that the real layer drew: what they make of images, labels, bounding boxes and
segmentation masks must agree, and so must their configurations.
"""

from __future__ import annotations

from typing import Any

import keras as real
import numpy as np
import pytest

import triceras as keras
from tests.parity.configs import differences
from tests.parity.layers.image_color import ELSEWHERE, IMAGES
from triceras.layers.image_preprocessing.policies import _Seeds

LABELS = np.eye(2, 4, dtype="float32")
MASKS = np.random.default_rng(1).integers(0, 3, (2, 12, 14, 1)).astype("float32")
BOXES = {
    "boxes": np.random.default_rng(2).random((2, 3, 4)).astype("float32"),
    "labels": np.array([[0, 1, 2], [2, 1, 0]], dtype="float32"),
}

CASES: list[tuple[str, dict[str, Any]]] = [
    ("CutMix", {}),
    ("CutMix", {"factor": (0.2, 0.7), "data_format": "channels_first"}),
    ("MixUp", {}),
    ("MixUp", {"alpha": 0.7, "data_format": "channels_first"}),
    ("RandomBrightness", {"factor": 0.3}),
    ("RandomBrightness", {"factor": (-0.5, 0.2), "value_range": (0, 1)}),
    ("RandomColorDegeneration", {"factor": 0.3}),
    ("RandomColorDegeneration", {"factor": (0.2, 0.9), "value_range": (0, 1), "data_format": "channels_first"}),
    ("RandomContrast", {"factor": 0.3}),
    ("RandomContrast", {"factor": (0.4, 0.9), "value_range": (0, 1)}),
    ("RandomErasing", {"factor": (0.9, 1.0)}),
    ("RandomErasing", {"factor": (0.9, 1.0), "scale": (0.3, 0.5), "fill_value": 3.0, "data_format": "channels_first"}),
    ("RandomErasing", {"fill_value": 7, "scale": 0.4}),
    ("RandomGaussianBlur", {"factor": (0.9, 1.0)}),
    (
        "RandomGaussianBlur",
        {"factor": (0.9, 1.0), "kernel_size": 5, "sigma": (0.5, 2), "data_format": "channels_first"},
    ),
    ("RandomGrayscale", {"factor": 0.7}),
    ("RandomGrayscale", {"factor": 1.0, "data_format": "channels_first"}),
    ("RandomHue", {"factor": 0.5}),
    ("RandomHue", {"factor": (0.2, 1), "value_range": (0, 1), "data_format": "channels_first"}),
    ("RandomInvert", {"factor": (0.5, 0.9)}),
    ("RandomInvert", {"factor": (1, 1), "value_range": (-1, 1), "data_format": "channels_first"}),
    ("RandomPosterization", {"factor": 4}),
    ("RandomPosterization", {"factor": (2, 6), "data_format": "channels_first"}),
    # With another range Keras lets saturations be above 1, and colours outside the range.
    ("RandomSaturation", {"factor": (0.2, 0.9), "value_range": (0, 1)}),
    ("RandomSaturation", {"factor": 0.5, "data_format": "channels_first"}),
    ("RandomSharpness", {"factor": 0.4}),
    ("RandomSharpness", {"factor": (0.3, 1), "value_range": (0, 1), "data_format": "channels_first"}),
    ("Solarization", {"addition_factor": 0.2, "threshold_factor": (0.3, 0.5)}),
    ("Solarization", {"addition_factor": (0.1, 0.3), "value_range": (0, 1)}),
]
PARTS = [
    (
        "RandomColorJitter",
        {"brightness_factor": 0.2, "contrast_factor": 0.3, "saturation_factor": (0.3, 0.6), "hue_factor": 0.2},
    ),
    ("RandAugment", {"num_ops": 3, "factor": (0.1, 0.4), "interpolation": "nearest"}),
    ("AugMix", {"factor": (0.2, 0.3), "num_chains": 2, "chain_depth": 2}),
    ("AugMix", {"all_ops": False, "alpha": 0.5}),
]


def label(case: Any) -> str:
    return f"{case[0]}-{','.join(f'{key}={value}' for key, value in case[1].items())}"


def pair_of(case: Any) -> tuple[Any, Any]:
    """Our layer and the real one."""
    name, config = case
    return tuple(getattr(package.layers, name)(name="layer", seed=3, **config) for package in (keras, real))  # type: ignore[return-value]


def images_for(layer: Any) -> np.ndarray:
    low, high = getattr(layer, "value_range", (0, 255))
    images = (IMAGES / 255 * (high - low) + low).astype("float32")
    return images.transpose(0, 3, 1, 2) if layer.data_format == "channels_first" else images


def given(package: Any, tree: Any) -> Any:
    """Fresh tensors: the real layers change some of theirs in place."""
    if isinstance(tree, dict):
        return {key: given(package, value) for key, value in tree.items()}
    return package.ops.convert_to_tensor(np.array(tree))


def same(ours: Any, theirs: Any, atol: float = 1e-4) -> None:
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for key in theirs:
            same(ours[key], theirs[key], atol)
        return
    ours, theirs = keras.ops.convert_to_numpy(ours), real.ops.convert_to_numpy(theirs)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=atol)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_same_transformation(case: Any) -> None:
    ours, theirs = pair_of(case)
    images = images_for(theirs)
    source = real.random.SeedGenerator(5)
    if case[0] == "RandomGrayscale":  # which draws from nothing else
        source = None
    transformation = theirs.get_random_transformation(given(real, images), training=True, seed=source)
    atol = 5e-4 if case[0] in ("RandomHue", "RandomSaturation") else 1e-4
    same(
        ours.transform_images(given(keras, images), transformation, training=True),
        theirs.transform_images(given(real, images), transformation, training=True),
        atol,
    )
    same(
        ours.transform_labels(given(keras, LABELS), transformation, training=True),
        theirs.transform_labels(given(real, LABELS), transformation, training=True),
    )
    if case[0] == "MixUp":
        check_mix_up(ours, theirs, transformation)
    elif case[0] == "CutMix":
        check_cut_mix(ours, theirs, transformation, images)
    else:
        same(ours.transform_segmentation_masks(given(keras, MASKS), transformation), given(real, MASKS))
        same(theirs.transform_segmentation_masks(given(real, MASKS), transformation), given(real, MASKS))
        same(ours.transform_bounding_boxes(given(keras, BOXES), transformation), given(real, BOXES))
        if case[0] != "RandomGrayscale":  # which cannot be called so
            same(theirs.transform_bounding_boxes(given(real, BOXES), transformation), given(real, BOXES))


def check_mix_up(ours: Any, theirs: Any, transformation: Any) -> None:
    order = keras.ops.convert_to_numpy(transformation["permutation_order"])
    # Keras takes single numbers of the masks for the other image's, and puts the boxes' labels below each other.
    weight = keras.ops.convert_to_numpy(transformation["mix_weight"]).reshape((2, 1, 1, 1))
    mixed = (weight * MASKS + (1 - weight) * MASKS[order]).astype("float32")
    same(ours.transform_segmentation_masks(given(keras, MASKS), transformation, training=True), given(real, mixed))
    found = ours.transform_bounding_boxes(given(keras, BOXES), transformation, training=True)
    wanted = theirs.transform_bounding_boxes(given(real, BOXES), transformation, training=True)
    same(found["boxes"], wanted["boxes"])
    labels = np.concatenate([BOXES["labels"], BOXES["labels"][order]], axis=1)
    same(found["labels"], given(real, labels))


def check_cut_mix(ours: Any, theirs: Any, transformation: Any, images: np.ndarray) -> None:
    same(
        ours.transform_segmentation_masks(given(keras, MASKS.transpose(0, 3, 1, 2)), transformation)
        if ours.data_format == "channels_first"
        else ours.transform_segmentation_masks(given(keras, MASKS), transformation),
        cut_masks(ours, transformation),
    )
    for layer in (ours, theirs):
        with pytest.raises(NotImplementedError):
            layer.transform_bounding_boxes(given(keras, BOXES), transformation, training=True)


def cut_masks(layer: Any, transformation: Any) -> Any:
    axis = layer.channel_axis
    cuts = keras.ops.convert_to_numpy(transformation["batch_masks"]).take([0], axis=axis)
    masks = MASKS.transpose(0, 3, 1, 2) if axis == -3 else MASKS
    order = keras.ops.convert_to_numpy(transformation["permutation_order"])
    return given(real, np.where(cuts, masks[order], masks))


def transformed(layer: Any, images: Any, transformation: Any) -> Any:
    """By one of the real layers' parts. Some change their arguments in place on PyTorch."""
    return layer.transform_images(copied(images), copied(transformation), training=True)


def copied(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return given(real, real.ops.convert_to_numpy(tree)) if real.ops.is_tensor(tree) else tree


def test_color_jitter() -> None:
    # With ranges of one number each, except the direction of the hue, which makes no difference at half a turn.
    config = {
        "brightness_factor": (0.1, 0.1),
        "contrast_factor": (0, 0),
        "saturation_factor": (0.3, 0.3),
        "hue_factor": (1, 1),
    }
    ours, theirs = pair_of(("RandomColorJitter", config))
    same(ours(IMAGES, training=True), theirs(given(real, IMAGES), training=True), atol=1e-3)
    # The real layer does not tell its parts the order of the axes.
    config = {"data_format": "channels_first"}
    ours = keras.layers.RandomColorJitter(saturation_factor=(0.3, 0.3), **config)
    theirs = real.layers.RandomSaturation((0.3, 0.3), **config)
    images = images_for(theirs)
    same(ours(images, training=True), theirs(given(real, images), training=True), atol=1e-3)


def test_rand_augment() -> None:
    ours, theirs = pair_of(("RandAugment", {"num_ops": 3, "factor": (0.1, 0.4)}))
    theirs.build(IMAGES.shape)
    drawn = theirs.get_random_transformation(given(real, IMAGES), training=True)
    assert list(drawn["transforms"]) == list(ours.layer_names)
    # A whole call of the real layer is wrong on PyTorch, where RandomBrightness changes its argument in place.
    for indices in ([0, 3, 8], [5, 5, 10]):
        drawn["layer_idxes"] = real.ops.convert_to_tensor(np.array(indices, dtype="int32"))
        expected = given(real, IMAGES)
        for index in indices:
            name = ours.layer_names[index]
            expected = transformed(getattr(theirs, name), expected, drawn["transforms"][name])
        same(ours.transform_images(given(keras, IMAGES), drawn, training=True), expected, atol=2e-3)


def mixed(transformation: Any, step: Any) -> Any:
    """The mixture of two chains of two steps each: step(images, chain, depth)."""
    weights, share = (
        keras.ops.convert_to_numpy(transformation[key]) for key in ("chain_mixing_weights", "weight_sample")
    )
    chains = [step(step(given(real, IMAGES), chain, 0), chain, 1) for chain in range(2)]
    mixture = sum(weight * real.ops.convert_to_numpy(chain) for weight, chain in zip(weights, chains, strict=True))
    return given(real, (share * IMAGES + (1 - share) * mixture).astype("float32"))


@pytest.mark.parametrize("all_ops", [pytest.param(True, marks=pytest.mark.thorough), False])
def test_aug_mix(all_ops: bool) -> None:
    ours, theirs = pair_of(("AugMix", {"all_ops": all_ops, "num_chains": 2, "chain_depth": 2}))
    theirs.build(IMAGES.shape)
    drawn = theirs.get_random_transformation(given(real, IMAGES), training=True)

    def their_step(images: Any, chain: int, depth: int) -> Any:
        places = drawn["chain_transforms"][chain]
        if depth >= len(places):  # Keras draws shorter chains too
            return images
        assert places[depth]["layer_name"] in ours.layer_names
        return transformed(getattr(theirs, places[depth]["layer_name"]), images, places[depth]["transformation"])

    if real.backend.backend() != "torch":  # where RandomBrightness changes its argument in place
        same(theirs.transform_images(given(real, IMAGES), copied(drawn), training=True), mixed(drawn, their_step), 1e-3)

    drawn = ours.get_random_transformation(given(keras, IMAGES), training=True)
    indices, seeds = (drawn["chain_transforms"][key] for key in ("layer_idxes", "seeds"))

    def our_step(images: Any, chain: int, depth: int) -> Any:
        index = int(keras.ops.convert_to_numpy(indices)[chain, depth])
        if index == len(ours.layer_names):  # as the shorter chains
            return images
        name = ours.layer_names[index]
        seed = _Seeds(seeds[chain, depth])
        return ours.apply(name, images, getattr(ours, name).get_random_transformation(images, seed=seed))

    same(ours.transform_images(given(keras, IMAGES), drawn, training=True), mixed(drawn, our_step), 2e-3)


@pytest.mark.parametrize("case", [*CASES, *PARTS], ids=label)
def test_config(case: Any) -> None:
    ours, theirs = pair_of(case)
    wanted = theirs.get_config()
    assert not differences(ours.get_config(), wanted)
    assert not differences(type(ours).from_config(wanted).get_config(), wanted)


@pytest.mark.parametrize("case", [*CASES, *PARTS], ids=label)
def test_inference(case: Any) -> None:
    ours, theirs = pair_of(case)
    images = images_for(theirs)
    same(ours(images, training=False), theirs(given(real, images), training=False))
    assert tuple(ours.compute_output_shape((None, 12, 14, 3))) == (None, 12, 14, 3)


def test_policies_hold_the_same_layers() -> None:
    for case in PARTS[1:]:
        ours, theirs = pair_of(case)
        theirs.build(IMAGES.shape)
        for name in ours.layer_names:
            wanted = getattr(theirs, name).get_config()
            found = differences(getattr(ours, name).get_config(), wanted)
            assert not [line for line in found if "'name'" not in line and "'dtype'" not in line], name


def test_every_class_is_here() -> None:
    assert {name for name, _ in [*CASES, *PARTS]} == set(ELSEWHERE)
