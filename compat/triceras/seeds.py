"""Where seeds come from: SeedGenerator, the global generator, set_random_seed."""

from __future__ import annotations

import numbers
import random
from typing import Any

import numpy as np

from triceras_backends import hashing
from triceras_backends.active import backend as B
from triceras_backends.variable import name_scope, unique_name


class SeedGenerator:
    """A sequence of seeds: pass one as `seed` to a random function, and each call draws new numbers.

    Its state is a Variable `state`, the pair (key, counter) of int32: a draw takes the pair and
    raises the counter. It therefore works inside jit and loops, and is saved with a model.
    A generator made anew with the same seed repeats the numbers, on every backend.

    Args:
        seed: an integer; None takes one that `set_random_seed` determines, or else chance.
        name: None numbers it "seed_generator", "seed_generator_1", ...

    Raises ValueError: a seed that is not an integer, or an unknown keyword argument.

    Example:

    >>> seed = keras.random.SeedGenerator(1337)
    >>> first, second = keras.random.uniform((2,), seed=seed), keras.random.uniform((2,), seed=seed)
    >>> bool(keras.ops.all(keras.ops.not_equal(first, second)))
    True
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {kwargs}; a SeedGenerator takes `seed` and `name`.")
        self._initial_seed = seed
        self._key = _checked(make_default_seed() if seed is None else seed)
        self._host_draws = 0
        self.name = unique_name("seed_generator") if name is None else name
        with name_scope(self.name), B.random_seed_scope():
            initial = np.array([self._key, 0], dtype=np.int32)
            self.state = B.Variable(initial, trainable=False, name="seed_generator_state")

    def next(self, ordered: bool = True) -> Any:
        """The seed of the next draw, an int32 tensor of two. Seeds never repeat, ordered or not."""
        seed = self.state.value
        self.state.assign(B.random_next_seed(seed))
        return seed

    def next_host(self) -> tuple[int, int]:
        """(seed, counter) of the next draw on the host, for `triceras_backends.hashing.host_generator`.

        Such draws are counted apart from the state, so that they wait for no device and may be
        made while a function is traced. Their numbers are the same on every backend.
        """
        self._host_draws += 1
        return self._key, self._host_draws

    def reset(self, seed: int) -> None:
        """Begins the sequence of that seed."""
        self._key, self._host_draws = _checked(seed), 0
        self.state.assign(np.array([self._key, 0], dtype=np.int32))

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        return cls(**config)


def _checked(seed: Any) -> int:
    if not isinstance(seed, numbers.Integral):
        raise ValueError(f"A seed must be an integer; got: {seed!r}")
    return hashing.key_of(seed)


# Seeds for generators made without one. Apart from Python's own generator, which users draw from.
_default_seeds = random.Random()
_global_generator: SeedGenerator | None = None


def make_default_seed() -> int:
    """A seed for what was given none: determined by `set_random_seed`, else by chance."""
    return _default_seeds.randrange(1, 10**9)


def global_generator() -> SeedGenerator:
    """The generator behind seed=None."""
    global _global_generator
    if _global_generator is None:
        _global_generator = SeedGenerator(name="global_seed_generator")
    return _global_generator


def set_random_seed(seed: int) -> None:
    """Makes all random numbers from here on repeatable: the same seed, the same numbers.

    Seeds `triceras.random`'s global generator and the SeedGenerators, layers and initializers
    that will be made without a seed; Python's `random`; NumPy; and the framework's own generators.

    Raises ValueError: not an integer.
    """
    key = _checked(seed)
    unsigned = key & hashing.MASK
    generator = global_generator()  # first, because making it may take a default seed
    random.seed(int(seed))
    np.random.seed(unsigned)
    B.seed_native(unsigned)
    _default_seeds.seed(unsigned)
    # The same Variable goes on, because functions that are compiled already hold it.
    generator.reset(key)


def draw_seed(seed: Any) -> Any:
    """The pair (key, counter) that a random function's `seed` argument stands for.

    An integer: the same each time. A SeedGenerator: its next. None: the global generator's next.

    Raises ValueError: anything else.
    """
    if seed is None:
        return global_generator().next()
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, numbers.Integral):
        return np.array([hashing.key_of(seed), 0], dtype=np.int32)
    raise ValueError(f"`seed` must be an integer, a SeedGenerator or None; got: {seed!r} of type {type(seed).__name__}")


def draw_host_seed(seed: Any = None) -> tuple[int, int]:
    """(seed, counter) for a draw on the host (initial weights, shuffles), from a `seed` as `draw_seed` takes it."""
    if seed is None:
        return global_generator().next_host()
    return seed.next_host() if isinstance(seed, SeedGenerator) else (_checked(seed), 0)
