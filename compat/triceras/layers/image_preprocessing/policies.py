"""Augmentation by several layers, drawn at random: RandAugment and AugMix."""

from __future__ import annotations

import numbers
from typing import Any

from triceras import ops, random
from triceras.layers.image_preprocessing.affine import RandomRotation, RandomShear, RandomTranslation
from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer, is_number
from triceras.layers.image_preprocessing.blur import RandomSharpness
from triceras.layers.image_preprocessing.brightness import (
    AutoContrast,
    RandomBrightness,
    RandomContrast,
    RandomPosterization,
    Solarization,
)
from triceras.layers.image_preprocessing.color import RandomColorDegeneration
from triceras.layers.image_preprocessing.equalization import Equalization
from triceras.layers.image_preprocessing.pixels import PixelLayer
from triceras.seeds import SeedGenerator
from triceras_backends.active import backend as B

INTERPOLATIONS = ("nearest", "bilinear")


class _Policy(PixelLayer):
    """A layer of several others, each of which it holds by its name. All draw by this layer's generator."""

    def _make_layers(self, names: tuple[str, ...]) -> None:
        self.layer_names = names
        for name in names:
            setattr(self, name, self._layer(name))

    def _layer(self, name: str) -> BaseImagePreprocessingLayer:
        factor, shared = self.factor, {"data_format": self.data_format, "dtype": self.float_dtype}
        placed = {"interpolation": self.interpolation, "fill_mode": "reflect", "seed": self.seed, **shared}
        valued = {"value_range": self.value_range, **shared}
        bits = tuple(max(int(share * 8), 1) for share in factor)
        makers: dict[str, Any] = {
            "random_shear": lambda: RandomShear(factor, factor, **placed),
            "random_translation": lambda: RandomTranslation(factor, factor, **placed),
            "random_rotation": lambda: RandomRotation(factor, **placed),
            "random_brightness": lambda: RandomBrightness(factor, seed=self.seed, **valued),
            "random_color_degeneration": lambda: RandomColorDegeneration(factor, seed=self.seed, **valued),
            "random_contrast": lambda: RandomContrast(factor, seed=self.seed, **valued),
            "random_sharpness": lambda: RandomSharpness(factor, seed=self.seed, **valued),
            "random_posterization": lambda: RandomPosterization(bits, seed=self.seed, **valued),
            "solarization": lambda: Solarization(factor, factor, seed=self.seed, **valued),
            "auto_contrast": lambda: AutoContrast(**valued),
            "equalization": lambda: Equalization(**valued),
        }
        return makers[name]()

    def positive_of(self, name: str, value: Any) -> int:
        """An argument that is a positive integer. Raises ValueError: it is not."""
        if not isinstance(value, numbers.Integral) or value < 1:
            raise ValueError(f"Layer {self.name!r}: {name} must be a positive integer; got: {name}={value!r}")
        return int(value)

    def apply(self, name: str, images: Any, transformation: Any) -> Any:
        """The images transformed by one of the layers."""
        return getattr(self, name).transform_images(images, transformation, training=True)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "factor": self.factor,
            "interpolation": self.interpolation,
            "seed": self.seed,
        }


class RandAugment(_Policy):
    """In training, transforms images by `num_ops` layers, one after another, drawn with replacement for a batch.

    Drawn from RandomShear, RandomTranslation, RandomRotation, RandomBrightness, RandomColorDegeneration,
    RandomContrast, RandomSharpness, RandomPosterization, Solarization, AutoContrast and Equalization. What each does
    to an image is drawn for the image, by `factor`. Only images are changed: not labels, bounding boxes or masks.

    Args:
        value_range: the range of the images' values, (low, high).
        num_ops: how many layers transform an image.
        factor: the range of their factors, (lower, upper) between 0 and 1; a number x is (0, x).
        interpolation: of what moves pixels, "nearest" or "bilinear".
        seed: an integer, for the same draws each time.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels) with 3 channels or 1, or without the batch.

    Raises ValueError: arguments outside their bounds, images of another rank or number of channels.
    Raises NotImplementedError: another interpolation.

    Reference: Cubuk et al., RandAugment, arXiv:1909.13719.

    Example:

    >>> layer = keras.layers.RandAugment(num_ops=2, factor=0.3, seed=1)
    >>> keras.ops.shape(layer(np.full((2, 8, 8, 3), 100.0), training=True))
    (2, 8, 8, 3)
    """

    NAMES = (
        "random_shear",
        "random_translation",
        "random_rotation",
        "random_brightness",
        "random_color_degeneration",
        "random_contrast",
        "random_sharpness",
        "random_posterization",
        "solarization",
        "auto_contrast",
        "equalization",
    )

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.value_range = tuple(self.value_range_of(value_range))
        self.num_ops = self.positive_of("num_ops", num_ops)
        self.interpolation = self.choice_of("interpolation", interpolation, INTERPOLATIONS, NotImplementedError)
        self.set_seed(seed)
        self._make_layers(self.NAMES)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self.source_of(seed)
        transforms = {
            name: getattr(self, name).get_random_transformation(data, training=True, seed=source)
            for name in self.layer_names
        }
        indices = random.randint((self.num_ops,), 0, len(self.layer_names), seed=source)
        return {"transforms": transforms, "layer_idxes": indices}

    def change_images(self, images: Any, transformation: Any) -> Any:
        transforms, indices = transformation["transforms"], transformation["layer_idxes"]
        branches = [_branch(self, name, transforms[name]) for name in self.layer_names]
        for step in range(self.num_ops):
            images = ops.switch(indices[step], branches, images)
        return images

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_ops": self.num_ops}


class AugMix(_Policy):
    """In training, mixes images with what several chains of layers, drawn for a batch, make of them.

    y = s * x + (1 - s) * (w1 * chain1(x) + w2 * chain2(x) + ...), where the weights w are drawn from the Dirichlet
    distribution of parameter `alpha` and s from the Beta distribution (alpha, alpha), once for a batch. A chain is
    `chain_depth` layers one after another, drawn from none, RandomShear, RandomTranslation, RandomRotation,
    RandomPosterization, Solarization, AutoContrast and Equalization, and with `all_ops` also RandomBrightness,
    RandomColorDegeneration, RandomContrast and RandomSharpness. What each does to an image is drawn for the image,
    by `factor`. Only images are changed: not labels, bounding boxes or masks.

    Args:
        value_range: the range of the images' values, (low, high).
        num_chains: how many chains there are.
        chain_depth: how many layers a chain has at most.
        factor: the range of their factors, (lower, upper) between 0 and 1; a number x is (0, x).
        alpha: the parameter of the distributions, positive.
        all_ops: whether layers that change brightness, contrast, colours and sharpness are among them, which
            overlap with the corruptions of the usual benchmarks.
        interpolation: of what moves pixels, "nearest" or "bilinear".
        seed: an integer, for the same draws each time.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels) with 3 channels or 1, or without the batch.

    Raises ValueError: arguments outside their bounds, images of another rank or number of channels.
    Raises NotImplementedError: another interpolation.

    Reference: Hendrycks et al., AugMix, arXiv:1912.02781.

    Example:

    >>> layer = keras.layers.AugMix(num_chains=2, chain_depth=2, seed=1)
    >>> keras.ops.shape(layer(np.full((2, 8, 8, 3), 100.0), training=True))
    (2, 8, 8, 3)
    """

    NAMES = (
        "random_shear",
        "random_translation",
        "random_rotation",
        "random_posterization",
        "solarization",
        "auto_contrast",
        "equalization",
    )
    FURTHER_NAMES = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.value_range = tuple(self.value_range_of(value_range))
        self.num_chains = self.positive_of("num_chains", num_chains)
        self.chain_depth = self.positive_of("chain_depth", chain_depth)
        if not is_number(alpha) or alpha <= 0:
            raise ValueError(f"Layer {self.name!r}: alpha must be a positive number; got: alpha={alpha!r}")
        self.alpha = alpha
        self.all_ops = all_ops
        self.interpolation = self.choice_of("interpolation", interpolation, INTERPOLATIONS, NotImplementedError)
        self.set_seed(seed)
        self._make_layers(self.NAMES + self.FURTHER_NAMES if all_ops else self.NAMES)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The weights, and for each place of each chain a layer's index and the seed of what it will draw."""
        if not training:
            return None
        source, alpha = self.source_of(seed), float(self.alpha)
        parts = random.gamma((self.num_chains,), alpha, dtype="float32", seed=source)
        shape = (self.num_chains, self.chain_depth)
        return {
            "chain_mixing_weights": ops.divide(parts, ops.sum(parts)),
            "weight_sample": random.beta((), alpha, alpha, dtype="float32", seed=source),
            "chain_transforms": {
                "layer_idxes": random.randint(shape, 0, len(self.layer_names) + 1, seed=source),
                "seeds": random.randint((*shape, 2), -(2**31), 2**31 - 1, seed=source),
            },
        }

    def change_images(self, images: Any, transformation: Any) -> Any:
        steps = transformation["chain_transforms"]
        branches = [*(_drawing_branch(self, name) for name in self.layer_names), lambda images, seed: images]

        def step(chained: Any, chain: int, depth: int) -> Any:
            return ops.switch(steps["layer_idxes"][chain, depth], branches, chained, steps["seeds"][chain, depth])

        return self.mix(images, transformation, step)

    def mix(self, images: Any, transformation: Any, step: Any) -> Any:
        """The images mixed with those of all chains, by the weights of `transformation`.

        `step(images, chain, depth)` is what the layer at that place of a chain makes of images.
        """
        weights = ops.cast(transformation["chain_mixing_weights"], ops.dtype(images))
        mixture = ops.zeros_like(images)
        for chain in range(self.num_chains):
            chained = images
            for depth in range(self.chain_depth):
                chained = step(chained, chain, depth)
            mixture = ops.add(mixture, ops.multiply(weights[chain], chained))
        share = ops.cast(transformation["weight_sample"], ops.dtype(images))
        return ops.add(ops.multiply(share, images), ops.multiply(ops.subtract(1.0, share), mixture))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_chains": self.num_chains,
            "chain_depth": self.chain_depth,
            "alpha": self.alpha,
            "all_ops": self.all_ops,
        }


class _Seeds(SeedGenerator):
    """A SeedGenerator without state that outlives it, from a seed in a tensor: for draws in one branch of a switch."""

    def __init__(self, seed: Any) -> None:
        self._next = seed

    def next(self, ordered: bool = True) -> Any:
        seed = self._next
        self._next = B.random_next_seed(seed)
        return seed


def _branch(policy: _Policy, name: str, transformation: Any) -> Any:
    return lambda images: policy.apply(name, images, transformation)


def _drawing_branch(policy: _Policy, name: str) -> Any:
    def branch(images: Any, seed: Any) -> Any:
        layer = getattr(policy, name)
        return policy.apply(name, images, layer.get_random_transformation(images, training=True, seed=_Seeds(seed)))

    return branch
