"""Distributions drawn by rejection, written once over what a backend's rng gives them.

`Draw` is that: random numbers of one draw's shape, by slot, and a loop. A slot's numbers are
independent of every other slot's. Each rejection loop has so many rounds that what is left
after the last one (and gets a value near the mode) has a probability under 1e-12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

GAMMA_ROUNDS = 12
BINOMIAL_ROUNDS = 32
# A binomial of mean below INVERSION_MEAN is above INVERSION_TERMS with probability under 1e-16.
INVERSION_MEAN = 10.0
INVERSION_TERMS = 48
_SECOND_GAMMA = 64

State = tuple[Any, ...]


class Draw(Protocol):
    """One draw of a backend: its functions take and give tensors of the draw's float dtype."""

    def uniform(self, slot: Any) -> Any:
        """Floats in (0, 1], close to 0 as close as 2**-32, never 0."""

    def normal(self, slot: Any) -> Any:
        """Standard normal floats; takes two slots, this and the next."""

    def rounds(self, limit: int, body: Callable[[Any, State], State], state: State) -> State:
        """state = body(round, state) for rounds 0, 1, ... limit - 1, or until state[0] is True everywhere."""

    def where(self, condition: Any, x: Any, y: Any) -> Any: ...
    def log(self, x: Any) -> Any: ...
    def log1p(self, x: Any) -> Any: ...
    def exp(self, x: Any) -> Any: ...
    def sqrt(self, x: Any) -> Any: ...
    def floor(self, x: Any) -> Any: ...
    def abs(self, x: Any) -> Any: ...


def _gamma(m: Draw, alpha: Any, slot: int) -> tuple[Any, Any]:
    """Two factors of gamma variables: the first, and the logarithm of the second.

    Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000.
    A shape below 1 is raised by 1 and made up for by U**(1/alpha), which may underflow: hence the logarithm.
    """
    small = alpha < 1
    d = m.where(small, alpha + 1, alpha) - 1 / 3
    c = 1 / m.sqrt(9 * d)

    def attempt(number: Any, state: State) -> State:
        done, cube = state
        first = slot + 1 + 3 * number
        x = m.normal(first)
        y = c * x
        # log(v) + 1 - v for v = (1 + y)**3, expanded so that nothing cancels for large shapes.
        difference = 3 * m.log1p(y) - y * (3 + y * (3 + y))
        accepted = (y > -1) & (m.log(m.uniform(first + 2)) < x * x / 2 + d * difference)
        t = 1 + y
        return done | accepted, m.where(accepted & ~done, t * t * t, cube)

    one = d * 0 + 1
    _, cube = m.rounds(GAMMA_ROUNDS, attempt, (one < 0, one))
    value = m.where(alpha > 0, d * cube, np.nan)
    return value, m.where(small, m.log(m.uniform(slot)) / alpha, 0.0)


def gamma(m: Draw, alpha: Any) -> Any:
    """Gamma variables of shape alpha (a float tensor of the draw's shape) and scale 1; NaN for alpha <= 0."""
    value, boost = _gamma(m, alpha, 0)
    return value * m.exp(boost)


def beta(m: Draw, alpha: Any, beta: Any) -> Any:
    """Beta variables X / (X + Y), of gamma variables X and Y; NaN where a parameter is not positive."""
    x, boost_x = _gamma(m, alpha, 0)
    y, boost_y = _gamma(m, beta, _SECOND_GAMMA)
    return 1 / (1 + y / x * m.exp(boost_y - boost_x))


def binomial(m: Draw, counts: Any, probabilities: Any) -> Any:
    """Numbers of successes, floats of the draw's shape; NaN for counts < 0 or probabilities outside [0, 1]."""
    n = m.floor(counts)
    flip = probabilities > 0.5
    p = m.where(flip, 1 - probabilities, probabilities)
    valid = (n >= 0) & (p >= 0) & (p <= 1)
    by_inversion = n * p < INVERSION_MEAN
    # Each method computes every element; those of the other get harmless parameters.
    few = valid & by_inversion
    many = valid & ~by_inversion
    small = _inversion(m, m.where(few, n, 1.0), m.where(few, p, 0.5))
    large = _transformed_rejection(m, m.where(many, n, 40.0), m.where(many, p, 0.5), ~many)
    successes = m.where(few, small, large)
    return m.where(valid, m.where(flip, n - successes, successes), np.nan)


def _inversion(m: Draw, n: Any, p: Any) -> Any:
    """Counts up the cumulative probabilities that a uniform number exceeds, for small means."""
    u = m.uniform(0)
    ratio = p / (1 - p)
    mean = n * p
    mass = m.exp(n * m.log1p(-p))

    def term(number: Any, state: State) -> State:
        done, below, mass, count = state
        # Rounding may leave the sum below u for ever: stop where no more mass can come.
        more = (u > below) & (count < n) & ((mass > 1e-9) | (count < mean)) & ~done
        mass = mass * ratio * (n - count) / (count + 1)
        return ~more, m.where(more, below + mass, below), mass, m.where(more, count + 1, count)

    return m.rounds(INVERSION_TERMS, term, (u < 0, mass, mass, mass * 0))[3]


def _transformed_rejection(m: Draw, n: Any, p: Any, done: Any) -> Any:
    """Algorithm BTRS: Hoermann, "The generation of binomial random variates", JSCS 46, 1993."""
    deviation = m.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    center = n * p + 0.5
    ceiling = 0.92 - 4.2 / b
    scale = (2.83 + 5.1 / b) * deviation
    mode = m.floor((n + 1) * p)
    peak = _log_mass(m, mode, n, p)

    def attempt(number: Any, state: State) -> State:
        done, result = state
        u = m.uniform(1 + 2 * number) - 0.5
        v = m.uniform(2 + 2 * number)
        us = 0.5 - m.abs(u)
        k = m.floor((2 * a / us + b) * u + center)
        inside = (k >= 0) & (k <= n)
        k = m.where(inside, k, mode)
        level = m.log(v * scale / (a / (us * us) + b))
        accepted = inside & (((us >= 0.07) & (v <= ceiling)) | (level <= _log_mass(m, k, n, p) - peak))
        return done | accepted, m.where(accepted & ~done, k, result)

    return m.rounds(BINOMIAL_ROUNDS, attempt, (done, mode))[1]


def _log_mass(m: Draw, k: Any, n: Any, p: Any) -> Any:
    """The logarithm of the binomial probability of k, but for a constant of n and p.

    By Stirling's series for k! and (n - k)!, arranged around the mean so that float32 keeps
    an absolute error near 1e-4 for a million trials.
    """
    expected_a, expected_b = (n + 2) * p, (n + 2) * (1 - p)
    a, b = k + 1, n - k + 1
    distance = a - expected_a
    spread = (a - 0.5) * m.log1p(distance / expected_a) + (b - 0.5) * m.log1p(-distance / expected_b)
    return -spread - _stirling_rest(m, a) - _stirling_rest(m, b)


def _stirling_rest(m: Draw, a: Any) -> Any:
    """log((a - 1)!) - (a - 1/2) log(a) + a - log(2 pi)/2: 1/(12a) - ..., and the limit's value at a = 1."""
    inverse = 1 / (a * a)
    series = (1 / 12 - (1 / 360 - (1 / 1260 - inverse / 1680) * inverse) * inverse) / a
    return m.where(a < 1.5, 0.08106146679532726, series)
