"""Operations on tensors: the names and signatures of `keras.ops`, on the chosen backend."""

from triceras.ops import image as image
from triceras.ops import linalg as linalg
from triceras.ops import nn as nn
from triceras.ops import numpy as numpy
from triceras.ops.arrays import *
from triceras.ops.attention import *
from triceras.ops.complex_numbers import *
from triceras.ops.convolution import *
from triceras.ops.creation import *
from triceras.ops.ctc import *
from triceras.ops.elementwise import *
from triceras.ops.fourier import *
from triceras.ops.images import *
from triceras.ops.linalg import *
from triceras.ops.loops import *
from triceras.ops.nn import *
from triceras.ops.normalization import *
from triceras.ops.patches import *
from triceras.ops.pooling import *
from triceras.ops.reductions import *
from triceras.ops.segments import *
from triceras.ops.shaping import *
from triceras.ops.special import *
from triceras.ops.statistical import *
from triceras.ops.tensors import *
