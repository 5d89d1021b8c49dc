"""Connectionist temporal classification, on JAX: the composites, each compiled as one call."""

from __future__ import annotations

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import ctc as composite
from triceras_backends.jax_backend.composites import composed
from triceras_backends.jax_backend.kernels import INEXACT, tensor

_ctc_loss = composed("ctc_loss", composite.ctc_loss, static=4)
_ctc_decode = composed("ctc_decode", composite.ctc_decode, static=(2, 3, 4, 5, 6))


def ctc_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int = 0
) -> Tensor:
    return _ctc_loss(tensor(target), tensor(output, INEXACT), tensor(target_length), tensor(output_length), mask_index)


def ctc_decode(
    inputs: Tensor,
    sequence_lengths: Tensor,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[Tensor, Tensor]:
    return _ctc_decode(
        tensor(inputs, INEXACT), tensor(sequence_lengths), strategy, beam_width, top_paths, merge_repeated, mask_index
    )
