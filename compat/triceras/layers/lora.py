"""Low-rank adaptation of a weight: it is frozen, and the product of two small ones is trained."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from triceras import ops
from triceras_backends.variable import name_scope


class LowRankUpdate:
    """For layers with a Variable `_kernel`: their `kernel`, and what `enable_lora` adds to it.

    After `enable_lora(rank)` the layer computes with kernel + (lora_alpha / rank) * a @ b, where a is
    (*kernel's shape but the last, rank) and b (rank, kernel's last size). Hu et al., arXiv:2106.09685.
    """

    name: str
    lora_rank: int | None
    lora_alpha: float | None
    lora_enabled = False
    lora_kernel_a: Any
    lora_kernel_b: Any

    def _keep_lora(self, rank: Any, alpha: Any) -> None:
        if rank is not None and (isinstance(rank, bool) or not isinstance(rank, int) or rank <= 0):
            raise ValueError(f"Layer {self.name!r}: lora_rank must be a positive integer or None; got: {rank!r}")
        self.lora_rank, self.lora_enabled = rank, False
        self.lora_alpha = rank if alpha is None else alpha

    @property
    def kernel(self) -> Any:
        """The weight, a Variable; with low-rank adaptation the sum that the layer computes with, a tensor."""
        kernel = vars(self).get("_kernel")
        if kernel is None:
            raise AttributeError(f"{type(self).__name__} {self.name!r} has no `kernel` before it is built.")
        return self._weight() if self.lora_enabled else kernel

    def _weight(self) -> Any:
        """The tensor that the layer computes with."""
        layer: Any = self
        value = layer._kernel.value
        if not layer.lora_enabled:
            return value
        product = ops.matmul(layer.lora_kernel_a.value, layer.lora_kernel_b.value)
        scale = layer.lora_alpha / layer.lora_rank
        return ops.add(value, product if scale == 1 else ops.multiply(product, scale))

    def enable_lora(
        self, rank: int, lora_alpha: Any = None, a_initializer: Any = "he_uniform", b_initializer: Any = "zeros"
    ) -> None:
        """Freezes the kernel and adds the weights `lora_kernel_a` and `lora_kernel_b`, which are trained instead.

        Args:
            rank: the inner size of the product, positive.
            lora_alpha: numerator of the product's factor lora_alpha / rank; None is rank.
            a_initializer, b_initializer: of the two weights; zeros in one of them keep the function.

        Raises ValueError: the layer is not built, has a kernel_constraint, or this was done before.
        """
        layer: Any = self
        if layer.kernel_constraint is not None:
            raise ValueError(f"Layer {self.name!r}: lora does not go together with a kernel_constraint.")
        if not layer.built and not layer._building:
            raise ValueError(f"Layer {self.name!r} is not built yet, so lora cannot be enabled: build it first.")
        if layer.lora_enabled:
            raise ValueError(f"Layer {self.name!r}: lora is enabled already; this can be done once.")
        self._keep_lora(rank, lora_alpha)
        shape = tuple(layer._kernel.shape)
        building, layer._building = layer._building, True
        try:
            with nullcontext() if building else name_scope(layer.path):
                layer.lora_kernel_a = layer.add_weight((*shape[:-1], rank), a_initializer, name="lora_kernel_a")
                layer.lora_kernel_b = layer.add_weight((rank, shape[-1]), b_initializer, name="lora_kernel_b")
        finally:
            layer._building = building
        layer._kernel.trainable = False
        self.lora_enabled = True

    def _lora_config(self) -> dict[str, Any]:
        return {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha} if self.lora_rank else {}
