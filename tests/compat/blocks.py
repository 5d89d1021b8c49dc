"""Runs the Python blocks of a Markdown file, in their order, in one namespace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def python_blocks(path: Path) -> list[tuple[int, str]]:
    """Each block marked `python`: the line its code begins at, and the code."""
    text = path.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return [(text.count("\n", 0, match.start(1)) + 1, match.group(1)) for match in found]


def run_blocks(path: Path) -> dict[str, Any]:
    """Runs the blocks of a file; a failure points at its line. Returns the names they leave."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for line, code in python_blocks(path):
        exec(compile("\n" * (line - 1) + code, str(path), "exec"), namespace)
    return namespace
