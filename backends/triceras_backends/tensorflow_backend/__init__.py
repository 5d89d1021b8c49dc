"""The TensorFlow backend: native tensors are `tf.Tensor`, Variables keep a `tf.Variable`."""

import os

# TensorFlow logs about the machine while it is imported; a user's own setting is respected.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
