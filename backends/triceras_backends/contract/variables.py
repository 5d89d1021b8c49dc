"""Variables and the base class of layers.

`Variable` subclasses `triceras_backends.variable.Variable`, which holds all that does not
depend on the framework.
"""

from __future__ import annotations

from triceras_backends.variable import Variable as Variable


class Module:
    """The base class of layers: what makes a layer a citizen of its framework.

    torch: a `torch.nn.Module` whose trainable Variables are its parameters; jax and
    tensorflow: a plain object.
    """

    def register_variable(self, name: str, variable: Variable) -> None:
        """Makes a Variable known to the framework under an attribute name."""
