"""Muon."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from triceras import ops
from triceras.optimizers.clipping import norm
from triceras.optimizers.optimizer import Optimizer
from triceras_backends.active import backend as B


class Muon(Optimizer):
    """Momentum whose steps are made orthogonal, for matrices; Adam for everything else. Jordan et al., 2024.

    A matrix of shape (rows, columns) moves by learning_rate * s * O, where O is the orthogonal matrix nearest
    to the momentum, found by `ns_steps` steps of a Newton-Schulz iteration, and
    s = rms_rate * sqrt(max(rows, columns)) gives the steps the size of Adam's (Liu et al., arXiv:2502.16982).
    Variables of another rank, embeddings and `exclude_layers` are updated by Adam.

    Args:
        learning_rate: 0.001 by default.
        adam_beta_1, adam_beta_2: Adam's decays.
        adam_weight_decay: the decoupled weight decay of what Adam updates. None for none.
        epsilon: Adam's.
        weight_decay: that of the matrices. None for none.
        exclude_layers: regular expressions; a Variable in whose path one is found is left to Adam.
        exclude_embeddings: whether Variables with "embedding" in their path are left to Adam.
        muon_a, muon_b, muon_c: the iteration's polynomial is a x + b x^3 + c x^5.
        adam_lr_ratio: Adam's learning rate as a share of this one.
        momentum: what of the momentum is kept.
        ns_steps: steps of the iteration.
        nesterov: whether the momentum is looked at ahead.
        rms_rate: the root mean square that steps have. None leaves O as it is.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: those of `Optimizer`.

    Example:

    >>> optimizer = keras.optimizers.Muon(learning_rate=0.1, weight_decay=0.0)
    >>> w = keras.Variable(np.zeros((2, 2), "float32"))
    >>> _ = optimizer.apply([keras.ops.convert_to_tensor([[0.0, 3.0], [3.0, 0.0]])], [w])
    >>> bool(abs(w.numpy()[0, 1]) > 100 * abs(w.numpy()[0, 0]))
    True
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Iterable[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum, self.ns_steps, self.nesterov, self.rms_rate = momentum, ns_steps, nesterov, rms_rate

    def _by_adam(self, variable: Any) -> bool:
        """Whether a Variable is left to Adam."""
        path = variable.path
        if len(variable.shape) != 2 or (self.exclude_embeddings and "embedding" in path.lower()):
            return True
        return any(re.search(pattern, path) for pattern in self.exclude_layers)

    def build(self, variables: Iterable[Any]) -> None:
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self._slots = {"momentum": [], "velocity": []}
        for variable in variables:
            self._slots["momentum"].append(self.add_variable_from_reference(variable, "momentum"))
            second = self.add_variable_from_reference(variable, "velocity") if self._by_adam(variable) else None
            self._slots["velocity"].append(second)

    def _decay(self, variables: list[Any], learning_rate: Any) -> None:
        adams = [variable for variable in variables if self._by_adam(variable)]
        self._decay_by(self.adam_weight_decay, adams, learning_rate)
        matrices = [variable for variable in variables if not self._by_adam(variable)]
        self._decay_by(self.weight_decay, matrices, learning_rate)

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        rows = list(zip(variables, gradients, *slots, strict=True))
        for variable, gradient, momentum, velocity in rows:
            if velocity is None:
                self._orthogonal_step(variable, gradient, momentum, learning_rate)
        adams = [row for row in rows if row[3] is not None]
        if adams:
            columns = [list(column) for column in zip(*adams, strict=True)]
            rate = learning_rate if self.adam_lr_ratio == 1 else learning_rate * self.adam_lr_ratio
            B.adam_update(*columns, [], self.iterations, rate, self.adam_beta_1, self.adam_beta_2, self.epsilon)

    def _orthogonal_step(self, variable: Any, gradient: Any, momentum: Any, learning_rate: Any) -> None:
        mean = self.momentum * momentum.value + gradient
        momentum.assign(mean)
        direction = gradient + self.momentum * mean if self.nesterov else mean
        step = self.zeropower_via_newtonschulz5(direction, self.ns_steps)
        variable.assign_sub(learning_rate * self.lr_adjust(step))

    def lr_adjust(self, x: Any) -> Any:
        """A step in the size that `rms_rate` asks for."""
        return x if self.rms_rate is None else x * (self.rms_rate * math.sqrt(max(x.shape)))

    def transpose_last_axis(self, X: Any) -> Any:
        """The matrix, or each of several, transposed."""
        return ops.swapaxes(X, -1, -2)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Nearly the orthogonal matrix next to x: its singular vectors, with singular values about 1.

        x <- a x + (b x x^T + c (x x^T)^2) x, which drives singular values in [0, 1] towards 1.
        """
        tall = x.shape[-2] > x.shape[-1]
        x = self.transpose_last_axis(x) if tall else x
        x = x / (norm(x) + 1e-7)
        for _ in range(steps):
            square = ops.matmul(x, self.transpose_last_axis(x))
            polynomial = self.muon_b * square + self.muon_c * ops.matmul(square, square)
            x = self.muon_a * x + ops.matmul(polynomial, x)
        return self.transpose_last_axis(x) if tall else x

    def get_config(self) -> dict[str, Any]:
        own = (
            "adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b", "muon_c", "adam_lr_ratio",
            "momentum", "ns_steps", "nesterov", "exclude_embeddings", "adam_weight_decay", "rms_rate",
        )  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
