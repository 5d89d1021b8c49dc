"""Rows of a table, and attention, on JAX: one compiled call each."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from triceras_backends.contract.types import Tensor
from triceras_backends.derived import attention as composite
from triceras_backends.jax_backend.kernels import INEXACT, checked, tensor, tensors

# An index is clamped rather than compared with the size: no fill values, no masks in the gradient.
_embedding = checked("embedding", lambda weight, indices: jnp.take(weight, indices, axis=0, mode="clip"))


def embedding(weight: Tensor, indices: Tensor) -> Tensor:
    return _embedding(tensor(weight), tensor(indices))


def _attended(
    query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, causal: bool, groups: int, cap: Any
) -> Any:
    if groups > 1:
        key, value = jnp.repeat(key, groups, 2), jnp.repeat(value, groups, 2)
    scores = jnp.einsum("btnh,bsnh->bnts", query * scale, key)
    if cap is not None:
        scores = jnp.tanh(scores / cap) * cap
    if bias is not None:
        scores = scores + bias
    if causal:
        past = jnp.tril(jnp.ones(scores.shape[-2:], bool))
        mask = past if mask is None else jnp.logical_and(mask, past)
    if mask is not None:
        scores = jnp.where(mask, scores, jnp.asarray(composite.MASKED[scores.dtype.name], scores.dtype))
    return jnp.einsum("bnts,bsnh->btnh", jax.nn.softmax(scores, -1), value)


_attention = checked("dot_product_attention", _attended, static=(5, 6, 7, 8))


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
    query, key, value = tensors((query, key, value), INEXACT)
    groups = composite.checked_heads(query.shape, key.shape, value.shape)
    scale = query.shape[-1] ** -0.5 if scale is None else float(scale)
    mask = None if mask is None else tensor(mask).astype(bool)
    bias = None if bias is None else tensor(bias, INEXACT).astype(query.dtype)
    if flash_attention:
        return _flash(query, key, value, bias, mask, scale, bool(is_causal), attn_logits_soft_cap)
    return _attention(query, key, value, bias, mask, scale, bool(is_causal), groups, attn_logits_soft_cap)


def _flash(query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float, causal: bool, cap: Any) -> Any:
    """cuDNN's kernel."""
    if cap is not None:
        raise RuntimeError(f"{composite.NO_FLASH}it caps no scores.")
    try:
        return jax.nn.dot_product_attention(
            query, key, value, bias, mask, scale=scale, is_causal=causal, implementation="cudnn"
        )
    except RuntimeError as error:
        raise RuntimeError(f"{composite.NO_FLASH}{error}") from error
