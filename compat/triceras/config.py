"""Settings: default float, epsilon, image data format, and the backend's name."""

from triceras.backend import backend as backend
from triceras.dtype_policies import dtype_policy as dtype_policy
from triceras.dtype_policies import set_dtype_policy as set_dtype_policy
from triceras_backends.config import epsilon as epsilon
from triceras_backends.config import floatx as floatx
from triceras_backends.config import image_data_format as image_data_format
from triceras_backends.config import set_epsilon as set_epsilon
from triceras_backends.config import set_floatx as set_floatx
from triceras_backends.config import set_image_data_format as set_image_data_format
