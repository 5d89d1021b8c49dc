"""Random numbers: the same from the same seed on every backend, as far as docs/randomness.md says.

The argument `seed` of each function: an integer gives the same numbers in every call; a
`SeedGenerator` gives new ones in every call; None draws from a global generator, which
`triceras.utils.set_random_seed` seeds. All work inside jit. `categorical`, `dropout` and
`shuffle` take symbolic tensors too, and draw anew in every call of the model.
"""

from triceras.random.draws import beta as beta
from triceras.random.draws import binomial as binomial
from triceras.random.draws import categorical as categorical
from triceras.random.draws import dropout as dropout
from triceras.random.draws import gamma as gamma
from triceras.random.draws import normal as normal
from triceras.random.draws import randint as randint
from triceras.random.draws import shuffle as shuffle
from triceras.random.draws import truncated_normal as truncated_normal
from triceras.random.draws import uniform as uniform
from triceras.seeds import SeedGenerator as SeedGenerator
from triceras.utils.registry import publish as _publish

_publish("keras.random", {"SeedGenerator": SeedGenerator})
