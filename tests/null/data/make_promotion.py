"""Makes promotion.csv: the dtype that every pair of dtypes is promoted to, from JAX itself.

    JAX_ENABLE_X64=1 KERAS_BACKEND=jax python tests/null/data/make_promotion.py

"int" and "float" are weak Python scalars. Where JAX's result is weak, it stands for the
default width, which is 32 bits here. Keras must agree with each row once its own narrowing
of 64-bit results (it follows JAX's default mode) is undone; a row where it does not is
printed and nothing is written.
"""

from __future__ import annotations

import csv
import itertools
import sys
from pathlib import Path

import jax.numpy as jnp
import keras

STRONG = (
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip
WEAK = {"int": 1, "float": 1.0}
NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def operand(name: str) -> object:
    return WEAK[name] if name in WEAK else jnp.ones((), name)


def promoted(a: str, b: str) -> str:
    result = jnp.multiply(operand(a), operand(b))
    name = str(result.dtype)
    return NARROW.get(name, name) if result.weak_type else name


def by_keras(a: str, b: str) -> str:
    return keras.backend.result_type(*({"int": int, "float": float}.get(name, name) for name in (a, b)))


def main() -> int:
    pairs = itertools.combinations_with_replacement((*STRONG, *WEAK), 2)
    rows = [(a, b, promoted(a, b)) for a, b in pairs]
    differing = [row for row in rows if NARROW.get(row[2], row[2]) != by_keras(row[0], row[1])]
    for row in differing:
        print("JAX and Keras differ:", *row, "Keras:", by_keras(row[0], row[1]), file=sys.stderr)
    if differing:
        return 1
    with Path(__file__).with_name("promotion.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("first", "second", "result"), *rows])
    return 0


if __name__ == "__main__":
    sys.exit(main())
