"""keras.tree beside the real Keras's."""

from __future__ import annotations

import collections
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

import triceras


class Pair(NamedTuple):
    x: Any
    y: Any


NESTED = {
    "b": [1, (2, None)],
    "a": Pair(3, [4, 5]),
    "c": collections.OrderedDict([("q", 1), ("p", 2)]),
    "d": collections.deque([6, 7]),
    "e": collections.defaultdict(int, {"z": 8}),
}
LEAVES = (5, None, "text", {1, 2}, range(3))
EMPTY = ([], (), {}, collections.OrderedDict(), collections.deque())


def outcome(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What a call returns, or the type of what it raises."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error)


def replaced(tree: Any) -> Any:
    """A function for `traverse` that does all it can."""

    def function(x: Any) -> Any:
        if isinstance(x, tuple) and not hasattr(x, "_fields"):
            return list(x)
        if x == 5 and isinstance(x, int):
            return tree.MAP_TO_NONE
        return x * 10 if isinstance(x, int) else None

    return function


CALLS = {
    "is_nested": lambda tree: [outcome(tree.is_nested, x) for x in (NESTED, *LEAVES, *EMPTY)],
    "flatten": lambda tree: [tree.flatten(x) for x in (NESTED["b"], NESTED["a"], *LEAVES, *EMPTY)],
    # Of dicts within dicts, Keras on PyTorch does not sort the keys.
    "flatten_dicts": lambda tree: tree.flatten({"b": 1, "a": [{"c": 3}]}),
    "flatten_with_path": lambda tree: [tree.flatten_with_path(x) for x in (NESTED, *LEAVES)],
    "map_structure": lambda tree: tree.map_structure(lambda x: (x,), NESTED),
    "map_structure of two": lambda tree: tree.map_structure(lambda x, y: (x, y), [1, {"a": 2}], [3, {"a": 4}]),
    "map_structure of dicts": lambda tree: tree.map_structure(max, {"a": 1}, collections.OrderedDict(a=2)),
    "map_structure without None": lambda tree: tree.map_structure(lambda x: 0, [None, 1], none_is_leaf=False),
    "map_structure with None": lambda tree: tree.map_structure(lambda x: 0, [None, 1]),
    "map_structure of other lengths": lambda tree: tree.map_structure(max, [1, 2], [3]),
    "map_structure of other types": lambda tree: tree.map_structure(max, [1, 2], (3, 4)),
    "map_structure of other keys": lambda tree: tree.map_structure(max, {"a": 1}, {"b": 1}),
    "map_structure of nothing": lambda tree: tree.map_structure(max),
    "map_structure by no function": lambda tree: tree.map_structure(5, [1]),
    "map_structure_up_to": lambda tree: tree.map_structure_up_to([1, 2], max, [[1], [3]], [[2], [0]]),
    "map_structure_up_to a leaf": lambda tree: tree.map_structure_up_to(5, lambda x: x, [1]),
    "map_structure_up_to of less": lambda tree: tree.map_structure_up_to([1, 2], lambda x: x, [1]),
    "map_structure_up_to of another type": lambda tree: tree.map_structure_up_to((1, 2), lambda x: x, [1, 2]),
    "map_structure_up_to of nothing": lambda tree: tree.map_structure_up_to([1, 2], lambda x: x),
    "pack_sequence_as": lambda tree: tree.pack_sequence_as({"b": [0, (0, 0)], "a": Pair(0, 0)}, list(range(5))),
    "pack_sequence_as a leaf": lambda tree: tree.pack_sequence_as(1, ["x"]),
    "pack_sequence_as too few": lambda tree: tree.pack_sequence_as([1, 2], [1]),
    "pack_sequence_as too many": lambda tree: tree.pack_sequence_as([1, 2], [1, 2, 3]),
    "pack_sequence_as no sequence": lambda tree: tree.pack_sequence_as([1], 5),
    "lists_to_tuples": lambda tree: tree.lists_to_tuples([1, [2, Pair([3], 4)], {"a": [5]}]),
    "map_shape_structure": lambda tree: [
        tree.map_shape_structure(lambda shape: ("shape", *shape) if shape is not None else shape, x)
        for x in ((1, 2), [1, None], {"a": (1, 2), "b": [(3, None), (4,)]}, [(1, 2), (3,)], ())
    ],
    "traverse": lambda tree: tree.traverse(replaced(tree), [1, (2, 5), {"a": 5, "b": (1,)}]),
    "traverse from below": lambda tree: tree.traverse(replaced(tree), [1, (2, 5), {"a": 5}], top_down=False),
    "traverse nothing": lambda tree: tree.traverse(lambda x: None, NESTED),
    "traverse to None": lambda tree: tree.traverse(lambda x: tree.MAP_TO_NONE, [1]),
    "traverse by no function": lambda tree: tree.traverse(5, [1]),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_keras(name: str) -> None:
    assert outcome(CALLS[name], triceras.tree) == outcome(CALLS[name], keras.tree)


PAIRS = [
    ([1, 2], [3, 4]), ([1, 2], (3, 4)), ([1, 2], [3]), (1, [3]), ([1], 2), ({"a": 1}, {"b": 1}), ([None], [1]),
    (Pair(1, 2), (1, 2)), ({"a": 1}, collections.OrderedDict(a=1)), ({"a": [1]}, {"a": (1,)}), ([[1], 2], [1, [2]]),
]  # fmt: skip


@pytest.mark.parametrize("name", ["assert_same_structure", "assert_same_paths"])
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_comparisons(name: str, pair: Any) -> None:
    ours = outcome(getattr(triceras.tree, name), *pair)
    assert ours == outcome(getattr(keras.tree, name), *pair)
    assert ours in (None, ValueError)


def test_arrays_and_tensors_are_leaves() -> None:
    array = np.zeros(2)
    tensor = triceras.ops.zeros(2)
    leaves = triceras.tree.flatten([array, {"a": tensor}])
    assert leaves[0] is array and leaves[1] is tensor


def test_a_difference_says_where() -> None:
    with pytest.raises(ValueError, match=r"at \['a'\]\[1\]: a list of 1 and a leaf of type int"):
        triceras.tree.assert_same_structure({"a": [1, [2]]}, {"a": [1, 2]})


def test_check_types_is_deprecated() -> None:
    with pytest.warns(DeprecationWarning, match="check_types"):
        triceras.tree.assert_same_structure([1], [2], check_types=True)


def test_defaults_and_lengths_survive() -> None:
    deque = collections.deque([1], maxlen=3)
    found = triceras.tree.traverse(lambda x: None, {"d": deque, "e": NESTED["e"]})
    assert found["d"].maxlen == 3 and found["e"].default_factory is int
