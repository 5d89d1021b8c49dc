"""Each loss beside the real Keras's: values in every reduction, weights, masks, gradients, configurations, names."""

from __future__ import annotations

import functools
import inspect
import warnings
from typing import Any

import keras as real
import numpy as np
import pytest

import triceras as keras
from tests.parity.losses import BITS, FUNCTIONS, LABELS, ONE_HOT, OUT, REAL, ROWS, LossRow, P, label
from triceras import masks

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", None)
BACKEND = keras.backend.backend()


def numpy(x: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(x))


def pair(row: LossRow, **more: Any) -> tuple[Any, Any]:
    return tuple(getattr(package.losses, row.name)(**row.config, **more) for package in (keras, real))


def agree(ours: Any, theirs: Any, rtol: float = 1e-5) -> None:
    ours, theirs = numpy(ours), np.asarray(real.ops.convert_to_numpy(theirs))
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    np.testing.assert_allclose(ours.astype("float64"), theirs.astype("float64"), rtol=rtol, atol=1e-6)


def gradient(loss: Any, y_true: Any, y_pred: Any) -> Any:
    y_pred = keras.ops.convert_to_tensor(y_pred)
    with keras.GradientTape() as tape:
        tape.watch(y_pred)
        value = loss(y_true, y_pred)
    return tape.gradient(value, y_pred)


def real_gradient(loss: Any, y_true: Any, y_pred: Any) -> Any:
    if BACKEND == "torch":
        import torch

        x = torch.tensor(y_pred, requires_grad=True)
        return torch.autograd.grad(loss(y_true, x), x)[0]
    if BACKEND == "jax":
        import jax

        return jax.grad(lambda x: loss(y_true, x))(y_pred)
    import tensorflow as tf

    x = tf.convert_to_tensor(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(y_true, x)
    return tape.gradient(value, x)


def results(row: LossRow, package: Any) -> list[Any]:
    """Values, plain and weighted, in some reductions, and the gradient; on JAX in one compilation."""
    weights = np.linspace(0.0, 2.0, len(row.y_true), dtype="float32")

    def compute(y_true: Any, y_pred: Any) -> list[Any]:
        make, weighted = getattr(package.losses, row.name), []
        plain = [make(**row.config, reduction=r)(y_true, y_pred) for r in (None, "sum_over_batch_size")]
        if tuple(plain[0].shape) == weights.shape:
            weighted = [
                make(**row.config, reduction=r)(y_true, y_pred, weights.copy())
                for r in ("sum", "mean_with_sample_weight")
            ]
        by_tape = gradient if package is keras else real_gradient
        return [*plain, *weighted, by_tape(make(**row.config), y_true, y_pred)]

    # On PyTorch the real Keras's gradient is taken of arrays.
    arrays = [x if package is real else keras.ops.convert_to_tensor(x) for x in (row.y_true, row.y_pred)]
    return [package.ops.convert_to_numpy(x) for x in compiled(package, compute)(*arrays)]


def compiled(package: Any, fn: Any) -> Any:
    """Where operations compile one by one, they are compiled together; our own always."""
    if package is keras:
        return keras.jit(fn)
    if BACKEND != "jax":
        return fn
    import jax

    return jax.jit(fn)


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_row(row: LossRow) -> None:
    ours, theirs = results(row, keras), results(row, real)
    assert [(x.shape, x.dtype) for x in ours] == [(x.shape, x.dtype) for x in theirs]
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        last = i == len(ours) - 1
        np.testing.assert_allclose(a, b, rtol=(20 if last else 1) * row.rtol, atol=1e-5 if last else 1e-6)


@pytest.mark.parametrize("row", ROWS[:12:5], ids=label)
def test_eager(row: LossRow) -> None:
    agree(*(loss(row.y_true, row.y_pred) for loss in pair(row)), rtol=row.rtol)


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_configurations(row: LossRow) -> None:
    ours, theirs = pair(row, reduction="sum")
    written = dict(ours.get_config())
    for key in row.unwritten:
        assert written.pop(key) == row.config[key]
    assert written == theirs.get_config()
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
    assert type(ours).from_config(theirs.get_config()).get_config().keys() == theirs.get_config().keys()
    described = keras.losses.serialize(ours)
    assert described["class_name"] == row.name
    assert keras.losses.deserialize(described).get_config() == ours.get_config()
    assert keras.losses.deserialize(real.losses.serialize(theirs)).get_config().keys() == theirs.get_config().keys()
    if row.name != UNKNOWN_TO_KERAS:
        assert type(real.losses.deserialize(described)).__name__ == row.name


@pytest.mark.parametrize(("name", "arguments", "options"), FUNCTIONS)
def test_function(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    # Keras's functions take tensors; on PyTorch some take no arrays.
    ours, theirs = (
        compiled(package, functools.partial(getattr(package.losses, name), **options))(
            *(package.ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a for a in arguments)
        )
        for package in (keras, real)
    )
    np.testing.assert_allclose(numpy(ours), real.ops.convert_to_numpy(theirs), rtol=1e-5, atol=1e-6)


def classes() -> list[str]:
    return sorted(n for n in dir(real.losses) if inspect.isclass(getattr(real.losses, n)) and n != "Loss")


@pytest.mark.parametrize("name", classes())
def test_every_loss_has_a_row(name: str) -> None:
    assert name in {row.name for row in ROWS}


def test_signatures() -> None:
    for name in dir(real.losses):
        theirs = getattr(real.losses, name)
        if not name.startswith("_") and callable(theirs):
            ours = getattr(keras.losses, name)
            found = [
                [(p.name, p.kind, p.default) for p in inspect.signature(x).parameters.values()] for x in (ours, theirs)
            ]
            assert found[0] == found[1], name


# -- reductions, weights, masks ----------------------------------------------------------

VALUES = np.linspace(0.2, 1.7, 6, dtype="float32").reshape(3, 2)
WEIGHTS = {
    "none": None,
    "scalar": 2.0,
    "column": np.array([[1.0], [2.0], [0.0]], dtype="float32"),
    "full": np.array([[1, 2], [2, 2], [0, 0.5]], dtype="float32"),
    "deeper": np.array([[1, 2], [2, 2], [0, 0.5]], dtype="float32")[..., None],
}
ROW_WEIGHTS = {"none": None, "rows": np.array([1.0, 2.0, 0.0], dtype="float32"), "column": WEIGHTS["column"]}


def raw(package: Any, reduction: str | None, dtype: Any = None) -> Any:
    class Raw(package.losses.Loss):  # type: ignore[misc,name-defined]
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return y_pred

    return Raw(reduction=reduction, dtype=dtype, name="raw")


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights(reduction: str | None) -> None:
    for values, table in ((VALUES, WEIGHTS), (VALUES[:, 0], ROW_WEIGHTS), (VALUES[:, :1], ROW_WEIGHTS)):
        for weights in table.values():
            agree(raw(keras, reduction)(values, values, weights), raw(real, reduction)(values, values, weights))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", ["none", "full", "deeper"])
def test_masks(reduction: str | None, weights: str) -> None:
    from keras.src.backend.common import masking

    mask = np.array([[True, False], [True, True], [False, False]])
    found = []
    for package, set_mask in ((keras, masks.set_mask), (real, masking.set_keras_mask)):
        y_pred = package.ops.convert_to_tensor(VALUES)
        set_mask(y_pred, package.ops.convert_to_tensor(mask))
        # A fresh array each time: Keras multiplies the weights where they are.
        given = None if WEIGHTS[weights] is None else np.array(WEIGHTS[weights])
        found.append(raw(package, reduction)(VALUES, y_pred, given))
    agree(*found)


def test_weights_of_rows() -> None:
    """What Keras cannot: one weight a row of (batch, time), beside a mask too."""
    weights = ROW_WEIGHTS["rows"]
    assert weights is not None
    np.testing.assert_allclose(numpy(raw(keras, None)(VALUES, VALUES, weights)), VALUES * weights[:, None], rtol=1e-6)


@pytest.mark.parametrize("dtype", [None, "float16", "bfloat16", "float64", "mixed_float16"])
def test_dtypes(dtype: Any) -> None:
    for given in ("float32", "float16", "float64"):
        ours, theirs = (
            package.losses.MeanSquaredError(dtype=dtype)(
                REAL.astype(given), package.ops.convert_to_tensor(OUT.astype(given))
            )
            for package in (keras, real)
        )
        # Keras reduces in float32 at most, on some backends.
        if dtype != "float64":
            assert keras.backend.standardize_dtype(ours.dtype) == real.backend.standardize_dtype(theirs.dtype)
        np.testing.assert_allclose(float(ours), float(theirs), rtol=1e-2)
    ours, theirs = (package.losses.Huber(dtype=dtype) for package in (keras, real))
    assert ours.dtype == theirs.dtype
    assert type(ours).from_config(ours.get_config()).dtype == ours.dtype


# -- names ---------------------------------------------------------------------------------

ALIASES = """
    bce BCE mae MAE mse MSE mape MAPE msle MSLE kld KLD kl_divergence log_cosh huber cosine_similarity hinge
    squared_hinge categorical_hinge poisson ctc circle dice tversky binary_crossentropy binary_focal_crossentropy
    categorical_crossentropy categorical_focal_crossentropy sparse_categorical_crossentropy mean_squared_error
    mean_absolute_error mean_absolute_percentage_error mean_squared_logarithmic_error
""".split()  # noqa: SIM905


# Keras's `get` has forgotten this one.
UNKNOWN_TO_KERAS = "CategoricalGeneralizedCrossEntropy"


@pytest.mark.parametrize("name", [*ALIASES, *(name for name in classes() if name != UNKNOWN_TO_KERAS)])
def test_get(name: str) -> None:
    ours, theirs = keras.losses.get(name), real.losses.get(name)
    if inspect.isfunction(theirs):
        assert ours.__name__ == theirs.__name__
        assert keras.losses.deserialize(name) is ours
        described = keras.losses.serialize(ours)
        assert described == real.losses.serialize(theirs)
        assert keras.losses.get(described) is ours
    else:
        assert ours.get_config() == theirs.get_config()


def test_wrapped_function() -> None:
    ours, theirs = (
        type(package.losses.Huber()).__base__(package.losses.huber, delta=2.0, name="mine") for package in (keras, real)
    )
    agree(ours(REAL, OUT), theirs(REAL, OUT))
    assert ours.get_config() == theirs.get_config()
    assert keras.losses.serialize(ours) == real.losses.serialize(theirs)
    again = keras.losses.deserialize(keras.losses.serialize(ours))
    assert again.fn is keras.losses.huber and again.get_config() == ours.get_config()


def test_get_of_others() -> None:
    assert keras.losses.get(None) is None
    assert isinstance(keras.losses.get(keras.losses.Huber), keras.losses.Huber)
    assert keras.losses.get({"class_name": "Huber", "config": {"delta": 2.0}}).delta == 2.0
    for wrong in ("mean_square_error", "loss", 3, {"class_name": "Nobody", "config": {}}):
        with pytest.raises((ValueError, TypeError)) as caught:
            keras.losses.get(wrong)
        assert "loss" in str(caught.value) or "Nobody" in str(caught.value)


# -- bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda k: k.losses.Huber(reduction="average"), ValueError, "reduction"),
        (lambda k: k.losses.CategoricalGeneralizedCrossEntropy(q=1.5), ValueError, "q"),
        (lambda k: k.losses.CategoricalGeneralizedCrossEntropy(q=0), ValueError, "q"),
        (lambda k: k.losses.categorical_crossentropy(ONE_HOT, P[:, :2]), ValueError, "output"),
        (lambda k: k.losses.binary_crossentropy(BITS, P[:2]), ValueError, ""),
        (lambda k: k.losses.sparse_categorical_crossentropy(LABELS[:2], P), ValueError, "target"),
        (lambda k: k.losses.ctc(LABELS, np.ones((4, 3, 3), "float32")), ValueError, "y_true"),
        (lambda k: k.losses.ctc(ONE_HOT, ONE_HOT), ValueError, "y_pred"),
        (lambda k: k.losses.MeanSquaredError(dtype="float17"), ValueError, "float17"),
        (lambda k: k.losses.Loss()(REAL, OUT), NotImplementedError, ""),
    ],
)
def test_errors_of_keras(call: Any, kind: type[Exception], text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(kind):
            call(real)
        with pytest.raises(kind, match=text):
            call(keras)


SHAPES = [
    (lambda: keras.losses.MeanSquaredError()(REAL, OUT[:2]), r"mean_squared_error: .*\(4, 3\).*\(2, 3\)"),
    (lambda: keras.losses.Dice()(BITS, P[:, :2]), r"dice: .*\(4, 3\).*\(4, 2\)"),
    (lambda: keras.losses.MeanSquaredError()(REAL, OUT, np.ones((3,))), r"sample_weight of shape \(3,\).*\(4,\)"),
    (lambda: keras.losses.MeanSquaredError()(REAL, OUT, np.ones((4, 2, 2))), r"sample_weight of shape \(4, 2, 2\)"),
    (lambda: keras.losses.circle(LABELS[:2], UNIT_ROWS), r"circle: y_true .* 2 labels .*\(4, 3\)"),
    (lambda: keras.losses.categorical_crossentropy(ONE_HOT, P, axis=2), r"categorical_crossentropy: .*axis 2"),
    (lambda: keras.losses.CategoricalGeneralizedCrossEntropy()(ONE_HOT, P), r"y_true must be integers"),
]
UNIT_ROWS = OUT


@pytest.mark.parametrize(("call", "text"), SHAPES)
def test_shapes_that_do_not_fit(call: Any, text: str) -> None:
    """Keras lets the framework complain, each in its own way."""
    with pytest.raises(ValueError, match=text):
        call()


def test_one_class_warns() -> None:
    with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
        keras.losses.categorical_crossentropy(BITS[:, :1], P[:, :1])


# -- large values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "y_true", "config"),
    [
        ("BinaryCrossentropy", np.array([[0.0, 1.0]]), {}),
        ("BinaryFocalCrossentropy", np.array([[0.0, 1.0]]), {}),
        ("CategoricalCrossentropy", np.array([[0.0, 1.0]]), {}),
        ("CategoricalFocalCrossentropy", np.array([[0.0, 1.0]]), {"alpha": 1.0}),
        ("SparseCategoricalCrossentropy", np.array([1]), {}),
    ],
)
def test_large_logits(name: str, y_true: np.ndarray, config: dict[str, Any]) -> None:
    """From logits, nothing is clipped: the loss of a wrong answer grows with them, and so does its gradient."""
    loss = getattr(keras.losses, name)(from_logits=True, **config)
    wrong = np.array([[300.0, -300.0]], dtype="float32")
    expected = 600.0 if "Categorical" in name else 300.0
    np.testing.assert_allclose(float(loss(y_true, wrong)), expected, rtol=1e-5)
    assert np.abs(numpy(gradient(loss, y_true, wrong))).max() >= 0.5
    np.testing.assert_allclose(float(loss(y_true, -wrong)), 0.0, atol=1e-6)
    assert np.isfinite(numpy(gradient(loss, y_true, -wrong))).all()
