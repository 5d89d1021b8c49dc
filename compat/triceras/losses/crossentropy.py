"""Cross-entropies, plain and focal, and the generalized one."""

from __future__ import annotations

import warnings
from typing import Any

from triceras import masks, ops
from triceras.losses.loss import LossFunctionWrapper, as_output, floating, of_labels
from triceras_backends import config


def _smoothed(y_true: Any, label_smoothing: float, classes: Any) -> Any:
    """Labels moved towards the uniform distribution over so many classes."""
    if not label_smoothing:
        return y_true
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing / classes)


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Mean over `axis` of -(t log p + (1 - t) log(1 - p)); t moved by smoothing towards 1/2."""
    y_true, y_pred = as_output("binary_crossentropy", y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing, 2)
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Mean over `axis` of (1 - q)^gamma times the binary cross-entropy, q the probability of the right label."""
    y_true, y_pred = as_output("binary_focal_crossentropy", y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing, 2)
    no = ops.subtract(1.0, y_true)
    ones = ops.sigmoid(y_pred) if from_logits else y_pred
    zeros = ops.sigmoid(ops.negative(y_pred)) if from_logits else ops.subtract(1.0, y_pred)
    missed = ops.add(ops.multiply(y_true, zeros), ops.multiply(no, ones))
    loss = ops.multiply(ops.power(missed, gamma), ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits))
    if apply_class_balancing:
        loss = ops.multiply(ops.add(ops.multiply(y_true, alpha), ops.multiply(no, 1.0 - alpha)), loss)
    return ops.mean(loss, axis=axis)


def _distributions(name: str, y_true: Any, y_pred: Any, label_smoothing: float, axis: int) -> tuple[Any, Any]:
    """Targets and outputs of a categorical cross-entropy: tensors of floats, of one shape."""
    y_pred = floating(y_pred)
    y_true = ops.cast(ops.convert_to_tensor(y_true), ops.dtype(y_pred))
    shape = ops.shape(y_pred)
    if len(ops.shape(y_true)) != len(shape) or not -len(shape) <= axis < len(shape):
        raise ValueError(
            f"{name}: y_true must have y_pred's shape, with the classes along axis {axis}; got y_true of shape "
            f"{tuple(ops.shape(y_true))} and y_pred of shape {tuple(shape)}."
        )
    if shape[axis] == 1:
        warnings.warn(
            f"{name}: y_pred of shape {tuple(shape)} has a single class along axis {axis}, which leaves nothing to "
            "choose: use binary_crossentropy for two classes.",
            SyntaxWarning,
            stacklevel=3,
        )
    return _smoothed(y_true, label_smoothing, ops.shape(y_true)[axis]), y_pred


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """-sum(t log p) over `axis`; t moved by smoothing towards the uniform distribution."""
    y_true, y_pred = _distributions("categorical_crossentropy", y_true, y_pred, label_smoothing, axis)
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-sum(alpha (1 - p)^gamma t log p) over `axis`; alpha a number, or one a class where `axis` is the last."""
    y_true, y_pred = _distributions("categorical_focal_crossentropy", y_true, y_pred, label_smoothing, axis)
    if from_logits:
        logs = ops.log_softmax(y_pred, axis=axis)
        # exp of a logarithm near 0 rounds to 1: -expm1 has 1 - p to full precision.
        missed = ops.negative(ops.expm1(logs))
    else:
        p = ops.divide(y_pred, ops.sum(y_pred, axis=axis, keepdims=True))
        p = ops.clip(p, config.epsilon(), 1.0 - config.epsilon())
        logs, missed = ops.log(p), ops.subtract(1.0, p)
    weights = ops.multiply(ops.power(missed, gamma), ops.cast(ops.convert_to_tensor(alpha), ops.dtype(y_pred)))
    return ops.negative(ops.sum(ops.multiply(weights, ops.multiply(y_true, logs)), axis=axis))


@of_labels
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """-log p[y_true] over `axis`, y_true integers of the outputs' shape without it (or with size 1 there).

    Where y_true is `ignore_class` the loss is 0, and masked.
    """
    y_pred = floating(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    shape = ops.shape(y_true)
    if len(shape) == len(ops.shape(y_pred)) and shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    valid = ops.not_equal(y_true, ops.cast(ignore_class, ops.dtype(y_true)))
    y_true = ops.where(valid, y_true, ops.zeros_like(y_true))
    loss = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    valid = ops.reshape(valid, ops.shape(loss)) if len(ops.shape(valid)) != len(ops.shape(loss)) else valid
    loss = ops.where(valid, loss, ops.zeros_like(loss))
    masks.set_mask(loss, valid)
    return loss


@of_labels
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """(1 - p^q) / q, p the probability of the class y_true (integers) along the last axis."""
    y_pred = floating(y_pred)
    classes = ops.shape(y_pred)[-1]
    y_true = ops.cast(ops.convert_to_tensor(y_true), "int32")
    if len(ops.shape(y_true)) == len(ops.shape(y_pred)) and ops.shape(y_true)[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(ops.shape(y_true)) != len(ops.shape(y_pred)) - 1:
        raise ValueError(
            "categorical_generalized_cross_entropy: y_true must be integers of y_pred's shape without the last axis; "
            f"got y_true of shape {tuple(ops.shape(y_true))} and y_pred of shape {tuple(ops.shape(y_pred))}."
        )
    p = ops.sum(ops.multiply(ops.one_hot(y_true, classes, dtype=ops.dtype(y_pred)), y_pred), axis=-1)
    return ops.divide(ops.subtract(1.0, ops.power(p, q)), q)


class BinaryCrossentropy(LossFunctionWrapper):
    """-(t log p + (1 - t) log(1 - p)) of independent binary labels t, its mean over `axis`, then reduced.

    Args:
        from_logits: whether y_pred are logits, p = sigmoid(y_pred); else probabilities, clipped away from 0 and 1.
        label_smoothing: t is moved to t (1 - smoothing) + smoothing / 2.
        axis: over which the mean is taken.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., labels); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.BinaryCrossentropy(from_logits=True)
    >>> round(float(loss(np.array([[0, 1]]), np.array([[0.0, 2.0]]))), 3)
    0.41
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """`BinaryCrossentropy` times (1 - q)^gamma, q the probability given to the right label: easy rows count less.

    Lin et al., arXiv:1708.02002.

    Args:
        apply_class_balancing: whether label 1 is also weighted by alpha, and 0 by 1 - alpha.
        alpha: the weight of label 1.
        gamma: how much less easy rows count; 0 is the plain cross-entropy.
        from_logits: whether y_pred are logits.
        label_smoothing: labels t are moved to t (1 - smoothing) + smoothing / 2.
        axis: over which the mean is taken.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., labels); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.BinaryFocalCrossentropy(gamma=2.0)
    >>> round(float(loss(np.array([[0, 1]]), np.array([[0.5, 0.8]]))), 4)
    0.0911
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalCrossentropy(LossFunctionWrapper):
    """-sum(t log p) over `axis`, t one-hot labels or any distribution; then reduced.

    Args:
        from_logits: whether y_pred are logits, p = softmax(y_pred); else p = y_pred over its sum, clipped.
        label_smoothing: t is moved to t (1 - smoothing) + smoothing / classes.
        axis: the classes' axis.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., classes); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that differ.

    Example:

    >>> loss = keras.losses.CategoricalCrossentropy()
    >>> round(float(loss(np.array([[0, 1, 0]]), np.array([[0.25, 0.5, 0.25]]))), 3)
    0.693
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """-sum(alpha (1 - p)^gamma t log p) over `axis`, t one-hot labels: easy rows count less; then reduced.

    Lin et al., arXiv:1708.02002.

    Args:
        alpha: a number, or one weight a class (where `axis` is the last).
        gamma: how much less easy rows count; 0 is alpha times the plain cross-entropy.
        from_logits: whether y_pred are logits.
        label_smoothing: t is moved to t (1 - smoothing) + smoothing / classes.
        axis: the classes' axis.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true and y_pred: (batch, ..., classes); gives (batch, ...), reduced to a scalar.
    Raises ValueError: shapes that differ.

    Example:

    >>> loss = keras.losses.CategoricalFocalCrossentropy(alpha=1.0)
    >>> round(float(loss(np.array([[0, 1, 0]]), np.array([[0.25, 0.5, 0.25]]))), 4)
    0.1733
    """

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """-log p[y_true], y_true integer labels; then reduced.

    Args:
        from_logits: whether y_pred are logits, p = softmax(y_pred); else p = y_pred over its sum, clipped.
        ignore_class: a label whose rows do not count, such as -1 or 255 for unlabelled pixels.
        reduction: see `keras.losses.Loss`.
        axis: the classes' axis.
        name, dtype: see `keras.losses.Loss`.

    y_true: (batch, ...) integers below `classes`; y_pred: (batch, ..., classes); gives (batch, ...), reduced to a
    scalar. Raises ValueError: shapes that do not fit.

    Example:

    >>> loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    >>> round(float(loss(np.array([1, -1]), np.array([[0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]))), 3)
    0.693
    """

    UNWRITTEN = {"axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """(1 - p^q) / q, p the probability of the label: between cross-entropy (q near 0) and mean absolute error
    (q near 1), less moved by wrong labels than the former. Zhang and Sabuncu, arXiv:1805.07836.

    Args:
        q: between 0 and 1.
        reduction, name, dtype: see `keras.losses.Loss`.

    y_true: (batch, ...) integers; y_pred: probabilities (batch, ..., classes); gives (batch, ...), reduced to a
    scalar. Raises ValueError: q not between 0 and 1.

    Example:

    >>> loss = keras.losses.CategoricalGeneralizedCrossEntropy(q=0.5)
    >>> round(float(loss(np.array([0, 1]), np.array([[0.64, 0.36], [0.75, 0.25]]))), 3)
    0.7
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ValueError(f"CategoricalGeneralizedCrossEntropy: q must lie between 0 and 1; got: {q!r}")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
