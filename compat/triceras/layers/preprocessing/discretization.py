"""Discretization: numbers to the ranges that they lie in."""

from __future__ import annotations

from typing import Any

import numpy as np

from triceras import ops
from triceras.layers.layer import Layer
from triceras.layers.preprocessing.encoding import (
    COUNT,
    INT,
    MULTI_HOT,
    ONE_HOT,
    Shape,
    check_mode,
    encode,
    encoded_shape,
)
from triceras.layers.preprocessing.host import batches_of, to_numpy


class Discretization(Layer):
    """Numbers of bins: i where bin_boundaries[i - 1] <= x < bin_boundaries[i].

    Args:
        bin_boundaries: ascending numbers: n of them make n + 1 bins, the first and last unbounded.
        num_bins: how many bins of equally many values `adapt` is to find; instead of bin_boundaries.
        epsilon: `adapt` keeps about 1 / epsilon values of what it has seen: quantiles are off by at most about that
            share.
        output_mode: "int" the bins' numbers; "one_hot", "multi_hot" and "count" as of CategoryEncoding.
        sparse: only False; tensors are dense.

    Input: (batch, samples) numbers. Output: the same shape, int32; else (batch, bins) or (batch, samples, bins).

    Raises ValueError: both or none of bin_boundaries and num_bins, boundaries that do not ascend, a negative
    num_bins, an unknown mode, or a call before boundaries are known.

    Example:
        >>> layer = keras.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
        >>> keras.ops.convert_to_numpy(layer(np.array([[-1.5, 1.0, 3.4, 0.5]], "float32"))).tolist()
        [[0, 2, 3, 1]]
        >>> layer = keras.layers.Discretization(num_bins=4)
        >>> layer.adapt(np.array([-2.0, -1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], "float32"))
        >>> layer.bin_boundaries
        [-1.0, 4.0, 6.0]
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = INT,
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        where = f"Discretization {self.name!r}"
        check_mode(where, output_mode, (INT, ONE_HOT, MULTI_HOT, COUNT), sparse)
        if num_bins is not None and num_bins < 0:
            raise ValueError(f"{where}: num_bins must not be negative; got: {num_bins}")
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                f"{where} takes either bin_boundaries or num_bins; got: bin_boundaries={bin_boundaries}, "
                f"num_bins={num_bins}"
            )
        self.input_bin_boundaries, self.num_bins, self.epsilon = bin_boundaries, num_bins, epsilon
        self.output_mode, self.sparse = output_mode, sparse
        self.bin_boundaries: list[float] | None = None if bin_boundaries is None else self._ascending(bin_boundaries)
        self.summary = np.zeros((2, 0))

    def _ascending(self, boundaries: Any) -> list[float]:
        found = np.asarray(boundaries).tolist()
        if np.ndim(boundaries) != 1 or any(a > b for a, b in zip(found, found[1:], strict=False)):
            raise ValueError(
                f"Discretization {self.name!r}: bin_boundaries must be a list of ascending numbers; got: {boundaries}"
            )
        return found

    # -- adapting ---------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds boundaries that part the data into `num_bins` bins of equally many values.

        Args:
            data: an array, or a dataset of batches.
            steps: at most so many batches.

        Raises ValueError: the boundaries were given to the constructor, or there is no data.
        """
        where = f"Discretization {self.name!r}"
        if self.input_bin_boundaries is not None:
            raise ValueError(f"{where} was given its bin_boundaries, so it cannot adapt.")
        self.reset_state()
        for batch in batches_of(data, steps, where):
            self.update_state(batch)
        if not self.summary.size:
            raise ValueError(f"{where}: adapt() needs data; got none.")
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Takes in one batch."""
        values = np.sort(to_numpy(data).astype("float32").ravel()).astype("float64")
        share = max(values.size * self.epsilon, 1.0)  # values that each one kept stands for
        kept = values[int(share) - 1 :: int(share)]
        merged = np.concatenate([self.summary, [kept, np.full(kept.size, share)]], axis=1)
        self.summary = _compressed(merged[:, np.argsort(merged[0], kind="stable")], self.epsilon)

    def finalize_state(self) -> None:
        """Makes boundaries of the batches taken in."""
        if self.input_bin_boundaries is None and self.summary.size and self.num_bins:
            self.bin_boundaries = _compressed(self.summary, 1 / self.num_bins)[0, :-1].astype("float32").tolist()

    def reset_state(self) -> None:
        """Forgets the batches taken in."""
        if self.input_bin_boundaries is None:
            self.summary = np.zeros((2, 0))

    # -- calling ----------------------------------------------------------------------------------

    @property
    def _bins(self) -> int:
        if self.bin_boundaries is None:
            raise ValueError(
                f"Discretization {self.name!r} does not know its bins: call adapt(data) first, or give bin_boundaries."
            )
        return len(self.bin_boundaries) + 1

    def build(self, input_shape: Any) -> None:
        """Nothing is to be made."""

    def call(self, inputs: Any) -> Any:
        depth = self._bins
        x = ops.cast(ops.convert_to_tensor(inputs), self.compute_dtype)
        numbers = ops.digitize(x, np.asarray(self.bin_boundaries, "float32"))
        return encode(numbers, self.output_mode, depth, self.compute_dtype)

    def _output_spec(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The output for a symbolic input; before `adapt`, of mode "int" or of `num_bins` bins."""
        inputs = args[0] if args else kwargs["inputs"]
        depth = self.num_bins if self.bin_boundaries is None else self._bins
        shape = encoded_shape(self.output_mode, inputs.shape, depth)
        return type(inputs)(shape, "int32" if self.output_mode == INT else self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return encoded_shape(
            self.output_mode, input_shape, self.num_bins if self.bin_boundaries is None else self._bins
        )

    def get_config(self) -> dict[str, Any]:
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave, with the boundaries that it had found."""
        config = dict(config)
        found = config.get("bin_boundaries")
        if config.get("num_bins") is None or found is None:
            return super().from_config(config)
        layer = super().from_config({**config, "bin_boundaries": None})
        layer.bin_boundaries = list(found)
        return layer


def _compressed(summary: Any, epsilon: float) -> Any:
    """A summary (values, weights), values ascending, as about 1 / epsilon values of equal weights.

    Where a weight falls between two values, so does the new one.
    """
    values, weights = summary
    if values.size * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    reached = np.cumsum(weights)
    found = np.interp(shares, reached / reached[-1], values)
    return np.stack([found, np.diff(np.interp(shares, reached / reached[-1], reached), prepend=0.0)])
