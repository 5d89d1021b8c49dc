"""Adamax, Nadam, Lamb and Lion."""

from __future__ import annotations

from typing import Any

from triceras import ops
from triceras.optimizers.adam import check_decays
from triceras.optimizers.clipping import norm
from triceras.optimizers.optimizer import Optimizer, with_options


class _Moments(Optimizer):
    """What the relatives of Adam share: two decays, and means of the gradient and of its square."""

    SLOTS = ("momentum", "velocity")

    @with_options
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        check_decays(type(self).__name__, beta_1=beta_1, beta_2=beta_2)
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _count(self) -> Any:
        """The number of this update, from 1, as a float32 tensor."""
        return ops.cast(ops.convert_to_tensor(self.iterations), "float32") + 1

    def _means(self, gradient: Any, variable: Any) -> tuple[Any, Any]:
        """The means of the gradient and of its square, with this gradient taken in."""
        first, second = self._slots_for(variable)
        first.assign(first.value + (gradient - first.value) * (1 - self.beta_1))
        second.assign(second.value + (ops.square(gradient) - second.value) * (1 - self.beta_2))
        return first.value, second.value

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


class Adamax(_Moments):
    """Adam with the largest recent gradient in the place of the mean square. Kingma and Ba, arXiv:1412.6980, section 7.

    Args:
        learning_rate: 0.001 by default.
        beta_1, beta_2: decays of the mean and of the maximum, in [0, 1).
        epsilon: added to the maximum.
        options: those of `Optimizer`.

    Raises ValueError: a decay out of range.

    Example:

    >>> optimizer = keras.optimizers.Adamax(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.8, -0.8], dtype=float32)
    """

    SLOTS = ("momentum", "norm")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        first, largest = self._slots_for(variable)
        first.assign(first.value + (gradient - first.value) * (1 - self.beta_1))
        largest.assign(ops.maximum(self.beta_2 * largest.value, ops.abs(gradient)))
        rate = learning_rate / (1 - ops.power(self.beta_1, self._count()))
        variable.assign_sub(rate * first.value / (largest.value + self.epsilon))


class Nadam(_Moments):
    """Adam with Nesterov's momentum. Dozat, 2016, "Incorporating Nesterov Momentum into Adam".

    Args:
        learning_rate: 0.001 by default.
        beta_1, beta_2: decays of the two means, in [0, 1).
        epsilon: added to the root of the second.
        options: those of `Optimizer`.

    Raises ValueError: a decay out of range.

    Example:

    >>> optimizer = keras.optimizers.Nadam(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.816, -0.816], dtype=float32)
    """

    def build(self, variables: Any) -> None:
        if not self.built:
            super().build(variables)
            # The product of the momentum's shares so far, which grow with time.
            self._product = self.add_variable((), "ones", "float32", name="u_product")

    def update(self, gradients: list[Any], variables: list[Any], learning_rate: Any, *slots: list[Any]) -> None:
        t = self._count()
        now, following = (self.beta_1 * (1 - 0.5 * ops.power(0.96, n)) for n in (t, t + 1))
        product = self._product.value * now
        self._product.assign(product)
        of_mean = following / (1 - product * following)
        of_gradient = (1 - now) / (1 - product)
        correction = 1 - ops.power(self.beta_2, t)
        for gradient, variable in zip(gradients, variables, strict=True):
            first, second = self._means(gradient, variable)
            step = of_mean * first + of_gradient * gradient
            variable.assign_sub(learning_rate * step / (ops.sqrt(second / correction) + self.epsilon))


class Lamb(_Moments):
    """Adam with steps in proportion to the size of the weights, for large batches. You et al., arXiv:1904.00962.

    Args:
        learning_rate: 0.001 by default.
        beta_1, beta_2: decays of the two means, in [0, 1).
        epsilon: added to the root of the second.
        options: those of `Optimizer`.

    Raises ValueError: a decay out of range.

    Example:

    >>> optimizer = keras.optimizers.Lamb(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.81, -0.81], dtype=float32)
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        first, second = self._means(gradient, variable)
        t = self._count()
        first = first / (1 - ops.power(self.beta_1, t))
        second = second / (1 - ops.power(self.beta_2, t))
        step = first / (ops.sqrt(second) + self.epsilon)
        size, length = norm(variable.value), norm(step)
        known = ops.logical_and(size > 0, length > 0)
        trust = ops.where(known, size / ops.where(known, length, 1.0), 1.0)
        variable.assign_sub(trust * learning_rate * step)


class Lion(Optimizer):
    """Steps of one size, by the sign of a mean of gradients. Chen et al., arXiv:2302.06675.

    Args:
        learning_rate: 0.001 by default; a third to a tenth of what suits Adam.
        beta_1: the mean's share in the sign.
        beta_2: the decay of the mean.
        options: those of `Optimizer`.

    Raises ValueError: a share or decay out of (0, 1].

    Example:

    >>> optimizer = keras.optimizers.Lion(learning_rate=0.1)
    >>> w = keras.Variable([1.0, -1.0])
    >>> for _ in range(2):
    ...     _ = optimizer.apply([keras.ops.convert_to_tensor([0.5, -2.0])], [w])
    >>> np.round(w.numpy(), 3)
    array([ 0.8, -0.8], dtype=float32)
    """

    SLOTS = ("momentum",)

    @with_options
    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **options: Any) -> None:
        if not 0 < beta_1 <= 1:
            raise ValueError(f"Lion: beta_1 must be in (0, 1], or it is SGD by signs; got: {beta_1!r}")
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        (mean,) = self._slots_for(variable)
        direction = ops.sign(self.beta_1 * mean.value + (1 - self.beta_1) * gradient)
        mean.assign(self.beta_2 * mean.value + (1 - self.beta_2) * gradient)
        variable.assign_sub(learning_rate * direction)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
