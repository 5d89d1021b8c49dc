"""Dtype policies: in which dtypes a layer keeps its weights and computes."""

from triceras.dtype_policies.policy import DTypePolicy as DTypePolicy
from triceras.dtype_policies.policy import DTypePolicyMap as DTypePolicyMap
from triceras.dtype_policies.policy import FloatDTypePolicy as FloatDTypePolicy
from triceras.dtype_policies.policy import deserialize as deserialize
from triceras.dtype_policies.policy import dtype_policy as dtype_policy
from triceras.dtype_policies.policy import get as get
from triceras.dtype_policies.policy import serialize as serialize
from triceras.dtype_policies.policy import set_dtype_policy as set_dtype_policy
