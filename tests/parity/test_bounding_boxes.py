"""The functions on bounding boxes beside the real Keras's, what they refuse, and what Keras has wrong."""

from __future__ import annotations

import inspect
from typing import Any

import keras as real
import numpy as np
import pytest

import triceras as keras

boxes, theirs = keras.utils.bounding_boxes, real.utils.bounding_boxes
RNG = np.random.default_rng(0)


def some(*shape: int, size: float = 50.0) -> np.ndarray:
    """Boxes as left, top, right, bottom."""
    start = RNG.uniform(0, size, (*shape, 2))
    return np.concatenate([start, start + RNG.uniform(1, size, (*shape, 2))], -1).astype("float32")


FIRST, SECOND, BATCH = some(4), some(3), some(2, 4)
SIZES = {"height": 60, "width": 80}
IMAGE = {"image_shape": (60, 80, 3)}
ABSENT = np.array([[0, 0, 9, 9], [-1, -1, -1, -1.0]])
VARIANCE = [0.1, 0.2, 0.3, 0.4]
AROUND = {"height": 61, "width": 81}


def affine(**settings: float) -> dict[str, Any]:
    """One number an image for each setting."""
    default = {"angle": 0.0, "translate_x": 0.0, "translate_y": 0.0, "scale": 1.0, "shear_x": 0.0, "shear_y": 0.0}
    numbers = {**default, **settings}
    return {key: np.array([value, 0.5 * value + 0.1], "float32") for key, value in numbers.items()} | AROUND


CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *[("convert_format", (FIRST, "xyxy", target), SIZES) for target in boxes.FORMATS],
    *[("convert_format", (BATCH / 100, source, "xyxy"), SIZES) for source in boxes.FORMATS],
    ("convert_format", (FIRST.astype("int32"), "XYXY", "center_xywh"), {}),
    ("convert_format", (FIRST, "xywh", "yxyx"), {"dtype": "float16"}),
    ("convert_format", ({"boxes": FIRST, "labels": np.arange(4)}, "xywh", "xyxy"), {}),
    ("clip_to_image_size", ({"boxes": BATCH, "labels": np.ones((2, 4))},), SIZES),
    ("clip_to_image_size", ({"boxes": FIRST + 40, "labels": np.arange(4)},), {"height": 60, "width": 80}),
    ("clip_to_image_size", ({"boxes": FIRST / 50, "labels": np.arange(4)},), {"bounding_box_format": "rel_xyxy"}),
    ("affine_transform", (BATCH,), affine(angle=30.0)),
    ("affine_transform", (BATCH,), affine(translate_x=0.2, translate_y=-0.1, scale=1.5)),
    ("affine_transform", (BATCH,), affine(angle=20.0, scale=0.7, shear_x=10.0, shear_y=-15.0, translate_x=0.1)),
    ("affine_transform", (BATCH,), {**affine(angle=30.0), "center_x": 0.2, "center_y": 0.7}),
    ("crop", (FIRST, 5, 7, 30, 20), {}),
    ("crop", (BATCH, 5, 7, 30, 20), {}),
    ("pad", (BATCH, 5, 7), {}),
    ("pad", (FIRST.astype("int32"), 5, 7, 60, 80), {}),
    ("compute_iou", (FIRST, SECOND, "xyxy"), {}),
    ("compute_iou", (BATCH, SECOND, "xywh"), {}),
    ("compute_iou", (FIRST, BATCH, "center_yxhw"), {}),
    ("compute_iou", (FIRST / 100, SECOND / 100, "rel_xyxy"), IMAGE),
    ("compute_iou", (np.array([[0, 0, 9, 9], [-1, -1, -1, -1.0]]), SECOND, "xyxy"), {"use_masking": True}),
    (
        "compute_iou",
        (np.array([[0, 0, 9, 9], [-1, -1, -1, -1.0]]), SECOND, "xyxy"),
        {"use_masking": True, "mask_val": 0},
    ),
    ("compute_iou", (np.zeros((1, 4)), np.zeros((1, 4)), "xyxy"), {}),
    ("compute_ciou", (FIRST, some(4), "xyxy"), {}),
    ("compute_ciou", (BATCH, some(2, 4), "xywh"), {}),
    ("compute_ciou", (np.zeros((1, 4)), np.zeros((1, 4)), "xyxy"), {}),
    ("encode_box_to_deltas", (FIRST, some(4), "xyxy", "xyxy"), {}),
    ("encode_box_to_deltas", (FIRST, BATCH, "xywh", "yxyx"), {"encoding_format": "center_xywh", "variance": VARIANCE}),
    ("encode_box_to_deltas", (FIRST, some(4) / 100, "xyxy", "rel_xyxy"), IMAGE),
    ("encode_box_to_deltas", (FIRST, np.zeros((4, 4)) - 1, "xyxy", "xyxy"), {}),
    ("decode_deltas_to_boxes", (FIRST, RNG.normal(size=(4, 4)), "xyxy", "xyxy"), {}),
    ("decode_deltas_to_boxes", (FIRST, RNG.normal(size=(2, 4, 4)), "xyxy", "xywh"), {"variance": VARIANCE}),
    ("decode_deltas_to_boxes", (FIRST, RNG.normal(size=(4, 4)), "yxyx", "rel_xyxy"), IMAGE),
    ("decode_deltas_to_boxes", ({0: FIRST}, {0: RNG.normal(size=(4, 4))}, "xyxy", "xyxy"), {}),
]


def tensors(package: Any, tree: Any) -> Any:
    """Float64 arrays as float32 tensors, the others as tensors."""
    if isinstance(tree, dict):
        return {key: tensors(package, value) for key, value in tree.items()}
    if not isinstance(tree, np.ndarray):
        return tree
    return package.ops.convert_to_tensor(tree.astype("float32") if tree.dtype == "float64" else tree)


@pytest.mark.parametrize("name, args, kwargs", CASES)
def test_beside_keras(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    found, wanted = (
        getattr(module, name)(*(tensors(package, x) for x in args), **tensors(package, kwargs))
        for module, package in ((boxes, keras), (theirs, real))
    )
    found, wanted = (x if isinstance(x, dict) else {"": x} for x in (found, wanted))
    assert found.keys() == wanted.keys()
    for key in found:
        a, b = keras.ops.convert_to_numpy(found[key]), real.ops.convert_to_numpy(wanted[key])
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_all_names_and_signatures() -> None:
    names = [name for name in dir(theirs) if callable(getattr(theirs, name))]
    assert {name for name, _, _ in CASES} == set(names)
    for name in names:
        ours, wanted = (inspect.signature(getattr(module, name)).parameters for module in (boxes, theirs))
        assert [(p.name, p.kind, p.default) for p in ours.values()] == [
            (p.name, p.kind, p.default) for p in wanted.values()
        ]


def test_boxes_in_any_format_and_without_a_batch() -> None:
    turn = {
        "angle": 30.0,
        "translate_x": 0.1,
        "translate_y": 0.0,
        "scale": 1.0,
        "shear_x": 0.0,
        "shear_y": 0.0,
        **AROUND,
    }
    corners = boxes.affine_transform(FIRST, **turn)
    given = boxes.convert_format(FIRST, "xyxy", "rel_center_xywh", **AROUND)
    other = boxes.affine_transform(
        {"boxes": given, "labels": np.ones(4)}, bounding_box_format="rel_center_xywh", **turn
    )
    again = boxes.convert_format(other, "rel_center_xywh", "xyxy", **AROUND)["boxes"]
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (again, corners)), rtol=1e-4, atol=1e-3)
    cut = boxes.crop(boxes.convert_format(FIRST, "xyxy", "xywh"), 5, 7, 30, 20, bounding_box_format="xywh")
    wanted = boxes.convert_format(boxes.crop(FIRST, 5, 7, 30, 20), "xyxy", "xywh")
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (cut, wanted)), atol=1e-5)


def test_sizes_of_each_image() -> None:
    found = boxes.convert_format(BATCH, "xyxy", "rel_xyxy", height=np.array([10.0, 20.0]), width=np.array([5.0, 40.0]))
    wanted = BATCH / np.array([[[5, 10, 5, 10]], [[40, 20, 40, 20]]])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), wanted, rtol=1e-5)


def test_overlap_of_boxes_in_fractions() -> None:
    """Of which Keras takes no image_shape here."""
    shape = {"image_shape": (60, 80, 3)}
    wanted = boxes.compute_ciou(FIRST * np.array([80, 60, 80, 60], "float32"), FIRST * 50, "xyxy")
    other = FIRST * 50 / np.array([80, 60, 80, 60], "float32")
    found = boxes.compute_ciou(FIRST, other, "rel_xyxy", **shape)
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (found, wanted)), rtol=1e-4, atol=1e-5)


def test_encoding_and_decoding_are_inverse_also_by_level() -> None:
    anchors, wanted = {3: FIRST, 4: SECOND}, {3: some(4), 4: some(3)}
    deltas = boxes.encode_box_to_deltas(anchors, wanted, "xyxy", "xyxy", variance=VARIANCE)
    found = boxes.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy", variance=VARIANCE)
    for level in wanted:
        np.testing.assert_allclose(keras.ops.convert_to_numpy(found[level]), wanted[level], rtol=1e-3, atol=1e-3)


TWICE = (FIRST, FIRST, "xyxy", "xyxy")
BAD = [
    (ValueError, "convert_format", (FIRST, "foo", "xyxy"), {}, "'foo'"),
    (ValueError, "convert_format", (FIRST, "xyxy", "foo"), {}, "'foo'"),
    (ValueError, "convert_format", (FIRST, "xyxy", "rel_xyxy"), {"height": 3}, "width=None"),
    (ValueError, "convert_format", (FIRST[:, :3], "xyxy", "xywh"), {}, r"\(4, 3\)"),
    (KeyError, "convert_format", ({"labels": FIRST}, "xyxy", "xywh"), {}, "boxes"),
    (ValueError, "clip_to_image_size", ({"boxes": FIRST, "labels": FIRST[:, 0]},), {}, "height=None"),
    (ValueError, "crop", (FIRST, 1, 1, 2, 2), {"bounding_box_format": "rel_xyxy"}, "pixels"),
    (ValueError, "pad", (FIRST, 1, 1), {"bounding_box_format": "rel_xyxy"}, "pixels"),
    (ValueError, "compute_iou", (FIRST[0], FIRST, "xyxy"), {}, r"boxes1 of shape \(4,\)"),
    (ValueError, "compute_iou", (FIRST, FIRST, "rel_xyxy"), {}, "image_shape"),
    (ValueError, "compute_ciou", (FIRST, FIRST, "rel_xyxy"), {}, "image_shape"),
    (ValueError, "compute_ciou", (FIRST, FIRST, "xyxz"), {}, "'xyxz'"),
    (
        ValueError,
        "encode_box_to_deltas",
        (FIRST, FIRST, "xyxy", "xyxy"),
        {"encoding_format": "xyxy"},
        "encoding_format",
    ),
    (ValueError, "encode_box_to_deltas", TWICE, {"variance": [1.0]}, "variance"),
    (
        ValueError,
        "decode_deltas_to_boxes",
        (FIRST, FIRST, "xyxy", "xyxy"),
        {"encoded_format": "xyxy"},
        "encoded_format",
    ),
    (ValueError, "decode_deltas_to_boxes", TWICE, {"variance": [1.0]}, "variance"),
]


@pytest.mark.parametrize("error, name, args, kwargs, said", BAD)
def test_bad_input(error: type[Exception], name: str, args: Any, kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(error, match=said):
        getattr(boxes, name)(*args, **kwargs)
