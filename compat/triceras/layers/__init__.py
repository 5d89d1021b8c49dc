"""Layers."""

from triceras.layers.core import Activation as Activation
from triceras.layers.core import Dense as Dense
from triceras.layers.core import Dropout as Dropout
from triceras.layers.core import Flatten as Flatten
from triceras.layers.core import Input as Input
from triceras.layers.input_spec import InputSpec as InputSpec
from triceras.layers.layer import Layer as Layer
from triceras.layers.torch_module import TorchModuleWrapper as TorchModuleWrapper
