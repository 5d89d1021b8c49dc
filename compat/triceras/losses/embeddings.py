"""Losses of embeddings: vectors of one class are to be near one another."""

from __future__ import annotations

from typing import Any

from triceras import masks, ops
from triceras.losses.loss import LossFunctionWrapper, floating, of_labels


@of_labels
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """log(1 + sum exp(gamma a (s - m)) sum exp(-gamma b (t - 1 + m))) of each row of y_pred; see `Circle`.

    Rows are compared with ref_embeddings (refs, features) of classes ref_labels (refs,); None: with one another.
    ValueError: labels that are not one a row.
    """
    y_pred = floating(y_pred)
    labels = ops.reshape(ops.convert_to_tensor(y_true), (-1, 1))
    ref_labels = labels if ref_labels is None else ref_labels
    ref_labels = ops.cast(ops.reshape(ops.convert_to_tensor(ref_labels), (1, -1)), ops.dtype(labels))
    refs = y_pred if ref_embeddings is None else ops.cast(ops.convert_to_tensor(ref_embeddings), ops.dtype(y_pred))
    for which, some, rows in (("y_true", labels, y_pred), ("ref_labels", ref_labels, refs)):
        _check_labels(which, max(ops.shape(some), key=lambda n: n or 0), ops.shape(rows))
    similarity = ops.minimum(ops.matmul(y_pred, ops.transpose(refs)), 1.0)
    same = ops.equal(labels, ref_labels)
    other = ops.logical_not(same)
    if remove_diagonal:
        rows, columns = ops.shape(similarity)
        same = ops.logical_and(same, ops.logical_not(ops.eye(rows, columns, dtype="bool")))
    return _circle(similarity, same, other, gamma, margin)


def _circle(similarity: Any, same: Any, other: Any, gamma: float, margin: float) -> Any:
    """The loss of each row; masked, and 0, for rows without another of their class or without one of another."""
    pull = ops.multiply(ops.relu(ops.subtract(1.0 + margin, similarity)), ops.subtract(similarity, 1.0 - margin))
    push = ops.multiply(ops.relu(ops.add(similarity, margin)), ops.subtract(similarity, margin))
    near = _masked_logsumexp(ops.multiply(-gamma, pull), same)
    far = _masked_logsumexp(ops.multiply(gamma, push), other)
    counts = ops.logical_and(ops.any(same, axis=-1), ops.any(other, axis=-1))
    loss = ops.where(counts, ops.softplus(ops.where(counts, ops.add(near, far), 0.0)), 0.0)
    masks.set_mask(loss, counts)
    return loss


def _masked_logsumexp(x: Any, mask: Any) -> Any:
    """log(sum(exp(x))) over the last axis where the mask holds; finite where it never does."""
    lowest = -1e4 if ops.dtype(x) == "float16" else -1e9
    return ops.logsumexp(ops.where(mask, x, lowest), axis=-1)


def _check_labels(which: str, count: Any, shape: Any) -> None:
    if len(shape) != 2 or (count is not None and shape[0] is not None and count != shape[0]):
        raise ValueError(
            f"circle: {which} must have one label a row of the embeddings (rows, features); got {count} labels for "
            f"embeddings of shape {tuple(shape)}."
        )


class Circle(LossFunctionWrapper):
    """Draws each row towards the rows of its class and away from the others, the harder the farther from its goal.

    With s the similarities (dot products) to rows of other classes and t those to its own class, a row's loss is
    log(1 + sum exp(gamma a (s - margin)) sum exp(-gamma b (t - 1 + margin))), a = max(s + margin, 0) and
    b = max(1 + margin - t, 0). Rows for which either sum is empty do not count. Sun et al., arXiv:2002.10857.

    Args:
        gamma: the scale.
        margin: how far apart the classes' similarities are to be.
        remove_diagonal: whether a row's similarity to itself does not count.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true: labels (batch,); y_pred: rows of length 1 (batch, features); gives (batch,), reduced to a scalar.
    Raises ValueError: labels that are not one a row.

    Example:

    >>> loss = keras.losses.Circle(gamma=2.0, margin=0.2)
    >>> rows = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> round(float(loss(np.array([0, 0, 1]), rows)), 3)
    1.214
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal)
