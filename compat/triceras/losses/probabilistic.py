"""Losses of distributions and sequences: divergence, Poisson, CTC."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.losses.loss import LossFunctionWrapper, as_output, floating, of_labels
from triceras_backends import config


def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(y_true log(y_true / y_pred)) over the last axis, both clipped to [epsilon, 1]."""
    y_true, y_pred = (ops.clip(y, config.epsilon(), 1.0) for y in as_output("kl_divergence", y_true, y_pred))
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """mean(y_pred - y_true log(y_pred + epsilon)) over the last axis."""
    y_true, y_pred = as_output("poisson", y_true, y_pred)
    logs = ops.log(ops.add(y_pred, config.epsilon()))
    return ops.mean(ops.subtract(y_pred, ops.multiply(y_true, logs)), axis=-1)


@of_labels
def ctc(y_true: Any, y_pred: Any) -> Any:
    """-log of the probability of all paths that spell the labels y_true (0 pads them); see `CTC`."""
    y_true, y_pred = ops.convert_to_tensor(y_true), floating(y_pred)
    if len(ops.shape(y_true)) != 2:
        raise ValueError(f"ctc: y_true must have shape (batch, labels); got: {tuple(ops.shape(y_true))}")
    if len(ops.shape(y_pred)) != 3:
        raise ValueError(f"ctc: y_pred must have shape (batch, time, classes); got: {tuple(ops.shape(y_pred))}")
    y_true = ops.cast(y_true, "int32")
    labels = ops.sum(ops.cast(ops.not_equal(y_true, 0), "int32"), axis=1)
    times = ops.sum(ops.ones_like(y_pred[:, :, 0], dtype="int32"), axis=1)
    return ops.ctc_loss(y_true, y_pred, labels, times, mask_index=0)


class KLDivergence(LossFunctionWrapper):
    """sum(y_true log(y_true / y_pred)) over the last axis, both clipped to [epsilon, 1]; then reduced.

    Kullback and Leibler, 1951, "On Information and Sufficiency".

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: probabilities (batch, ..., classes); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.KLDivergence()
    >>> round(float(loss(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]]))), 4)
    0.1438
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "kl_divergence", dtype: Any = None
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """mean(y_pred - y_true log(y_pred)) over the last axis, then reduced: for counts y_true with mean y_pred.

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., features); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.Poisson()
    >>> round(float(loss(np.array([[1.0, 3.0]]), np.array([[1.0, 2.0]]))), 3)
    0.46
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, reduction, name, dtype)


class CTC(LossFunctionWrapper):
    """-log of the probability that the outputs spell the labels, whatever the alignment; then reduced.

    A path gives each time one class; without its repetitions, and then without blanks (class 0), it spells labels.
    Graves et al., 2006, "Connectionist Temporal Classification".

    Args:
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true: (batch, labels) integers from 1, padded by 0 at the end; y_pred: logits (batch, time, classes); gives
    (batch,), reduced to a scalar. Raises ValueError: other ranks.

    Example:

    >>> loss = keras.losses.CTC()
    >>> round(float(loss(np.array([[1, 2]]), np.zeros((1, 2, 4)))), 3)
    2.773
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "ctc", dtype: Any = None) -> None:
        super().__init__(ctc, reduction, name, dtype)
