"""Rows of a table, and attention by PyTorch's fused kernels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from triceras_backends import config
from triceras_backends.derived import attention as composite
from triceras_backends.torch_backend import fused
from triceras_backends.torch_backend.tensors import INTEGERS, NAMES, convert_to_tensor, promote, to_float


def embedding(weight: Any, indices: Any) -> Tensor:
    indices = convert_to_tensor(indices)
    if indices.dtype not in (torch.int32, torch.int64) and indices.dtype in INTEGERS:
        indices = indices.to(torch.int32)
    return F.embedding(indices, convert_to_tensor(weight))


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    query, key, value = promote(to_float(query), to_float(key), to_float(value))
    if flash_attention is None:
        flash_attention = config.is_flash_attention_enabled()
    fusible = attn_logits_soft_cap is None and fused.usable()
    if flash_attention and not fusible:
        raise RuntimeError(f"{composite.NO_FLASH}it caps no scores, and has no derivatives above the first.")
    if flash_attention is False or not fusible:
        return composite.dot_product_attention(
            fused.plain, query, key, value, bias, mask, scale, is_causal, None, attn_logits_soft_cap
        )
    groups = composite.checked_heads(query.shape, key.shape, value.shape)
    added, causal = _added(query, key, bias, mask, is_causal)
    q, k, v = query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
    with _flash() if flash_attention else nullcontext():
        attended = F.scaled_dot_product_attention(q, k, v, added, is_causal=causal, scale=scale, enable_gqa=groups > 1)
    return attended.transpose(1, 2)


@contextmanager
def _flash() -> Iterator[None]:
    """Only PyTorch's flash kernels, of which the CPU has one too."""
    try:
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            yield
    except RuntimeError as error:
        raise RuntimeError(f"{composite.NO_FLASH}{error}") from error


def _added(query: Tensor, key: Tensor, bias: Any, mask: Any, is_causal: bool) -> tuple[Tensor | None, bool]:
    """What is added to the scores, of query's dtype, and whether the kernel is left to mask the future."""
    if mask is None and bias is None:
        return None, is_causal
    added = None if bias is None else convert_to_tensor(bias).to(query.dtype)
    if is_causal:
        future = torch.ones(query.shape[1], key.shape[1], dtype=torch.bool, device=query.device).tril()
        mask = future if mask is None else torch.logical_and(convert_to_tensor(mask), future)
    if mask is not None:
        mask = convert_to_tensor(mask).bool()
        barred = torch.zeros_like(mask, dtype=query.dtype).masked_fill(~mask, composite.MASKED[NAMES[query.dtype]])
        added = barred if added is None else torch.where(mask, added, barred)
    # The kernel wants two dimensions of it or more.
    return added if added is None or added.ndim > 1 else added.reshape(1, -1), False
