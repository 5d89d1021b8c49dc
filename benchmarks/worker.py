"""One contestant in a process of its own: reads a command a line, answers with a line of JSON.

    python -m benchmarks.worker BACKEND WORKLOAD LIBRARY [VARIANT]

The commands are "first", "run" and "check"; the process ends with its input. What the libraries
print goes to standard error.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import Any

from benchmarks import highlevel, native, suite


def perform(contestant: Any, command: str) -> dict[str, Any]:
    """Does what is asked, and says what it cost: CPU seconds of all threads, and wall seconds."""
    if command == "check":
        return {"figures": contestant.check()}
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    steps = {"first": contestant.first, "run": contestant.run}[command]() or 1
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "steps": steps}


def main(backend: str, workload_name: str, library: str, variant: str = "") -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**content: Any) -> None:
        print(json.dumps(content), file=answers, flush=True)

    workload = suite.WORKLOADS[workload_name]
    try:
        start = time.perf_counter()
        if library == "native":
            contestant = native.contestant(backend, workload, variant)
        else:
            contestant = highlevel.contestant(library, backend, workload, variant)
        answer(build=time.perf_counter() - start)
        for line in sys.stdin:
            answer(**perform(contestant, line.strip()))
    except Exception as error:
        answer(error=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
