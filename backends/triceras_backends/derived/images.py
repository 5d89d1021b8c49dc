"""Images, from the primitives of other families."""

from __future__ import annotations

from triceras_backends.derived.images_colors import hsv_to_rgb as hsv_to_rgb
from triceras_backends.derived.images_colors import rgb_to_grayscale as rgb_to_grayscale
from triceras_backends.derived.images_colors import rgb_to_hsv as rgb_to_hsv
from triceras_backends.derived.images_filters import gaussian_blur as gaussian_blur
from triceras_backends.derived.images_filters import sobel_edges as sobel_edges
from triceras_backends.derived.images_filters import ssim as ssim
from triceras_backends.derived.images_geometry import affine_transform as affine_transform
from triceras_backends.derived.images_geometry import elastic_transform as elastic_transform
from triceras_backends.derived.images_geometry import map_coordinates as map_coordinates
from triceras_backends.derived.images_geometry import perspective_transform as perspective_transform
from triceras_backends.derived.images_parts import crop_images as crop_images
from triceras_backends.derived.images_parts import extract_patches as extract_patches
from triceras_backends.derived.images_parts import extract_patches_3d as extract_patches_3d
from triceras_backends.derived.images_parts import pad_images as pad_images
from triceras_backends.derived.images_sizes import resize as resize
from triceras_backends.derived.images_sizes import scale_and_translate as scale_and_translate
