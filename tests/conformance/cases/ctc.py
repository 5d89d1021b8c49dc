"""Connectionist temporal classification; the oracles sum over every path."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

import numpy as np
import scipy.special

from tests.conformance.cases.base import Table, floats
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()
GRADIENTS = Gradients()
FLAT = {"ctc_decode"}


def _spelt(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    return tuple(label for label, _ in itertools.groupby(path) if label != blank)


def _sequences(logits: Any, blank: int) -> dict[tuple[int, ...], float]:
    """The probability of each sequence of labels, by all paths of logits (time, classes)."""
    p = scipy.special.softmax(np.asarray(logits, "float64"), -1)
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(p.shape[1]), repeat=len(p)):
        found[_spelt(path, blank)] += float(np.prod(p[np.arange(len(p)), list(path)]))
    return found


def _loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    losses = [
        _sequences(logits[:times], mask_index).get(tuple(labels[:count]), 0.0)
        for labels, logits, count, times in zip(target, output, target_length, output_length, strict=True)
    ]
    return -np.log(np.array(losses))


TARGET = np.array([[1, 2, 0], [1, 1, 2], [1, 1, 1], [9, -1, 5], [2, 7, 7], [1, 2, 1]], "int32")
TARGET_LENGTH = np.array([2, 3, 3, 0, 1, 3], "int32")
OUTPUT_LENGTH = np.array([4, 4, 4, 3, 1, 3], "int32")
LOGITS = floats((6, 4, 3))
ROW = (TARGET, LOGITS, TARGET_LENGTH, OUTPUT_LENGTH)
CASES.add("ctc_loss", *ROW, oracle=_loss, returns="float32", tol=8, label="repeats, nothing, impossible")
CASES.add("ctc_loss", np.where(TARGET > 0, TARGET - 1, 1), *ROW[1:], kw={"mask_index": 2}, oracle=_loss,
          returns="float32", tol=8, label="blank 2")  # fmt: skip
CASES.add("ctc_loss", *ROW[:1], LOGITS.astype("float64"), *ROW[2:], oracle=_loss, returns="float64", tol=8,
          label="float64")  # fmt: skip
CASES.add("ctc_loss", TARGET.astype("int64"), LOGITS.astype("float16"), *ROW[2:], oracle=_loss, returns="float32",
          tol=8, label="float16")  # fmt: skip
MASKED = np.where(np.arange(3) == 2, -np.inf, LOGITS).astype("float32")
CASES.add("ctc_loss", TARGET, MASKED, *ROW[2:], oracle=_loss, returns="float32", tol=8, label="classes of -inf")
CASES.add("ctc_loss", TARGET, LOGITS * 200, *ROW[2:], oracle=_loss, returns="float32", tol=8, label="large")
CASES.add("ctc_loss", np.zeros((2, 0), "int32"), LOGITS[:2], np.zeros((2,), "int32"), OUTPUT_LENGTH[:2],
          oracle=_loss, returns="float32", tol=8, label="no labels")  # fmt: skip


def _padded(sequences: Any, times: int) -> Any:
    return np.array([[[*row, *[-1] * (times - len(row))] for row in path] for path in sequences])


def _greedy(inputs: Any, lengths: Any, merge_repeated: bool = True, mask_index: int | None = 0, **unused: Any) -> Any:
    blank = inputs.shape[2] - 1 if mask_index is None else mask_index
    best = [tuple(x[:n].argmax(-1)) for x, n in zip(inputs, lengths, strict=True)]
    rows = [_spelt(path, blank) if merge_repeated else tuple(k for k in path if k != blank) for path in best]
    score = -np.array([[x[:n].max(-1).sum()] for x, n in zip(inputs, lengths, strict=True)])
    return _padded([rows], inputs.shape[1]), score


def _beam(
    inputs: Any, lengths: Any, strategy: str, top_paths: int = 1, mask_index: int | None = 0, **unused: Any
) -> Any:
    """What a beam that nothing falls out of finds: the likeliest sequences of all."""
    blank = inputs.shape[2] - 1 if mask_index is None else mask_index
    rows, scores = [], []
    for x, n in zip(inputs, lengths, strict=True):
        found = sorted(_sequences(x[:n], blank).items(), key=lambda item: -item[1])[:top_paths]
        found += [((), 0.0)] * (top_paths - len(found))
        rows.append([sequence for sequence, _ in found])
        scores.append([np.log(p) for _, p in found])
    return _padded(zip(*rows, strict=True), inputs.shape[1]), np.array(scores)


INPUTS, LENGTHS = floats((4, 5, 3), low=-2, high=3), np.array([5, 4, 1, 0], "int32")
for kw in ({}, {"merge_repeated": False}, {"mask_index": 2}, {"mask_index": None, "merge_repeated": False}):
    CASES.add("ctc_decode", INPUTS, LENGTHS, kw=kw, oracle=_greedy, returns=("int32", "float32"), tol=8)
for kw in (
    {"top_paths": 3}, {"top_paths": 4, "mask_index": 2}, {"mask_index": None}, {"top_paths": 2, "merge_repeated": False},
):  # fmt: skip
    kw = {"strategy": "beam_search", "beam_width": 70} | kw
    CASES.add("ctc_decode", INPUTS, LENGTHS, kw=kw, oracle=_beam, returns=("int32", "float32"), tol=20)
CASES.add("ctc_decode", INPUTS[:2, :4].astype("float64"), LENGTHS[:2] - 1, oracle=_beam,
          kw={"strategy": "beam_search", "beam_width": 40}, returns=("int32", "float64"), tol=100)  # fmt: skip

# Beams of a width too small: the search itself, one prefix at a time.


def _searched(inputs: Any, lengths: Any, strategy: str, beam_width: int, top_paths: int) -> Any:
    rows, scores = [], []
    for x, n in zip(np.asarray(inputs, "float64"), lengths, strict=True):
        beam = {(): (0.0, -np.inf)}
        for logs in scipy.special.log_softmax(x[:n], -1):
            following: dict[Any, list[float]] = defaultdict(lambda: [-np.inf, -np.inf])
            for prefix, (ending, spelling) in beam.items():
                both = np.logaddexp(ending, spelling)
                following[prefix][0] = np.logaddexp(following[prefix][0], both + logs[0])
                if prefix:
                    following[prefix][1] = np.logaddexp(following[prefix][1], spelling + logs[prefix[-1]])
                for c in range(1, len(logs)):
                    come = ending if prefix and prefix[-1] == c else both
                    longer = following[(*prefix, c)]
                    longer[1] = np.logaddexp(longer[1], come + logs[c])
            best = sorted(following.items(), key=lambda item: -np.logaddexp(*item[1]))
            beam = {prefix: tuple(p) for prefix, p in best[:beam_width]}
        found = list(beam.items())[:top_paths]
        rows.append([prefix for prefix, _ in found])
        scores.append([np.logaddexp(*p) for _, p in found])
    return _padded(zip(*rows, strict=True), inputs.shape[1]), np.array(scores)


CASES.add("ctc_decode", floats((3, 9, 4), low=-3, high=3), np.array([9, 7, 8], "int32"), oracle=_searched,
          kw={"strategy": "beam_search", "beam_width": 4, "top_paths": 3}, returns=("int32", "float32"), tol=20)  # fmt: skip

POSSIBLE = [0, 1, 3, 4, 5]


def _differentiable(rows: Any) -> Any:
    return lambda x: B.ctc_loss(TARGET[rows], x, TARGET_LENGTH[rows], OUTPUT_LENGTH[rows])


GRADIENTS.add("ctc_loss", spread(5, 4, 3), fn=_differentiable(POSSIBLE), label="possible")


AWKWARD: list[Any] = [
    ("ctc_loss of what is impossible", _differentiable([2]), (np.zeros((1, 4, 3)),), [np.zeros((1, 4, 3))]),
    ("ctc_loss of one label in one step", lambda x: B.ctc_loss(np.array([[1]]), x, np.array([1]), np.array([1])),
     ([[[0.0, 0.0]]],), [[[[0.5, -0.5]]]]),
    ("ctc_loss of classes that cannot be", lambda x: B.ctc_loss(np.array([[1]]), x, np.array([1]), np.array([1])),
     ([[[0.0, 0.0, -np.inf]]],), [[[[0.5, -0.5, 0]]]]),
]  # fmt: skip

ERRORS: list[Any] = [
    ("ctc_loss", (TARGET[0], *ROW[1:]), {}, ValueError, ("ctc_loss", "target", "(3,)")),
    ("ctc_loss", (TARGET, LOGITS[:3], *ROW[2:]), {}, ValueError, ("ctc_loss", "(3, 4, 3)")),
    ("ctc_loss", (TARGET, LOGITS, TARGET_LENGTH[:2], OUTPUT_LENGTH), {}, ValueError, ("target_length", "(2,)")),
    ("ctc_loss", ROW, {"mask_index": 3}, ValueError, ("mask_index", "3")),
    ("ctc_decode", (INPUTS[0], LENGTHS), {}, ValueError, ("ctc_decode", "(5, 3)")),
    ("ctc_decode", (INPUTS, LENGTHS[:1]), {}, ValueError, ("sequence_lengths", "(1,)")),
    ("ctc_decode", (INPUTS, LENGTHS), {"strategy": "beam"}, ValueError, ("strategy", "beam")),
    ("ctc_decode", (INPUTS, LENGTHS), {"strategy": "beam_search", "beam_width": 2, "top_paths": 3}, ValueError,
     ("top_paths", "3", "2")),
]  # fmt: skip
