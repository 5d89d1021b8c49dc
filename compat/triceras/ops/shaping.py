"""Joining, dividing, turning and selecting. Documented in `triceras_backends.contract.shaping`."""

from triceras.ops.dispatch import public as _public
from triceras.ops.symbolic import KerasTensor as _KerasTensor
from triceras_backends.active import backend as _backend
from triceras_backends.contract import arrays as _arrays
from triceras_backends.contract import shaping as _contract

append = _public(_contract.append)
hstack = _public(_contract.hstack)
vstack = _public(_contract.vstack)
dstack = _public(_contract.dstack)
array_split = _public(_contract.array_split)
hsplit = _public(_contract.hsplit)
vsplit = _public(_contract.vsplit)
dsplit = _public(_contract.dsplit)
fliplr = _public(_contract.fliplr)
flipud = _public(_contract.flipud)
rot90 = _public(_contract.rot90)
rearrange = _public(_contract.rearrange)
size = _public(_contract.size)
isin = _public(_contract.isin)
nonzero = _public(_contract.nonzero)
unravel_index = _public(_contract.unravel_index)
select = _public(_contract.select)
get_item = _public(_arrays.getitem)


def ndim(x):  # type: ignore[no-untyped-def]
    return x.ndim if x.__class__ is _KerasTensor else _backend.ndim(x)


ndim.__doc__ = _contract.ndim.__doc__
