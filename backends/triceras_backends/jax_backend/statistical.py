"""Order statistics, averages that skip NaN, histograms, correlation, on JAX: the composites, each jitted whole.

Where a size depends on values, one jitted function finds it, and another does the rest.
"""

from __future__ import annotations

from typing import Any

from triceras_backends import dtypes
from triceras_backends.contract.types import Tensor
from triceras_backends.derived import statistical as composites
from triceras_backends.jax_backend.composites import SCALARS, fused
from triceras_backends.jax_backend.tensors import convert_to_tensor, dtype_of, size_from
from triceras_backends.jax_backend.variables import Variable


def _checked(name: str, largest: float) -> Any:
    def prepare(b: Any, given: dict[str, Any]) -> None:
        composites.check_quantile(name, given["q"], given["method"], largest)
        if given["q"].__class__ in SCALARS:
            return
        given["x"] = convert_to_tensor(given["x"])
        dtype = dtypes.float_type(dtype_of(given["x"]))
        given["q"] = convert_to_tensor(given["q"], "float64" if dtype == "float64" else "float32")

    return prepare


average = fused(composites.average, "x", "weights")
ptp = fused(composites.ptp, "x")
median = fused(composites.median, "x")
quantile = fused(composites.quantile, "x", "q", static=SCALARS, prepare=_checked("quantile", 1))
percentile = fused(composites.percentile, "x", "q", static=SCALARS, prepare=_checked("percentile", 100))
nansum = fused(composites.nansum, "x")
nanprod = fused(composites.nanprod, "x")
nancumsum = fused(composites.nancumsum, "x")
nancumprod = fused(composites.nancumprod, "x")
nanmax = fused(composites.nanmax, "x")
nanmin = fused(composites.nanmin, "x")
nanargmax = fused(composites.nanargmax, "x")
nanargmin = fused(composites.nanargmin, "x")
nanmean = fused(composites.nanmean, "x")
nanvar = fused(composites.nanvar, "x")
nanstd = fused(composites.nanstd, "x")
nanmedian = fused(composites.nanmedian, "x")
nanquantile = fused(composites.nanquantile, "x", "q", static=SCALARS, prepare=_checked("nanquantile", 1))
nanpercentile = fused(composites.nanpercentile, "x", "q", static=SCALARS, prepare=_checked("nanpercentile", 100))
corrcoef = fused(composites.corrcoef, "x")
correlate = fused(composites.correlate, "x1", "x2")
cdist = fused(composites.cdist, "x", "y")
digitize = fused(composites.digitize, "x", "bins")
argpartition = fused(composites.argpartition, "x")
in_top_k = fused(composites.in_top_k, "targets", "predictions")
diff = fused(composites.diff, "a")
trapezoid = fused(composites.trapezoid, "y", "x", "dx", static=SCALARS)


def _ranged(b: Any, given: dict[str, Any]) -> None:
    if given["range"] is not None:
        given["range"] = tuple(end if end.__class__ is int else float(end) for end in given["range"])


histogram = fused(composites.histogram, "x", prepare=_ranged)


_number = fused(composites.number_of_unique, "x")


def _sized(b: Any, given: dict[str, Any]) -> None:
    if given["size"] is not None:
        return
    given["x"] = convert_to_tensor(given["x"])
    given["size"] = size_from(_number(given["x"], given["axis"]), "unique: size")


unique = fused(composites.unique, "x", "fill_value", static=SCALARS, prepare=_sized)

_length = fused(composites.counted_length, "x")
_counted = fused(composites.counted, "x", "weights")


def bincount(x: Tensor, weights: Tensor = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    if sparse:
        raise ValueError("bincount: sparse tensors are not supported; sparse must be False.")
    x, weights = composites.check_counted(Variable.primitives, x, weights)
    length = size_from(_length(x, minlength), "bincount: the length", -1) if x.size else minlength
    if length < 0:
        raise ValueError(f"bincount: x must not be negative; got {int(x.min())}.")
    return _counted(x, weights, length)
