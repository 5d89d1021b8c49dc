"""Copies, spaced numbers, windows. Documented in `triceras_backends.contract.creation`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import creation as _contract

array = _public(_contract.array)
copy = _public(_contract.copy)
empty = _public(_contract.empty)
empty_like = _public(_contract.empty_like)
logspace = _public(_contract.logspace)
geomspace = _public(_contract.geomspace)
bartlett = _public(_contract.bartlett)
blackman = _public(_contract.blackman)
hamming = _public(_contract.hamming)
hanning = _public(_contract.hanning)
kaiser = _public(_contract.kaiser)
tri = _public(_contract.tri)
vander = _public(_contract.vander)
diagflat = _public(_contract.diagflat)
