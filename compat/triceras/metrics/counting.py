"""Right and wrong answers counted at thresholds, on the device."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from triceras import ops
from triceras.losses.loss import fit_ranks
from triceras.metrics.mean import fit_weights

# Up to so many thresholds outputs are compared with each; of more, each output finds its place among them.
_FEW = 8

# The threshold of `top_k` alone: outputs that are not among them are lower still.
NO_THRESHOLD = -1e10
_LOWEST = -1e30


class Counts(NamedTuple):
    """Weights of right and wrong answers above and not above each threshold: (thresholds,), or with a label axis."""

    true_positives: Any
    false_positives: Any
    true_negatives: Any
    false_negatives: Any


def checked_thresholds(kind: str, thresholds: Any, default: float) -> list[float]:
    """Thresholds as a list. Raises ValueError: one outside [0, 1]."""
    if thresholds is None:
        return [default]
    found = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    if any(t is None or t < 0 or t > 1 for t in found):
        raise ValueError(f"{kind}: thresholds must lie in [0, 1]; got: {thresholds!r}")
    return found


def select(name: str, y_true: Any, y_pred: Any, top_k: int | None, class_id: int | None) -> tuple[Any, Any]:
    """Targets and outputs of one class, all but the k largest outputs made the lowest.

    Raises ValueError: a class that there is none of.
    """
    y_true, y_pred = fit_ranks(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
    if ops.shape(y_true) != ops.shape(y_pred):
        raise ValueError(
            f"{name}: y_true and y_pred must have the same shape; got y_true of shape {tuple(ops.shape(y_true))} and "
            f"y_pred of shape {tuple(ops.shape(y_pred))}."
        )
    if top_k is not None:
        y_pred = _only_largest(y_pred, top_k)
    if class_id is None:
        return y_true, y_pred
    classes = ops.shape(y_pred)[-1] if ops.shape(y_pred) else 0
    if not -classes <= class_id < classes:
        raise ValueError(f"{name}: class_id {class_id} is none of the {classes} classes of shape {ops.shape(y_pred)}.")
    return y_true[..., class_id], y_pred[..., class_id]


def _only_largest(y_pred: Any, k: int) -> Any:
    places = ops.top_k(y_pred, k)[1]
    chosen = ops.sum(ops.one_hot(places, ops.shape(y_pred)[-1], dtype=ops.dtype(y_pred)), axis=-2)
    lowest = _LOWEST if ops.dtype(y_pred) != "float16" else -6e4
    return ops.where(ops.greater(chosen, 0), y_pred, lowest)


def count(
    y_true: Any,
    y_pred: Any,
    thresholds: list[float],
    dtype: str,
    sample_weight: Any = None,
    label_weights: Any = None,
    multi_label: bool = False,
) -> Counts:
    """The counts, with an axis of labels at the end if `multi_label`; targets that are not 0 are positive.

    y_true and y_pred: of one shape, (batch, labels) if `multi_label`.
    """
    y_pred = ops.cast(y_pred, dtype)
    weights = ops.ones_like(y_pred)
    if sample_weight is not None:
        weights = ops.multiply(weights, fit_weights(sample_weight, y_pred, dtype))
    if label_weights is not None:
        weights = ops.multiply(weights, ops.convert_to_tensor(label_weights, dtype=dtype))
    labels = ops.shape(y_pred)[-1] if multi_label else 1
    positive, y_pred, weights = (ops.reshape(x, (-1, labels)) for x in (ops.cast(y_true, "bool"), y_pred, weights))
    tallied = _compared if len(thresholds) <= _FEW else _sorted_in
    above, whole = tallied(positive, y_pred, weights, thresholds, dtype)
    if not multi_label:
        above, whole = above[..., 0], whole[..., 0]
    below = ops.subtract(ops.expand_dims(whole, 1), above)
    return Counts(above[1], above[0], below[0], below[1])


def _compared(positive: Any, y_pred: Any, weights: Any, thresholds: list[float], dtype: str) -> tuple[Any, Any]:
    """Weights above each threshold, (negative or positive, thresholds, labels), and in all: by comparison."""
    limits = ops.reshape(ops.convert_to_tensor(np.array(thresholds), dtype=dtype), (-1, 1, 1))
    above = ops.cast(ops.greater(ops.expand_dims(y_pred, 0), limits), dtype)
    hits = ops.where(positive, weights, ops.zeros_like(weights))
    sides = ops.stack([ops.subtract(weights, hits), hits])
    sums = ops.sum(ops.multiply(ops.expand_dims(above, 0), ops.expand_dims(sides, 1)), axis=2)
    return sums, ops.sum(sides, axis=1)


def _sorted_in(positive: Any, y_pred: Any, weights: Any, thresholds: list[float], dtype: str) -> tuple[Any, Any]:
    """The same: each output falls between two thresholds, and weights are summed from the highest down."""
    order = np.argsort(thresholds, kind="stable")
    limits = ops.convert_to_tensor(np.array(thresholds)[order], dtype=dtype)
    labels, bins = ops.shape(y_pred)[1], len(thresholds) + 1
    # How many thresholds are lower than the output.
    lower = ops.reshape(ops.searchsorted(limits, ops.reshape(y_pred, (-1,)), side="left"), (-1, labels))
    side = ops.add(ops.multiply(ops.cast(positive, "int32"), labels), ops.arange(labels, dtype="int32"))
    place = ops.add(ops.multiply(side, bins), ops.cast(lower, "int32"))
    sums = ops.segment_sum(ops.reshape(weights, (-1,)), ops.reshape(place, (-1,)), num_segments=2 * labels * bins)
    sums = ops.flip(ops.cumsum(ops.flip(ops.reshape(sums, (2, labels, bins)), axis=-1), axis=-1), axis=-1)
    sums = ops.swapaxes(sums, 1, 2)
    above = sums[:, 1:]
    if (np.diff(order) != 1).any():
        above = ops.take(above, ops.convert_to_tensor(np.argsort(order).astype("int32")), axis=1)
    return above, sums[:, 0]
