"""Reductions. Documented in `triceras_backends.contract.reductions`."""

from triceras.ops.dispatch import public as _public
from triceras_backends.contract import reductions as _contract

sum = _public(_contract.sum)
prod = _public(_contract.prod)
mean = _public(_contract.mean)
var = _public(_contract.var)
std = _public(_contract.std)
max = _public(_contract.max)
min = _public(_contract.min)
amax = _public(_contract.amax)
amin = _public(_contract.amin)
all = _public(_contract.all)
any = _public(_contract.any)
argmax = _public(_contract.argmax)
argmin = _public(_contract.argmin)
count_nonzero = _public(_contract.count_nonzero)
logsumexp = _public(_contract.logsumexp)
cumsum = _public(_contract.cumsum)
cumprod = _public(_contract.cumprod)
