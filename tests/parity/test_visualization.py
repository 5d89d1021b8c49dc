"""keras.visualization: masks beside the real Keras's, boxes pixel by pixel, galleries as Matplotlib has them."""

from __future__ import annotations

import sys
from typing import Any

import keras
import numpy as np
import pytest

import triceras

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")
from matplotlib import pyplot as plt  # noqa: E402

MASKS = np.array([0, 1, 2, -1]).reshape(1, 4, 1, 1).repeat(2, 2)
GREY = np.full((1, 4, 2, 3), 100, "uint8")
COLOURS = {0: (0, 0, 0), 1: (255, 0, 0), 2: (0, 255, 0)}
PHOTOS = np.random.RandomState(0).rand(5, 8, 9, 3) * 255
BOXES = {"boxes": np.array([[[2, 3, 8, 9]]], "float32"), "labels": np.array([[1]])}
OPTIONS: list[dict[str, Any]] = [
    {"num_classes": 3},  {"num_classes": 3, "color_mapping": COLOURS},
    {"num_classes": 3, "color_mapping": COLOURS, "alpha": 0.5}, {"num_classes": 3, "blend": False},
    {"num_classes": 3, "color_mapping": COLOURS, "ignore_index": 2}, {"num_classes": 3, "alpha": 0.0},
]  # fmt: skip


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    plt.close("all")


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_masks(options: Any) -> None:
    ours, theirs = (k.visualization.draw_segmentation_masks(GREY, MASKS, **options) for k in (triceras, keras))
    assert ours.dtype == np.uint8
    np.testing.assert_array_equal(ours, np.asarray(keras.ops.convert_to_numpy(theirs)))


def test_masks_of_unknown_number_and_channels_first() -> None:
    draw = triceras.visualization.draw_segmentation_masks
    np.testing.assert_array_equal(draw(GREY, MASKS), draw(GREY, MASKS, num_classes=3))  # Keras forgets the last class
    first = draw(GREY.transpose(0, 3, 1, 2), MASKS.transpose(0, 3, 1, 2), 3, data_format="channels_first")
    np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), draw(GREY, MASKS, 3))


def test_bad_masks() -> None:
    draw = triceras.visualization.draw_segmentation_masks
    with pytest.raises(TypeError, match="integers"):
        draw(GREY, MASKS.astype("float32"))
    for images, masks in ((GREY[0], MASKS), (GREY, MASKS[:, :2]), (GREY[..., :1], MASKS), (GREY, MASKS[..., 0])):
        with pytest.raises(ValueError, match="shape"):
            draw(images, masks)
    with pytest.raises(ValueError, match=r"no colour for the classes \[0, 2\]"):
        draw(GREY, MASKS, color_mapping={1: (1, 2, 3)})


def drawn(boxes: Any, box_format: str = "xyxy", **options: Any) -> Any:
    black = np.zeros((1, 12, 14, 3), "uint8")
    options = {"line_thickness": 1, **options}
    return triceras.visualization.draw_bounding_boxes(black, boxes, box_format, **options)[0]


def test_boxes() -> None:
    wanted = np.zeros((12, 14), bool)
    wanted[3:10, 2:9] = True
    wanted[4:9, 3:8] = False
    np.testing.assert_array_equal(drawn(BOXES, color=(7, 8, 9)), wanted[..., None] * np.array([7, 8, 9]))
    same = {"boxes": np.array([[[2, 3, 6, 6]]]), "labels": np.array([[0]])}
    np.testing.assert_array_equal(drawn(same, "xywh"), drawn(BOXES))
    relative = {"boxes": BOXES["boxes"] / [14, 12, 14, 12], "labels": BOXES["labels"]}
    assert drawn(relative, "rel_xyxy").any()
    assert not drawn({**BOXES, "labels": np.array([[-1]])}).any()  # no box
    thick = drawn(BOXES, line_thickness=3)[..., 0] > 0
    assert thick[2:11, 1:10].sum() == thick.sum() == 81 - 9
    outside = {"boxes": np.array([[[-5.0, -5.0, 30.0, 30.0]]]), "labels": np.array([[0]])}
    assert not drawn(outside).any()


def test_names_of_boxes(monkeypatch: Any) -> None:
    large = np.zeros((1, 60, 90, 3), "uint8")
    boxes = {"boxes": np.array([[[10, 30, 80, 55]]]), "labels": np.array([[1]]), "confidences": np.array([[0.5]])}
    draw = triceras.visualization.draw_bounding_boxes
    plain, named = draw(large, boxes, "xyxy"), draw(large, boxes, "xyxy", class_mapping={1: "cat"})
    changed = np.argwhere((plain != named).any(-1))[:, 1]
    assert changed.size and changed.max() <= 30  # above the box
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert np.array_equal(draw(large, boxes, "xyxy"), plain)
    with pytest.raises(ImportError, match="Pillow"):
        draw(large, boxes, "xyxy", class_mapping={1: "cat"})


def test_bad_boxes() -> None:
    for boxes in (
        {"boxes": BOXES["boxes"]},
        {**BOXES, "labels": np.zeros((1, 2))},
        {**BOXES, "boxes": np.ones((1, 4))},
    ):
        with pytest.raises(ValueError):
            drawn(boxes)
    with pytest.raises(TypeError, match="dict"):
        drawn(BOXES["boxes"])
    with pytest.raises(ValueError, match="nope"):
        drawn(BOXES, "nope")


def shown(call: Any) -> list[Any]:
    """The axes of the picture that is left open: titles and images."""
    call()
    (number,) = plt.get_fignums()
    return [(axis.get_title(), *(image.get_array() for image in axis.images)) for axis in plt.figure(number).axes]


def test_galleries(tmp_path: Any) -> None:
    gallery = triceras.visualization.plot_image_gallery
    found = shown(lambda: gallery(PHOTOS, show=False, y_true=[0, 1, 0, 1, 0], label_map={0: "cat", 1: "dog"}))
    assert [entry[0] for entry in found] == ["cat", "dog", "cat", "dog", "cat", ""]
    np.testing.assert_array_equal(found[3][1], PHOTOS[3].astype("uint8"))
    plt.close("all")
    found = shown(lambda: gallery(PHOTOS / 255, value_range=(0, 1), rows=1, cols=2, show=False))
    assert len(found) == 2 and np.abs(found[1][1].astype(int) - PHOTOS[1].astype("uint8")).max() <= 1
    plt.close("all")
    gallery(PHOTOS, path=tmp_path / "g.png")
    assert (tmp_path / "g.png").stat().st_size and not plt.get_fignums()


def test_galleries_of_boxes_and_masks() -> None:
    boxes = {"boxes": np.full((5, 1, 4), [[1, 1, 6, 6]]), "labels": np.zeros((5, 1), int)}
    plot = triceras.visualization.plot_bounding_box_gallery
    found = shown(lambda: plot(PHOTOS, "xyxy", y_true=boxes, y_pred=boxes, legend=True, show=False))
    assert (found[0][1] == (255, 235, 59)).all(-1).any()
    (legend,) = plt.figure(plt.get_fignums()[0]).legends
    assert [text.get_text() for text in legend.get_texts()] == ["ground truth", "prediction"]
    plt.close("all")
    masks = np.ones((5, 8, 9, 1), int)
    plot_masks = triceras.visualization.plot_segmentation_mask_gallery
    found = shown(lambda: plot_masks(PHOTOS, 2, y_true=masks, y_pred=masks, rows=2, show=False))
    assert len(found) == 6
    np.testing.assert_array_equal(found[0][1], PHOTOS[0].astype("uint8"))
    drawn = triceras.visualization.draw_segmentation_masks(PHOTOS[:1].astype("uint8"), masks[:1], 2)
    np.testing.assert_array_equal(found[1][1], drawn[0])


def test_bad_galleries(monkeypatch: Any) -> None:
    gallery = triceras.visualization.plot_image_gallery
    for options in ({"y_true": [0]}, {"path": "x", "show": True}):
        with pytest.raises(ValueError):
            gallery(PHOTOS, **options)
    with pytest.raises(ValueError, match="rank 4"):
        gallery(PHOTOS[0])
    with pytest.raises(ValueError, match="legend"):
        triceras.visualization.plot_bounding_box_gallery(PHOTOS, "xyxy", legend=True, legend_handles=[])
    with pytest.raises(TypeError, match="cols"):
        triceras.visualization.plot_segmentation_mask_gallery(PHOTOS, 2, cols=2)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"triceras\[visualization\]"):
        gallery(PHOTOS)
