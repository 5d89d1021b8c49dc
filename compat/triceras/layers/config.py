"""A layer's configuration: its constructor's arguments as plain data."""

from __future__ import annotations

import inspect
from typing import Any

from triceras import dtype_policies
from triceras.utils.plain import plain
from triceras.utils.serialization import serialize_keras_object as serialize


class Configurable:
    """The part of a Layer that says how to make it again."""

    name: str
    _given: tuple[tuple[Any, ...], dict[str, Any]]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, for `from_config`: plain data.

        A subclass with arguments of its own extends what this returns. One that does not is
        described by the arguments it was given, if they are plain data or have a `get_config`.
        Raises NotImplementedError: they are not.
        """
        layer: Any = self
        config = {"name": self.name, "trainable": layer._trainable, "dtype": serialize(layer._policy)}
        if layer.activity_regularizer is not None:
            config["activity_regularizer"] = serialize(layer.activity_regularizer)
        if type(layer).get_config is not Configurable.get_config:
            return config
        parameters = inspect.signature(type(self).__init__).parameters
        if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            config = {key: value for key, value in config.items() if key in parameters}
        return config | self._own_arguments()

    def _own_arguments(self) -> dict[str, Any]:
        """The arguments given to the constructor, by name, without those every layer takes."""
        args, kwargs = self._given
        signature = inspect.signature(type(self).__init__)
        found: dict[str, Any] = {}
        for name, value in signature.bind_partial(self, *args, **kwargs).arguments.items():
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                found |= value
            elif kind is inspect.Parameter.VAR_POSITIONAL:
                raise NotImplementedError(self._advice(name, "it takes any number of positional arguments"))
            else:
                found[name] = value
        own = {}
        for name, value in found.items():
            if name in ("self", "name", "trainable", "dtype", "activity_regularizer") or value is self:
                continue
            try:
                own[name] = plain(value)
            except TypeError as error:
                raise NotImplementedError(self._advice(name, str(error))) from None
            if isinstance(value, Configurable):
                raise NotImplementedError(self._advice(name, "it is a layer"))
        return own

    def _advice(self, argument: str, problem: str) -> str:
        kind = type(self).__name__
        return (
            f"The configuration of {kind} cannot be told from its constructor's argument {argument!r}: {problem}. "
            f"Define get_config() in {kind}: return {{**super().get_config(), {argument!r}: ...}}, plain data only, "
            "and from_config() if that does not fit the constructor."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave. Raises TypeError: the constructor does not take what is in it."""
        config = dict(config)
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = dtype_policies.deserialize(config["dtype"])
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"{cls.__name__} cannot be made from its configuration: {error}. The configuration: {config!r}"
            ) from error

    # -- building -----------------------------------------------------------------------

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the layer was built for, for `build_from_config`; None if it is not built."""
        shapes = vars(self).get("_built_for")
        if shapes is None:
            return None
        shapes = {name: shape for name, shape in shapes.items() if shape is not None}
        return {"input_shape": next(iter(shapes.values()))} if len(shapes) == 1 else {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any] | None) -> None:
        """Builds the layer for the shapes that `get_build_config` gave."""
        layer: Any = self
        if not config or layer.built:
            return
        if "shapes_dict" in config:
            layer.build(**config["shapes_dict"])
        else:
            layer.build(config["input_shape"])
