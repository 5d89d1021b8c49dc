"""The namespace `keras.ops.numpy`: the operations named after NumPy's, and those of their families."""

from triceras.ops.arrays import *
from triceras.ops.complex_numbers import *
from triceras.ops.creation import *
from triceras.ops.elementwise import *
from triceras.ops.fourier import *
from triceras.ops.linalg import *
from triceras.ops.loops import vectorize as vectorize
from triceras.ops.reductions import *
from triceras.ops.segments import *
from triceras.ops.shaping import *
from triceras.ops.special import *
from triceras.ops.statistical import *
from triceras.ops.tensors import *
