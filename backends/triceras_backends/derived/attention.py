"""The attention of the contract, composed from other primitives of a backend."""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Tensor

# What is added to the score of a masked place: large, but finite after adding any score.
MASKED = {"float16": -3e4, "bfloat16": -1e38, "float32": -1e38, "float64": -1e300}


NO_FLASH = "dot_product_attention: flash_attention=True, and no flash kernel takes this: "


def checked_heads(query: Any, key: Any, value: Any) -> int:
    """How many heads of the query share one of the key. ValueError: shapes that do not fit."""
    shapes = [tuple(x) for x in (query, key, value)]
    if any(len(shape) != 4 for shape in shapes):
        raise ValueError(
            "dot_product_attention needs query, key and value of shape (batch, length, heads, width); "
            f"got {', '.join(map(str, shapes))}."
        )
    q, k, v = shapes
    if q[3] != k[3] or k[2] != v[2] or q[2] % k[2]:
        raise ValueError(
            f"dot_product_attention: query {q}, key {k} and value {v} do not fit: query and key need one width, "
            "key and value one number of heads, which divides that of the query."
        )
    return int(q[2] // k[2])


def dot_product_attention(
    b: Any, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None, mask: Tensor | None = None,
    scale: float | None = None, is_causal: bool = False, flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:  # fmt: skip
    groups = checked_heads(*(b.static_shape(x) for x in (query, key, value)))
    if flash_attention:
        raise RuntimeError(f"{NO_FLASH}the {b.name} backend has none. None uses the fastest there is.")
    if groups > 1:
        key, value = b.repeat(key, groups, 2), b.repeat(value, groups, 2)
    width = b.static_shape(query)[-1]
    scale = width**-0.5 if scale is None else scale
    scores = b.matmul(b.transpose(b.multiply(query, scale), (0, 2, 1, 3)), b.transpose(key, (0, 2, 3, 1)))
    if attn_logits_soft_cap is not None:
        scores = b.multiply(b.tanh(b.divide(scores, attn_logits_soft_cap)), attn_logits_soft_cap)
    if bias is not None:
        scores = b.add(scores, bias)
    if is_causal:
        causal = b.tril(b.ones(b.shape(scores)[-2:], "bool"))
        mask = causal if mask is None else b.logical_and(mask, causal)
    if mask is not None:
        scores = b.where(mask, scores, b.full_like(scores, MASKED[b.dtype_of(scores)]))
    return b.transpose(b.matmul(b.softmax(scores, -1), b.transpose(value, (0, 2, 1, 3))), (0, 2, 1, 3))


def embedding(b: Any, weight: Tensor, indices: Tensor) -> Tensor:
    return b.take(weight, indices, axis=0)
