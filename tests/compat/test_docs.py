"""The code in the README and the documentation runs on the chosen backend."""

from __future__ import annotations

import pytest

from tests.compat.blocks import ROOT, python_blocks, run_blocks

FILES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if python_blocks(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_blocks_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks(path)
    assert list(tmp_path.iterdir()) == []


def test_every_page_is_found():
    assert {"README.md", "backends.md", "gradients.md", "jit.md"} <= {path.name for path in FILES}
