"""The one place that reaches below TensorFlow's public names.

The generated wrappers of single operations cost half of what `tf.add` and the like cost an
eager call, because those go through dispatch and conversion that is done here already.
"""

from __future__ import annotations

import tensorflow as tf
from tensorflow.python.autograph.core import config as autograph
from tensorflow.python.eager import record as record
from tensorflow.python.framework.func_graph import FuncGraph as FuncGraph
from tensorflow.python.ops import gen_array_ops as array
from tensorflow.python.ops import gen_bitwise_ops as bitwise
from tensorflow.python.ops import gen_math_ops as math
from tensorflow.python.ops import gen_nn_ops as nn
from tensorflow.python.ops import gen_resource_variable_ops as resource
from tensorflow.python.ops import gen_special_math_ops as special
from tensorflow.python.ops import gen_training_ops as training
from tensorflow.python.ops.parallel_for import pfor as pfor
from tensorflow.python.ops.resource_variable_ops import variable_accessed as variable_accessed

__all__ = [
    "EagerTensor",
    "FuncGraph",
    "array",
    "bitwise",
    "math",
    "nn",
    "pfor",
    "record",
    "resource",
    "special",
    "training",
    "variable_accessed",
]

# A user's tf.function rewrites the source of all that it calls, except in packages on this list, which has
# Keras on it. Nothing of ours needs that, and it takes seconds a trace.
autograph.CONVERSION_RULES = (
    *(autograph.DoNotConvert(name) for name in ("triceras", "triceras_backends")),
    *autograph.CONVERSION_RULES,
)

with tf.init_scope(), tf.device("cpu:0"):
    EagerTensor = type(tf.constant(0))
