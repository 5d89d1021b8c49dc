"""Attention, written out, and rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.cases.base import Table, floats
from tests.conformance.cases.gradients_base import Gradients, spread
from triceras_backends.active import backend as B

CASES = Table()
GRADIENTS = Gradients()


def _attention(
    q: Any, k: Any, v: Any, bias: Any = None, mask: Any = None, scale: Any = None, is_causal: bool = False,
    flash_attention: Any = None, attn_logits_soft_cap: Any = None,
) -> Any:  # fmt: skip
    shared = q.shape[2] // k.shape[2]
    k, v = np.repeat(k, shared, 2), np.repeat(v, shared, 2)
    scores = np.einsum("btnh,bsnh->bnts", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if attn_logits_soft_cap:
        scores = attn_logits_soft_cap * np.tanh(scores / attn_logits_soft_cap)
    scores = scores if bias is None else scores + bias
    allowed = np.ones(scores.shape, bool) if mask is None else np.broadcast_to(mask, scores.shape)
    allowed = allowed & np.tri(*scores.shape[-2:], dtype=bool) if is_causal else allowed
    scores = np.where(allowed, scores, -1e300)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("bnts,bsnh->btnh", shares / shares.sum(-1, keepdims=True), v)


Q, K, V = floats((2, 3, 4, 5)), floats((2, 4, 2, 5)), floats((2, 4, 2, 6))
SAME = floats((2, 3, 2, 4))
BIAS, MASK = floats((1, 4, 3, 4)), np.array([True, True, False, True])
ROWS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "plain": ((SAME, SAME, SAME), {}),
    "grouped queries": ((Q, K, V), {}),
    "one key head": ((Q, K[:, :, :1], V[:, :, :1]), {}),
    "bias": ((Q, K, V), {"bias": BIAS}),
    "mask": ((Q, K, V), {"mask": MASK}),
    "mask of each head": ((Q, K, V), {"mask": np.arange(96).reshape(2, 4, 3, 4) % 5 > 0}),
    "nothing to attend to": ((SAME, SAME, SAME), {"mask": np.array([[False] * 3, [True] * 3, [True, False, True]])}),
    "causal": ((SAME, SAME, SAME), {"is_causal": True}),
    "causal with a mask": ((SAME, SAME, SAME), {"is_causal": True, "mask": np.array([True, False, True])}),
    "bias and mask": ((Q, K, V), {"bias": BIAS, "mask": MASK}),
    "scale": ((SAME, SAME, SAME), {"scale": 0.3}),
    "soft cap": ((SAME, SAME, SAME), {"attn_logits_soft_cap": 0.5, "bias": floats((2, 3, 3))[:, None]}),
    "not fused": ((SAME, SAME, SAME), {"flash_attention": False}),
}
for _label, (_args, _kw) in ROWS.items():
    CASES.add(
        "dot_product_attention", *_args, kw=_kw, oracle=_attention, returns="float32", label=_label, tol=10
    )  # fmt: skip
for _dtype in ("float16", "bfloat16", "float64"):
    CASES.add(
        "dot_product_attention", *(floats((2, 3, 2, 4), _dtype),) * 3, oracle=_attention, returns=_dtype, tol=4
    )  # fmt: skip
for _ids in (np.array([[0, 5], [2, 2]], "int32"), np.array(3, "int32"), np.zeros((0, 2), "int32")):
    CASES.add("embedding", floats((6, 3)), _ids, oracle=lambda table, ids: table[ids], returns="float32", tol=0)

_SMALL = spread(1, 3, 2, 2)
GRADIENTS.add("dot_product_attention", _SMALL, spread(1, 4, 1, 2), spread(1, 4, 1, 3))
GRADIENTS.add("dot_product_attention", _SMALL, _SMALL, _SMALL, is_causal=True)
GRADIENTS.add(
    "dot_product_attention", _SMALL, _SMALL, spread(3, 3), label="bias and mask",
    fn=lambda q, k, bias: B.dot_product_attention(q, k, k, bias, np.array([True, False, True])),
)  # fmt: skip
GRADIENTS.add("embedding", spread(4, 2), fn=lambda table: B.embedding(table, np.array([1, 3, 1], "int32")))

ERRORS = [
    ("dot_product_attention", (Q, floats((2, 3, 3, 5)), Q), {}, ValueError, ("(2, 3, 4, 5)", "(2, 3, 3, 5)")),
    ("dot_product_attention", (Q[0], K[0], V[0]), {}, ValueError, ("batch, length, heads, width", "(3, 4, 5)")),
    ("dot_product_attention", (SAME, K, K), {}, ValueError, ("dot_product_attention", "(2, 3, 2, 4)")),
    (
        "dot_product_attention",
        (SAME, SAME, SAME),
        {"flash_attention": True, "attn_logits_soft_cap": 1.0},
        RuntimeError,
        ("flash_attention=True",),
    ),
]
