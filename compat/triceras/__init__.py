"""Triceras: Keras on PyTorch, JAX or TensorFlow, one tape, one loop, native speed.

Use it as `import triceras as keras`. The environment variable KERAS_BACKEND, or the Keras
configuration file, chooses the framework; otherwise the first installed of torch, jax, tensorflow.
"""

from triceras import activations as activations
from triceras import backend as backend
from triceras import callbacks as callbacks
from triceras import config as config
from triceras import constraints as constraints
from triceras import datasets as datasets
from triceras import dtype_policies as dtype_policies
from triceras import initializers as initializers
from triceras import layers as layers
from triceras import legacy as legacy
from triceras import losses as losses
from triceras import metrics as metrics
from triceras import mixed_precision as mixed_precision
from triceras import models as models
from triceras import ops as ops
from triceras import optimizers as optimizers
from triceras import preprocessing as preprocessing
from triceras import random as random
from triceras import regularizers as regularizers
from triceras import tree as tree
from triceras import utils as utils
from triceras import visualization as visualization
from triceras import wrappers as wrappers
from triceras.autodiff import GradientTape as GradientTape
from triceras.autodiff import custom_gradient as custom_gradient
from triceras.autodiff import grad as grad
from triceras.autodiff import hessian as hessian
from triceras.autodiff import hvp as hvp
from triceras.autodiff import jacobian as jacobian
from triceras.autodiff import jit as jit
from triceras.autodiff import jvp as jvp
from triceras.autodiff import stop_gradient as stop_gradient
from triceras.autodiff import value_and_grad as value_and_grad
from triceras.autodiff import vjp as vjp
from triceras.autodiff import vmap as vmap
from triceras.backend import device as device
from triceras.dtype_policies import DTypePolicy as DTypePolicy
from triceras.dtype_policies import FloatDTypePolicy as FloatDTypePolicy
from triceras.initializers import Initializer as Initializer
from triceras.layers import Input as Input
from triceras.layers import InputSpec as InputSpec
from triceras.layers import Layer as Layer
from triceras.layers.preprocessing.feature_space import FeatureSpace as _FeatureSpace
from triceras.layers.remat import RematScope as RematScope
from triceras.layers.remat import remat as remat
from triceras.losses import Loss as Loss
from triceras.metrics import Metric as Metric
from triceras.models import Model as Model
from triceras.models import Sequential as Sequential
from triceras.ops.symbolic import KerasTensor as KerasTensor
from triceras.optimizers import Optimizer as Optimizer
from triceras.regularizers import Regularizer as Regularizer
from triceras.stateless import StatelessScope as StatelessScope
from triceras.utils.registry import publish as _publish
from triceras_backends.active import backend as _backend
from triceras_backends.variable import name_scope as name_scope

_publish("keras.ops", vars(ops))
# It is made of layers, which stand above the module that it is found in.
vars(utils)["FeatureSpace"] = _FeatureSpace

Variable = _backend.Variable

__version__ = "0.1.0"


def version() -> str:
    """The version of Triceras.

    Example:

    >>> keras.version() == keras.__version__
    True
    """
    return __version__
