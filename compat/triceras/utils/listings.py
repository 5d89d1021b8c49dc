"""Files in folders, a folder a class: which there are, their labels, and the split for validation."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from triceras.utils.logs import say
from triceras.utils.pipelines import Dataset, fresh_seed, from_samples, stacked

_MODES = ("int", "categorical", "binary", None)


class Listing(NamedTuple):
    """What the functions `..._dataset_from_directory` have in common of their arguments."""

    directory: Any
    labels: Any
    label_mode: str | None
    class_names: Any
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    format: str
    verbose: bool

    def datasets(
        self,
        suffixes: tuple[str, ...],
        kind: str,
        load: Callable[[str], Any],
        collate: Callable[[list[Any]], Any] = stacked,
    ) -> Any:
        """The dataset of the files' contents and labels, or those of both subsets.

        Args:
            suffixes: of the files to take.
            kind: what errors call a file.
            load: a file's content by its path.
            collate: makes a batch of a list of contents.
        """
        self._check()
        names, paths, labels = self._files(suffixes, kind)
        seed = fresh_seed(self.seed)
        if self.shuffle:
            order = np.random.RandomState(seed).permutation(len(paths))
            paths = [paths[i] for i in order]
            labels = None if labels is None else labels[order]
        parts = [self._part(paths, labels, subset) for subset in self._subsets()]
        found = [self._dataset(part, names, load, collate, seed) for part in parts]
        return found if self.subset == "both" else found[0]

    def _check(self) -> None:
        if self.labels not in ("inferred", None) and not isinstance(self.labels, (list, tuple)):
            raise ValueError(
                'labels must be "inferred", None, or a list of integers, one a file in the order of their paths; '
                f"got: {self.labels!r}"
            )
        if self.labels != "inferred" and self.class_names:
            raise ValueError(f'class_names go with labels="inferred" alone; got labels={self.labels!r}')
        if self.label_mode not in _MODES:
            raise ValueError(f'label_mode must be "int", "categorical", "binary" or None; got: {self.label_mode!r}')
        if self.format not in ("tf", "grain"):
            raise ValueError(f'format must be "tf" or "grain"; got: {self.format!r}')
        self._check_split()

    def _check_split(self) -> None:
        share = self.validation_split
        if (share is None) != (self.subset is None):
            raise ValueError(f"validation_split and subset go together; got {share!r} and {self.subset!r}")
        if share is None:
            return
        if not 0 < share < 1:
            raise ValueError(f"validation_split must be between 0 and 1; got: {share!r}")
        if self.subset not in ("training", "validation", "both"):
            raise ValueError(f'subset must be "training", "validation" or "both"; got: {self.subset!r}')
        if self.shuffle and self.seed is None:
            raise ValueError("With validation_split and shuffle give a seed, lest the subsets overlap.")

    def _subsets(self) -> tuple[str | None, ...]:
        return ("training", "validation") if self.subset == "both" else (self.subset,)

    def _files(self, suffixes: tuple[str, ...], kind: str) -> tuple[Any, list[str], Any]:
        """The classes' names, the files' paths, and the labels."""
        directory = os.fspath(self.directory)
        names = labels = None
        if self.labels == "inferred" and self.label_mode is not None:
            names = self._classes(directory)
            groups = [walk(os.path.join(directory, name), suffixes, self.follow_links) for name in names]
            labels = np.repeat(np.arange(len(names), dtype="int32"), [len(group) for group in groups])
            paths = [path for group in groups for path in group]
        else:
            paths = walk(directory, suffixes, self.follow_links)
        if not paths:
            raise ValueError(f"There are no {kind} in the folder {directory!r}; looked for: {', '.join(suffixes)}")
        if isinstance(self.labels, (list, tuple)) and self.label_mode is not None:
            if len(self.labels) != len(paths):
                raise ValueError(f"labels has {len(self.labels)} entries, and {directory!r} has {len(paths)} files.")
            labels = np.asarray(self.labels, dtype="int32")
            names = [str(label) for label in sorted(set(self.labels))]
        if self.label_mode == "binary" and (names is None or len(names) != 2):
            raise ValueError(f'label_mode="binary" needs two classes; got: {names}')
        if self.verbose:
            say(f"Found {len(paths)} files" + ("." if names is None else f" belonging to {len(names)} classes."))
        return names, paths, labels

    def _classes(self, directory: str) -> list[str]:
        entries = sorted(os.listdir(directory))
        found = [name for name in entries if not name.startswith(".") and os.path.isdir(os.path.join(directory, name))]
        if not self.class_names:
            return found
        if not set(self.class_names) <= set(found):
            raise ValueError(f"class_names must be names of folders in {directory!r}: {found}; got: {self.class_names}")
        return list(self.class_names)

    def _part(self, paths: list[str], labels: Any, subset: str | None) -> tuple[list[str], Any]:
        if subset is None or self.validation_split is None:
            return paths, labels
        cut = len(paths) - int(self.validation_split * len(paths))
        kept = slice(0, cut) if subset == "training" else slice(cut, None)
        paths = paths[kept]
        if self.verbose:
            say(f"Using {len(paths)} files for {subset}.")
        if not paths:
            raise ValueError(f"validation_split={self.validation_split} leaves no files for {subset}.")
        return paths, None if labels is None else labels[kept]

    def _dataset(self, part: Any, names: Any, load: Any, collate: Any, seed: int) -> Dataset:
        paths, labels = part
        if labels is None:
            dataset = from_samples(lambda i: load(paths[i]), len(paths), self.batch_size, self.shuffle, seed, collate)
        else:
            targets = _targets(labels, self.label_mode, len(names))
            dataset = from_samples(
                lambda i: (load(paths[i]), targets[i]),
                len(paths),
                self.batch_size,
                self.shuffle,
                seed,
                lambda samples: (collate([x for x, _ in samples]), np.stack([y for _, y in samples])),
            )
        dataset.class_names, dataset.file_paths = names, paths
        return dataset


def _targets(labels: Any, label_mode: str | None, classes: int) -> Any:
    if label_mode == "categorical":
        return np.eye(classes, dtype="float32")[labels]
    return labels.astype("float32")[:, None] if label_mode == "binary" else labels


def walk(directory: str, suffixes: tuple[str, ...], follow_links: bool) -> list[str]:
    """The files in a folder and those within it, in the order of the folders' paths and the files' names."""
    folders = sorted(os.walk(directory, followlinks=follow_links), key=lambda entry: entry[0])
    return [
        os.path.join(root, name)
        for root, _, files in folders
        for name in sorted(files)
        if name.lower().endswith(suffixes)
    ]
