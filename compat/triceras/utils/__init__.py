"""Utilities."""

from triceras.backend import clear_session as clear_session
from triceras.backend import is_keras_tensor as is_keras_tensor
from triceras.backend import standardize_dtype as standardize_dtype
from triceras.seeds import set_random_seed as set_random_seed
<<<<<<< HEAD
from triceras.utils import legacy as legacy
from triceras.utils.arrays import normalize as normalize
from triceras.utils.arrays import pad_sequences as pad_sequences
=======
from triceras.utils import bounding_boxes as bounding_boxes
>>>>>>> main
from triceras.utils.arrays import to_categorical as to_categorical
from triceras.utils.batches import pack_x_y_sample_weight as pack_x_y_sample_weight
from triceras.utils.batches import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from triceras.utils.datasets import PyDataset as PyDataset
from triceras.utils.datasets import Sequence as Sequence
<<<<<<< HEAD
from triceras.utils.directories import audio_dataset_from_directory as audio_dataset_from_directory
from triceras.utils.directories import image_dataset_from_directory as image_dataset_from_directory
from triceras.utils.directories import text_dataset_from_directory as text_dataset_from_directory
from triceras.utils.downloads import get_file as get_file
from triceras.utils.images import array_to_img as array_to_img
from triceras.utils.images import img_to_array as img_to_array
from triceras.utils.images import load_img as load_img
from triceras.utils.images import save_img as save_img
=======
from triceras.utils.downloads import get_file as get_file
>>>>>>> main
from triceras.utils.plotting import model_to_dot as model_to_dot
from triceras.utils.plotting import plot_model as plot_model
from triceras.utils.progbar import Progbar as Progbar
from triceras.utils.records import Config as Config
from triceras.utils.registry import CustomObjectScope as CustomObjectScope
from triceras.utils.registry import custom_object_scope as custom_object_scope
from triceras.utils.registry import get_custom_objects as get_custom_objects
from triceras.utils.registry import get_registered_name as get_registered_name
from triceras.utils.registry import get_registered_object as get_registered_object
from triceras.utils.registry import register_keras_serializable as register_keras_serializable
from triceras.utils.serialization import deserialize_keras_object as deserialize_keras_object
from triceras.utils.serialization import serialize_keras_object as serialize_keras_object
from triceras.utils.sources import get_source_inputs as get_source_inputs
from triceras.utils.splitting import split_dataset as split_dataset
from triceras.utils.timeseries import timeseries_dataset_from_array as timeseries_dataset_from_array
from triceras_backends.config import disable_interactive_logging as disable_interactive_logging
from triceras_backends.config import enable_interactive_logging as enable_interactive_logging
from triceras_backends.config import is_interactive_logging_enabled as is_interactive_logging_enabled
