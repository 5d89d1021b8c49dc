"""Resizing, crops and warps of images; test_image_layers_geometry.py has what random ones do with what was drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.parity.row import Row

IMAGES = (2, 6, 8, 3)
BYTES = np.random.default_rng(0).integers(0, 256, IMAGES).astype("uint8")
BOXES = {
    "boxes": np.array([[[0, 0, 4, 5], [2, 1, 6, 3]], [[3, 3, 8, 6], [1, 1, 2, 2]]], "float32"),
    "labels": np.array([[1, 2], [3, 4]], "float32"),
}
EVERYTHING = {
    "images": np.random.default_rng(1).normal(size=IMAGES).astype("float32"),
    "labels": np.array([5, 6], "float32"),
    "segmentation_masks": np.random.default_rng(2).integers(0, 4, (2, 6, 8, 1)).astype("float32"),
    "bounding_boxes": BOXES,
}

# A layer that declares its shape is one of floats for symbolic inputs; and gradients pass through floats alone.
WHOLE = {"gradients": False, "symbolic": False}
HALF = {"rtol": 1e-3, "atol": 1e-3}


def _drawn(name: str, config: dict, **more: Any) -> Row:
    """What is drawn differs, and without training nothing is done: shapes, dtypes, counters, configurations."""
    return Row(name, (IMAGES,), config, random=True, gradients=False, **more)


ROWS = [
    Row("Resizing", (IMAGES,), {"height": 3, "width": 5}),
    Row("Resizing", ((3, 6, 8),), {"height": 4, "width": 4, "data_format": "channels_first"}, symbolic=False),
    Row("Resizing", (IMAGES,), {"height": 3, "width": 5, "dtype": "mixed_float16"}, **HALF),
    # Integers: some backends of Keras round halves otherwise.
    Row("Resizing", (BYTES,), {"height": 3, "width": 5}, atol=1.0, **WHOLE),
    Row("Resizing", (IMAGES,), {"height": 9, "width": 5, "interpolation": "nearest"}, gradients=False),
    Row("Resizing", (IMAGES,), {"height": 3, "width": 4, "interpolation": "bicubic", "antialias": True}, atol=1e-4),
    Row("Resizing", (IMAGES,), {"height": 5, "width": 4, "crop_to_aspect_ratio": True}, gradients=False),
    Row("Resizing", (IMAGES,), {"height": 8, "width": 8, "pad_to_aspect_ratio": True, "fill_value": 2.0}, **WHOLE),
    Row("Resizing", (IMAGES,), {"height": 3, "width": 5, "dtype": "float64"}, thorough=True),
    Row("Resizing", (EVERYTHING,), {"height": 3, "width": 4, "bounding_box_format": "rel_xywh"}, **WHOLE),
    Row("CenterCrop", (IMAGES,), {"height": 3, "width": 5, "dtype": "float64"}),
    Row("CenterCrop", ((3, 6, 8),), {"height": 4, "width": 4, "data_format": "channels_first"}, **WHOLE),
    Row("CenterCrop", (BYTES,), {"height": 3, "width": 5}, **WHOLE),
    Row("CenterCrop", (IMAGES,), {"height": 9, "width": 9}, **WHOLE),
    Row("CenterCrop", (EVERYTHING,), {"height": 4, "width": 4, "bounding_box_format": "xyxy"}, **WHOLE),
    # Without training Keras returns the images as they are, in another shape than it says; its documentation resizes.
    _drawn("RandomCrop", {"height": 3, "width": 5, "seed": 1}, modes=(True,), symbolic=False),  # not to be compiled
    _drawn("RandomFlip", {"mode": "horizontal", "seed": 1}),
    Row("RandomFlip", (EVERYTHING,), {"bounding_box_format": "xyxy"}, random=True, **WHOLE),
    _drawn("RandomRotation", {"factor": (-0.1, 0.3), "fill_mode": "wrap"}),
    Row("RandomRotation", (EVERYTHING,), {"factor": 0.2, "bounding_box_format": "xyxy"}, random=True, **WHOLE),
    _drawn("RandomTranslation", {"height_factor": 0.2, "width_factor": (-0.1, 0.3)}),
    _drawn("RandomZoom", {"height_factor": 0.2}),
    _drawn("RandomZoom", {"height_factor": (-0.2, 0.1), "width_factor": 0.3, "seed": 2}, thorough=True),
    _drawn("RandomShear", {"x_factor": 0.2, "y_factor": (0.1, 0.3), "fill_mode": "constant"}),
    _drawn("RandomPerspective", {"factor": (0.5, 1.0), "scale": 0.4, "fill_value": 1.0}),
    # How often Keras's counts, depends on the backend.
    _drawn("RandomElasticTransform", {"factor": (0.5, 1.0), "value_range": (0, 1)}, modes=(False,)),
    Row("MaxNumBoundingBoxes", (EVERYTHING,), {"max_number": 3, "bounding_box_format": "xyxy"}, **WHOLE),
    Row("MaxNumBoundingBoxes", (EVERYTHING,), {"max_number": 1, "bounding_box_format": "xyxy"}, **WHOLE),
]
