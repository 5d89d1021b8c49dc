"""Variables over `tf.Variable`, and the base class of layers."""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from triceras_backends.contract.types import Substitution, Tensor
from triceras_backends.tensorflow_backend.native import record, resource, variable_accessed
from triceras_backends.variable import AutocastScope, autocasting, changes
from triceras_backends.variable import Variable as BaseVariable


class _Readers(threading.local):
    """The records of the tapes that watch what is read: each maps id(variable) to the Variable."""

    def __init__(self) -> None:
        self.stack: list[dict[int, Any]] = []
        self.scope: Any = None  # what is asked first for Variables' values, and told first of new ones

    def remove(self, seen: dict[int, Any]) -> None:
        """Takes off the last entry that is this very dict: equal (say, empty) ones may be other tapes'."""
        for i in reversed(range(len(self.stack))):
            if self.stack[i] is seen:
                del self.stack[i]
                return


readers = _Readers()


class Variable(BaseVariable):
    __doc__ = BaseVariable.__doc__

    def _initial_value(self, initializer: Any, shape: Any, dtype: Any) -> Any:
        # Outside every graph under construction: a Variable made while tf.function traces is a real one.
        with tf.init_scope():
            return super()._initial_value(initializer, shape, dtype)

    def _create(self, value: Tensor) -> None:
        with tf.init_scope():
            self.storage = tf.Variable(value, trainable=self._trainable, name=self.name)
        self._handle = self.storage.handle
        self._tf_dtype = self.storage.dtype
        self.storage._triceras = weakref.ref(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        twin = memo[id(self)] = type(self).__new__(type(self))
        own = ("storage", "_handle")  # made anew, since the handle of a copied storage would be the original's
        twin.__dict__.update({k: copy.deepcopy(v, memo) for k, v in self.__dict__.items() if k not in own})
        twin._create(self.value)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle has: the value instead of TensorFlow's objects, which are made anew."""
        own = ("storage", "_handle")
        return {k: v for k, v in self.__dict__.items() if k not in own} | {"_pickled": self.stored().numpy()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        value = state.pop("_pickled")
        self.__dict__.update(state)
        self._create(tf.convert_to_tensor(value))

    # TensorFlow's own tapes take a Variable as a source by its handle.
    _should_act_as_resource_variable = True

    @property
    def handle(self) -> Tensor:
        return self._handle

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        changes.count += 1
        self._trainable = bool(value)
        self.storage._trainable = self._trainable

    @property
    def value(self) -> Tensor:
        return self.raw if autocasting.dtype is None else self._autocast(self.raw)

    @property
    def raw(self) -> Tensor:
        if readers.scope is not None and (found := readers.scope.read(self)) is not None:
            return found
        return self.stored()

    def stored(self) -> Tensor:
        """The value outside of every scope."""
        if readers.stack and self._trainable:
            for seen in readers.stack:
                seen.setdefault(id(self), self)
        if record.could_possibly_record() or not tf.executing_eagerly():
            variable_accessed(self.storage)
        return resource.read_variable_op(self._handle, self._tf_dtype)

    def _store(self, value: Tensor) -> None:
        if readers.scope is not None and readers.scope.write(self, value):
            return
        if tf.executing_eagerly():
            resource.assign_variable_op(self._handle, value)
        else:
            self.storage.assign(value, read_value=False)

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Tensor:
        value = self.value
        if dtype is not None and not value.dtype.is_compatible_with(dtype):
            raise ValueError(
                f"The Variable {self.path!r} has dtype {self.dtype}; a tensor of {dtype.name} was asked for."
            )
        return value


autocast = AutocastScope


class _Substitution:
    """The values that stand for those of Variables, and what was assigned meanwhile."""

    def __init__(self, variables: list[Variable], values: list[Tensor], around: Any) -> None:
        self._values = {id(variable): value for variable, value in zip(variables, values, strict=True)}
        self._around = around

    def read(self, variable: Variable) -> Tensor | None:
        found = self._values.get(id(variable))
        return self._around.read(variable) if found is None and self._around is not None else found

    def write(self, variable: Variable, value: Tensor) -> bool:
        self._values[id(variable)] = value
        return True

    def value(self, variable: Variable) -> Tensor:
        found = self.read(variable)
        return variable.stored() if found is None else found


@contextmanager
def substituted(variables: list[Variable], values: list[Tensor]) -> Iterator[Substitution]:
    scope = _Substitution(variables, values, readers.scope)
    before, readers.scope = readers.scope, scope
    try:
        yield scope
    finally:
        readers.scope = before
