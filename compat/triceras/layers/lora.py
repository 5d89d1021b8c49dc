"""Low-rank adaptation: a frozen weight plus a difference of low rank that is trained."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.layers.layer import Layer
from triceras.utils.plain import serialize


class AdaptedWeight:
    """The attribute of a weight that can be adapted. Until then the Variable, set on the instance, hides it;
    afterwards reading it gives the sum of the frozen weight and the difference, a tensor."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type) -> Any:
        if layer is None:
            return self
        frozen = vars(layer).get(f"_{self.name}")
        if frozen is None:
            raise AttributeError(f"{owner.__name__} has no {self.name!r} before it is built.")
        return ops.add(frozen.value, layer._low_rank_difference())


class Adaptable(Layer):
    """A layer whose main weight `ADAPTED` can be frozen and adapted: W + (lora_alpha / lora_rank) A B.

    A has the shape of W but for the last size, which is the rank, and B is (rank, last size of W).
    Hu et al., arXiv:2106.09685.
    """

    ADAPTED: str

    def __init__(self, lora_rank: Any, lora_alpha: Any, quantization_config: Any, kwargs: dict[str, Any]) -> None:
        super().__init__(**kwargs)
        if lora_rank is not None:
            self._check_rank(lora_rank)
        self.lora_rank = lora_rank
        self.lora_alpha = lora_rank if lora_alpha is None else lora_alpha
        self.lora_enabled = False
        # Kept for the configuration; quantizing is a matter of its own.
        self.quantization_config = quantization_config

    def _check_rank(self, rank: Any) -> None:
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
            raise ValueError(f"Layer {self.name!r}: the rank of an adaptation must be a positive integer; got: {rank!r}")

    def enable_lora(
        self, rank: int, lora_alpha: Any = None, a_initializer: Any = "he_uniform", b_initializer: Any = "zeros"
    ) -> None:
        """Freezes the main weight W and adds the trained weights A and B, so that the layer computes with
        W + (lora_alpha / rank) A B. They are the attributes `lora_kernel_a` and `lora_kernel_b`
        (`lora_embeddings_a`, `lora_embeddings_b` of an embedding).

        Args:
            rank: a positive int.
            lora_alpha: None is `rank`, which makes the factor 1.
            a_initializer, b_initializer: of A and B. B begins with zeros, so the layer begins as it was.

        Raises ValueError: the layer is not built, adapted already, or W has a constraint.
        """
        name = self.ADAPTED
        self._check_rank(rank)
        if not (self.built or self._building):
            raise ValueError(f"Layer {self.name!r} must be built before enable_lora(): it has no {name} yet.")
        if self.lora_enabled:
            raise ValueError(f"Layer {self.name!r} is adapted already; enable_lora() can be called once.")
        if getattr(self, f"{name}_constraint") is not None:
            raise ValueError(
                f"Layer {self.name!r} has {name}_constraint, which an adapted {name} cannot keep: leave it out to use LoRA."
            )
        weight = getattr(self, name)
        *lead, last = weight.shape
        regularizer = getattr(self, f"{name}_regularizer")
        built, self.built = self.built, False
        try:
            a = self.add_weight((*lead, rank), a_initializer, regularizer=regularizer, name=f"lora_{name}_a")
            b = self.add_weight((rank, last), b_initializer, regularizer=regularizer, name=f"lora_{name}_b")
        finally:
            self.built = built
        weight.trainable = False
        vars(self).pop(name)
        setattr(self, f"_{name}", weight)
        setattr(self, f"lora_{name}_a", a)
        setattr(self, f"lora_{name}_b", b)
        self.lora_enabled, self.lora_rank = True, rank
        self.lora_alpha = rank if lora_alpha is None else lora_alpha

    def _adapt_as_asked(self) -> None:
        """At the end of build(): adapts if the constructor was given a rank."""
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def _low_rank(self) -> tuple[Any, Any]:
        """A and B as tensors."""
        return getattr(self, f"lora_{self.ADAPTED}_a").value, getattr(self, f"lora_{self.ADAPTED}_b").value

    def _times_alpha(self, difference: Any) -> Any:
        factor = self.lora_alpha / self.lora_rank
        return difference if factor == 1 else ops.multiply(difference, factor)

    def _low_rank_difference(self) -> Any:
        return self._times_alpha(ops.matmul(*self._low_rank()))

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "quantization_config": serialize(self.quantization_config)}
        if self.lora_rank is None:
            return config
        return config | {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}
