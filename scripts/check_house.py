#!/usr/bin/env python3
"""Checks the rules of the house that no other tool knows. Prints what breaks them, and fails.

- No file of code or prose is longer than 600 lines.
- No module is named after a framework or a standard-library module.
- Above backends/, nothing branches on which backend is running.
- Every command in the README, in CONTRIBUTING and in docs/ names something that exists.
- No leftover markers, and no paths of somebody's machine.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from check_readme import commands

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 600
FRAMEWORKS = ("torch", "jax", "tensorflow", "keras", "numpy")
BACKENDS = ("torch", "jax", "tensorflow")
TEXT = (".py", ".md", ".sh", ".toml", ".ini", ".txt", ".cfg", "")

# Tables of results, which a script writes and nobody edits.
GENERATED = ("docs/conformance.md",)

# The public names are Keras's and TensorFlow's, so their modules must be called that; each
# is only ever imported by its full name, and so hides nothing.
ALLOWED_NAMES = {
    "compat/triceras/random": "the public name keras.random",
    "compat/triceras/ops/numpy": "the public name keras.ops.numpy",
    "compat/triceras/tf/random": "the public name tf.random",
    "compat/triceras/tf/math": "the public name tf.math",
    "backends/triceras_backends/contract/types": "only ever imported by its full name",
} | {
    f"{folder}/{name}": "found by the backend's name, as backends are"
    for folder in (
        "tests/conformance/native",
        "tests/conformance/native_cases",
        "benchmarks/native",
        "benchmarks/keras3",
    )
    for name in BACKENDS
}

# Spelt in halves, so that this file and its tests keep the rule.
MARKERS = tuple(
    a + b for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("HA", "CK"), ("<<<<", "<<<"), (">>>>", ">>>"))
)
MACHINE_PATH = re.compile(r"(?<![\w.~{}/])/(?:home|root|Users|opt|tmp|work|mnt)/[\w.-]+")

Problem = tuple[Path, int, str]


def tracked_files(root: Path) -> list[Path]:
    """The files that git tracks or would track, or all of them where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
        files = [root / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = [path for path in root.rglob("*") if not any(part.startswith(".") for part in path.parts)]
    return sorted(path for path in files if path.is_file())


def too_long(path: Path, text: str) -> Iterator[Problem]:
    """Code and prose are read by people; data, pins and licences are not."""
    lines = text.count("\n")
    written = path.suffix in (".py", ".md", ".sh") and not path.as_posix().endswith(GENERATED)
    if written and lines > LONGEST:
        yield path, lines, f"{lines} lines, more than {LONGEST}: divide it by topic"


def bad_name(path: Path, root: Path) -> Iterator[Problem]:
    """A module named as another hides it, or is hidden by it, wherever the path is searched in another order."""
    if path.suffix != ".py":
        return
    relative = path.relative_to(root)
    for part in (relative, *relative.parents):
        name = part.stem
        taken = name in FRAMEWORKS or name in sys.stdlib_module_names
        if taken and not name.startswith("__") and str(part.with_suffix("")) not in ALLOWED_NAMES:
            kind = "framework" if name in FRAMEWORKS else "standard-library module"
            yield path, 1, f"{part} is named after the {kind} {name!r}"


def _names_backend(node: ast.expr) -> bool:
    values = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    return any(isinstance(value, ast.Constant) and value.value in BACKENDS for value in values)


def backend_branches(path: Path, text: str) -> Iterator[Problem]:
    """Comparisons, matches and tables over backends' names: such a difference belongs in the contract."""
    message = "branches on the backend's name: make it a function of the contract, or a declared gap"
    for node in ast.walk(ast.parse(text, filename=str(path))):
        if isinstance(node, ast.Compare):
            found = any(_names_backend(side) for side in (node.left, *node.comparators))
        elif isinstance(node, ast.match_case):
            pattern = node.pattern
            found = isinstance(pattern, ast.MatchValue) and _names_backend(pattern.value)
        elif isinstance(node, ast.Dict):
            found = sum(key is not None and _names_backend(key) for key in node.keys) > 1
        else:
            continue
        if found:
            yield path, getattr(node, "lineno", 1), message


def leftovers(path: Path, text: str) -> Iterator[Problem]:
    """Markers of unfinished work and paths of one machine."""
    for number, line in enumerate(text.splitlines(), start=1):
        for marker in MARKERS:
            if re.search(rf"(?<!\w){marker}(?!\w)", line):
                yield path, number, f"the marker {marker}: do it, or file it"
        if not line.startswith("#!"):
            for match in MACHINE_PATH.findall(line):
                yield path, number, f"the machine path {match}"


def tox_environments(root: Path) -> set[str]:
    """The environments that tox.ini declares."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(root / "tox.ini", encoding="utf-8")
    return {name.strip() for name in config["tox"]["env_list"].replace("\n", ",").split(",") if name.strip()}


def broken_command(command: str, root: Path) -> str | None:
    """What is wrong with a shell command of the documentation, if anything: what it names must exist."""
    words = shlex.split(command)
    while words and re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    program = words[0] if words else ""
    if program.startswith("./"):
        target = root / program
        return None if target.is_file() and target.stat().st_mode & 0o100 else f"{program} is no executable file"
    if program == "tox":
        chosen = [
            name for flag, names in zip(words, words[1:], strict=False) if flag == "-e" for name in names.split(",")
        ]
        unknown = set(chosen) - tox_environments(root)
        return f"tox.ini has no environment {', '.join(sorted(unknown))}" if unknown else None
    missing = [word for word in words if word.endswith(".py") and not (root / word).is_file()]
    return f"{missing[0]} does not exist" if missing else None


def broken_commands(root: Path) -> Iterator[Problem]:
    """Commands in the README, in CONTRIBUTING and in docs/ that name what is not there."""
    for path in (root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))):
        for command in commands(path.read_text(encoding="utf-8")):
            if problem := broken_command(command, root):
                yield path, 1, f"`{command}`: {problem}"


def problems(root: Path) -> Iterator[Problem]:
    """Everything that breaks a rule below `root`."""
    for path in tracked_files(root):
        if path.suffix not in TEXT or path.name == "LICENSE":
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield from too_long(path, text)
        yield from bad_name(path, root)
        yield from leftovers(path, text)
        if path.suffix == ".py" and path.is_relative_to(root / "compat"):
            yield from backend_branches(path, text)
    yield from broken_commands(root)


def main() -> int:
    parser = argparse.ArgumentParser(description="Check the rules of the house.")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    root = parser.parse_args().root.resolve()
    found = list(problems(root))
    for path, line, message in found:
        print(f"{path.relative_to(root)}:{line}: {message}")
    print(f"{len(found)} problems" if found else "The house is in order.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
