"""Tensors: conversion, dtype, shape. Documented in `triceras_backends.contract.tensors`."""

from triceras.ops.dispatch import public as _public
from triceras.ops.symbolic import KerasTensor as _KerasTensor
from triceras_backends.active import backend as _backend
from triceras_backends.contract import autodiff as _autodiff
from triceras_backends.contract import tensors as _contract

convert_to_tensor = _public(_contract.convert_to_tensor)
convert_to_numpy = _public(_contract.convert_to_numpy)
is_tensor = _backend.is_tensor
cast = _public(_contract.cast)
to_dlpack = _backend.to_dlpack
from_dlpack = _backend.from_dlpack
stop_gradient = _public(_autodiff.stop_gradient)
custom_gradient = _backend.custom_gradient


def shape(x):  # type: ignore[no-untyped-def]
    return x.shape if x.__class__ is _KerasTensor else _backend.shape(x)


def dtype(x):  # type: ignore[no-untyped-def]
    return x.dtype if x.__class__ is _KerasTensor else _backend.dtype_of(x)


shape.__doc__ = _contract.shape.__doc__
dtype.__doc__ = _contract.dtype_of.__doc__
