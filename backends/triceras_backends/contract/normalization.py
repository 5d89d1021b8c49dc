"""Normalisations, and the statistics that they need.

Variances are those of the population (divisor n) everywhere. float16 and bfloat16 are
accumulated in float32 and given back in their own dtype.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Axis, Tensor


def moments(x: Tensor, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes`. ValueError: `synchronized` (statistics over replicas are not supported)."""


def batch_normalization(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    axis: int,
    offset: Tensor = None,
    scale: Tensor = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, all of shape (size of `axis`,).

    Ioffe and Szegedy, arXiv:1502.03167.
    """


def normalize_by_batch(
    x: Tensor,
    axis: int,
    offset: Tensor = None,
    scale: Tensor = None,
    epsilon: float = 1e-3,
) -> tuple[Tensor, Tensor, Tensor]:
    """`batch_normalization` by x's own moments over every axis but `axis`; then those, mean and variance.

    The gradient reaches x through its moments too; the moments given back are constants.
    """


def layer_normalization(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any
) -> Tensor:
    """x less its mean over `axis` (an int or several), divided by sqrt(variance + epsilon), times gamma, plus beta.

    gamma and beta: of the shape of these axes, in their order in x; None leaves them out.
    epsilon None is config.epsilon(). TypeError: other arguments. Ba et al., arXiv:1607.06450.
    """


def group_normalization(
    x: Tensor, groups: int, axis: int = -1, gamma: Tensor = None, beta: Tensor = None, epsilon: float | None = None
) -> Tensor:
    """x less its mean, divided by sqrt(variance + epsilon), times gamma, plus beta.

    The moments are those of each of `groups` parts of `axis` over all other axes but the first. gamma and beta:
    (size of `axis`,); None leaves them out. epsilon None is config.epsilon(). Wu and He, arXiv:1803.08494.
    ValueError: groups that do not divide the axis.
    """


def rms_normalization(x: Tensor, scale: Tensor = None, axis: Any = -1, epsilon: float | None = None) -> Tensor:
    """x / sqrt(mean(x^2) + epsilon) * scale, the mean over `axis` (an int or several).

    scale: of the shape of these axes; None leaves it out. epsilon None is config.epsilon().
    Zhang and Sennrich, arXiv:1910.07467.
    """


def normalize(x: Tensor, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """x divided by its norm of that order over `axis`, or by epsilon (None: config.epsilon()) where that is larger.

    The norm is that of the elements as one vector, over several axes (None: all) too. ValueError: order below 1.
    """
