"""Images beyond the tables: a real picture, unknown sizes, random fields through the public operation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.base import floats
from triceras import ops
from triceras.ops.symbolic import KerasTensor
from triceras.random import SeedGenerator
from triceras_backends import specs
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec


@pytest.fixture(scope="module")
def picture() -> Any:
    datasets = pytest.importorskip("sklearn.datasets")
    return datasets.load_sample_image("flower.jpg")[200:260, 300:380]


@pytest.mark.parametrize(("how", "pillow"), [("bilinear", "BILINEAR"), ("bicubic", "BICUBIC"), ("lanczos3", "LANCZOS")])
def test_a_picture_as_pillow_has_it(picture: Any, how: str, pillow: str) -> None:
    image = pytest.importorskip("PIL.Image")
    layers = [
        image.fromarray(picture[..., c].astype("float32")).resize((31, 45), getattr(image.Resampling, pillow))
        for c in range(3)
    ]
    got = B.resize(checking.tensor(picture.astype("float32")), (45, 31), how, antialias=True)
    np.testing.assert_allclose(B.convert_to_numpy(got), np.stack(layers, -1), atol=2e-3)


def test_a_picture_there_and_back(picture: Any) -> None:
    x = checking.tensor(picture.astype("float32") / 255)
    back = B.convert_to_numpy(B.hsv_to_rgb(B.rgb_to_hsv(x)))
    np.testing.assert_allclose(back, picture / 255, atol=2e-6)
    assert float(B.convert_to_numpy(B.ssim(x, x))) == pytest.approx(1.0, abs=1e-5)
    blurred = B.gaussian_blur(x, (5, 5), (2.0, 2.0))
    assert float(B.convert_to_numpy(B.ssim(x, blurred))) < 0.95


ANY = Spec((None, None, None, 3), "float32")
UNKNOWN = [
    ("resize", (ANY, (8, 9)), {}, (None, 8, 9, 3)),
    ("resize", (ANY, (8, 9), "nearest"), {}, (None, 8, 9, 3)),
    ("rgb_to_grayscale", (ANY,), {}, (None, None, None, 1)),
    ("gaussian_blur", (ANY,), {}, (None, None, None, 3)),
    ("sobel_edges", (ANY,), {}, (None, None, None, 3, 2)),
    ("affine_transform", (ANY, Spec((8,), "float32")), {}, (None, None, None, 3)),
    ("extract_patches", (Spec((None, 8, 8, 3), "float32"), 2), {}, (None, 4, 4, 12)),
    ("ssim", (Spec((None, 16, 16, 3), "float32"), Spec((None, 16, 16, 3), "float32")), {}, (None,)),
]


@pytest.mark.parametrize(("op", "args", "kw", "shape"), UNKNOWN, ids=[f"{row[0]}-{i}" for i, row in enumerate(UNKNOWN)])
def test_unknown_sizes(op: str, args: Any, kw: Any, shape: Any) -> None:
    assert specs.infer(B, getattr(B, op), *args, **kw).shape == shape


def test_elastic_fields_are_drawn_as_seeds_say() -> None:
    x = checking.tensor(floats((2, 8, 8, 1)))
    first, again = (B.convert_to_numpy(ops.elastic_transform(x, seed=5)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    generator = SeedGenerator(5)
    drawn = [B.convert_to_numpy(ops.elastic_transform(x, seed=generator)) for _ in range(2)]
    np.testing.assert_array_equal(drawn[0], first)
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(first[0] - floats((2, 8, 8, 1))[0], first[1] - floats((2, 8, 8, 1))[1])


def test_elastic_of_a_symbolic_image_draws_nothing() -> None:
    generator = SeedGenerator(5)
    before = B.convert_to_numpy(generator.state.value)
    spec = ops.elastic_transform(KerasTensor((None, 8, 8, 1), "float32"), seed=generator)
    assert (spec.shape, spec.dtype) == ((None, 8, 8, 1), "float32")
    np.testing.assert_array_equal(B.convert_to_numpy(generator.state.value), before)
