"""Helpers on NumPy arrays."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np

from triceras_backends import dtypes
from triceras_backends.active import backend as B

Array = np.ndarray[Any, Any]


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Integer labels as one-hot rows: shape x.shape + (num_classes,), a last axis of size 1 dropped.

    Args:
        x: labels: integers, or floats, which are cut down to integers. A tensor's are not checked.
        num_classes: None is the largest label plus one.

    Returns: a float64 array; of a tensor, a tensor in the default float dtype.

    Raises ValueError: no labels to tell num_classes by, or a negative one. Raises IndexError: a label that is not
    less than num_classes.

    Example:

    >>> keras.utils.to_categorical([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    if B.is_tensor(x):
        return _one_hot(x, num_classes)
    labels = np.asarray(x).astype("int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if not labels.size and not num_classes:
        raise ValueError("to_categorical cannot tell num_classes by no labels: give it.")
    count = num_classes or int(labels.max()) + 1
    if labels.size and labels.min() < 0:
        raise ValueError(f"Labels must not be negative; got one of {labels.min()}.")
    if labels.size and labels.max() >= count:
        raise IndexError(f"Labels must be less than num_classes={count}; got one of {labels.max()}.")
    return np.eye(count)[labels]


def _one_hot(x: Any, num_classes: int | None) -> Any:
    """A tensor's labels as one-hot rows; one out of range is a row of zeros, for its values stay on the device."""
    if len(x.shape) > 1 and x.shape[-1] == 1:
        x = B.squeeze(x, -1)
    count = num_classes or int(B.convert_to_numpy(B.max(x))) + 1
    return B.one_hot(B.cast(x, "int32"), count, dtype=dtypes.standardize_dtype(None))


def normalize(x: Any, axis: Any = -1, order: Any = 2) -> Any:
    """x divided by its norms along an axis: x / (sum |x|**order)**(1 / order). Where the norm is 0, x stays.

    Args:
        x: an array of any shape; or a tensor or list, which gives a tensor.
        axis: the axis along which the norm is taken, or several.
        order: of the norm, as `np.linalg.norm` takes it: 1, 2, np.inf, ...

    Raises ValueError: an unknown order. Raises np.exceptions.AxisError: x has no such axis.

    Example:

    >>> keras.utils.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(order, str):
        raise ValueError(f"order must be a number, as np.linalg.norm takes it for vectors; got: {order!r}")
    if not isinstance(x, np.ndarray):
        tensor = B.convert_to_tensor(x)
        tensor = tensor if dtypes.is_float(B.dtype_of(tensor)) else B.cast(tensor, dtypes.standardize_dtype(None))
        tensor = B.reshape(tensor, (1,)) if len(tensor.shape) == 0 else tensor
        norms = B.norm(tensor, ord=order, axis=axis, keepdims=True)
        return tensor / B.where(norms == 0, B.ones_like(norms), norms)
    values = np.atleast_1d(x)
    if values.dtype.kind not in "fc":
        values = values.astype(dtypes.standardize_dtype(None))
    norms = np.linalg.norm(values.astype("float64"), order, axis, keepdims=True)
    return values / np.where(norms == 0, 1.0, norms).astype(values.dtype)


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> Array:
    """Sequences of unequal lengths as one array (sequences, maxlen, ...), padded and cut.

    Args:
        sequences: lists of steps; a step is a number or an array of a shape that all have.
        maxlen: the length; None is that of the longest.
        dtype: of the array; `object` for strings.
        padding: "pre" pads before a sequence, "post" after it.
        truncating: "pre" leaves out the first steps of one too long, "post" the last.
        value: what is padded with.

    Raises ValueError: sequences that are none; steps of unequal shapes; another padding or truncating; a string as
    value for an array of numbers.

    Example:

    >>> keras.utils.pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
    array([[0, 1],
           [2, 3],
           [5, 6]], dtype=int32)
    """
    for name, given in (("padding", padding), ("truncating", truncating)):
        if given not in ("pre", "post"):
            raise ValueError(f'{name} must be "pre" or "post"; got: {given!r}')
    if not isinstance(sequences, Sized) or isinstance(sequences, (str, bytes)):
        raise ValueError(f"sequences must be a list of sequences; got: {sequences!r}")
    given_as: list[Any] = list(sequences)  # type: ignore[call-overload]
    for i, sequence in enumerate(given_as):
        if not isinstance(sequence, Sized):
            raise ValueError(f"sequences must be a list of sequences; number {i} is {sequence!r}")
    if maxlen is None:
        if not given_as:
            raise ValueError("No sequences: their longest length is unknown; give maxlen.")
        maxlen = max(len(sequence) for sequence in given_as)
    kind = np.dtype(dtype)
    if isinstance(value, str) and kind.kind not in "OUS":
        raise ValueError(f"The value {value!r} does not fit into dtype {dtype!r}; for strings give dtype=object.")
    step = next((np.shape(sequence)[1:] for sequence in given_as if len(sequence)), ())
    if kind.kind == "U" and not kind.itemsize:  # as long as the longest there is
        kind = np.result_type(np.asarray(value), *(np.asarray(sequence) for sequence in given_as))
    padded = np.full((len(given_as), maxlen, *step), value, dtype=kind)
    for i, sequence in enumerate(given_as):
        if len(sequence) and maxlen:
            kept = np.asarray(sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen], dtype=kind)
            if kept.shape[1:] != step:
                raise ValueError(f"All steps must have one shape; sequence {i} has {kept.shape[1:]}, others {step}.")
            padded[i, (slice(-len(kept), None) if padding == "pre" else slice(len(kept)))] = kept
    return padded
