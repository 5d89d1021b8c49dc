"""Datasets of other libraries, known by their classes' names, so that none of them is imported."""

from __future__ import annotations

from typing import Any, NamedTuple

# grain gives what repeats for ever a length of sys.maxsize rows, which batches divide by their size.
_NO_END = 2**40


class Kind(NamedTuple):
    """A kind of dataset: how to know it, and what errors call it."""

    names: frozenset[str]
    package: str
    title: str


PY_DATASET = Kind(frozenset({"PyDataset"}), "keras", "PyDataset")
DATA_LOADER = Kind(frozenset({"DataLoader"}), "torch.utils.data", "torch DataLoader")
TF_DATASET = Kind(frozenset({"DatasetV2"}), "tensorflow", "tf.data.Dataset")
GRAIN = Kind(frozenset({"MapDataset", "IterDataset", "DataLoader"}), "grain", "grain dataset")


def is_kind(source: Any, kind: Kind) -> bool:
    """Whether the source's class is of that kind, or derives from one that is."""
    return any(
        parent.__name__ in kind.names and f"{parent.__module__}.".startswith((f"{kind.package}.", f"_{kind.package}."))
        for parent in type(source).__mro__
    )


def title(source: Any) -> str:
    """What errors call the source."""
    for kind in (DATA_LOADER, TF_DATASET, GRAIN):
        if is_kind(source, kind):
            return kind.title
    return "generator" if hasattr(source, "__next__") else type(source).__name__


def length(source: Any) -> int | None:
    """How many batches a pass over the source has; None: unknown, or without end."""
    if is_kind(source, TF_DATASET):
        count = int(source.cardinality())
        return None if count < 0 else count
    if endless(source):
        return None
    try:
        return len(source)
    except (TypeError, NotImplementedError):
        return None


def endless(source: Any) -> bool:
    """Whether the source says that it has no end."""
    if is_kind(source, TF_DATASET):
        return int(source.cardinality()) == -1
    if is_kind(source, GRAIN) and hasattr(source, "__len__"):
        return len(source) > _NO_END
    return False


def batch_size(source: Any) -> int | None:
    """Rows a batch, where the source says so."""
    size = getattr(source, "batch_size", None) if is_kind(source, DATA_LOADER) else None
    return size if isinstance(size, int) else None
