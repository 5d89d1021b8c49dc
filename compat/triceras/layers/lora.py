"""Low-rank adaptation of a weight: it is frozen, and the product of two small ones is trained."""

from __future__ import annotations

from typing import Any

from triceras import initializers, ops


class AdaptedWeight:
    """The attribute of a weight that can be adapted. Until then the Variable, set on the instance, hides it;
    afterwards reading it gives what the layer computes with, a tensor."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type) -> Any:
        if layer is None:
            return self
        frozen = vars(layer).get(f"_{self.name}")
        if frozen is None:
            raise AttributeError(f"{owner.__name__} has no `{self.name}` before it is built.")
        return ops.add(frozen.value, layer._times_alpha(ops.matmul(*layer._low_rank())))


class LowRankUpdate:
    """For layers whose weight of the name ADAPTED, an AdaptedWeight of the class, can be frozen and adapted.

    After `enable_lora(rank)` the layer computes with weight + (lora_alpha / rank) * a @ b, where a is
    (*weight's shape but the last, rank) and b (rank, weight's last size). Hu et al., arXiv:2106.09685.
    """

    ADAPTED = "kernel"
    name: str
    lora_rank: int | None
    lora_alpha: float | None
    lora_enabled = False

    def _keep_lora(self, rank: Any, alpha: Any) -> None:
        """Keeps the constructor's arguments. Raises ValueError: a rank that is no positive int."""
        if rank is not None:
            self._check_rank(rank)
        self.lora_rank, self.lora_enabled = rank, False
        self.lora_alpha = rank if alpha is None else alpha

    def _check_rank(self, rank: Any) -> None:
        if isinstance(rank, bool) or not isinstance(rank, int) or rank <= 0:
            raise ValueError(f"Layer {self.name!r}: lora_rank must be a positive integer or None; got: {rank!r}")

    def enable_lora(
        self, rank: int, lora_alpha: Any = None, a_initializer: Any = "he_uniform", b_initializer: Any = "zeros"
    ) -> None:
        """Freezes the weight and adds two, which are trained instead: `lora_kernel_a` and `lora_kernel_b`
        (of an embedding `lora_embeddings_a` and `lora_embeddings_b`).

        Args:
            rank: the inner size of their product, positive.
            lora_alpha: numerator of the product's factor lora_alpha / rank; None is rank.
            a_initializer, b_initializer: of the two weights; zeros in one of them keep the function.

        Raises ValueError: the layer is not built, its weight has a constraint, or this was done before.
        """
        layer: Any = self
        name = self.ADAPTED
        self._check_rank(rank)
        if not layer.built and not layer._building:
            raise ValueError(f"Layer {self.name!r} is not built yet, so lora cannot be enabled: build it first.")
        if self.lora_enabled:
            raise ValueError(f"Layer {self.name!r}: lora is enabled already; this can be done once.")
        if getattr(layer, f"{name}_constraint") is not None:
            raise ValueError(f"Layer {self.name!r}: lora does not go together with {name}_constraint.")
        a, b = self._small_weights(rank, a_initializer, b_initializer)
        weight = vars(layer).pop(name)
        weight.trainable = False
        setattr(layer, f"_{name}", weight)
        setattr(layer, f"lora_{name}_a", a)
        setattr(layer, f"lora_{name}_b", b)
        self.lora_enabled, self.lora_rank = True, rank
        self.lora_alpha = rank if lora_alpha is None else lora_alpha

    def _small_weights(self, rank: int, a_initializer: Any, b_initializer: Any) -> tuple[Any, Any]:
        layer: Any = self
        name = self.ADAPTED
        *lead, last = getattr(layer, name).shape
        regularizer = getattr(layer, f"{name}_regularizer")
        a_initializer, b_initializer = initializers.get(a_initializer), initializers.get(b_initializer)
        built, layer.built = layer.built, False  # so that weights may be added
        try:
            a = layer.add_weight((*lead, rank), a_initializer, regularizer=regularizer, name=f"lora_{name}_a")
            b = layer.add_weight((rank, last), b_initializer, regularizer=regularizer, name=f"lora_{name}_b")
        finally:
            layer.built = built
        return a, b

    def _adapt_as_asked(self) -> None:
        """At the end of build(): adapts if the constructor was given a rank."""
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def _low_rank(self) -> tuple[Any, Any]:
        """The two small weights as tensors."""
        return getattr(self, f"lora_{self.ADAPTED}_a").value, getattr(self, f"lora_{self.ADAPTED}_b").value

    def _times_alpha(self, product: Any) -> Any:
        layer: Any = self
        scale = layer.lora_alpha / layer.lora_rank
        return product if scale == 1 else ops.multiply(product, scale)

    def _lora_config(self) -> dict[str, Any]:
        return {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha} if self.lora_rank else {}
