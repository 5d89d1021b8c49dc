"""Pooling: one number for each window.

Conventions: N, the number of spatial dimensions, is 1, 2 or 3, from the rank of `inputs`.
inputs: (batch, *spatial, channels), or (batch, channels, *spatial) with
`data_format="channels_first"`; None is config.image_data_format(). `pool_size` and `strides`:
an int, or one a spatial dimension; strides None are the pool_size. `padding`: "valid" (no
window leaves the inputs), or "same" with ceil(size / stride) outputs, the odd element of
padding after; padding never counts. ValueError: ranks or windows that do not fit.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor


def max_pool(
    inputs: Tensor,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The largest element of each window, in the inputs' dtype.

    Of elements that tie, the first in row-major order takes the whole gradient. A window that
    holds a NaN gives what the framework gives.
    """


def average_pool(
    inputs: Tensor,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The mean of each window's elements. Integers become floats."""


def adaptive_max_pool(inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    """The largest element of each of `output_size` windows (an int, or one a dimension), in the inputs' dtype.

    Of n elements, window i of k has those from floor(i n / k) to ceil((i + 1) n / k); there may be more windows
    than elements. Of elements that tie, the first in row-major order takes the whole gradient.
    ValueError: ranks that do not fit, sizes that are not positive.
    """


def adaptive_average_pool(inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    """The mean of each of the windows of `adaptive_max_pool`. Integers become floats."""
