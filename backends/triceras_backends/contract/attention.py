"""What reads sequences without recurrence: the rows of a table, and attention."""

from __future__ import annotations

from triceras_backends.contract.types import Tensor


def embedding(weight: Tensor, indices: Tensor) -> Tensor:
    """Rows of `weight` (size, width) at the integers `indices` (...): (..., width).

    Indices must be in range: elsewhere an error, or another row, is what the framework makes of them.
    """


def dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """softmax(query @ key.T * scale + bias) @ value, for each head.

    query (batch, T, heads, width), key (batch, S, key heads, width) and value (batch, S, key heads,
    value width) give (batch, T, heads, value width); heads must be a multiple of key heads.
    bias is added to the scores (batch, heads, T, S), mask is False where not to attend; both
    broadcast. A row that attends to nothing averages all. scale: None is 1 / sqrt(width).
    `attn_logits_soft_cap` bounds the scaled scores by cap * tanh(scores / cap). `flash_attention`
    False keeps the framework's fused kernels out, True demands its flash kernel. Vaswani et al.,
    arXiv:1706.03762; Dao et al., arXiv:2205.14135.

    ValueError: ranks or sizes that do not fit. RuntimeError: flash_attention is True, and the
    framework has no such kernel for these arguments on this device.
    """
