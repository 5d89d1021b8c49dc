"""Layers that move, repeat, add and cut elements."""

from __future__ import annotations

from tests.parity.row import Row

SEQUENCES, IMAGES, VOLUMES = (2, 4, 3), (2, 4, 5, 3), (2, 3, 4, 5, 2)
FIRST = {"data_format": "channels_first"}

ROWS = [
    Row("Reshape", ((2, 12),), {"target_shape": (3, 4)}),
    Row("Reshape", ((2, 3, 4),), {"target_shape": (-1, 2)}),
    Row("Permute", (SEQUENCES,), {"dims": (2, 1)}),
    Row("Permute", (IMAGES,), {"dims": (3, 1, 2)}),
    Row("RepeatVector", ((2, 4),), {"n": 3}),
    Row("ZeroPadding1D", (SEQUENCES,)),
    Row("ZeroPadding1D", (SEQUENCES,), {"padding": (1, 2), **FIRST}),
    Row("ZeroPadding2D", (IMAGES,)),
    Row("ZeroPadding2D", (IMAGES,), {"padding": (1, 2), **FIRST}),
    Row("ZeroPadding2D", (IMAGES,), {"padding": ((1, 0), (0, 2)), "dtype": "mixed_float16"}, rtol=2e-3, atol=2e-3),
    Row("ZeroPadding3D", (VOLUMES,)),
    Row("ZeroPadding3D", (VOLUMES,), {"padding": 2, **FIRST}),
    Row("Cropping1D", (SEQUENCES,)),
    Row("Cropping1D", (SEQUENCES,), {"cropping": (0, 2)}),
    Row("Cropping2D", (IMAGES,)),
    Row("Cropping2D", (IMAGES,), {"cropping": (0, 1), **FIRST}),
    Row("Cropping2D", (IMAGES,), {"cropping": ((1, 2), (0, 3))}),
    Row("Cropping3D", (VOLUMES,)),
    Row("Cropping3D", (VOLUMES,), {"cropping": ((0, 1), (1, 0), (0, 1)), **FIRST}),
    Row("UpSampling1D", (SEQUENCES,)),
    Row("UpSampling1D", (SEQUENCES,), {"size": 3}),
    Row("UpSampling2D", (IMAGES,)),
    Row("UpSampling2D", (IMAGES,), {"size": (1, 3), **FIRST}),
    Row("UpSampling2D", (IMAGES,), {"interpolation": "bilinear"}, symbolic=False),
    Row("UpSampling3D", (VOLUMES,)),
    Row("UpSampling3D", (VOLUMES,), {"size": (1, 2, 1), **FIRST}),
]
