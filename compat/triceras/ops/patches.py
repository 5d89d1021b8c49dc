"""Windows as an axis of their own, and back. Documented in `triceras_backends.contract.patches`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import patches as _contract

unfold = _public(_contract.unfold)
fold = _public(_contract.fold)
depth_to_space = _public(_contract.depth_to_space)
space_to_depth = _public(_contract.space_to_depth)
