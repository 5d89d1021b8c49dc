"""Recurrent networks: a loop over a cell of any kind, and the three standard cells as whole layers.

Time is the second axis of sequences. Steps run in order of time, or with `reverse` from the last
to the first; outputs are in the order in which the steps ran. Where `mask` (batch, time) is False
a step leaves the states as they are, and its output is that of the step before it (zeros if none).
"""

from __future__ import annotations

from triceras_backends.contract.types import Function, Tensor, Tree


def rnn(
    step: Function,
    inputs: Tree,
    states: Tree,
    mask: Tensor | None = None,
    reverse: bool = False,
    unroll: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple[Tree, Tree, Tree]:
    """Folds step(inputs at a time, states) -> (output, states) over time.

    inputs: a tree of (batch, time, ...). Returns the last output, all outputs (batch, time, ...)
    and the last states. `unroll` repeats the step in Python instead of in the framework's loop;
    `zero_output_for_mask` makes zeros of the masked ones of all outputs.
    """


def lstm(
    inputs: Tensor,
    h: Tensor,
    c: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """An LSTM with tanh and sigmoid: outputs (batch, time, units), and the last h and c (batch, units).

    kernel (features, 4 units), recurrent_kernel (units, 4 units) and bias (4 units,) hold the gates
    input, forget, cell, output. Hochreiter and Schmidhuber, 1997.
    """


def gru(
    inputs: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reverse: bool = False,
    reset_after: bool = True,
) -> tuple[Tensor, Tensor]:
    """A GRU with tanh and sigmoid: outputs (batch, time, units), and the last h (batch, units).

    kernel (features, 3 units) and recurrent_kernel (units, 3 units) hold the gates update, reset,
    candidate. bias: (2, 3 units), of the inputs and of the states, with `reset_after`; else (3 units,).
    Cho et al., arXiv:1406.1078.
    """


def simple_rnn(
    inputs: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """tanh(x @ kernel + h @ recurrent_kernel + bias) for each step: outputs (batch, time, units), and the last."""
