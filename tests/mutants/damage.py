"""The mutants: what each breaks in the assembled backend, and which tests must notice.

A mutant replaces entries of the backend's namespace, with nothing but its other primitives,
so that one definition serves every backend.
"""

from __future__ import annotations

import dataclasses
import functools
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

Patches = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """`damage(b)` gives what to replace in the backend b; a name "Variable.f" means a method.

    `tests`: a file of the conformance suite and the -k expression that picks some of it.
    """

    name: str
    damage: Callable[[Any], Patches]
    tests: tuple[str, str]

    def apply(self, backend: Any) -> ExitStack:
        """The backend is damaged until the result is closed."""
        stack = ExitStack()
        for name, value in self.damage(backend).items():
            owner, _, attribute = name.rpartition(".")
            stack.enter_context(mock.patch.object(getattr(backend, owner) if owner else backend, attribute, value))
        return stack


MUTANTS: dict[str, Mutant] = {}


def mutant(file: str, expression: str) -> Callable[[Callable[[Any], Patches]], Callable[[Any], Patches]]:
    def keep(damage: Callable[[Any], Patches]) -> Callable[[Any], Patches]:
        MUTANTS[damage.__name__] = Mutant(damage.__name__, damage, (file, expression))
        return damage

    return keep


# -- gradients ----------------------------------------------------------------------------------


@mutant("test_tape.py", "in_contract and (several or sums)")
def tape_forgets_the_second_branch(b: Any) -> Patches:
    add = b.add
    return {"add": lambda x1, x2: add(x1, b.stop_gradient(b.convert_to_tensor(x2)))}


@mutant("test_tape.py", "in_contract and targets")
def tape_forgets_the_second_target(b: Any) -> Patches:
    class Tape(b.Tape):  # type: ignore[misc, name-defined]
        def gradient(self, targets: list[Any], sources: list[Any], output_gradients: list[Any]) -> list[Any]:
            return list(super().gradient(targets[:1], sources, output_gradients[:1]))

    return {"Tape": Tape}


@mutant("test_gradients.py", "test_first_order and (square or matmul or dot)")
def gradient_is_not_summed_over_two_uses(b: Any) -> Patches:
    multiply, square = b.multiply, b.square
    once = lambda x1, x2: multiply(x1, b.stop_gradient(x2) if x1 is x2 else x2)  # noqa: E731
    return {"multiply": once, "square": lambda x: square(x) if b.dtype_of(x) == "bool" else once(x, x)}


@mutant("test_tape.py", "in_contract and (constant or unconnected or never)")
def unconnected_gradients_are_zeros(b: Any) -> Patches:
    class Tape(b.Tape):  # type: ignore[misc, name-defined]
        def gradient(self, targets: list[Any], sources: list[Any], output_gradients: list[Any]) -> list[Any]:
            found = super().gradient(targets, sources, output_gradients)
            return [b.zeros(s.shape) if g is None else g for g, s in zip(found, sources, strict=True)]

    return {"Tape": Tape}


@mutant("test_tape.py", "in_contract and stop_recording")
def stop_recording_goes_on_recording(b: Any) -> Patches:
    class Tape(b.Tape):  # type: ignore[misc, name-defined]
        started = 0

        def start(self) -> None:
            self.started += 1
            if self.started == 1:
                super().start()

        def stop(self) -> None:
            pass

        def release(self) -> None:
            super().stop()
            super().release()

    return {"Tape": Tape}


@mutant("test_functional.py", "stop_gradient")
def stop_gradient_does_nothing(b: Any) -> Patches:
    return {"stop_gradient": lambda variable: variable * 1.0}


@mutant("test_functional.py", "custom_gradient")
def custom_gradient_is_forgotten(b: Any) -> Patches:
    return {"custom_gradient": lambda f: lambda *args: f(*args)[0]}


@mutant("test_gradients.py", "test_awkward_points and (relu or clip)")
def clip_has_no_gradient_at_its_ends(b: Any) -> Patches:
    def clip(x: Any, x_min: Any, x_max: Any) -> Any:
        return b.where(x <= x_min, x_min, b.where(x >= x_max, x_max, x))

    return {"clip": clip}


# -- state, randomness, compilation -----------------------------------------------------------------


@mutant("test_errors.py", "assignment")
def assign_broadcasts_silently(b: Any) -> Patches:
    def checked(self: Any, value: Any) -> Any:
        return b.broadcast_to(b.cast(b.convert_to_tensor(value), self.dtype), self.shape)

    return {"Variable._checked": checked}


@mutant("test_jit.py", "written_back or swapping or updates")
def jit_does_not_write_state_back(b: Any) -> Patches:
    jit, init, alive = b.jit, b.Variable.__init__, weakref.WeakSet()

    def remember(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        alive.add(self)

    def broken(fn: Any, variables: Any = None, jit_compile: bool | None = None) -> Any:
        compiled = jit(fn, variables, jit_compile)

        @functools.wraps(fn)
        def call(*args: Any, **kwargs: Any) -> Any:
            before = [(v, v.numpy()) for v in alive]
            result = compiled(*args, **kwargs)
            for v, value in before:
                v.assign(value)
            return result

        return call

    return {"jit": broken, "Variable.__init__": remember}


@mutant("test_randomness.py", "uniform or normal or seed")
def seed_is_ignored(b: Any) -> Patches:
    def deaf(draw: Any) -> Any:
        return lambda *args, seed, **kwargs: draw(*args, seed=np.array([1, 2], "int32"), **kwargs)

    def positional(draw: Any) -> Any:
        return lambda *args, **kwargs: draw(*args[:-1], np.array([1, 2], "int32"))

    names = ("random_bits", "random_uniform", "random_normal", "random_randint")
    return {
        n: (lambda *a, _n=getattr(b, n), **k: deaf(_n)(*a, **k) if "seed" in k else positional(_n)(*a)) for n in names
    }


@mutant("test_randomness.py", "dropout")
def dropout_is_not_scaled(b: Any) -> Patches:
    dropout = b.random_dropout
    return {
        "random_dropout": lambda inputs, rate, noise_shape, seed: dropout(inputs, rate, noise_shape, seed) * (1 - rate)
    }


# -- values --------------------------------------------------------------------------------------


@mutant("test_ops.py", "test_value and softmax")
def softmax_runs_along_the_wrong_axis(b: Any) -> Patches:
    softmax = b.softmax
    return {"softmax": lambda x, axis=-1: softmax(x, 0 if axis == -1 else axis)}


@mutant("test_ops.py", "test_value and mean")
def mean_divides_by_n_minus_1(b: Any) -> Patches:
    mean = b.mean

    def wrong(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        result = mean(x, axis, keepdims)
        n = np.prod(b.static_shape(x)) / max(np.prod(b.static_shape(result)), 1)
        return result * float(n / max(n - 1, 1))

    return {"mean": wrong}


@mutant("test_dtypes.py", "cast_drops")
def cast_rounds(b: Any) -> Patches:
    cast = b.cast

    def wrong(x: Any, dtype: Any) -> Any:
        return cast(b.round(x) if "int" in str(dtype) and "float" in b.dtype_of(x) else x, dtype)

    return {"cast": wrong}


@mutant("test_loops.py", "reverse and eager")
def scan_ignores_reverse(b: Any) -> Patches:
    scan = b.scan
    return {
        "scan": lambda f, init, xs=None, length=None, reverse=False, unroll=1: scan(f, init, xs, length, False, unroll)
    }


@mutant("test_ops.py", "test_value and argmax")
def argmax_takes_the_last_of_ties(b: Any) -> Patches:
    argmax = b.argmax

    def wrong(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        if axis is None or keepdims:
            return argmax(x, axis, keepdims)
        return b.cast(b.static_shape(x)[axis] - 1 - argmax(b.flip(x, axis), axis), "int32")

    return {"argmax": wrong}


@mutant("test_ops.py", "test_value and segment_sum")
def segment_sum_forgets_the_last_segment(b: Any) -> Patches:
    segment_sum = b.segment_sum

    def wrong(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
        result = segment_sum(data, segment_ids, num_segments, sorted)
        return b.concatenate([result[:-1], b.zeros_like(result[-1:])], 0)

    return {"segment_sum": wrong}


@mutant("test_ops.py", "test_value and resize")
def resize_is_off_by_half_a_pixel(b: Any) -> Patches:
    resize = b.resize

    def wrong(images: Any, *args: Any, **kwargs: Any) -> Any:
        shifted = 0.5 * (images + b.roll(images, 1, -2)) if "float" in b.dtype_of(images) else images
        return resize(shifted, *args, **kwargs)

    return {"resize": wrong}


# -- what the tests of all operations at once must see --------------------------------------------------


@mutant("test_transfers.py", "cosh")
def an_operation_runs_on_the_host(b: Any) -> Patches:
    return {"cosh": lambda x: b.convert_to_tensor(np.cosh(b.convert_to_numpy(x)))}


@mutant("test_symbolic.py", "floor_divide")
def a_spec_has_the_wrong_dtype(b: Any) -> Patches:
    infer, floor_divide = b.eval_shape, b.floor_divide

    def wrong(fn: Any, *args: Any, **kwargs: Any) -> Any:
        result = infer(fn, *args, **kwargs)
        return dataclasses.replace(result, dtype="float16") if fn is floor_divide else result

    return {"eval_shape": wrong}


@mutant("test_properties.py", "test_shaping and roll")
def roll_goes_the_other_way(b: Any) -> Patches:
    roll = b.roll
    return {"roll": lambda x, shift, axis=None: roll(x, -shift if isinstance(shift, int) else shift, axis)}
