"""Mixed precision under its earlier names: policies are `triceras.dtype_policies`."""

from triceras.dtype_policies import DTypePolicy as DTypePolicy
from triceras.dtype_policies import DTypePolicy as Policy
from triceras.dtype_policies import dtype_policy as dtype_policy
from triceras.dtype_policies import dtype_policy as global_policy
from triceras.dtype_policies import set_dtype_policy as set_dtype_policy
from triceras.dtype_policies import set_dtype_policy as set_global_policy
from triceras.optimizers import LossScaleOptimizer as LossScaleOptimizer

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
