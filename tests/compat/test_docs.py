"""The code in the README and the documentation runs on the chosen backend."""

from __future__ import annotations

import pytest

import triceras as keras
from tests.compat.blocks import BACKENDS, ROOT, python_blocks, run_blocks

FILES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if python_blocks(path)]


@pytest.fixture(autouse=True)
def restored():
    """What a page may set for the whole process is as before."""
    policy = keras.config.dtype_policy()
    keras.backend.clear_session(free_memory=False)
    yield
    keras.config.set_dtype_policy(policy)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_blocks_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks(path, keras.backend.backend())
    assert list(tmp_path.iterdir()) == []


def test_every_page_is_found():
    pages = {"README", "backends", "bringing_a_loop", "custom_training", "engine", "fast", "gradients", "index", "jit"}
    assert {f"{page}.md" for page in pages | {"randomness"}} <= {path.name for path in FILES}


def test_each_framework_has_blocks_of_its_own():
    marks = [block.backend for block in python_blocks(ROOT / "docs" / "bringing_a_loop.md")]
    assert set(BACKENDS) <= set(marks)


def page(tmp_path, text):
    path = tmp_path / "page.md"
    path.write_text(text.replace("'''", "```"), encoding="utf-8")
    return path


def test_blocks_share_names_and_others_are_left_alone(tmp_path):
    text = "'''python\nx = 1\n'''\n'''text\nx = 2\n'''\n'''python jax\nx = 3\n'''\n'''python\ny = x\n'''\n"
    assert run_blocks(page(tmp_path, text), "torch")["y"] == 1
    assert run_blocks(page(tmp_path, text), "jax")["y"] == 3


def test_values_are_compared(tmp_path):
    run_blocks(page(tmp_path, "'''python\n1 + 1  # -> 2\n[\n    1,\n]  # -> [1]\n'''\n"))
    with pytest.raises(AssertionError, match="page.md:2: got 2, the page says 3"):
        run_blocks(page(tmp_path, "'''python\n1 + 1  # -> 3\n'''\n"))
    with pytest.raises(AssertionError, match="never compared"):
        run_blocks(page(tmp_path, "'''python\nif True:\n    1  # -> 2\n    2\n'''\n"))
    with pytest.raises(AssertionError, match="only an expression"):
        run_blocks(page(tmp_path, "'''python\nx = 1  # -> 1\n'''\n"))


def test_an_unknown_mark_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="page.md:1"):
        python_blocks(page(tmp_path, "'''python jacks\n1\n'''\n"))
