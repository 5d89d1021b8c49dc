"""The table of losses: targets, outputs and configurations that are compared with the real Keras's."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(5)


class LossRow(NamedTuple):
    """A loss with its targets, outputs and constructor's arguments.

    Where Keras leaves an argument out of the configuration (`unwritten`), ours has it if it is not the default: a
    copy would else be another loss. `function` False: the function form takes other arguments than the class.
    """

    name: str
    y_true: np.ndarray
    y_pred: np.ndarray
    config: dict[str, Any] = {}
    unwritten: tuple[str, ...] = ()
    rtol: float = 1e-5


def label(row: LossRow) -> str:
    return "-".join([row.name, *(f"{key}={value}" for key, value in row.config.items())])


def _normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("float32")


REAL, OUT = _normal(4, 3), _normal(4, 3)
STEPS, STEPS_OUT = _normal(4, 2, 3), _normal(4, 2, 3)
P = RNG.uniform(0.05, 0.95, (4, 3)).astype("float32")
BITS = (RNG.uniform(size=(4, 3)) > 0.5).astype("float32")
LABELS = np.array([0, 1, 2, 1])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
UNIT = OUT / np.linalg.norm(OUT, axis=-1, keepdims=True)
FOCAL = {"gamma": 1.5, "alpha": 0.3, "label_smoothing": 0.1}

ROWS = [
    LossRow("MeanSquaredError", REAL, OUT),
    LossRow("MeanSquaredError", STEPS, STEPS_OUT),
    LossRow("MeanSquaredError", np.array([[0, 1], [3, 250]], dtype="uint8"), _normal(2, 2)),
    LossRow("MeanSquaredError", REAL[:, 0], OUT[:, :1]),
    LossRow("MeanAbsoluteError", REAL, OUT),
    LossRow("MeanAbsolutePercentageError", REAL, OUT),
    LossRow("MeanSquaredLogarithmicError", REAL, OUT),
    LossRow("Huber", REAL, 2 * OUT),
    LossRow("Huber", REAL, OUT, {"delta": 0.4}, ("delta",)),
    LossRow("LogCosh", REAL, 30 * OUT),
    LossRow("CosineSimilarity", REAL, OUT),
    LossRow("CosineSimilarity", REAL, OUT, {"axis": 0}, ("axis",)),
    LossRow("BinaryCrossentropy", BITS, P),
    LossRow("BinaryCrossentropy", BITS, OUT, {"from_logits": True, "label_smoothing": 0.2, "axis": 0}),
    LossRow("BinaryFocalCrossentropy", BITS, P),
    LossRow("BinaryFocalCrossentropy", BITS, P, {"apply_class_balancing": True, **FOCAL}),
    LossRow("BinaryFocalCrossentropy", BITS, OUT, {"from_logits": True, "axis": 0}),
    LossRow("CategoricalCrossentropy", ONE_HOT, P),
    LossRow("CategoricalCrossentropy", ONE_HOT, OUT, {"from_logits": True, "label_smoothing": 0.2}),
    # Smoothed along another axis than the last, Keras divides by the size of the last; here by the number of classes.
    LossRow("CategoricalCrossentropy", ONE_HOT, P, {"axis": 0}),
    LossRow("CategoricalFocalCrossentropy", ONE_HOT, P),
    LossRow("CategoricalFocalCrossentropy", ONE_HOT, OUT, {"from_logits": True, "label_smoothing": 0.2, "gamma": 1.0}),
    LossRow("CategoricalFocalCrossentropy", ONE_HOT, P, {"axis": 0, "alpha": [0.1, 0.5, 0.4]}),
    LossRow("SparseCategoricalCrossentropy", LABELS, P),
    LossRow("SparseCategoricalCrossentropy", LABELS[:, None], OUT, {"from_logits": True, "ignore_class": 1}),
    LossRow("SparseCategoricalCrossentropy", LABELS, P, {"ignore_class": 2}),
    LossRow("CategoricalGeneralizedCrossEntropy", LABELS, P),
    LossRow("CategoricalGeneralizedCrossEntropy", LABELS, P, {"q": 0.2}),
    LossRow("CategoricalHinge", ONE_HOT, OUT),
    LossRow("Hinge", BITS, OUT),
    LossRow("Hinge", 2 * BITS - 1, OUT),
    LossRow("SquaredHinge", BITS, OUT),
    LossRow("KLDivergence", ONE_HOT, P),
    LossRow("KLDivergence", REAL, OUT),
    LossRow("Poisson", abs(REAL), P),
    LossRow("Dice", BITS, P),
    LossRow("Dice", BITS, P, {"axis": (1,)}),
    LossRow("Tversky", BITS, P),
    LossRow("Tversky", BITS, P, {"alpha": 0.2, "beta": 0.7, "axis": -1}),
    LossRow("Circle", np.array([0, 0, 1, 1]), UNIT, rtol=1e-4),
    LossRow("Circle", np.array([0, 0, 1, 2]), UNIT, {"gamma": 2.0, "margin": 0.1}),
    LossRow("Circle", np.array([0, 0, 1, 1]), P, {"remove_diagonal": False, "gamma": 2.0}),
    LossRow("CTC", np.array([[1, 2, 0], [1, 1, 3], [2, 0, 0]]), _normal(3, 7, 4)),
]

# Functions whose arguments are not those of a class: y_true, y_pred and further ones.
FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("circle", (np.array([0, 0, 1]), UNIT[:3]), {}),
    (
        "circle",
        (np.array([0, 0, 1]), UNIT[:3], np.array([0, 1]), UNIT[:2]),
        {"remove_diagonal": False, "gamma": 3, "margin": 0.2},
    ),
    ("sparse_categorical_crossentropy", (np.array([0, -1, 1]), P[:3]), {"ignore_class": -1}),
    ("mean_squared_error", (np.array([[1, 2]]), np.array([[3, 1]])), {}),
    ("hinge", (np.array([[-1, 1, 0, 1]]), np.array([[0.1, 0.2, 0.3, 0.4]], dtype="float32")), {}),
]
