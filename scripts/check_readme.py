#!/usr/bin/env python3
"""Runs every command of the README, in its order, in one shell, as a newcomer would type them.

The commands are those of the blocks marked `sh`. Only `./scripts/test` is left out, because
it is what runs this. Exits with the status of the first command that fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MATRIX = "./scripts/test"


def commands(text: str) -> list[str]:
    """The lines of a Markdown text's `sh` blocks, without comments and blank lines."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def script(lines: list[str]) -> str:
    """A shell script that announces and runs each line, stopping at the first failure."""
    steps = ["set -eu"]
    for line in lines:
        steps.append("printf '\\n$ %s\\n' " + "'" + line.replace("'", "'\\''") + "'")
        steps.append("echo '(this is what is running)'" if line == MATRIX else line)
    return "\n".join(steps)


def newcomer_environment() -> dict[str, str]:
    """The environment less what tox and virtual environments leave in it.

    KERAS_HOME stays: a configuration file that happens to lie here is not the newcomer's.
    """
    inherited = ("TOX", "VIRTUAL_ENV", "PYTHON", "KERAS_BACKEND", "TF_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    here = str(Path(sys.executable).parent)
    path = [folder for folder in environment["PATH"].split(os.pathsep) if folder != here]
    # tox is the one tool the README takes for granted: last, so that python is the newcomer's.
    environment["PATH"] = os.pathsep.join([*path, here])
    return environment


def main() -> int:
    lines = commands((ROOT / "README.md").read_text(encoding="utf-8"))
    return subprocess.run(["sh", "-c", script(lines)], cwd=ROOT, env=newcomer_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
