"""GradientTape: records what is computed, and differentiates it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Literal, Self

import optree

from triceras_backends import dtypes
from triceras_backends.active import backend as B
from triceras_backends.variable import Variable

_NEVER_ENTERED = "This GradientTape has recorded nothing: compute the target inside its block, `with tape: ...`."
_USED_UP = (
    "This GradientTape is used up: it gives one gradient or Jacobian and then frees what it recorded. "
    "Make it with GradientTape(persistent=True) to ask it several times."
)
_LEFT_BY_EXCEPTION = "This GradientTape dropped what it recorded, because an exception left its block."


class GradientTape:
    """Records what is computed from watched tensors inside its block, and differentiates it.

    Example:

    >>> w = keras.Variable(3.0)
    >>> with keras.GradientTape() as tape:
    ...     loss = w * w
    >>> float(tape.gradient(loss, w))
    6.0

    Trainable Variables are watched as soon as they are read; other floating tensors from
    `watch` on. What is computed before that counts as constant. A Variable assigned inside
    the block contributes through every value it was read at. Tapes nest: a gradient taken
    inside another tape's block can itself be differentiated by that tape.

    Args:
        persistent: whether several gradients may be asked for. What was recorded is then kept
            until the tape is deleted or reset.
        watch_accessed_variables: False leaves Variables to be watched by hand too.

    Raises ValueError: entered while it already records. An exception that leaves the block
    ends the recording and drops it.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = bool(persistent)
        self._watch_accessed = bool(watch_accessed_variables)
        self._tape: Any = None
        self._recording = False
        self._why_empty = _NEVER_ENTERED
        self._last_watched: tuple[Any, ...] = ()

    # -- recording ----------------------------------------------------------------------

    def __enter__(self) -> Self:
        if self._recording:
            raise ValueError("This GradientTape already records; it cannot be entered a second time.")
        if self._tape is None:
            self._tape = B.Tape(self._persistent, self._watch_accessed)
        self._tape.start()
        self._recording = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        if kind is not None:
            self._drop(_LEFT_BY_EXCEPTION)

    def _stop(self) -> None:
        if self._recording:
            self._recording = False
            self._tape.stop()

    def _drop(self, why: str) -> None:
        if self._tape is not None:
            self._last_watched = tuple(self._tape.watched_variables())
            tape, self._tape = self._tape, None
            tape.release()
        self._why_empty = why

    def __del__(self) -> None:
        # What `watch` changed in the user's tensors has to be undone even if nothing was asked.
        if getattr(self, "_tape", None) is not None:
            with contextlib.suppress(Exception):
                self._stop()
                self._drop(_USED_UP)

    def watch(self, tensor: Any) -> None:
        """Watches a tensor, a Variable or every leaf of a nested structure, from now on.

        Raises RuntimeError: the tape is not recording. TypeError: a dtype that has no
        gradients. ValueError: neither a tensor nor a Variable.
        """
        if not self._recording:
            raise RuntimeError("This GradientTape is not recording; call watch() inside its block.")
        leaves = _leaves(tensor)
        for leaf in leaves:
            _require_tensor(leaf, "watch()")
            dtype = B.dtype_of(leaf)
            if not dtypes.is_differentiable(dtype):
                raise TypeError(f"Only floating tensors can be watched; got one of dtype {dtype}. Cast it first.")
        for leaf in leaves:
            self._tape.watch(leaf)

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Within it nothing is recorded; what was recorded before stays.

        Raises RuntimeError: the tape is not recording.
        """
        if not self._recording:
            raise RuntimeError("This GradientTape is not recording; there is nothing to stop.")
        tape = self._tape
        self._stop()
        try:
            yield
        finally:
            # A gradient taken meanwhile from a non-persistent tape has used it up.
            if self._tape is tape and not self._recording:
                tape.start()
                self._recording = True

    def reset(self) -> None:
        """Forgets everything recorded and watched so far, and goes on recording afresh.

        Raises ValueError: the tape is not recording.
        """
        if not self._recording:
            raise ValueError("This GradientTape is not recording; only a recording tape can be reset.")
        self._stop()
        self._drop(_NEVER_ENTERED)
        self.__enter__()

    def watched_variables(self) -> tuple[Any, ...]:
        """The Variables watched so far, in order of first use."""
        return self._last_watched if self._tape is None else tuple(self._tape.watched_variables())

    # -- differentiation ----------------------------------------------------------------

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Literal["none", "zero"] = "none",
    ) -> Any:
        """The derivative of `target` (summed, where it has several elements) by each of `sources`.

        Args:
            target: a floating tensor or Variable, or a nested structure of them, summed too.
            sources: tensors and Variables in any nested structure.
            output_gradients: weights of the target's elements in that sum, in the structure
                of `target`, each of its target's shape; None is ones.
            unconnected_gradients: "none" gives None for a source that the target does not
                depend on, "zero" zeros.

        Returns the gradients in the structure of `sources`, each of its source's shape and
        dtype. Sources of integers are never connected.

        Called inside the block: a non-persistent tape stops recording, a persistent one
        records the computation of the gradient.

        Raises RuntimeError: a tape used up, or never entered. TypeError: a target that is
        not a floating tensor. ValueError: a source that is not a tensor; output_gradients
        that do not fit.
        """
        zero = _wants_zeros(unconnected_gradients)
        targets = _leaves(target)
        for leaf in targets:
            _require_target(leaf)
        seeds = _output_gradients(output_gradients, targets)
        leaves, tree = optree.tree_flatten(sources, none_is_leaf=True)
        for leaf in leaves:
            _require_tensor(leaf, "gradient()")
        with self._asked() as tape:
            found = tape.gradient(targets, leaves, seeds)
        if zero:
            found = [_zeros_of(s) if g is None else g for g, s in zip(found, leaves, strict=True)]
        return optree.tree_unflatten(tree, found)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Literal["none", "zero"] = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivatives of every element of the tensor `target` by every element of `sources`.

        Each has shape target.shape + source.shape. `unconnected_gradients` as in `gradient`.
        `parallel_iterations` and `experimental_use_pfor` are taken for TensorFlow's sake and
        change nothing. Raises as `gradient`.
        """
        zero = _wants_zeros(unconnected_gradients)
        _require_target(target)
        leaves, tree = optree.tree_flatten(sources, none_is_leaf=True)
        for leaf in leaves:
            _require_tensor(leaf, "jacobian()")
        with self._asked() as tape:
            found = [tape.jacobian(target, leaf) for leaf in leaves]
        if zero:
            shape = _shape_of(target)
            found = [_zeros(shape + _shape_of(s), s) if j is None else j for j, s in zip(found, leaves, strict=True)]
        return optree.tree_unflatten(tree, found)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Literal["none", "zero"] = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The Jacobian of each row of `target` by the same row of `source`.

        Its shape is (batch, *target.shape[1:], *source.shape[1:]). Row i of `target` must
        depend on row i of `source` only; other derivatives are not looked at, and if they
        are not zero the result is not defined. Other arguments as in `jacobian`.

        Raises ValueError: first sizes that differ, or a scalar. Else as `gradient`.
        """
        zero = _wants_zeros(unconnected_gradients)
        _require_target(target)
        _require_tensor(source, "batch_jacobian()")
        rows, columns = tuple(B.static_shape(target)), tuple(B.static_shape(source))
        if not rows or not columns or (None not in (rows[0], columns[0]) and rows[0] != columns[0]):
            raise ValueError(
                f"batch_jacobian needs a target and a source with the same first size; got shapes {rows} and {columns}."
            )
        with self._asked() as tape:
            found = tape.batch_jacobian(target, source)
        if found is None and zero:
            found = _zeros(_shape_of(target) + _shape_of(source)[1:], source)
        return found

    @contextlib.contextmanager
    def _asked(self) -> Iterator[Any]:
        """The backend's tape, given back used up if this one is not persistent."""
        if self._tape is None:
            raise RuntimeError(self._why_empty)
        if self._persistent:
            yield self._tape
            return
        self._stop()
        try:
            yield self._tape
        finally:
            self._drop(_USED_UP)


# -- checks ------------------------------------------------------------------------------


def _leaves(tree: Any) -> list[Any]:
    return optree.tree_leaves(tree, none_is_leaf=True)


def is_leaf(x: Any) -> bool:
    """Whether x is something a gradient can be taken of or by."""
    return isinstance(x, Variable) or B.is_tensor(x)


def _require_tensor(x: Any, caller: str) -> None:
    if not is_leaf(x):
        raise ValueError(f"{caller} takes tensors and Variables; got {x!r} of type {type(x).__name__}.")


def _require_target(x: Any) -> None:
    if not is_leaf(x):
        raise TypeError(f"Only a tensor or a Variable can be differentiated; got {x!r} of type {type(x).__name__}.")
    dtype = B.dtype_of(x)
    if not dtypes.is_differentiable(dtype):
        raise TypeError(f"Only floating tensors can be differentiated; the target has dtype {dtype}. Cast it first.")


def _wants_zeros(choice: Any) -> bool:
    name = getattr(choice, "value", choice)  # TensorFlow spells it as an enumeration
    if name not in ("none", "zero"):
        raise ValueError(f'unconnected_gradients is "none" or "zero"; got: {choice!r}')
    return bool(name == "zero")


def _output_gradients(given: Any, targets: list[Any]) -> list[Any]:
    if given is None:
        return [None] * len(targets)
    seeds = _leaves(given) if len(targets) != 1 or isinstance(given, (list, tuple, dict)) else [given]
    if len(seeds) != len(targets):
        raise ValueError(f"output_gradients has {len(seeds)} tensors for {len(targets)} targets.")
    return [None if s is None else _seed(s, t) for s, t in zip(seeds, targets, strict=True)]


def _seed(given: Any, target: Any) -> Any:
    seed = B.convert_to_tensor(given)
    dtype = B.dtype_of(target)
    seed = seed if B.dtype_of(seed) == dtype else B.cast(seed, dtype)
    got, needed = tuple(B.static_shape(seed)), tuple(B.static_shape(target))
    if len(got) != len(needed) or any(None not in (m, n) and m != n for m, n in zip(got, needed, strict=True)):
        raise ValueError(f"output_gradients has a tensor of shape {got} for a target of shape {needed}.")
    return seed


def _shape_of(x: Any) -> tuple[Any, ...]:
    return tuple(x.shape) if isinstance(x, Variable) else tuple(B.shape(x))


def _zeros(shape: tuple[Any, ...], source: Any) -> Any:
    return B.zeros(shape, dtype=B.dtype_of(source))


def _zeros_of(source: Any) -> Any:
    return _zeros(source.shape, source) if isinstance(source, Variable) else B.zeros_like(source)
