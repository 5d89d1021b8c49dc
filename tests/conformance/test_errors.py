"""Bad input: the same exception on every backend, a message that names what it got, and nothing broken after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance import checking
from tests.conformance.cases.all import ERRORS
from tests.conformance.cases.base import convert, floats
from triceras_backends.active import backend as B
from triceras_backends.specs import Spec, infer


def _ids() -> list[str]:
    ids: list[str] = []
    for op, _, kw, _, fragments in ERRORS:
        name = f"{op}-{','.join([*fragments, *kw])}".replace(" ", "")
        ids.append(name if name not in ids else f"{name}~{len(ids)}")
    return ids


@pytest.mark.parametrize(("op", "args", "kw", "error", "fragments"), ERRORS, ids=_ids())
def test_refused(op: str, args: Any, kw: Any, error: Any, fragments: tuple[str, ...]) -> None:
    args = args if op == "convert_to_tensor" else convert(args, checking.tensor, lambda marked: marked.value)
    with pytest.raises(error) as caught:
        with B.device_scope(*args) if op == "device_scope" else _nothing():
            getattr(B, op)(*args, **kw)
    message = str(caught.value)
    assert message.strip()
    for fragment in fragments:
        assert fragment in message, f"{message!r} does not name {fragment}"


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *unused: Any) -> None: ...


SHAPED = ["add", "multiply", "matmul", "maximum", "less"]


@pytest.mark.parametrize("op", SHAPED)
def test_the_message_names_the_operation(op: str) -> None:
    with pytest.raises(ValueError, match=op):
        getattr(B, op)(checking.tensor(floats((2, 3))), checking.tensor(floats((4,))))


@pytest.mark.parametrize("op", SHAPED)
def test_refused_inside_jit(op: str) -> None:
    compiled = B.jit(getattr(B, op))
    with pytest.raises(ValueError, match=r"\(4,\)"):
        compiled(checking.tensor(floats((2, 3))), checking.tensor(floats((4,))))


@pytest.mark.parametrize("op", SHAPED)
def test_refused_in_a_spec(op: str) -> None:
    with pytest.raises(ValueError, match=r"\(4,\)"):
        infer(B, getattr(B, op), Spec((2, 3), "float32"), Spec((4,), "float32"))


def test_assignment_of_a_wrong_shape() -> None:
    v = B.Variable(floats((2, 3)), name="weight")
    before = v.numpy()
    for method in (v.assign, v.assign_add, v.assign_sub):
        with pytest.raises(ValueError, match=r"\(4,\)"):
            method(floats((4,)))
        with pytest.raises(ValueError, match=r"\(2, 3\)"):
            method(floats((4,)))
    with pytest.raises(ValueError, match=r"\(3,\).*\(2, 3\)"):
        v.assign(floats((3,)))  # would broadcast
    np.testing.assert_array_equal(v.numpy(), before)
    v.assign(before + 1)
    np.testing.assert_allclose(v.numpy(), before + 1)


def test_items_of_a_variable_cannot_be_assigned() -> None:
    v = B.Variable(floats((2, 3)))
    with pytest.raises(TypeError, match="assign"):
        v[0] = 1.0


@pytest.mark.parametrize(
    ("args", "kw", "fragments"),
    [
        ((floats((2, 3)),), {"shape": (3, 2)}, ("(2, 3)", "(3, 2)")),
        ((lambda shape, dtype: B.zeros(shape, dtype),), {}, ("shape",)),
        ((lambda shape, dtype: B.zeros((3,), dtype),), {"shape": (2,)}, ("(3,)", "(2,)")),
        ((floats((2,)),), {"dtype": "flaot32"}, ("flaot32",)),
        ((floats((2,)),), {"name": "a/b"}, ("a/b",)),
        ((floats((2,)),), {"name": ""}, ("''",)),
        (([[1.0], [1.0, 2.0]],), {}, ()),
    ],
)
def test_a_variable_that_cannot_be(args: Any, kw: Any, fragments: tuple[str, ...]) -> None:
    with pytest.raises(ValueError) as caught:
        B.Variable(*args, **kw)
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_usable_after_errors() -> None:
    x = checking.tensor(floats((2, 3)))
    for _ in range(3):
        with pytest.raises(ValueError):
            B.add(x, checking.tensor(floats((4,))))
    np.testing.assert_array_equal(B.convert_to_numpy(B.add(x, x)), 2 * floats((2, 3)))
