"""The base class of image preprocessing layers: what they take, and how it reaches their methods."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from triceras import ops, random
from triceras.layers.layer import Layer
from triceras.seeds import SeedGenerator
from triceras_backends.config import standardize_data_format

Pair = tuple[float, float]


class BaseImagePreprocessingLayer(Layer):
    """A layer of images: one (height, width, channels), or a batch (batch, height, width, channels).

    With `data_format="channels_first"` the channels come before the height. Instead of images alone,
    a dict may be given, of which the same structure is returned: "images", and any of "labels",
    "bounding_boxes" (a dict of "boxes", (batch, boxes, 4) in `bounding_box_format`, and "labels",
    (batch, boxes), of which -1 marks rows without a box) and "segmentation_masks".

    A call draws one transformation, which is then applied to all that was given. Subclasses define
    `get_random_transformation`, which returns any structure that describes it (or None where it does
    nothing), and `transform_images`, `transform_labels`, `transform_bounding_boxes` and
    `transform_segmentation_masks`, all of which are given batches. What is computed there is computed
    by `keras.ops` and `keras.random`, with `self.generator` for a seed, and so runs compiled too.

    Args:
        factor: a number or a pair of numbers, the range that a layer draws from: `x` stands for
            (-|x|, |x|), cut off by the layer's bounds. Only for layers with one such range.
        bounding_box_format: of bounding boxes, see `keras.utils.bounding_boxes`.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.

    Raises ValueError: a `factor` outside the bounds, images of another rank, bounding boxes where no
    `bounding_box_format` was given.

    Example:

    >>> from triceras.layers.image_preprocessing.base import BaseImagePreprocessingLayer
    >>> class Darken(BaseImagePreprocessingLayer):
    ...     def get_random_transformation(self, data, training=True, seed=None):
    ...         return keras.random.uniform((), 0.5, 1.0) if training else None
    ...     def transform_images(self, images, transformation, training=True):
    ...         return images if transformation is None else transformation * images
    >>> images = np.full((2, 4, 5, 3), 200.0)
    >>> bool(keras.ops.max(Darken()(images)) < 200)
    True
    >>> keras.ops.convert_to_numpy(Darken()({"images": images, "labels": np.array([3, 4])})["labels"]).tolist()
    [3, 4]
    """

    # Whether the constructor takes `factor`, and between which numbers it must be.
    USES_FACTOR = True
    FACTOR_BOUNDS: Pair = (-1, 1)

    def __init__(
        self, factor: Any = None, bounding_box_format: str | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format
        self.data_format = standardize_data_format(data_format)
        first = self.data_format == "channels_first"
        self.height_axis, self.width_axis, self.channel_axis = (-2, -1, -3) if first else (-3, -2, -1)
        if self.USES_FACTOR:
            self.factor = self.range_of("factor", 0.0 if factor is None else factor)
        elif factor is not None:
            raise ValueError(f"Layer {self.name!r} does not take a `factor`; got: factor={factor!r}")

    def set_seed(self, seed: int | None) -> None:
        """Sets `seed` and the SeedGenerator `generator` that the layer draws from."""
        self.seed = seed
        self.generator = SeedGenerator(seed)

    # -- checks of arguments ------------------------------------------------------------------

    def range_of(self, name: str, value: Any, bounds: Pair | None = None) -> Pair:
        """The range (lower, upper) that an argument gives: a pair in any order, or `x` for (-|x|, |x|) within bounds.

        `bounds` is FACTOR_BOUNDS by default. Raises ValueError: outside the bounds, or neither one number nor two.
        """
        low, high = self.FACTOR_BOUNDS if bounds is None else bounds
        pair = pair_of(value)
        if pair is not None:
            pair = (min(pair), max(pair))
        elif is_number(value) and low <= value <= high:
            pair = (max(low, -abs(value)), abs(value))
        if pair is None or not low <= pair[0] <= pair[1] <= high:
            raise ValueError(
                f"Layer {self.name!r}: {name} must be a number or a pair of numbers between {low} and {high}; "
                f"got: {name}={value!r}"
            )
        return pair

    def value_range_of(self, value: Any) -> Pair:
        """The pair (lower, upper) of a `value_range`, that of the images' values. Raises ValueError: it is not such."""
        pair = pair_of(value)
        if pair is None or not pair[0] < pair[1]:
            raise ValueError(
                f"Layer {self.name!r}: value_range must be two numbers, lower and upper; got: value_range={value!r}"
            )
        return pair

    def choice_of(self, name: str, value: Any, allowed: Sequence[str], error: type[Exception] = ValueError) -> str:
        """An argument that is one of several words. Raises `error`: it is not."""
        if value not in allowed:
            raise error(
                f"Layer {self.name!r}: {name} must be one of {', '.join(map(repr, allowed))}; got: {name}={value!r}"
            )
        return value

    def draw(self, shape: Any, low: Any, high: Any, seed: Any = None) -> Any:
        """float32 numbers spread evenly over [low, high), which may be arrays that broadcast; `seed` as in
        `get_random_transformation`."""
        return random.uniform(shape, low, high, dtype="float32", seed=self.generator if seed is None else seed)

    # -- shapes -------------------------------------------------------------------------------

    def image_shape(self, data: Any) -> tuple[Any, ...]:
        """The shape of the images in what the layer was given."""
        return tuple(ops.shape(data["images"] if isinstance(data, Mapping) else data))

    def image_sizes(self, data: Any) -> tuple[Any, Any, Any]:
        """(batch, height, width) of the images in what the layer was given, the batch 1 for an image alone."""
        shape = self.image_shape(data)
        return shape[0] if len(shape) == 4 else 1, shape[self.height_axis], shape[self.width_axis]

    def sizes_known(self, data: Any) -> tuple[int, int]:
        """(height, width) of the images. Raises ValueError: they are unknown in a compiled function."""
        _, height, width = self.image_sizes(data)
        if not (isinstance(height, int) and isinstance(width, int)):
            raise ValueError(
                f"Layer {self.name!r} needs images whose height and width are known when a function is compiled; "
                "resize or crop them before."
            )
        return height, width

    def is_batched(self, images: Any) -> bool:
        """Whether images are a batch. Raises ValueError: neither one image nor a batch, by their rank."""
        shape = ops.shape(images)
        if len(shape) not in (3, 4):
            raise ValueError(
                f"Layer {self.name!r} takes an image of rank 3 or a batch of them, of rank 4; "
                f"got images of shape {tuple(shape)}."
            )
        return len(shape) == 4

    # -- what subclasses define ---------------------------------------------------------------

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What to do to `data`, the argument of `call`, as any structure; drawn by `seed`, None for the layer's."""
        return None

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        """The images of a batch, transformed."""
        raise self._undefined("transform_images")

    def transform_labels(self, labels: Any, transformation: Any, training: bool = True) -> Any:
        """The labels of a batch: the same, unless a subclass says otherwise."""
        return labels

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """The dict of bounding boxes of a batch, transformed; in `bounding_box_format` both."""
        raise self._undefined("transform_bounding_boxes")

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        """The segmentation masks of a batch, transformed."""
        raise self._undefined("transform_segmentation_masks")

    def _undefined(self, method: str) -> NotImplementedError:
        return NotImplementedError(f"Layer {self.name!r}: {type(self).__name__} defines no {method}().")

    # -- one image, without a batch -----------------------------------------------------------

    def transform_single_image(self, image: Any, transformation: Any, training: bool = True) -> Any:
        """One image, as a batch of one."""
        return _alone(self.transform_images, image, transformation, training)

    def transform_single_label(self, label: Any, transformation: Any, training: bool = True) -> Any:
        """One label, as a batch of one."""
        return _alone(self.transform_labels, label, transformation, training)

    def transform_single_bounding_box(self, bounding_box: Any, transformation: Any, training: bool = True) -> Any:
        """The bounding boxes of one image, as a batch of one."""
        batch = {key: ops.expand_dims(value, 0) for key, value in bounding_box.items()}
        result = self.transform_bounding_boxes(batch, transformation, training=training)
        return {key: ops.squeeze(value, 0) for key, value in result.items()}

    def transform_single_segmentation_mask(
        self, segmentation_mask: Any, transformation: Any, training: bool = True
    ) -> Any:
        """One segmentation mask, as a batch of one."""
        return _alone(self.transform_segmentation_masks, segmentation_mask, transformation, training)

    # -- calls --------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Makes no weights; the shape is noted for `get_build_config`."""
        super().build(input_shape)

    def call(self, data: Any, training: bool = True) -> Any:
        parts = dict(data) if isinstance(data, Mapping) else {"images": data}
        if "images" not in parts:
            raise ValueError(f'Layer {self.name!r} takes images, or a dict with "images"; got the keys {list(parts)}.')
        if parts.get("bounding_boxes") is not None and not self.bounding_box_format:
            raise ValueError(
                f"Layer {self.name!r} got bounding boxes, but does not know their format: give it the argument "
                "`bounding_box_format`, such as bounding_box_format='xyxy'."
            )
        methods = self._methods(self.is_batched(parts["images"]))
        transformation = self.get_random_transformation(data, training=training)
        for key, method in methods.items():
            if parts.get(key) is not None:
                parts[key] = method(_tensors(parts[key]), transformation, training=training)
        return parts if isinstance(data, Mapping) else parts["images"]

    def _methods(self, batched: bool) -> dict[str, Callable[..., Any]]:
        """What transforms each part of a dict."""
        return {
            "images": self.transform_images if batched else self.transform_single_image,
            "bounding_boxes": self.transform_bounding_boxes if batched else self.transform_single_bounding_box,
            "labels": self.transform_labels if batched else self.transform_single_label,
            "segmentation_masks": (
                self.transform_segmentation_masks if batched else self.transform_single_segmentation_mask
            ),
        }

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config


def is_number(value: Any) -> bool:
    """Whether a value is a real number, and no bool."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def pair_of(value: Any) -> Pair | None:
    """Two numbers in a list or tuple, as they are; None for anything else."""
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(map(is_number, value)):
        return (value[0], value[1])
    return None


def _alone(method: Callable[..., Any], x: Any, transformation: Any, training: bool) -> Any:
    return ops.squeeze(method(ops.expand_dims(x, 0), transformation, training=training), 0)


def _tensors(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {key: ops.convert_to_tensor(value) for key, value in part.items()}
    return ops.convert_to_tensor(part)
