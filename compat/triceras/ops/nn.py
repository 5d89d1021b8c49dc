"""Activations and losses. Documented in `triceras_backends.contract.nn`.

Also the namespace `keras.ops.nn`, so the operations that layers are made of are here too.
"""

from triceras.ops.attention import *
from triceras.ops.complex_numbers import polar as polar
from triceras.ops.convolution import *
from triceras.ops.ctc import *
from triceras.ops.dispatch import public as _public
from triceras.ops.normalization import *
from triceras.ops.patches import *
from triceras.ops.pooling import *
from triceras_backends.contract import nn as _contract

relu = _public(_contract.relu)
relu6 = _public(_contract.relu6)
leaky_relu = _public(_contract.leaky_relu)
elu = _public(_contract.elu)
selu = _public(_contract.selu)
gelu = _public(_contract.gelu)
silu = _public(_contract.silu)
swish = silu
sigmoid = _public(_contract.sigmoid)
softplus = _public(_contract.softplus)
softsign = _public(_contract.softsign)
celu = _public(_contract.celu)
glu = _public(_contract.glu)
hard_shrink = _public(_contract.hard_shrink)
hard_sigmoid = _public(_contract.hard_sigmoid)
hard_silu = _public(_contract.hard_silu)
hard_swish = hard_silu
hard_tanh = _public(_contract.hard_tanh)
log_sigmoid = _public(_contract.log_sigmoid)
soft_shrink = _public(_contract.soft_shrink)
sparse_plus = _public(_contract.sparse_plus)
sparse_sigmoid = _public(_contract.sparse_sigmoid)
sparsemax = _public(_contract.sparsemax)
squareplus = _public(_contract.squareplus)
tanh_shrink = _public(_contract.tanh_shrink)
threshold = _public(_contract.threshold)
multi_hot = _public(_contract.multi_hot)
psnr = _public(_contract.psnr)
softmax = _public(_contract.softmax)
log_softmax = _public(_contract.log_softmax)
one_hot = _public(_contract.one_hot)
binary_crossentropy = _public(_contract.binary_crossentropy)
categorical_crossentropy = _public(_contract.categorical_crossentropy)
sparse_categorical_crossentropy = _public(_contract.sparse_categorical_crossentropy)
