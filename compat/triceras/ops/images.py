"""Images: colours, geometry, filters and comparison. Documented in `triceras_backends.contract.images`."""

import functools as _functools
from typing import Any as _Any

from triceras.ops import symbolic as _symbolic
from triceras.ops.dispatch import public as _public
from triceras.seeds import draw_seed as _draw_seed
from triceras_backends.active import backend as _backend
from triceras_backends.contract import images as _contract

rgb_to_grayscale = _public(_contract.rgb_to_grayscale)
rgb_to_hsv = _public(_contract.rgb_to_hsv)
hsv_to_rgb = _public(_contract.hsv_to_rgb)
resize = _public(_contract.resize)
scale_and_translate = _public(_contract.scale_and_translate)
crop_images = _public(_contract.crop_images)
pad_images = _public(_contract.pad_images)
extract_patches = _public(_contract.extract_patches)
extract_patches_3d = _public(_contract.extract_patches_3d)
map_coordinates = _public(_contract.map_coordinates)
affine_transform = _public(_contract.affine_transform)
perspective_transform = _public(_contract.perspective_transform)
gaussian_blur = _public(_contract.gaussian_blur)
sobel_edges = _public(_contract.sobel_edges)
ssim = _public(_contract.ssim)


@_functools.wraps(_contract.elastic_transform)
def elastic_transform(
    images: _Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: _Any = None,
    data_format: str | None = None,
) -> _Any:
    if images.__class__ is _symbolic.KerasTensor:
        operation = _Elastic(elastic_transform)
        return _symbolic.call(operation, images, alpha, sigma, interpolation, fill_mode, fill_value, seed, data_format)
    return _backend.elastic_transform(
        images, alpha, sigma, interpolation, fill_mode, fill_value, _draw_seed(seed), data_format
    )


class _Elastic(_symbolic.Function):
    """`elastic_transform` in a graph: each run of the graph draws a seed, the making of it none."""

    def compute_output_spec(self, images: _Any, *settings: _Any) -> _Any:
        *first, _, data_format = settings
        return _symbolic.infer_function(_backend.elastic_transform, (images, *first, (0, 0), data_format), {})
