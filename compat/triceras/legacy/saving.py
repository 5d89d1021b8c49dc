"""Objects as plain data in Keras 2's form."""

from triceras.utils.legacy import deserialize_keras_object as deserialize_keras_object
from triceras.utils.legacy import serialize_keras_object as serialize_keras_object
