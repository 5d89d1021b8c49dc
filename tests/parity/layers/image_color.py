"""Image preprocessing layers of colours and mixing. Those that draw are compared in test_image_layers_color.py, where
both packages are given the same transformation."""

from __future__ import annotations

import keras
import numpy as np

from tests.parity.row import Row

IMAGES = (np.random.default_rng(0).random((2, 12, 14, 3)) * 255).astype("float32")
UNIT = (IMAGES / 255).astype("float32")
# Whole numbers are counted in the same bins, whatever the rounding of the way there.
WHOLE = np.floor(IMAGES)

CLAHE = "ContrastLimitedAdaptiveHistogramEqualization"

ROWS = [
    # A minimum's and a maximum's gradient is spread over equal values in different ways.
    Row("AutoContrast", (IMAGES,), rtol=1e-4, atol=1e-4, gradients=False),
    Row("AutoContrast", (UNIT,), {"value_range": (0, 1)}, gradients=False),
    # Channels first are compared with channels last in tests/engine: the real layer takes the same axes for both.
    # 256 bins take XLA half a minute to compile in Keras.
    Row("Equalization", (IMAGES,), gradients=False, thorough=True),
    Row("Equalization", (IMAGES,), {"bins": 16, "dtype": "float64"}, gradients=False),
    Row("Equalization", (WHOLE / 255,), {"value_range": (0, 1)}, gradients=False, thorough=True),
    Row(
        "Equalization", (IMAGES.transpose(0, 3, 1, 2),), {"data_format": "channels_first", "bins": 16}, gradients=False
    ),
    Row(CLAHE, (IMAGES,), {"tile_grid_size": (4, 2), "clip_limit": 30.0}, atol=1e-3, gradients=False),
    Row(CLAHE, (IMAGES,), {"tile_grid_size": (3, 7), "clip_limit": 0.0}, atol=1e-3, gradients=False),
    Row(
        CLAHE,
        (WHOLE.astype("uint8"),),
        {"tile_grid_size": (2, 2), "clip_limit": 20},
        atol=1,
        gradients=False,
        symbolic=False,
    ),
    Row(
        CLAHE,
        (IMAGES.transpose(0, 3, 1, 2),),
        {"data_format": "channels_first", "tile_grid_size": (2, 2), "clip_limit": 40.0},
        atol=1e-3,
        gradients=False,
    ),
]

# Sizes that are no multiple of the grid's: the real layer mirrors the image, but on PyTorch repeats its last row.
if keras.backend.backend() != "torch":
    ROWS.append(Row(CLAHE, (IMAGES,), {"tile_grid_size": (5, 4), "clip_limit": 0.0}, atol=1e-3, gradients=False))

_WHERE = "tests/parity/test_image_layers_color.py"
ELSEWHERE = dict.fromkeys(
    (
        "AugMix",
        "CutMix",
        "MixUp",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomErasing",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomPosterization",
        "RandomSaturation",
        "RandomSharpness",
        "Solarization",
    ),
    _WHERE,
)
