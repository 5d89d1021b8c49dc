"""Utilities."""

from triceras.random.seeds import set_random_seed as set_random_seed
from triceras.utils.arrays import to_categorical as to_categorical
from triceras.utils.progbar import Progbar as Progbar
