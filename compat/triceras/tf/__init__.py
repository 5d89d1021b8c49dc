"""TensorFlow 2's names for hand-written code: `import triceras.tf as tf`, on any backend.

Adapters over the public API, with no mathematics of their own. Importing this gives eager
tensors of every framework the method `.numpy()`.
"""

import triceras as keras  # noqa: F401
from triceras.autodiff import GradientTape as GradientTape
from triceras.autodiff import custom_gradient as custom_gradient
from triceras.backend import device as device
from triceras.tf import dtypes as dtypes
from triceras.tf import linalg as linalg
from triceras.tf import math as math
from triceras.tf import nn as nn
from triceras.tf import random as random
from triceras.tf.core import Variable as Variable
from triceras.tf.core import abs as abs
from triceras.tf.core import add_n as add_n
from triceras.tf.core import argmax as argmax
from triceras.tf.core import argmin as argmin
from triceras.tf.core import argsort as argsort
from triceras.tf.core import broadcast_to as broadcast_to
from triceras.tf.core import cast as cast
from triceras.tf.core import clip_by_value as clip_by_value
from triceras.tf.core import concat as concat
from triceras.tf.core import cond as cond
from triceras.tf.core import constant as constant
from triceras.tf.core import convert_to_tensor as convert_to_tensor
from triceras.tf.core import cumsum as cumsum
from triceras.tf.core import einsum as einsum
from triceras.tf.core import expand_dims as expand_dims
from triceras.tf.core import eye as eye
from triceras.tf.core import fill as fill
from triceras.tf.core import function as function
from triceras.tf.core import gather as gather
from triceras.tf.core import identity as identity
from triceras.tf.core import is_tensor as is_tensor
from triceras.tf.core import linspace as linspace
from triceras.tf.core import meshgrid as meshgrid
from triceras.tf.core import norm as norm
from triceras.tf.core import one_hot as one_hot
from triceras.tf.core import ones as ones
from triceras.tf.core import ones_like as ones_like
from triceras.tf.core import pad as pad
from triceras.tf.core import range as range
from triceras.tf.core import rank as rank
from triceras.tf.core import repeat as repeat
from triceras.tf.core import reshape as reshape
from triceras.tf.core import roll as roll
from triceras.tf.core import shape as shape
from triceras.tf.core import size as size
from triceras.tf.core import sort as sort
from triceras.tf.core import split as split
from triceras.tf.core import squeeze as squeeze
from triceras.tf.core import stack as stack
from triceras.tf.core import stop_gradient as stop_gradient
from triceras.tf.core import tensordot as tensordot
from triceras.tf.core import tile as tile
from triceras.tf.core import transpose as transpose
from triceras.tf.core import unstack as unstack
from triceras.tf.core import where as where
from triceras.tf.core import while_loop as while_loop
from triceras.tf.core import zeros as zeros
from triceras.tf.core import zeros_like as zeros_like
from triceras.tf.dtypes import DType as DType
from triceras.tf.dtypes import as_dtype as as_dtype
from triceras.tf.dtypes import bfloat16 as bfloat16
from triceras.tf.dtypes import complex64 as complex64
from triceras.tf.dtypes import complex128 as complex128
from triceras.tf.dtypes import float16 as float16
from triceras.tf.dtypes import float32 as float32
from triceras.tf.dtypes import float64 as float64
from triceras.tf.dtypes import int8 as int8
from triceras.tf.dtypes import int16 as int16
from triceras.tf.dtypes import int32 as int32
from triceras.tf.dtypes import int64 as int64
from triceras.tf.dtypes import uint8 as uint8
from triceras.tf.dtypes import uint16 as uint16
from triceras.tf.dtypes import uint32 as uint32
from triceras.tf.dtypes import uint64 as uint64
from triceras.tf.linalg import matmul as matmul
from triceras.tf.math import acos as acos
from triceras.tf.math import add as add
from triceras.tf.math import asin as asin
from triceras.tf.math import atan as atan
from triceras.tf.math import cos as cos
from triceras.tf.math import cosh as cosh
from triceras.tf.math import divide as divide
from triceras.tf.math import equal as equal
from triceras.tf.math import exp as exp
from triceras.tf.math import floor as floor
from triceras.tf.math import greater as greater
from triceras.tf.math import greater_equal as greater_equal
from triceras.tf.math import less as less
from triceras.tf.math import less_equal as less_equal
from triceras.tf.math import logical_and as logical_and
from triceras.tf.math import logical_not as logical_not
from triceras.tf.math import logical_or as logical_or
from triceras.tf.math import maximum as maximum
from triceras.tf.math import minimum as minimum
from triceras.tf.math import multiply as multiply
from triceras.tf.math import negative as negative
from triceras.tf.math import not_equal as not_equal
from triceras.tf.math import pow as pow
from triceras.tf.math import reduce_all as reduce_all
from triceras.tf.math import reduce_any as reduce_any
from triceras.tf.math import reduce_logsumexp as reduce_logsumexp
from triceras.tf.math import reduce_max as reduce_max
from triceras.tf.math import reduce_mean as reduce_mean
from triceras.tf.math import reduce_min as reduce_min
from triceras.tf.math import reduce_prod as reduce_prod
from triceras.tf.math import reduce_sum as reduce_sum
from triceras.tf.math import round as round
from triceras.tf.math import sigmoid as sigmoid
from triceras.tf.math import sign as sign
from triceras.tf.math import sin as sin
from triceras.tf.math import sinh as sinh
from triceras.tf.math import sqrt as sqrt
from triceras.tf.math import square as square
from triceras.tf.math import subtract as subtract
from triceras.tf.math import tan as tan
from triceras.tf.math import tanh as tanh
from triceras_backends.active import backend as _backend

newaxis = None
bool = dtypes.bool_

_backend.enable_tensor_methods()
