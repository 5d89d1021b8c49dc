"""Tensors, variables, gradients and compilation on PyTorch, JAX or TensorFlow.

This package knows tensors and nothing of Keras. `triceras_backends.active` holds the
backend that was chosen; importing this package alone imports no framework.
"""
