"""Variables, and the scopes that change what they are read as.

`Variable` subclasses `triceras_backends.variable.Variable`, which holds all that does not
depend on the framework.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from triceras_backends.contract.types import Substitution, Tensor
from triceras_backends.variable import Variable as Variable


def autocast(dtype: str | None) -> AbstractContextManager[None]:
    """Within it, float Variables that were made with autocast=True are read in `dtype`; None: in their own.

    A gradient with respect to such a Variable keeps the Variable's own dtype, because the cast
    is recorded like any other operation. Scopes nest, the innermost counts; each thread has its own.
    """


def substituted(variables: list[Variable], values: list[Tensor]) -> AbstractContextManager[Substitution]:
    """Within it, the Variables are read as these values, and no assignment reaches any Variable.

    values: one a Variable, of its shape and dtype; tensors of a trace or of a gradient too, which
    then see what was computed from them. What is assigned within is read within; the object that
    the scope yields still tells it afterwards.
    """
