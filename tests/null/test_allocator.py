"""The allocator's setting: freed memory stays, unless the user said otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import resource
from triceras_backends.torch_backend.allocator import keep_freed_memory
import numpy as np
kept = keep_freed_memory()
def use():
    for _ in range(20):
        np.ones(1 << 22, "uint8")
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def run(**variables: str) -> tuple[bool, int]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True, env=env | variables
    )
    kept, faults = done.stdout.split()
    return kept == "True", int(faults)


@pytest.mark.parametrize("variables", [{"TRICERAS_KEEP_MEMORY": "0"}, {"MALLOC_ARENA_MAX": "2"}])
def test_the_user_decides(variables: dict[str, str]) -> None:
    assert not run(**variables)[0]


def test_freed_memory_is_kept() -> None:
    kept, faults = run()
    assert not kept or faults < 200  # pages of 4 KiB: mapped anew each time they would be 20,000
