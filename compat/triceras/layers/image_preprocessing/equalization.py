"""Histograms: Equalization and ContrastLimitedAdaptiveHistogramEqualization."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.image_preprocessing.base import is_number
from triceras.layers.image_preprocessing.pixels import PixelLayer

LEVELS = 256


class Equalization(PixelLayer):
    """In training, spreads the values of each channel so that all are about equally frequent.

    A value of bin b becomes round((c(b) - c0) / (n - c0) * 255), where c(b) of the n values lie in bin b or below it
    and c0 in the lowest bin that has any. The values of all images of a batch are counted together; those of one bin
    stay as they are.

    Args:
        value_range: the range of the images' values, (low, high), which stands for 0 to 255.
        bins: how many bins the values are counted in, a positive integer.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch.

    Raises ValueError: `bins` is not a positive integer, a `value_range` that is not two ascending numbers,
    images of another rank.

    Example:

    >>> image = np.array([10.0, 11.0, 12.0, 200.0], dtype="float32").reshape((1, 4, 1))
    >>> keras.ops.convert_to_numpy(keras.layers.Equalization()(image, training=True)).ravel().tolist()
    [0.0, 85.0, 170.0, 255.0]
    """

    USES_FACTOR = False

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if not isinstance(bins, numbers.Integral) or bins < 1:
            raise ValueError(f"Layer {self.name!r}: bins must be a positive integer; got: bins={bins!r}")
        self.bins: int = int(bins)
        self.value_range: list[float] = list(self.value_range_of(value_range))

    def change_images(self, images: Any, transformation: Any) -> Any:
        levels = ops.clip(self.to_range(images, 0, 255), 0, 255)
        places = ops.cast(ops.multiply(levels, (self.bins - 1) / 255), "int32")
        places = ops.add(places, self._channels(images) * self.bins)  # a row of bins for each channel
        channels = ops.shape(images)[self.channel_axis]
        counts = ops.reshape(_counts(places, channels * self.bins), (channels, self.bins))
        table = self._table(counts)
        equal = ops.take(ops.reshape(table, (-1,)), places)
        return ops.where(self._is_flat(counts), images, self.from_range(ops.cast(equal, ops.dtype(images)), 0, 255))

    def _channels(self, images: Any) -> Any:
        """The number of each channel, to be broadcast with the images."""
        shape = [1, 1, 1]
        shape[self.channel_axis] = -1
        return np.arange(ops.shape(images)[self.channel_axis], dtype=np.int32).reshape(shape)

    def _table(self, counts: Any) -> Any:
        """What the values of each bin become, (channels, bins)."""
        total = ops.sum(counts, axis=-1, keepdims=True)
        below = ops.cumsum(counts, axis=-1)
        lowest = ops.min(ops.where(ops.greater(below, 0), below, total), axis=-1, keepdims=True)
        width = ops.maximum(ops.subtract(total, lowest), 1)
        return ops.clip(ops.round(ops.multiply(ops.divide(ops.subtract(below, lowest), width), 255)), 0, 255)

    def _is_flat(self, counts: Any) -> Any:
        """Whether all values of a channel lie in one bin, to be broadcast with the images."""
        shape = [1, 1, 1]
        shape[self.channel_axis] = -1
        return ops.reshape(ops.equal(ops.max(counts, axis=-1), ops.sum(counts, axis=-1)), shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bins": self.bins, "value_range": self.value_range}


class ContrastLimitedAdaptiveHistogramEqualization(PixelLayer):
    """Spreads the values of each channel so that all are about equally frequent in the neighbourhood of a pixel.

    In training and in inference. An image is cut into tiles; in each, the values (0 to 255) are counted, what
    exceeds a limit is shared out evenly among all 256 values, and value v becomes (c(v) - c(0)) / (n - c(0)) * 255,
    where c(v) of the n values are v or below. A pixel takes the mean of what the four tiles around it give,
    weighted by their distance. Images whose sizes are no multiple of the grid's are continued by their mirror
    image meanwhile. Images of integers keep their dtype.

    Args:
        value_range: the range of the images' values, (low, high), which stands for 0 to 255.
        clip_limit: the limit, as a multiple of the mean count n / 256 (rounded down to whole counts): less allows less
            contrast. 0 stands for none.
        tile_grid_size: how many tiles there are down and across, two positive integers.
        data_format: "channels_last" or "channels_first"; None is `keras.config.image_data_format()`.
        **kwargs: `name`, `dtype`, ...

    Input and output shape: (batch, height, width, channels), or without the batch; the sizes must be known.

    Raises ValueError: `clip_limit` is no number, `tile_grid_size` not two positive integers, `value_range` not two
    ascending numbers; images of another rank.

    Reference: Zuiderveld, Contrast Limited Adaptive Histogram Equalization, Graphics Gems IV, 1994.

    Example:

    >>> layer = keras.layers.ContrastLimitedAdaptiveHistogramEqualization(clip_limit=0, tile_grid_size=(1, 1))
    >>> image = np.array([0.0, 11.0, 12.0, 200.0], dtype="float32").reshape((1, 4, 1))
    >>> [round(float(x)) for x in keras.ops.convert_to_numpy(layer(image)).ravel()]
    [0, 85, 170, 255]
    """

    USES_FACTOR = False
    IN_INFERENCE = True
    KEEPS_INTEGERS = True

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if not is_number(clip_limit):
            raise ValueError(f"Layer {self.name!r}: clip_limit must be a number; got: clip_limit={clip_limit!r}")
        sizes = tile_grid_size if isinstance(tile_grid_size, (list, tuple)) else ()
        if len(sizes) != 2 or not all(isinstance(size, int) and size > 0 for size in sizes):
            raise ValueError(
                f"Layer {self.name!r}: tile_grid_size must be two positive integers; "
                f"got: tile_grid_size={tile_grid_size!r}"
            )
        self.value_range = tuple(self.value_range_of(value_range))
        self.clip_limit = clip_limit
        self.tile_grid_size = tuple(sizes)

    def change_images(self, images: Any, transformation: Any) -> Any:
        first = self.data_format == "channels_first"
        levels = ops.cast(ops.clip(self.to_range(images, 0, 255), 0, 255), "int32")
        levels = ops.moveaxis(levels, 1, -1) if first else levels
        result = self.from_range(ops.cast(self._equalize(levels, *self.sizes_known(images)), ops.dtype(images)), 0, 255)
        return ops.moveaxis(result, -1, 1) if first else result

    def _equalize(self, levels: Any, height: int, width: int) -> Any:
        """Whole numbers from 0 to 255 of shape (batch, height, width, channels), spread: floats."""
        channels = ops.shape(levels)[-1]
        down, across = self.tile_grid_size
        tile_height, tile_width = -(-height // down), -(-width // across)
        padding = ((0, 0), (0, tile_height * down - height), (0, tile_width * across - width), (0, 0))
        padded = ops.pad(levels, padding, mode="symmetric")
        tiles = ops.reshape(padded, (-1, down, tile_height, across, tile_width, channels))
        tiles = ops.reshape(ops.transpose(tiles, (0, 1, 3, 5, 2, 4)), (-1, tile_height * tile_width))
        tables = ops.reshape(self._tables(tiles), (-1,))
        rows, columns = _neighbours(height, tile_height, down), _neighbours(width, tile_width, across)
        return _interpolate(tables, levels, self.tile_grid_size, rows, columns)

    def _tables(self, tiles: Any) -> Any:
        """What each value becomes in each tile, (tiles, 256)."""
        count, pixels = ops.shape(tiles)
        rows = ops.expand_dims(ops.arange(count, dtype="int32") * LEVELS, 1)
        counts = ops.reshape(_counts(ops.add(tiles, rows), count * LEVELS), (count, LEVELS))
        limit = int(self.clip_limit * pixels / LEVELS)
        if self.clip_limit > 0:
            kept = ops.minimum(counts, limit)
            excess = ops.sum(ops.subtract(counts, kept), axis=-1, keepdims=True)
            counts = ops.add(kept, ops.divide(excess, LEVELS))
        below = ops.cumsum(counts, axis=-1)
        lowest = below[:, :1]
        width = ops.subtract(float(pixels), lowest)
        width = ops.where(ops.greater(width, 0), width, ops.ones_like(width))
        return ops.clip(ops.multiply(ops.subtract(below, lowest), ops.divide(255.0, width)), 0, 255)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "clip_limit": self.clip_limit,
            "tile_grid_size": self.tile_grid_size,
        }


def _counts(places: Any, number: Any) -> Any:
    """How often each number from 0 to `number` - 1 occurs among `places`, as float32."""
    places = ops.reshape(places, (-1,))
    return ops.segment_sum(ops.ones_like(places, dtype="float32"), places, num_segments=number)


def _neighbours(size: int, tile: int, tiles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each row (or column): the tiles before and after it, and the weight of the latter."""
    place = np.arange(size) / tile - 0.5
    before = np.floor(place).astype(np.int32)
    last = tiles - 1
    return np.clip(before, 0, last), np.clip(before + 1, 0, last), (place - before).astype(np.float32)


def _interpolate(tables: Any, levels: Any, grid: Any, rows: Any, columns: Any) -> Any:
    """Each level looked up in the tables of the four tiles around it, and the weighted mean of what is found.

    The tables lie one after another, by image, row of tiles, column of tiles and channel.
    """
    batch, _, _, channels = ops.shape(levels)
    down, across = grid
    image = ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1, 1, 1))
    level = ops.add(levels, np.arange(channels, dtype=np.int32) * LEVELS)

    def looked_up(row: np.ndarray, column: np.ndarray) -> Any:
        tile = ops.add(image * (down * across), row[:, None, None] * across + column[None, :, None])
        return ops.take(tables, ops.add(ops.multiply(tile, channels * LEVELS), level))

    def along(row: np.ndarray) -> Any:
        left, right, weight = columns
        return _mean(looked_up(row, left), looked_up(row, right), weight[:, None])

    top, bottom, weight = rows
    return _mean(along(top), along(bottom), weight[:, None, None])


def _mean(first: Any, second: Any, weight: np.ndarray) -> Any:
    return ops.add(first, ops.multiply(ops.subtract(second, first), weight))
