"""Runs the Python blocks of a Markdown file, in their order, in one namespace.

The words after the fence's ``` say what a block is. `python` runs everywhere, `python jax` only on
that backend; anything else (`text`, `sh`, `json`) is never run. Where a line that is an expression
ends with the comment `# -> value`, the value's repr must be that text.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BACKENDS = ("torch", "jax", "tensorflow")

_FENCE = re.compile(r"^```([^\n`]+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of code: the line it begins at, the code, and the backend it is for (None: all)."""

    line: int
    code: str
    backend: str | None = None


def python_blocks(path: Path) -> list[Block]:
    """The blocks of Python. Raises ValueError: one is marked with what is no backend."""
    text = path.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        language, *marks = match.group(1).split()
        line = text.count("\n", 0, match.start(2)) + 1
        if language != "python":
            continue
        if len(marks) > 1 or not set(marks) <= set(BACKENDS):
            raise ValueError(f"{path}:{line - 1}: a block is `python`, or `python` and a backend; got {marks}")
        found.append(Block(line, match.group(2), marks[0] if marks else None))
    return found


def run_blocks(path: Path, backend: str | None = None) -> dict[str, Any]:
    """Runs a file's blocks for a backend; a failure points at its line. Returns the names they leave."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in python_blocks(path):
        if block.backend in (None, backend):
            run_block(path, block, namespace)
    return namespace


def run_block(path: Path, block: Block, namespace: dict[str, Any]) -> None:
    """Runs one block, comparing what it says its values are."""
    code = "\n" * (block.line - 1) + block.code
    expected = _expected(code)
    tree = ast.parse(code, str(path))
    for statement in tree.body:
        text = expected.pop(statement.end_lineno, None)
        where = f"{path.name}:{statement.end_lineno}"
        if text is None:
            exec(compile(ast.Module([statement], []), str(path), "exec"), namespace)
        else:
            assert isinstance(statement, ast.Expr), f"{where}: only an expression has a value to compare"
            value = eval(compile(ast.Expression(statement.value), str(path), "eval"), namespace)
            assert repr(value) == text, f"{where}: got {value!r}, the page says {text}"
    assert not expected, f"{path.name}: values inside of statements, never compared: lines {sorted(expected)}"


def _expected(code: str) -> dict[int | None, str]:
    """What comments say of values, by line."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    found = [(token.start[0], re.match(r"#\s*->\s*(.*\S)", token.string)) for token in comments]
    return {line: match.group(1) for line, match in found if match}
