"""Each mutant turns the conformance suite red, where the sound backend is green."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.damage import MUTANTS
from triceras_backends.selection import choose

ROOT = Path(__file__).parents[2]
SOUND, RED = 0, 1  # pytest's exit codes: all passed, some failed; others mean that nothing was tested


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("mutants") / "results.json"
    roots = [str(ROOT), str(ROOT / "backends"), str(ROOT / "compat"), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"KERAS_BACKEND": choose(), "PYTHONPATH": os.pathsep.join(filter(None, roots))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants.runner", str(path)],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert path.exists(), done.stdout[-4000:] + done.stderr[-4000:]
    return dict(json.loads(path.read_text(encoding="utf-8")), log=done.stdout)


def log_of(results: dict[str, Any], name: str) -> str:
    return str(results["log"]).split(f"--- {name}\n")[-1].split("\n--- ")[0][-3000:]


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(results: dict[str, Any], name: str) -> None:
    assert results[name]["clean"] == SOUND, f"red without the damage:\n{log_of(results, name)}"
    assert results[name]["damaged"] == RED, f"the mutant survived:\n{log_of(results, name)}"
