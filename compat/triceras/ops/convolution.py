"""Convolutions. Documented in `triceras_backends.contract.convolution`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import convolution as _contract

conv = _public(_contract.conv)
depthwise_conv = _public(_contract.depthwise_conv)
separable_conv = _public(_contract.separable_conv)
conv_transpose = _public(_contract.conv_transpose)
