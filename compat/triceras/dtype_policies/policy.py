"""DTypePolicy, policies by layer name, and the policy that layers take by default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from triceras.utils import registry
from triceras.utils.serialization import serialize_keras_object
from triceras_backends import config, dtypes
from triceras_backends.active import backend as B

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


class DTypePolicy:
    """The dtypes of a layer: of its weights, and of its computation.

    Args:
        name: a dtype ("float32", "bfloat16", ...), for both; "mixed_float16" or "mixed_bfloat16",
            which compute in 16 bits with float32 weights; None is the current global policy.

    Attributes: `name`, `compute_dtype`, `variable_dtype` (names of dtypes).

    Micikevicius et al., 2018, "Mixed Precision Training". Raises TypeError: a name that is no
    string. Raises ValueError: an unknown name.

    Example:

    >>> policy = keras.DTypePolicy("mixed_bfloat16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('bfloat16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = dtype_policy().name
        if not isinstance(name, str):
            raise TypeError(f"A DTypePolicy's name must be a string such as 'mixed_float16'; got: {name!r}")
        self._name = name
        if name in _MIXED:
            self._compute_dtype, self._variable_dtype = _MIXED[name], "float32"
        else:
            try:
                self._compute_dtype = self._variable_dtype = dtypes.standardize_dtype(name)
            except ValueError:
                known = ", ".join([*_MIXED, *dtypes.ALL])
                raise ValueError(f"Unknown dtype policy {name!r}. Known policies: {known}.") from None

    @property
    def name(self) -> str:
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation; floating inputs are cast to it."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> None:
        """None: the policy quantizes nothing."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input as a layer with this policy takes it: arrays as tensors, floats cast to `dtype` if `autocast`."""
        dtype = dtypes.standardize_dtype(dtype)
        if x is None or isinstance(x, (bool, int, str)):
            return x
        x = x if B.is_tensor(x) else B.convert_to_tensor(x)
        floating = B.dtype_of(x) in dtypes.FLOATS
        return B.cast(x, dtype) if autocast and floating and B.dtype_of(x) != dtype else x

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """A policy from what `get_config` gave."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'


class FloatDTypePolicy(DTypePolicy):
    """DTypePolicy by the name that it had before.

    Args:
        name: as of DTypePolicy.

    Example:

    >>> keras.dtype_policies.FloatDTypePolicy("mixed_float16").variable_dtype
    'float32'
    """


class DTypePolicyMap(DTypePolicy, MutableMapping[str, Any]):
    """Policies by the paths of layers: give one to an outer layer's `dtype`, and it looks up itself and each inner one.

    A key is a path or a regular expression that matches the whole of one.

    Args:
        default_policy: a policy or name for paths without an entry; None is the global policy.
        policy_map: from path to policy (or name).

    Raises ValueError: a key set twice, or a path that several keys match.

    Example:

    >>> policies = keras.dtype_policies.DTypePolicyMap("mixed_bfloat16", {"head": "float32"})
    >>> keras.layers.Dense(2, dtype=policies, name="head").compute_dtype
    'float32'
    """

    def __init__(self, default_policy: Any = None, policy_map: Mapping[str, Any] | None = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError("The default policy of a DTypePolicyMap cannot be another map.")
        self._given_default = None if default_policy is None else get(default_policy)
        self._policies: dict[str, DTypePolicy] = {}
        for path, policy in (policy_map or {}).items():
            self[path] = policy

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths without an entry."""
        return self._given_default or dtype_policy()

    @property
    def name(self) -> str:
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        return self.default_policy.variable_dtype

    def __getitem__(self, path: str) -> DTypePolicy:
        if path in self._policies:
            return self._policies[path]
        found = [key for key in self._policies if re.fullmatch(key, path)]
        if len(found) > 1:
            raise ValueError(f"The path {path!r} matches several keys of the DTypePolicyMap: {', '.join(found)}.")
        return self._policies[found[0]] if found else self.default_policy

    def __setitem__(self, path: str, policy: Any) -> None:
        if path in self._policies:
            raise ValueError(f"The DTypePolicyMap already has a policy for {path!r}: {self._policies[path]!r}.")
        self._policies[path] = get(policy)

    def __delitem__(self, path: str) -> None:
        del self._policies[path]

    def __contains__(self, path: object) -> bool:
        return path in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def get_config(self) -> dict[str, Any]:
        return {
            "default_policy": None if self._given_default is None else serialize(self._given_default),
            "policy_map": {path: serialize(policy) for path, policy in self._policies.items()},
        }

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicyMap) and other.get_config() == self.get_config()

    def __repr__(self) -> str:
        return f"<DTypePolicyMap default={self.default_policy.name}, {len(self)} entries>"


registry.publish("keras", {"DTypePolicy": DTypePolicy, "FloatDTypePolicy": FloatDTypePolicy})
registry.publish("keras.dtype_policies", {"DTypePolicy": DTypePolicy, "DTypePolicyMap": DTypePolicyMap})

_CLASSES: dict[str, type[DTypePolicy]] = {cls.__name__: cls for cls in (DTypePolicy, FloatDTypePolicy, DTypePolicyMap)}

_global_policy: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none: what `set_dtype_policy` set, else config.floatx()."""
    return DTypePolicy(config.floatx()) if _global_policy is None else _global_policy


def set_dtype_policy(policy: Any) -> None:
    """Makes a policy (or its name) that of layers made from now on without one; None: config.floatx() again."""
    global _global_policy
    _global_policy = None if policy is None else get(policy)


def get(identifier: Any) -> DTypePolicy:
    """A policy by name, dtype or configuration; a policy as it is; the global one for None.

    Raises ValueError: an unknown name or class, or something else altogether.
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(dtypes.standardize_dtype(identifier))


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """A policy as plain data."""
    described: dict[str, Any] = serialize_keras_object(dtype_policy)
    return described


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> DTypePolicy:
    """A policy from what `serialize` gave, or by name; custom_objects: further classes by name.

    Raises ValueError: an unknown class.
    """
    if isinstance(config, str):
        return DTypePolicy(config)
    name = config.get("class_name", "")
    found = registry.get_registered_object(name, custom_objects, _CLASSES)
    if found is None:
        raise ValueError(f"Unknown dtype policy {config!r}. Known classes: {', '.join(_CLASSES)}.")
    return found.from_config(dict(config["config"]))
