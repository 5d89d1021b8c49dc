"""The table of metrics: batches and configurations that are compared with the real Keras's."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(8)


class MetricRow(NamedTuple):
    """A metric with its constructor's arguments and the batches it sees: arguments of `update_state`.

    `config` may be a function of the package. `unwritten`: arguments that Keras leaves out of the configuration, which
    ours has where they are not the default.
    """

    name: str
    batches: list[tuple[Any, ...]]
    config: Any = {}
    unwritten: tuple[str, ...] = ()

    def arguments(self, package: Any) -> dict[str, Any]:
        return self.config(package) if callable(self.config) else self.config


def label(row: MetricRow) -> str:
    config = {} if callable(row.config) else row.config
    return "-".join([row.name, *(f"{key}={value}" for key, value in config.items())])


def _uniform(*shape: int) -> np.ndarray:
    return RNG.uniform(size=shape).astype("float32")


BITS = (_uniform(4, 3) > 0.4).astype("float32")
P = (0.4 * BITS + 0.6 * _uniform(4, 3)).astype("float32")
MORE_BITS = (_uniform(4, 3) > 0.6).astype("float32")
MORE_P = _uniform(4, 3)
REAL, OUT = RNG.normal(size=(2, 4, 3)).astype("float32")
LABELS = np.array([0, 1, 2, 1])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
WEIGHTS = np.array([1.0, 2.0, 0.0, 0.5], dtype="float32")
FULL = _uniform(4, 3)
INTS = np.array([1, 2, 0, 3])
PIXELS, FOUND = np.array([[0, 1, 255, 2], [2, 2, 1, 0]]), np.array([[0, 2, 1, 2], [2, 1, 1, 0]])

BINARY = [(BITS, P), (MORE_BITS, MORE_P, WEIGHTS)]
FULLY = [(BITS, P, FULL), (MORE_BITS, MORE_P)]
REALS = [(REAL, OUT), (OUT, REAL, WEIGHTS)]
SPARSE = [(LABELS, P), (LABELS[::-1].copy(), MORE_P, WEIGHTS)]
HOT = [(ONE_HOT, P), (ONE_HOT[::-1].copy(), MORE_P, WEIGHTS)]
CELLS = [(PIXELS[:, :2], FOUND[:, :2])]


def _few(**config: Any) -> dict[str, Any]:
    return {"num_thresholds": 12, **config}


ROWS = [
    MetricRow("Mean", [(REAL,), (OUT, WEIGHTS), (OUT, FULL), (OUT, 2.0), (3.0, 4)]),
    MetricRow("Mean", [(REAL[:, 0],), (OUT[:, :1], WEIGHTS), (REAL[:, 0], WEIGHTS[:, None])], {"dtype": "float16"}),
    MetricRow("Sum", [(REAL,), (OUT, WEIGHTS), (OUT, FULL), (OUT, 2.0), (3.0, 4)]),
    MetricRow("MeanMetricWrapper", REALS, lambda k: {"fn": k.losses.huber, "delta": 0.5}),
    MetricRow("MeanSquaredError", REALS),
    MetricRow("MeanSquaredError", REALS, {"dtype": "float16", "name": "mine"}),
    MetricRow("MeanAbsoluteError", REALS),
    MetricRow("MeanAbsolutePercentageError", REALS),
    MetricRow("MeanSquaredLogarithmicError", REALS),
    MetricRow("RootMeanSquaredError", [*REALS, (REAL, OUT, FULL)]),
    MetricRow("CosineSimilarity", REALS),
    MetricRow("CosineSimilarity", REALS[:1], {"axis": 0}, ("axis",)),
    MetricRow("LogCoshError", REALS),
    MetricRow("R2Score", [*REALS, (REAL, OUT, FULL)]),
    MetricRow("R2Score", REALS, {"class_aggregation": None}),
    MetricRow("R2Score", REALS, {"class_aggregation": "variance_weighted_average", "num_regressors": 2}),
    MetricRow("R2Score", REALS[:1], {"num_regressors": 3}),
    MetricRow("Accuracy", [(LABELS, INTS), (LABELS, LABELS, WEIGHTS)]),
    MetricRow("BinaryAccuracy", BINARY),
    MetricRow("BinaryAccuracy", [(BITS[:, 0], P[:, :1])], {"threshold": 0.7}),
    MetricRow("CategoricalAccuracy", HOT),
    MetricRow("SparseCategoricalAccuracy", SPARSE),
    MetricRow("SparseCategoricalAccuracy", [(LABELS[:, None], P)]),
    MetricRow("TopKCategoricalAccuracy", HOT, {"k": 2}),
    MetricRow("SparseTopKCategoricalAccuracy", SPARSE, {"k": 2}),
    MetricRow(
        "SparseTopKCategoricalAccuracy",
        [(LABELS, np.array([[0, 2], [2, 1], [2, 0], [0, 2]]))],
        {"k": 1, "from_sorted_ids": True},
    ),
    MetricRow("BinaryCrossentropy", BINARY),
    MetricRow("BinaryCrossentropy", REALS[:1], {"from_logits": True, "label_smoothing": 0.1}),
    MetricRow("CategoricalCrossentropy", HOT),
    MetricRow("CategoricalCrossentropy", HOT, {"from_logits": True, "label_smoothing": 0.1}),
    MetricRow("SparseCategoricalCrossentropy", SPARSE),
    # Without weights Keras counts what is ignored as 0.
    MetricRow("SparseCategoricalCrossentropy", SPARSE[1:], {"from_logits": True, "ignore_class": 1}),
    MetricRow("KLDivergence", HOT),
    MetricRow("Poisson", BINARY),
    MetricRow("Hinge", BINARY),
    MetricRow("SquaredHinge", BINARY),
    MetricRow("CategoricalHinge", HOT),
    MetricRow("PearsonCorrelation", REALS),
    MetricRow("PearsonCorrelation", REALS[:1], {"axis": 0}),
    MetricRow("ConcordanceCorrelation", REALS),
    MetricRow("ConcordanceCorrelation", REALS[:1], {"axis": 0}),
    MetricRow("F1Score", BINARY),
    MetricRow("F1Score", BINARY, {"average": "micro", "threshold": 0.5}),
    MetricRow("F1Score", [(BITS, 0 * P)], {"average": "macro"}),
    MetricRow("FBetaScore", BINARY, {"average": "weighted", "beta": 2.0, "threshold": 0.5}),
    MetricRow("TruePositives", BINARY),
    MetricRow("TrueNegatives", BINARY, {"thresholds": [0.2, 0.8]}),
    MetricRow("FalsePositives", FULLY, {"thresholds": 0.3}),
    MetricRow("FalseNegatives", BINARY, {"thresholds": [i / 20 for i in range(20)]}),
    MetricRow("Precision", BINARY),
    MetricRow("Precision", FULLY, {"thresholds": [0.7, 0.2]}),
    MetricRow("Precision", BINARY, {"top_k": 2}),
    MetricRow("Precision", [(BITS[None], P[None])], {"top_k": 1, "class_id": 2}),
    MetricRow("Recall", BINARY),
    MetricRow("Recall", BINARY, {"thresholds": [(7 * i % 19) / 19 for i in range(19)], "class_id": 1}),
    MetricRow("Recall", [(2 * BITS, P)], {"thresholds": 0.3, "top_k": 2}),
    MetricRow("AUC", BINARY),
    MetricRow("AUC", FULLY, _few(curve="PR")),
    MetricRow("AUC", BINARY, _few(curve="PRGAIN")),
    MetricRow("AUC", BINARY, _few(summation_method="minoring")),
    MetricRow("AUC", BINARY, _few(curve="pr", summation_method="majoring")),
    MetricRow("AUC", BINARY, {"thresholds": [0.5, 0.2], "curve": "PR"}),
    MetricRow("AUC", BINARY, _few(multi_label=True, num_labels=3)),
    MetricRow("AUC", BINARY, _few(multi_label=True, label_weights=[1.0, 2.0, 3.0], curve="PR")),
    MetricRow("AUC", BINARY, _few(label_weights=[1.0, 2.0, 3.0])),
    MetricRow("AUC", [(BITS, REAL), (BITS[:, 0], REAL[:, :1])], _few(from_logits=True)),
    MetricRow("PrecisionAtRecall", BINARY, _few(recall=0.5)),
    MetricRow("PrecisionAtRecall", BINARY, {"recall": 0.5, "num_thresholds": 1}),
    MetricRow("RecallAtPrecision", BINARY, _few(precision=0.6)),
    MetricRow("RecallAtPrecision", BINARY, _few(precision=1.0, class_id=1)),
    MetricRow("SensitivityAtSpecificity", BINARY, _few(specificity=0.4)),
    MetricRow("SpecificityAtSensitivity", BINARY, _few(sensitivity=0.4, class_id=0)),
    MetricRow("IoU", [*CELLS, (LABELS, LABELS[::-1].copy(), INTS)], {"num_classes": 3, "target_class_ids": [0, 2]}),
    MetricRow(
        "IoU", [(LABELS, INTS % 3, WEIGHTS)], {"num_classes": 3, "target_class_ids": (0, 1, 2), "dtype": "float32"}
    ),
    MetricRow("MeanIoU", [(LABELS, INTS % 3)], {"num_classes": 4, "ignore_class": 2}),
    MetricRow("MeanIoU", [(ONE_HOT, P)], {"num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False}),
    MetricRow("BinaryIoU", [(BITS, P), (MORE_BITS, MORE_P)], {"target_class_ids": [1], "threshold": 0.3}),
    MetricRow("BinaryIoU", [(BITS, np.round(P, 1))]),
    MetricRow("OneHotIoU", [(ONE_HOT, P)], {"num_classes": 3, "target_class_ids": [0, 2]}),
    MetricRow("OneHotMeanIoU", [(ONE_HOT, LABELS[::-1].copy())], {"num_classes": 3, "sparse_y_pred": True}),
]

# Classes that are not metrics of their own.
BASES = {"Metric"}

FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("binary_accuracy", (BITS, P), {"threshold": 0.6}),
    ("categorical_accuracy", (ONE_HOT, P), {}),
    ("sparse_categorical_accuracy", (LABELS, P), {}),
    ("top_k_categorical_accuracy", (ONE_HOT, P), {"k": 2}),
    ("top_k_categorical_accuracy", (ONE_HOT.reshape(2, 2, 3), P.reshape(2, 2, 3)), {"k": 1}),
    ("sparse_top_k_categorical_accuracy", (LABELS.reshape(2, 2), P.reshape(2, 2, 3)), {"k": 2}),
    ("pearson_correlation", (REAL, OUT), {"axis": 0}),
    ("concordance_correlation", (REAL, OUT), {}),
]
