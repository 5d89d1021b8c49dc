"""Runs the contestants of a workload in turn, each in a process that stays alive between turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from benchmarks import suite

ROOT = Path(__file__).resolve().parent.parent
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "NPROC",  # XLA's pools on the CPU
)


class Failed(Exception):
    """A contestant could not do what it was asked."""


@dataclass(frozen=True)
class Contestant:
    """Who takes part: "triceras", "keras" or "native", and which way of it."""

    library: str
    variant: str = ""

    @property
    def name(self) -> str:
        return f"{self.library} {self.variant}".strip()


def contestants(backend: str, workload: suite.Workload, compiled: bool) -> list[Contestant]:
    """Everybody who runs a workload on a backend."""
    variants = [*workload.variants]
    if compiled and "compiled" in suite.targets()[backend].get(workload.name, {}):
        variants.append("compiled")
    found = [Contestant("triceras", variant) for variant in variants]
    if workload.keras:
        found += [Contestant("keras", variant) for variant in workload.variants]
    return found + [Contestant("native", name) for name in suite.native_contestants(backend, workload.name, compiled)]


def environment(backend: str, threads: int) -> dict[str, str]:
    """The environment of a worker: the same limits on threads for everybody."""
    path = os.pathsep.join(
        [*(str(ROOT / folder) for folder in ("backends", "compat", ".")), os.environ.get("PYTHONPATH", "")]
    )
    limits = dict.fromkeys(THREAD_VARIABLES, str(threads))
    eigen = f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}"
    return {
        **os.environ,
        **limits,
        "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {eigen}".strip(),
        "PYTHONPATH": path.rstrip(os.pathsep),
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "JAX_PLATFORMS": os.environ.get("JAX_PLATFORMS", "cpu"),
        "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "-1"),
    }


class Worker:
    """A contestant's process."""

    def __init__(self, backend: str, workload: str, contestant: Contestant, threads: int, log: TextIO) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", backend, workload, contestant.library, contestant.variant],
            cwd=ROOT,
            env=environment(backend, threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            self.build = self._answer()["build"]
        except Failed:
            self.close()
            raise

    def ask(self, command: str) -> dict[str, Any]:
        """Lets the contestant do one thing. Raises Failed."""
        assert self.process.stdin is not None
        try:
            print(command, file=self.process.stdin, flush=True)
        except BrokenPipeError as error:
            raise Failed("the process ended") from error
        return self._answer()

    def close(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.close()
            self.process.wait(timeout=20)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the process ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer


def measure(
    backend: str, workload: suite.Workload, repeats: int, threads: int, compiled: bool, log: TextIO
) -> list[dict[str, Any]]:
    """A row of figures a contestant: medians over interleaved repeats, or why there are none.

    The first repeat is warm-up. Every other repeat goes backwards, so that nobody is always next
    to the same neighbour.
    """
    rows, workers = [], {}
    try:
        for contestant in contestants(backend, workload, compiled):
            row: dict[str, Any] = {"backend": backend, "workload": workload.name, "contestant": contestant.name}
            rows.append(row)
            try:
                worker = Worker(backend, workload.name, contestant, threads, log)
                workers[len(rows) - 1] = worker
                first = worker.ask("first")
                row |= {"build_s": worker.build, "first_s": first["wall"], "runs": []}
            except Failed as error:
                row["error"] = str(error)
        for repeat in range(repeats + 1):
            order = [i for i in workers if "error" not in rows[i]]
            for i in order[:: 1 if repeat % 2 else -1]:
                try:
                    run = workers[i].ask("run")
                except Failed as error:
                    rows[i]["error"] = str(error)
                    continue
                if repeat:
                    rows[i]["runs"].append(run)
    finally:
        for worker in workers.values():
            worker.close()
    for row in rows:
        if "error" not in row:
            for clock in ("cpu", "wall"):
                row[f"{clock}_us"] = statistics.median(run[clock] / run["steps"] for run in row["runs"]) * 1e6
    return rows


def check(backend: str, workload: suite.Workload, threads: int, compiled: bool, log: TextIO) -> list[dict[str, Any]]:
    """What each contestant gets from the same weights and data; all must agree."""
    rows = []
    for contestant in contestants(backend, workload, compiled):
        row: dict[str, Any] = {"backend": backend, "workload": workload.name, "contestant": contestant.name}
        try:
            worker = Worker(backend, workload.name, contestant, threads, log)
            try:
                row["figures"] = worker.ask("check")["figures"]
            finally:
                worker.close()
        except Failed as error:
            row["error"] = str(error)
        rows.append(row)
    return rows
