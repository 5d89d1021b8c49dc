"""Initializers, as classes and by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras.initializers.constants import STFT as STFT
from triceras.initializers.constants import Constant as Constant
from triceras.initializers.constants import Identity as Identity
from triceras.initializers.constants import Ones as Ones
from triceras.initializers.constants import Zeros as Zeros
from triceras.initializers.initializer import Initializer as Initializer
from triceras.initializers.initializers import GlorotNormal as GlorotNormal
from triceras.initializers.initializers import GlorotUniform as GlorotUniform
from triceras.initializers.initializers import HeNormal as HeNormal
from triceras.initializers.initializers import HeUniform as HeUniform
from triceras.initializers.initializers import LecunNormal as LecunNormal
from triceras.initializers.initializers import LecunUniform as LecunUniform
from triceras.initializers.initializers import Orthogonal as Orthogonal
from triceras.initializers.initializers import RandomInitializer as RandomInitializer
from triceras.initializers.initializers import RandomNormal as RandomNormal
from triceras.initializers.initializers import RandomUniform as RandomUniform
from triceras.initializers.initializers import TruncatedNormal as TruncatedNormal
from triceras.initializers.initializers import VarianceScaling as VarianceScaling
from triceras.utils import lookup
from triceras.utils.lookup import resolve, table
from triceras.utils.registry import publish
from triceras.utils.serialization import serialize_keras_object

constant, zeros, ones, identity, stft = Constant, Zeros, Ones, Identity, STFT
glorot_normal, glorot_uniform, he_normal, he_uniform = GlorotNormal, GlorotUniform, HeNormal, HeUniform
lecun_normal, lecun_uniform, orthogonal = LecunNormal, LecunUniform, Orthogonal
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling = VarianceScaling
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

_KNOWN = table(
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal, LecunUniform, Ones, Orthogonal,
    RandomNormal, RandomUniform, STFT, TruncatedNormal, VarianceScaling, Zeros,
    normal=RandomNormal, uniform=RandomUniform, one=Ones, zero=Zeros, IdentityInitializer=Identity,
    OrthogonalInitializer=Orthogonal, STFTInitializer=STFT,
)  # fmt: skip


def get(identifier: Any) -> Any:
    """An initializer by name or configuration; an object or function as it is; an array as one that gives it.

    Raises ValueError: unknown name.
    """
    return Constant(identifier) if isinstance(identifier, np.ndarray) else resolve(identifier, _KNOWN, "initializer")


def serialize(initializer: Any) -> Any:
    """An initializer as plain data: {"module", "class_name", "config", "registered_name"}."""
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """An initializer from what `serialize` gave; custom_objects: further classes by name. TypeError: unknown class."""
    return lookup.deserialize(config, _KNOWN, "initializer", custom_objects)


publish("keras.initializers", globals())
