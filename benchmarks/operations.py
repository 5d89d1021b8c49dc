"""`scripts/bench ops`: what an eager call of each operation costs on small tensors.

    scripts/bench ops [--backend B] [--op NAME] [--quick] [--out FOLDER]

Triceras, Keras 3 and the framework's own call are timed in turns in one process a backend. Writes
operations.json and operations.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import suite
from benchmarks.calls import CALLS, Call, operands

BACKENDS = ("torch", "jax", "tensorflow")
CONTESTANTS = ("triceras", "native", "keras")
ROUND = 0.004  # seconds of calls between two looks at the clock
INTRODUCTION = "CPU microseconds of a call, medians of interleaved rounds."

Row = dict[str, Any]
Calls = dict[str, Callable[[], Any]]


class Named(NamedTuple):
    """What a row is called in the report."""

    name: str


# -- in the process of one backend ---------------------------------------------------------


def framework(backend: str) -> dict[str, Any]:
    """The names that the framework's own calls use, and how to wait for its devices."""
    if backend == "torch":
        import torch  # noqa: PLC0415

        return {"torch": torch, "F": torch.nn.functional, "tensor": torch.from_numpy, "wait": lambda x: None}
    if backend == "jax":
        import jax  # noqa: PLC0415
        import jax.numpy as jnp  # noqa: PLC0415

        return {"jax": jax, "jnp": jnp, "lax": jax.lax, "tensor": jnp.asarray, "wait": jax.block_until_ready}
    import tensorflow as tf  # noqa: PLC0415

    return {"tf": tf, "tensor": tf.constant, "wait": lambda x: None}


def _timed(fn: Callable[[], Any], number: int, wait: Callable[[Any], Any]) -> float:
    """CPU microseconds a call."""
    start = time.process_time()
    for _ in range(number):
        result = fn()
    wait(result)
    return (time.process_time() - start) / number * 1e6


def _number(fn: Callable[[], Any]) -> int:
    """How many calls fill a round."""
    fn()
    start = time.perf_counter()
    fn()
    return max(5, min(2000, int(ROUND / max(time.perf_counter() - start, 1e-7))))


def measure(
    backend: str, call: Call | Named, contestants: dict[str, Callable[[], Any]], repeats: int, wait: Any
) -> Row:
    """The medians of interleaved rounds; what cannot be called says why."""
    row: Row = {"backend": backend, "op": call.name}
    running: dict[str, tuple[Callable[[], Any], int]] = {}
    for name, fn in contestants.items():
        try:
            running[name] = fn, _number(fn)
        except Exception as error:
            row[f"{name}_error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    times: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(repeats):
        for name, (fn, number) in running.items():
            times[name].append(_timed(fn, number, wait))
    return row | {name: statistics.median(found) for name, found in times.items()}


def worker(backend: str, repeats: int, names: list[str]) -> None:
    """Prints a row of JSON an operation."""
    import keras  # noqa: PLC0415

    import triceras  # noqa: PLC0415

    found = framework(backend)
    tensors = {name: found["tensor"](array) for name, array in operands().items()}
    for call in CALLS:
        if names and call.name not in names:
            continue
        sources = {"triceras": (call.ops, triceras.ops), "keras": (call.ops, keras.ops)}
        native = getattr(call, backend)
        sources |= {"native": (native, None)} if native else {}
        contestants = {
            name: eval(f"lambda: {source}", found | tensors | {"ops": ops})  # the table is ours
            for name, (source, ops) in sources.items()
        }
        print(json.dumps(measure(backend, call, contestants, repeats, found["wait"])), flush=True)


# -- the report ------------------------------------------------------------------------------


def ratios(rows: list[Row], rival: str) -> list[float]:
    """What each operation costs of the rival's cost, where both could be called."""
    return [row["triceras"] / row[rival] for row in rows if "triceras" in row and rival in row]


def _cell(row: Row, name: str) -> str:
    return f"{row[name]:.1f}" if name in row else row.get(f"{name}_error", "").partition(":")[0] or "-"


def _ratio(row: Row, rival: str) -> str:
    found = ratios([row], rival)
    return f"{found[0]:.2f}" if found else "-"


def markdown(rows: list[Row], kind: str = "ops", title: str = "# Operations") -> str:
    """A summary and a table a backend."""
    goals = suite.targets()
    noun = "operations" if kind == "ops" else "calls"
    lines = [title, "", INTRODUCTION, ""]
    for backend in dict.fromkeys(row["backend"] for row in rows):
        own = [row for row in rows if row["backend"] == backend]
        lines += [f"## {backend}", ""]
        for rival, label in (("native", "the framework's own"), ("keras", "Keras's")):
            found = ratios(own, rival)
            goal = goals[backend].get(kind, {}).get(rival)
            if found:
                mark = "" if goal is None else f" {'✓' if statistics.median(found) <= goal else '✗'} (at most {goal:g})"
                spread = statistics.quantiles(found, n=10)[-1] if len(found) > 1 else found[0]
                lines.append(
                    f"- Of {label}: median {statistics.median(found):.2f}{mark}, nine of ten below {spread:.2f}, "
                    f"{len(found)} {noun}."
                )
        lines += ["", "| call | Triceras | own | Keras | of own | of Keras |", "| --- " * 6 + "|"]
        lines += [
            f"| {row['op']} | "
            + " | ".join([*(_cell(row, name) for name in CONTESTANTS), *(_ratio(row, r) for r in ("native", "keras"))])
            + " |"
            for row in own
        ]
        lines.append("")
    return "\n".join(lines)


def main(given: list[str]) -> int:
    return run("ops", {call.name for call in CALLS}, given, __doc__ or "", "# Operations")


def run(kind: str, names: set[str], given: list[str], description: str, title: str) -> int:
    """The command line: measures what is asked for, a process a backend, and writes and prints the report."""
    option, module = ("--op", "operations") if kind == "ops" else ("--layer", "layers")
    parser = argparse.ArgumentParser(prog=f"scripts/bench {kind}", description=description)
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="all by default; may be repeated")
    parser.add_argument(option, choices=sorted(names), action="append", dest="names", help="all by default")
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 11")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), help="folder of what is written")
    options = parser.parse_args(given)
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for backend in options.backend or BACKENDS:
        print(f"{backend}: {module}", file=sys.stderr)
        env = os.environ | {"KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        roots = os.pathsep.join(["backends", "compat", ".", os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        command = [sys.executable, "-m", f"benchmarks.{module}", backend, "3" if options.quick else "11"]
        done = subprocess.run(
            [*command, *(options.names or [])],
            env=env | {"PYTHONPATH": roots},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        rows += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        (options.out / f"{module}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
        (options.out / f"{module}.md").write_text(markdown(rows, kind, title), encoding="utf-8")
    print((options.out / f"{module}.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    worker(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
