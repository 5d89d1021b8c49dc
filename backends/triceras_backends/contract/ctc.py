"""Connectionist temporal classification: Graves et al., ICML 2006.

A path has one class for each time; without its repetitions, and then without blanks (the class
`mask_index`), it spells a sequence of labels.
"""

from __future__ import annotations

from triceras_backends.contract.types import Tensor


def ctc_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int = 0
) -> Tensor:
    """-log of the probability of all paths that spell the target: (batch,).

    target (batch, labels) integers and output (batch, time, classes) logits count up to target_length
    and output_length, each (batch,). A target of length 0 is spelt by blanks alone. Of a target that no path spells
    (too long, counting a blank between equal labels) the loss is inf and its gradient 0.
    float16 and bfloat16 give float32. ValueError: ranks or sizes that do not fit.
    """


def ctc_decode(
    inputs: Tensor,
    sequence_lengths: Tensor,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[Tensor, Tensor]:
    """Likely labels for logits `inputs` (batch, time, classes), of which sequence_lengths (batch,) count.

    Gives int32 labels (paths, batch, time), padded by -1, and their scores (batch, paths). mask_index None is the
    last class.

    "greedy": the best path's labels, repetitions merged if `merge_repeated`; the score is the negated sum of the
    best logits. "beam_search": the `top_paths` likeliest sequences found by a search that keeps `beam_width` of them
    at each time (merging, always, what spells the same); the score is the log probability, -inf where there are fewer
    sequences. Of equals the one whose labels came first in the search. No gradient reaches the labels.
    ValueError: another strategy, top_paths above beam_width or not positive, ranks or sizes that do not fit.
    """
