"""Connectionist temporal classification, from other primitives: recursions over time by `scan`."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor

# The logarithm of nothing: finite, so that no difference of two is NaN, and far below any that counts.
NOTHING = -1e30
# Of the two hashes of prefixes, which wrap.
FACTORS = (31337, 92821)


def checked_shapes(name: str, *wanted: tuple[str, Any, int]) -> None:
    """Holds (argument, shape, rank) to their ranks and to one size of the batch."""
    for argument, shape, rank in wanted:
        if len(shape) != rank:
            raise ValueError(f"{name}: {argument} must have {rank} dimensions; got shape {tuple(shape)}.")
    if len({shape[0] for _, shape, _ in wanted} - {None}) > 1:
        got = ", ".join(f"{argument} {tuple(shape)}" for argument, shape, _ in wanted)
        raise ValueError(f"{name}: arguments must have one batch size; got {got}.")


def blank_of(name: str, mask_index: int | None, classes: int | None) -> int:
    """The class that is the blank."""
    if mask_index is None:
        mask_index = (classes or 0) - 1
    if classes is not None and not 0 <= mask_index < classes:
        raise ValueError(f"{name}: mask_index must be one of the {classes} classes; got {mask_index}.")
    return mask_index


def check_loss(target: Any, output: Any, target_length: Any, output_length: Any) -> None:
    lengths = ("target_length", target_length, 1), ("output_length", output_length, 1)
    checked_shapes("ctc_loss", ("target", target, 2), ("output", output, 3), *lengths)


def _log_probabilities(b: Any, x: Tensor) -> Tensor:
    dtype = b.dtype_of(x)
    logs = b.log_softmax(x if dtype == "float64" else b.cast(x, "float32"), -1)
    return b.where(b.less_equal(logs, NOTHING), NOTHING, logs)


def ctc_loss(
    b: Any, target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int = 0
) -> Tensor:
    target, target_length, output_length = (
        b.cast(b.convert_to_tensor(x), "int32") for x in (target, target_length, output_length)
    )  # fmt: skip
    output = b.convert_to_tensor(output)
    check_loss(*(b.static_shape(x) for x in (target, output, target_length, output_length)))
    blank = blank_of("ctc_loss", mask_index, b.static_shape(output)[2])
    states, skips = _states(b, target, target_length, blank)
    logs = _log_probabilities(b, output)
    times = b.shape(logs)[1]
    wanted = b.broadcast_to(b.expand_dims(states, 1), (*b.shape(logs)[:2], b.shape(states)[1]))
    emitted = b.take_along_axis(logs, wanted, 2)
    running = b.less(b.expand_dims(b.arange(times, dtype="int32"), 1), output_length)
    ends = b.expand_dims(target_length, 1) * 2
    place = b.expand_dims(b.arange(b.shape(states)[1], dtype="int32"), 0)
    # A mass on the first state before the first time reaches the first two states at it, as it must.
    start = b.where(b.equal(place, 0), b.cast(b.zeros_like(states), b.dtype_of(logs)), NOTHING)

    def step(alpha: Tensor, now: Any) -> tuple[Tensor, None]:
        probability, more = now
        return b.where(b.expand_dims(more, 1), b.add(_arriving(b, alpha, skips), probability), alpha), None

    alpha, _ = b.scan(step, start, (b.transpose(emitted, (1, 0, 2)), running))
    last = b.logical_or(b.equal(place, ends), b.equal(place, ends - 1))
    total = b.logsumexp(b.where(last, alpha, NOTHING), 1)
    return b.where(b.greater(total, NOTHING / 10), b.negative(total), float("inf"))


def _states(b: Any, target: Tensor, length: Tensor, blank: int) -> tuple[Tensor, Tensor]:
    """The labels with blanks before, between and after; where two places may be gone at once."""
    count = b.shape(target)[1]
    inside = b.less(b.expand_dims(b.arange(count, dtype="int32"), 0), b.expand_dims(length, 1))
    labels = b.where(inside, target, blank)
    blanks = b.zeros_like(labels) + blank
    states = b.reshape(b.stack([blanks, labels], 2), (b.shape(labels)[0], count * 2))
    states = b.pad(states, ((0, 0), (0, 1)), constant_values=blank)
    before = b.pad(states, ((0, 0), (2, 0)), constant_values=blank)[:, : count * 2 + 1]
    return states, b.logical_and(b.not_equal(states, blank), b.not_equal(states, before))


def _arriving(b: Any, alpha: Tensor, skips: Tensor) -> Tensor:
    """What stays in a state, comes from the one before, or from two before."""
    one = b.pad(alpha, ((0, 0), (1, 0)), constant_values=NOTHING)[:, :-1]
    two = b.where(skips, b.pad(alpha, ((0, 0), (2, 0)), constant_values=NOTHING)[:, :-2], NOTHING)
    return b.logsumexp(b.stack([alpha, one, two], 0), 0)


# -- decoding ------------------------------------------------------------------------------


def check_decode(inputs: Any, lengths: Any, strategy: str, beam_width: int, top_paths: int) -> None:
    if strategy not in ("greedy", "beam_search"):
        raise ValueError(f'ctc_decode: strategy must be "greedy" or "beam_search"; got {strategy!r}.')
    checked_shapes("ctc_decode", ("inputs", inputs, 3), ("sequence_lengths", lengths, 1))
    if strategy == "beam_search" and not 0 < top_paths <= beam_width:
        raise ValueError(
            f"ctc_decode: top_paths must be positive and at most beam_width; got {top_paths} and {beam_width}."
        )


def ctc_decode(
    b: Any, inputs: Tensor, sequence_lengths: Tensor, strategy: str = "greedy", beam_width: int = 100,
    top_paths: int = 1, merge_repeated: bool = True, mask_index: int | None = 0,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    inputs = b.convert_to_tensor(inputs)
    lengths = b.cast(b.convert_to_tensor(sequence_lengths), "int32")
    check_decode(b.static_shape(inputs), b.static_shape(lengths), strategy, beam_width, top_paths)
    blank = blank_of("ctc_decode", mask_index, b.static_shape(inputs)[2])
    if b.dtype_of(inputs) != "float64":
        inputs = b.cast(inputs, "float32")
    running = b.less(b.expand_dims(b.arange(b.shape(inputs)[1], dtype="int32"), 0), b.expand_dims(lengths, 1))
    if strategy == "greedy":
        return _greedy(b, inputs, running, merge_repeated, blank)
    return _beam_search(b, inputs, running, beam_width, top_paths, blank)


def _compacted(b: Any, labels: Tensor, keep: Tensor) -> Tensor:
    """The labels to keep, first along the last axis, then -1."""
    times = b.arange(b.shape(labels)[-1], dtype="int32")
    order = b.argsort(b.where(keep, times, times + b.shape(labels)[-1]), -1)
    return b.take_along_axis(b.where(keep, labels, -1), order, -1)


def _greedy(b: Any, inputs: Tensor, running: Tensor, merge_repeated: bool, blank: int) -> tuple[Tensor, Tensor]:
    best = b.cast(b.argmax(inputs, -1), "int32")
    keep = b.logical_and(running, b.not_equal(best, blank))
    if merge_repeated:
        before = b.pad(best, ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
        keep = b.logical_and(keep, b.not_equal(best, before))
    score = b.sum(b.where(running, b.max(inputs, -1), 0), 1, keepdims=True)
    return b.expand_dims(_compacted(b, best, keep), 0), b.negative(score)


def _beam_search(b: Any, inputs: Tensor, running: Tensor, width: int, paths: int, blank: int) -> tuple[Tensor, Tensor]:
    logs = _log_probabilities(b, inputs)
    order = b.broadcast_to(b.expand_dims(b.arange(width, dtype="int32"), 0), (b.shape(logs)[0], width))
    none = b.zeros_like(order)
    nothing = b.cast(none, b.dtype_of(logs)) + NOTHING
    # For each prefix: the probabilities of the paths that end in a blank and in its last label, that label, two
    # hashes of the prefix (0 and 1 of the empty one, others of what is none) and two of it without that label.
    beam = (b.where(b.equal(order, 0), 0, nothing), nothing, none - 1, none, none + 1, none - 1, none - 1)

    def step(beam: Any, now: Any) -> tuple[Any, tuple[Tensor, Tensor]]:
        logs, more = now
        return _extended(b, beam, logs, more, width, blank)

    (ending, label, *_), (parents, labels) = b.scan(
        step, beam, (b.transpose(logs, (1, 0, 2)), b.transpose(running, (1, 0)))
    )  # fmt: skip
    score, at = b.top_k(b.logaddexp(ending, label), paths)

    def back(at: Tensor, now: Any) -> tuple[Tensor, Tensor]:
        parent, label = now
        return b.take_along_axis(parent, at, 1), b.take_along_axis(label, at, 1)

    _, spelt = b.scan(back, b.cast(at, "int32"), (parents, labels), reverse=True)
    dead = b.less(score, NOTHING / 10)
    spelt = b.transpose(spelt, (2, 1, 0))
    keep = b.logical_and(b.greater_equal(spelt, 0), b.expand_dims(b.logical_not(b.transpose(dead, (1, 0))), 2))
    return _compacted(b, spelt, keep), b.where(dead, -float("inf"), score)


def _extended(b: Any, beam: Any, logs: Tensor, more: Tensor, width: int, blank: int) -> tuple[Any, Any]:
    """The beam after one more time: the likeliest of its prefixes and of those with one more label."""
    ending, spelling, last, *hashes = beam
    classes = b.shape(logs)[1]
    total = b.logaddexp(ending, spelling)
    own = b.take_along_axis(logs, b.maximum(last, 0), 1)  # of each prefix's last label
    options = b.arange(classes, dtype="int32")
    repeats = b.equal(b.expand_dims(last, 2), options)
    longer = b.add(b.where(repeats, b.expand_dims(ending, 2), b.expand_dims(total, 2)), b.expand_dims(logs, 1))
    # What is longer by a label may be in the beam already: it is added there, and dropped here.
    child = _parenthood(b, hashes, total)
    same = b.equal(b.expand_dims(last, 1), b.expand_dims(last, 2))
    into = b.where(same, b.expand_dims(ending, 2), b.expand_dims(total, 2))
    gained = b.max(b.where(child, b.add(into, b.expand_dims(own, 1)), NOTHING), 1)
    known = b.matmul(*(b.cast(x, b.dtype_of(logs)) for x in (child, repeats)))
    longer = b.where(b.logical_or(b.greater(known, 0), b.equal(options, blank)), NOTHING, longer)
    stay_ending = b.add(total, logs[:, blank : blank + 1])
    stay_spelling = b.where(b.less(last, 0), NOTHING, b.logaddexp(b.add(spelling, own), gained))
    staying = b.logaddexp(stay_ending, stay_spelling)
    count = width * classes
    scores = b.concatenate([staying, b.reshape(longer, (b.shape(logs)[0], count))], 1)
    _, chosen = b.top_k(scores, width)
    chosen = b.cast(chosen, "int32")
    grown = b.greater_equal(chosen, width)
    parent = b.where(grown, b.floor_divide(b.maximum(chosen - width, 0), classes), chosen)
    label = b.where(grown, b.mod(b.maximum(chosen - width, 0), classes), -1)

    def of(x: Tensor) -> Tensor:
        return b.take_along_axis(x, parent, 1)

    new = b.take_along_axis(scores, chosen, 1)
    following = [
        b.where(grown, NOTHING, of(stay_ending)),
        b.where(grown, new, of(stay_spelling)),
        b.where(grown, label, of(last)),
        *(b.where(grown, of(h) * factor + label + 1, of(h)) for h, factor in zip(hashes[:2], FACTORS, strict=True)),
        *(b.where(grown, of(h), of(g)) for h, g in zip(hashes[:2], hashes[2:], strict=True)),
    ]
    going = b.expand_dims(more, 1)
    places = b.arange(width, dtype="int32")
    kept = tuple(b.where(going, after, before) for after, before in zip(following, beam, strict=True))
    return kept, (b.where(going, parent, places), b.where(going, label, -1))


def _parenthood(b: Any, hashes: Any, total: Tensor) -> Tensor:
    """Whether prefix j is prefix i and one label more: (batch, i, j)."""
    alive = b.greater(total, NOTHING / 10)
    pairs = [b.equal(b.expand_dims(h, 2), b.expand_dims(g, 1)) for h, g in zip(hashes[:2], hashes[2:], strict=True)]
    both = b.logical_and(b.expand_dims(alive, 2), b.expand_dims(alive, 1))
    return b.logical_and(b.logical_and(*pairs), both)
