"""Nested structures: lists, tuples, named tuples, dicts and deques of anything.

A structure's leaves are what is none of these; None is a leaf, and so are arrays, tensors, sets and strings. Leaves
are counted in order: a dict's in the order of its sorted keys, an OrderedDict's in its own.
"""

from __future__ import annotations

import collections
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import optree


class MAP_TO_NONE:
    """What a function of `traverse` returns for None to stand in the result: None itself means "as it is".

    Example:

    >>> keras.tree.traverse(lambda x: keras.tree.MAP_TO_NONE if x == 2 else None, [1, 2])
    [1, None]
    """


def is_nested(structure: Any) -> bool:
    """Whether it is a list, tuple, named tuple, dict or deque, even an empty one.

    Example:

    >>> keras.tree.is_nested([1, 2]), keras.tree.is_nested(np.zeros(2))
    (True, False)
    """
    return not optree.tree_is_leaf(structure, none_is_leaf=True)


def flatten(structure: Any) -> list[Any]:
    """The leaves in a list; of a leaf, itself.

    Example:

    >>> keras.tree.flatten({"b": [1, (2, None)], "a": 3})
    [3, 1, 2, None]
    """
    return optree.tree_leaves(structure, none_is_leaf=True)


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Each leaf with its path: the keys and indices that lead to it, a named tuple's fields by index.

    Example:

    >>> keras.tree.flatten_with_path({"a": [5, 6]})
    [(('a', 0), 5), (('a', 1), 6)]
    """
    paths, leaves, _ = optree.tree_flatten_with_path(structure, none_is_leaf=True)
    return list(zip(paths, leaves, strict=True))


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """The structure of func's results for the leaves at each place.

    Args:
        func: a function of as many arguments as there are structures.
        structures: structures that are alike, as `assert_same_structure` says.
        none_is_leaf: False leaves None in its place and does not call func for it.

    Raises ValueError: no structures, or they differ. Raises TypeError: func cannot be called.

    Example:

    >>> keras.tree.map_structure(lambda x, y: x + y, {"a": 1, "b": (2, 3)}, {"a": 10, "b": (20, 30)})
    {'a': 11, 'b': (22, 33)}
    """
    _check_function(func, structures)
    for other in structures[1:]:
        assert_same_structure(structures[0], other)

    def called(*leaves: Any) -> Any:
        if not none_is_leaf and all(leaf is None for leaf in leaves):
            return None
        return func(*leaves)

    return optree.tree_map(called, *structures, none_is_leaf=True)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """The structure of func's results for what the structures have at the places of shallow_structure's leaves.

    Raises ValueError: no structures, or one without shallow_structure's places. Raises TypeError: func cannot be
    called.

    Example:

    >>> keras.tree.map_structure_up_to(["x", "y"], len, [[1, 2, 3], {"z": 4}])
    [3, 1]
    """
    _check_function(func, structures)
    return optree.tree_map(lambda _, *parts: func(*parts), shallow_structure, *structures, none_is_leaf=True)


def _check_function(func: Any, structures: tuple[Any, ...]) -> None:
    if not callable(func):
        raise TypeError(f"func must be callable; got: {func!r}")
    if not structures:
        raise ValueError("Give at least one structure.")


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raises ValueError: the structures differ, in their lengths, keys or types; dicts of any kind are alike.

    Args:
        check_types: without effect and deprecated, as in Keras.

    Example:

    >>> keras.tree.assert_same_structure([1, (2, 3)], ["x", ("y", "z")])
    >>> keras.tree.assert_same_structure([1, 2], (1, 2))
    Traceback (most recent call last):
        ...
    ValueError: The structures differ at the top: a list of 2 and a tuple of 2.
    """
    if check_types is not None:
        warnings.warn("check_types has no effect; for a looser check use assert_same_paths.", DeprecationWarning, 2)
    _compare((), a, b)


def _compare(path: tuple[Any, ...], a: Any, b: Any) -> None:
    nested = is_nested(a)
    if nested != is_nested(b):
        raise ValueError(_difference(path, a, b))
    if not nested:
        return
    children_a, _, entries_a, _ = optree.tree_flatten_one_level(a, none_is_leaf=True)
    children_b, _, entries_b, _ = optree.tree_flatten_one_level(b, none_is_leaf=True)
    both_dicts = isinstance(a, dict) and isinstance(b, dict)
    if both_dicts:
        children_b = [b[key] for key in entries_a if key in b]
    alike = set(entries_a) == set(entries_b) if both_dicts else type(a) is type(b) and entries_a == entries_b
    if not alike or len(children_a) != len(children_b):
        raise ValueError(_difference(path, a, b))
    for entry, child_a, child_b in zip(entries_a, children_a, children_b, strict=True):
        _compare((*path, entry), child_a, child_b)


def _difference(path: tuple[Any, ...], a: Any, b: Any) -> str:
    where = "at " + "".join(f"[{entry!r}]" for entry in path) if path else "at the top"
    return f"The structures differ {where}: {_outline(a)} and {_outline(b)}."


def _outline(structure: Any) -> str:
    if not is_nested(structure):
        return f"a leaf of type {type(structure).__name__}"
    if isinstance(structure, dict):
        return f"a {type(structure).__name__} with the keys {sorted(map(str, structure))}"
    return f"a {type(structure).__name__} of {len(structure)}"


def assert_same_paths(a: Any, b: Any) -> None:
    """Raises ValueError: the structures' leaves have other paths. Lists, tuples and deques are alike, and dicts.

    Example:

    >>> keras.tree.assert_same_paths([1, (2, 3)], (1, [2, 3]))
    """
    paths_a, paths_b = ({path for path, _ in flatten_with_path(structure)} for structure in (a, b))
    if paths_a != paths_b:
        raise ValueError(
            f"The structures have other paths: only the first has {sorted(map(repr, paths_a - paths_b))}, "
            f"only the second {sorted(map(repr, paths_b - paths_a))}."
        )


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """The leaves of a flat sequence in a structure like this one: the inverse of `flatten`.

    Raises ValueError: another number of leaves. Raises TypeError: flat_sequence is no sequence.

    Example:

    >>> keras.tree.pack_sequence_as({"a": 0, "b": [0, 0]}, [1, 2, 3])
    {'a': 1, 'b': [2, 3]}
    """
    return optree.tree_unflatten(optree.tree_structure(structure, none_is_leaf=True), flat_sequence)


def lists_to_tuples(structure: Any) -> Any:
    """The structure with tuples in place of its lists.

    Example:

    >>> keras.tree.lists_to_tuples([1, {"a": [2, 3]}])
    (1, {'a': (2, 3)})
    """
    return traverse(lambda x: tuple(x) if isinstance(x, list) else None, structure, top_down=False)


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """func of each shape in a structure: a tuple or list of sizes and None is a shape, not a structure.

    Raises TypeError: func cannot be called.

    Example:

    >>> keras.tree.map_shape_structure(len, {"x": (2, 3), "y": [(4,), (None, 5, 6)]})
    {'x': 2, 'y': [1, 3]}
    """
    _check_function(func, (structure,))
    return optree.tree_map(func, structure, is_leaf=_is_shape, none_is_leaf=True)


def _is_shape(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and all(size is None or isinstance(size, int) for size in x)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """The structure with parts replaced: func is called for every part of it, leaves and nested ones.

    Args:
        func: a function of a part. What it returns takes the part's place, `MAP_TO_NONE` stands for None; None
            leaves the part as it is.
        top_down: True: a part is seen before what is in it, which is not seen if the part was replaced. False:
            what is in it is seen before.

    Raises TypeError: func cannot be called.

    Example:

    >>> keras.tree.traverse(lambda x: sum(x) if isinstance(x, tuple) else None, [1, (2, 3)])
    [1, 5]
    """
    _check_function(func, (structure,))
    if top_down:
        found = func(structure)
        return _traverse_children(func, structure, top_down) if found is None else _result(found)
    structure = _traverse_children(func, structure, top_down)
    found = func(structure)
    return structure if found is None else _result(found)


def _result(found: Any) -> Any:
    return None if found is MAP_TO_NONE else found


def _traverse_children(func: Callable[[Any], Any], structure: Any, top_down: bool) -> Any:
    if not is_nested(structure):
        return structure
    if isinstance(structure, dict):
        items = [(key, traverse(func, value, top_down)) for key, value in structure.items()]
        if isinstance(structure, collections.defaultdict):
            return type(structure)(structure.default_factory, items)
        return type(structure)(items)
    children = [traverse(func, child, top_down) for child in structure]
    if hasattr(structure, "_fields"):
        return type(structure)(*children)
    if isinstance(structure, collections.deque):
        return collections.deque(children, structure.maxlen)
    return type(structure)(children)
