"""Runs parts of the conformance suite once as they are and once for each mutant, in one process.

    python -m tests.mutants.runner RESULTS.json [MUTANT ...]

RESULTS.json maps each mutant to pytest's exit codes and summary: {"clean": 0, "damaged": 1}.
The framework is imported once; everything above the backend is imported anew for each run,
because modules take what they need from the backend when they are imported.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.damage import MUTANTS, Mutant
from triceras_backends.active import backend

CONFORMANCE = Path(__file__).parents[1] / "conformance"


def forget() -> None:
    """Drops what was imported above the backend."""
    for name in list(sys.modules):
        if name.split(".")[0] == "triceras" or name.startswith("tests.conformance"):
            del sys.modules[name]


def run(mutant: Mutant, damaged: bool) -> int:
    file, expression = mutant.tests
    forget()
    with mutant.apply(backend) if damaged else ExitStack():
        arguments = ["-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=line", "-k", expression]
        return int(pytest.main([*arguments, str(CONFORMANCE / file)]))


def main(path: str, names: list[str]) -> None:
    results: dict[str, Any] = {}
    for mutant in [MUTANTS[name] for name in names or MUTANTS]:
        print(f"--- {mutant.name}", flush=True)
        results[mutant.name] = {"clean": run(mutant, damaged=False), "damaged": run(mutant, damaged=True)}
    Path(path).write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
