"""Structured control flow. Documented in `triceras_backends.contract.loops`."""

import functools as _functools

from triceras.ops import symbolic as _symbolic
from triceras.ops.dispatch import public as _public
from triceras_backends.active import backend as _backend
from triceras_backends.contract import loops as _contract

scan = _public(_contract.scan)
while_loop = _public(_contract.while_loop)
fori_loop = _public(_contract.fori_loop)
cond = _public(_contract.cond)
switch = _public(_contract.switch)
map = _public(_contract.map)
associative_scan = _public(_contract.associative_scan)
vectorized_map = _public(_contract.vectorized_map)


def vectorize(pyfunc, *, excluded=None, signature=None):  # type: ignore[no-untyped-def]
    mapped = _backend.vectorize(pyfunc, excluded=excluded, signature=signature)

    @_functools.wraps(mapped, updated=())
    def call(*args, **kwargs):  # type: ignore[no-untyped-def]
        if _symbolic.is_symbolic((args, kwargs)):
            return _symbolic.call(mapped, *args, **kwargs)
        return mapped(*args, **kwargs)

    return call


vectorize.__doc__ = _contract.vectorize.__doc__
