"""Initializers, as classes and by name."""

from __future__ import annotations

from typing import Any

from triceras.initializers.initializers import Constant as Constant
from triceras.initializers.initializers import GlorotNormal as GlorotNormal
from triceras.initializers.initializers import GlorotUniform as GlorotUniform
from triceras.initializers.initializers import HeNormal as HeNormal
from triceras.initializers.initializers import HeUniform as HeUniform
from triceras.initializers.initializers import Initializer as Initializer
from triceras.initializers.initializers import LecunNormal as LecunNormal
from triceras.initializers.initializers import LecunUniform as LecunUniform
from triceras.initializers.initializers import Ones as Ones
from triceras.initializers.initializers import Orthogonal as Orthogonal
from triceras.initializers.initializers import RandomInitializer as RandomInitializer
from triceras.initializers.initializers import RandomNormal as RandomNormal
from triceras.initializers.initializers import RandomUniform as RandomUniform
from triceras.initializers.initializers import TruncatedNormal as TruncatedNormal
from triceras.initializers.initializers import VarianceScaling as VarianceScaling
from triceras.initializers.initializers import Zeros as Zeros
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish

_KNOWN = table(
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, Ones, Orthogonal,
    RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, Zeros,
    normal=RandomNormal, uniform=RandomUniform, one=Ones, zero=Zeros,
)  # fmt: skip


def get(identifier: Any) -> Any:
    """An initializer by name or configuration; an object or function as it is. ValueError: unknown name."""
    return resolve(identifier, _KNOWN, "initializer")


publish("keras.initializers", globals())
