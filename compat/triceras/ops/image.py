"""The namespace `keras.ops.image`: operations on images."""

from triceras.ops.images import *
from triceras.ops.patches import *
