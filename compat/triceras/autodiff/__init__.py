"""Gradients: the tape, the functional forms, and `jit`.

The tape and the functions here say the same thing twice: a tape suits code that assigns
Variables as it goes, the functions suit code that is a function of its arguments. Both nest
in each other and in themselves to any order, and work inside `jit` and `vmap`.
"""

from triceras.autodiff.functional import custom_gradient as custom_gradient
from triceras.autodiff.functional import grad as grad
from triceras.autodiff.functional import hessian as hessian
from triceras.autodiff.functional import hvp as hvp
from triceras.autodiff.functional import jacobian as jacobian
from triceras.autodiff.functional import jit as jit
from triceras.autodiff.functional import jvp as jvp
from triceras.autodiff.functional import stop_gradient as stop_gradient
from triceras.autodiff.functional import value_and_grad as value_and_grad
from triceras.autodiff.functional import vjp as vjp
from triceras.autodiff.functional import vmap as vmap
from triceras.autodiff.tape import GradientTape as GradientTape
