"""Images: colours, geometry, filters and comparison.

Conventions: `images` is one image of rank 3 or a batch of rank 4, channels last unless
`data_format="channels_first"`; None is config.image_data_format(). Pixel (i, j) lies at the point
(i, j), the first row and column at 0. What interpolates or averages works in at least 32 bits and
gives the dtype of the images: integers are rounded (halves to even) and kept in the dtype's range.
ValueError: another rank, an unknown mode or data_format, sizes that do not fit.

Outside an image, by `fill_mode`: "constant" is `fill_value` (and between the last pixel and the next
point outside, a mixture of both), "nearest" the last pixel, "wrap" the image again (n pixels a turn),
"reflect" the mirror image with the last pixel twice (d c b a | a b c d | d c b a), "mirror" the one
with the last pixel once (d c b | a b c d | c b a). SciPy calls the first and third "grid-constant"
and "grid-wrap". Nearest-neighbour interpolation takes the pixel at floor(x + 1/2).
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Shape, Tensor

# -- colours -------------------------------------------------------------------------------


def rgb_to_grayscale(images: Tensor, data_format: str | None = None) -> Tensor:
    """0.2989 red + 0.587 green + 0.114 blue (ITU-R BT.601), with one channel; of one channel, as it is.

    Integers drop the fraction. ValueError: neither 3 nor 1 channels.
    """


def rgb_to_hsv(images: Tensor, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value, each in [0, 1] for colours in [0, 1]. Smith, SIGGRAPH 1978.

    Hue is 0 for a grey; saturation is 0 where the value is not above 0.
    ValueError: integers, or other than 3 channels.
    """


def hsv_to_rgb(images: Tensor, data_format: str | None = None) -> Tensor:
    """The inverse of `rgb_to_hsv`; a hue outside [0, 1] is taken for the same angle's pure red.

    Red is v * (1 - s + s * clip(|6h - 3| - 1, 0, 1)), green and blue the same with 2 - |6h - 2| and 2 - |6h - 4|.
    ValueError: integers, or other than 3 channels.
    """


# -- sizes ---------------------------------------------------------------------------------


def resize(
    images: Tensor,
    size: Shape,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """The images at `size`, (height, width).

    Output pixel i has its centre at (i + 1/2) * old / new - 1/2. `interpolation`: "nearest", or a
    kernel: "bilinear", "bicubic" (Keys 1981, a = -1/2), "lanczos3", "lanczos5" (Duchon 1979), whose
    weights over the pixels that exist are divided by their sum. With `antialias` a kernel is widened
    by the factor of reduction; enlarging does not change. `crop_to_aspect_ratio` first cuts the
    largest centred part of the new aspect ratio out; `pad_to_aspect_ratio` first puts the images on
    a centred ground of `fill_value` with that ratio, for which `fill_mode` must be "constant".
    ValueError: `size` is not two positive ints, an unknown interpolation, both of crop and pad.
    """


def scale_and_translate(
    images: Tensor,
    output_shape: Shape,
    scale: Tensor,
    translation: Tensor,
    spatial_dims: Any,
    method: str,
    antialias: bool = True,
) -> Tensor:
    """A tensor of any rank resampled along `spatial_dims` to `output_shape`.

    Input point x goes to x * scale + translation, where the point 0 is the outer edge of pixel 0; `scale` and
    `translation` have one float a spatial dimension and gradients. `method` is a kernel of `resize`:
    "linear" (also "bilinear", "trilinear"), "cubic" ("bicubic", "tricubic"), "lanczos3" or
    "lanczos5". Outputs whose centre comes from outside the input are 0.
    ValueError: shapes and dimensions that do not fit, an unknown method.
    """


def crop_images(
    images: Tensor,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """The part of the images inside the margins given.

    Of top, bottom and target_height exactly two are given, and of left, right and target_width.
    ValueError: otherwise, or a margin or target that is negative or does not fit.
    """


def pad_images(
    images: Tensor,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """The images with margins of zeros; which arguments to give is as for `crop_images`."""


def extract_patches(
    images: Tensor,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Windows of `size`, an int or (height, width), laid flat: (batch, rows, columns, height * width * channels).

    In a patch the row counts slowest and the channel fastest. `strides` is `size` by default.
    `padding`: "valid", or "same" with zeros and ceil(size / stride) patches. Three sizes, with volumes, are
    `extract_patches_3d`. Any dtype. ValueError: sizes that are not positive ints, another padding or rank.
    """


def extract_patches_3d(
    volumes: Tensor,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """As `extract_patches`, of volumes (batch, depth, height, width, channels) or without a batch."""


# -- geometry ------------------------------------------------------------------------------


def map_coordinates(
    inputs: Tensor, coordinates: Tensor, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """`inputs`, of any rank n, interpolated at points: coordinates (n, ...) to a result (...).

    `order` 0 takes the nearest element, 1 interpolates linearly, with gradients for both arguments.
    The dtype is that of inputs; `fill_value` is cast to it. `scipy.ndimage.map_coordinates` is the reference.
    ValueError: another order, mode, or first size of coordinates than the rank of inputs.
    """


def affine_transform(
    images: Tensor,
    transform: Tensor,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Images of which output point (x, y), column and row, comes from the input point that `transform` gives.

    transform: (8,) for all images or (batch, 8) or (1, 8), of a0, a1, a2, b0, b1, b2, c0, c1. The
    input point is ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1.
    `interpolation`: "nearest" or "bilinear". Gradients for both arguments.
    """


def perspective_transform(
    images: Tensor,
    start_points: Tensor,
    end_points: Tensor,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Images under the projective map that takes four points (x, y) to four others, `fill_value` outside.

    Points: (4, 2), or (batch, 4, 2) with one quadruple an image. Gradients for all three.
    Three points on a line have no such map: an error or meaningless numbers.
    """


def elastic_transform(
    images: Tensor,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Tensor:
    """Images with every pixel moved by a smooth random field. Simard et al., ICDAR 2003.

    Each image has a field of its own: normal noise of standard deviation sigma, blurred by a
    Gaussian of standard deviation sigma (0 outside, cut off at 3 sigma), times alpha: far from the
    edges its standard deviation is alpha / (2 sqrt(pi)), whatever sigma. `seed`: see `rng`;
    equal seeds give equal fields on every backend. ValueError: sigma is not positive.
    """


# -- filters and comparison ----------------------------------------------------------------


def gaussian_blur(
    images: Tensor, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Tensor:
    """Images convolved with a Gaussian window that sums to 1, zeros outside.

    `kernel_size` and `sigma` are (height, width), or one number for both; sigma may be a tensor.
    An even window has its centre between two pixels and the odd one after. ValueError: sizes that
    are not positive.
    """


def sobel_edges(images: Tensor, data_format: str | None = None) -> Tensor:
    """The images' derivatives by Sobel's 3x3 windows, zeros outside: a last axis of two, down and to the right.

    Integers become floats.
    """


def ssim(
    image1: Tensor,
    image2: Tensor,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Tensor:
    """The structural similarity of images, 1 for equal ones: a number an image. Wang et al., TIP 13(4), 2004.

    Moments are weighted by a Gaussian window that lies wholly inside; the mean is over positions
    and channels. `max_val` is the range of pixels. Dtypes are promoted; integers become floats.
    ValueError: shapes differ, or are smaller than the window.
    """
