"""Utilities."""

from triceras.backend import clear_session as clear_session
from triceras.seeds import set_random_seed as set_random_seed
from triceras.utils.arrays import to_categorical as to_categorical
from triceras.utils.batches import pack_x_y_sample_weight as pack_x_y_sample_weight
from triceras.utils.batches import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from triceras.utils.downloads import get_file as get_file
from triceras.utils.datasets import PyDataset as PyDataset
from triceras.utils.datasets import Sequence as Sequence
from triceras.utils.plotting import model_to_dot as model_to_dot
from triceras.utils.plotting import plot_model as plot_model
from triceras.utils.progbar import Progbar as Progbar
from triceras.utils.registry import CustomObjectScope as CustomObjectScope
from triceras.utils.registry import custom_object_scope as custom_object_scope
from triceras.utils.registry import get_custom_objects as get_custom_objects
from triceras.utils.registry import get_registered_name as get_registered_name
from triceras.utils.registry import get_registered_object as get_registered_object
from triceras.utils.registry import register_keras_serializable as register_keras_serializable
from triceras.utils.serialization import deserialize_keras_object as deserialize_keras_object
from triceras.utils.serialization import serialize_keras_object as serialize_keras_object
