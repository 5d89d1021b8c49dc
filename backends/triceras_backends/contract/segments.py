"""Reductions over segments: rows of a tensor that share a number.

`data` (n, ...) is reduced along its first axis; row i belongs to segment `segment_ids[i]`
(n,), an integer. The result is (num_segments, ...) in data's dtype, which bool keeps too
(sum and max are "any", prod and min "all"). Conventions, alike on every backend:

- num_segments None is the largest id plus one (0 for no rows). That depends on values: a
  compiled function on PyTorch or JAX raises ValueError and wants the number.
- Rows whose id is negative or not below num_segments are left out, and get no gradient.
- A segment without rows is the reduction's identity: 0, 1, -inf or +inf (the smallest and
  largest integer, False and True).
- `sorted` promises that the ids ascend, which may be faster and changes nothing else.
- Of rows that tie for the max or min of a segment, each gets an equal share of the gradient;
  where that is the identity itself, the identity takes a share as if it were a row.

ValueError: segment_ids that is not 1-D or not as long as data; TypeError: ids that are no integers.
"""

from __future__ import annotations

from triceras_backends.contract.types import Tensor


def segment_sum(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The sum of each segment's rows; 0 for a segment without rows."""


def segment_max(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The largest of each segment's rows, element by element; -inf for a segment without rows."""


def segment_min(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The smallest of each segment's rows, element by element; +inf for a segment without rows."""


def segment_prod(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The product of each segment's rows; 1 for a segment without rows. Its gradient is right at zeros too."""
