"""What `compile` was given as losses and metrics, fitted to a model's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optree

from triceras import losses, ops
from triceras import metrics as metrics_module
from triceras.metrics import Mean, Metric


class Outputs:
    """A model's outputs, flat: how to take apart predictions, targets and weights alike.

    Args:
        structure: the outputs, or abstract ones.
        names: what a functional model calls them.
    """

    def __init__(self, structure: Any, names: list[str] | None = None) -> None:
        self.single = not isinstance(structure, (list, tuple, dict))
        self.keys = list(structure) if isinstance(structure, dict) else None
        self.count = len(self.flat(structure))
        known = self.keys or names
        self.names: list[Any] = list(known) if known and len(known) == self.count else [None] * self.count

    def flat(self, tree: Any) -> list[Any]:
        """A structure like the outputs' as a list."""
        if self.single:
            return [tree]
        if self.keys is not None and isinstance(tree, dict) and set(self.keys) <= set(tree):
            return [tree[key] for key in self.keys]
        return list(tree) if isinstance(tree, (list, tuple)) else optree.tree_leaves(tree)

    def targets(self, what: str, tree: Any) -> list[Any]:
        """One entry an output. Raises ValueError: there are more or fewer, naming both."""
        if tree is None:
            return [None] * self.count
        if self.single:
            return [next(iter(tree.values())) if isinstance(tree, dict) and len(tree) == 1 else tree]
        found = self._by_name(what, tree) if isinstance(tree, dict) else self.flat(tree)
        if len(found) != self.count:
            raise ValueError(f"The model has {self.count} outputs ({self._listing()}), but {what} has {len(found)}.")
        return found

    def _by_name(self, what: str, tree: dict[str, Any]) -> list[Any]:
        unknown = [key for key in tree if key not in self.names]
        if unknown:
            raise ValueError(f"{what} names the outputs {unknown}, but the model's are: {self._listing()}.")
        return [tree.get(name) for name in self.names]

    def spread(self, what: str, given: Any) -> list[Any]:
        """One of the things given to `compile` an output, None for none.

        Raises ValueError: names that no output has, or another number of things than outputs.
        """
        if isinstance(given, Mapping) and "class_name" not in given:
            unknown = [key for key in given if key not in self.names]
            if unknown and self.single and len(given) == 1:
                return list(given.values())
            if unknown:
                raise ValueError(f"{what} names the outputs {unknown}, but the model's are: {self._listing()}.")
            return [given.get(name) for name in self.names]
        if isinstance(given, (list, tuple)):
            if len(given) != self.count:
                raise ValueError(f"{what} must have one entry an output ({self._listing()}); got {len(given)}.")
            return list(given)
        return [given] * self.count

    def _listing(self) -> str:
        return ", ".join(str(name if name is not None else i) for i, name in enumerate(self.names))


class CompiledLoss:
    """The losses of `compile`, as one function of targets and outputs; a tracker for each of several."""

    def __init__(self, loss: Any, loss_weights: Any, outputs: Outputs) -> None:
        self.outputs = outputs
        given = outputs.spread("loss", loss)
        self.losses = [None if one is None else losses.as_loss(one) for one in given]
        self.weights = [1.0] * outputs.count
        if loss_weights is not None:
            self.weights = [1.0 if w is None else w for w in outputs.spread("loss_weights", loss_weights)]
        several = sum(one is not None for one in self.losses) > 1
        self.trackers: list[Mean | None] = [
            Mean(name=f"{name or one.name}_loss") if several and one is not None else None
            for one, name in zip(self.losses, outputs.names, strict=True)
        ]
        self._only = self.losses[0] if outputs.single and self.weights == [1.0] else None

    def __call__(self, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The weighted sum of the outputs' losses, a scalar."""
        if self._only is not None and not isinstance(y, dict):
            return self._only(y, y_pred, sample_weight)
        total = None
        targets = self.outputs.targets("y", y)
        predictions = self.outputs.flat(y_pred)
        weights = weights_of(self.outputs, sample_weight)
        for i, loss in enumerate(self.losses):
            if loss is None or targets[i] is None:
                continue
            value = loss(targets[i], predictions[i], weights[i])
            tracker = self.trackers[i]
            if tracker is not None:
                tracker.update_state(ops.stop_gradient(value), sample_weight=ops.shape(predictions[i])[0])
            if self.weights[i] != 1.0:
                value = ops.multiply(value, self.weights[i])
            total = value if total is None else ops.add(total, value)
        if total is None:
            raise ValueError("No output has both a loss and targets.")
        return total


def weights_of(outputs: Outputs, sample_weight: Any) -> list[Any]:
    """Sample weights an output: one array serves them all."""
    if isinstance(sample_weight, (list, tuple, dict)):
        return outputs.targets("sample_weight", sample_weight)
    return [sample_weight] * outputs.count


class CompiledMetrics:
    """The metrics of `compile`, each with the output it looks at and the name it logs under."""

    def __init__(self, metrics: Any, weighted: Any, outputs: Outputs, y: Any, y_pred: Any) -> None:
        self.outputs = outputs
        self.entries: list[tuple[Metric, int, bool]] = []
        self.names: list[str] = []
        targets, predictions = outputs.targets("y", y), outputs.flat(y_pred)
        for given, is_weighted in ((metrics, False), (weighted, True)):
            for i, some in enumerate(_lists("weighted_metrics" if is_weighted else "metrics", given, outputs)):
                for one in some:
                    metric = metrics_module.as_metric(one, targets[i], predictions[i])
                    self.entries.append((metric, i, is_weighted))
                    self._name(metric, i, is_weighted)
        self._simple = outputs.single and not any(weighted for *_, weighted in self.entries)

    def _name(self, metric: Metric, output: int, weighted: bool) -> None:
        prefix = f"{self.outputs.names[output]}_" if not self.outputs.single and self.outputs.names[output] else ""
        name = f"{prefix}{metric.name}"
        if name in self.names and weighted:
            name = f"{prefix}weighted_{metric.name}"
        base, count = name, 0
        while name in self.names:
            count += 1
            name = f"{base}_{count}"
        self.names.append(name)

    @property
    def metrics(self) -> list[Metric]:
        return [metric for metric, *_ in self.entries]

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes one batch into account."""
        if self._simple and not isinstance(y, dict):
            for metric, *_ in self.entries:
                metric.update_state(y, y_pred)
            return
        targets, predictions = self.outputs.targets("y", y), self.outputs.flat(y_pred)
        weights = weights_of(self.outputs, sample_weight)
        for metric, i, weighted in self.entries:
            if targets[i] is None:
                continue
            if weighted and weights[i] is not None:
                metric.update_state(targets[i], predictions[i], sample_weight=weights[i])
            else:
                metric.update_state(targets[i], predictions[i])


def _lists(what: str, given: Any, outputs: Outputs) -> list[list[Any]]:
    """A list of metrics an output."""
    if given is None:
        return [[]] * outputs.count
    if outputs.single:
        if isinstance(given, Mapping) and "class_name" not in given:
            given = outputs.spread(what, given)[0]
        return [_listed(given)]
    if isinstance(given, (list, tuple)) and len(given) != outputs.count:
        raise ValueError(
            f"{what} must be a dict, or a list with one entry (itself a list) an output: the model has "
            f"{outputs.count} outputs, and {what} has {len(given)} entries."
        )
    return [_listed(one) for one in outputs.spread(what, given)]


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    flat = list(given) if isinstance(given, (list, tuple)) else [given]
    return [one for item in flat for one in (item if isinstance(item, (list, tuple)) else [item])]


def check_names(loss: Any, metrics: Any) -> None:
    """Raises ValueError: a name that stands for no loss or metric, with the nearest one."""
    for identifier in optree.tree_leaves(loss):
        if identifier is not None:
            losses.get(identifier)
    for identifier in optree.tree_leaves(metrics):
        if isinstance(identifier, str) and identifier not in metrics_module.FITTED:
            metrics_module.get(identifier)
