"""Compares Triceras with Keras 3 and with the frameworks' own loops; writes JSON, Markdown and a chart."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import coordinator, layers, operations, report, suite

BACKENDS = ("torch", "jax", "tensorflow")
PACKAGES = ("keras", "torch", "jax", "tensorflow", "numpy")


def positive(text: str) -> int:
    """An argument that must be a positive whole number."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="all by default; may be repeated")
    parser.add_argument("--workload", choices=[*suite.WORKLOADS], action="append", help="all by default; repeatable")
    parser.add_argument("--quick", action="store_true", help="3 repeats instead of 11")
    parser.add_argument("--repeats", type=positive, help="how many, if neither 3 nor 11")
    parser.add_argument("--threads", type=positive, default=1, help="for each library alike, 1 by default")
    parser.add_argument("--compiled", action="store_true", help="torch.compile'd and XLA-compiled steps too")
    parser.add_argument("--check", action="store_true", help="no timing: show that all compute the same")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), help="folder of what is written")
    return parser.parse_args(given)


def about(options: argparse.Namespace, repeats: int) -> dict[str, Any]:
    """What a reader must know to compare with other figures."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs",
        "threads": options.threads,
        "repeats": repeats,
        "Python": platform.python_version(),
        **versions,
    }


def write(results: dict[str, Any], folder: Path) -> None:
    """results.json, report.md and chart.png; again after each workload, so that a broken-off run leaves its part."""
    (folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (folder / "report.md").write_text(report.markdown(results), encoding="utf-8")


def main() -> int:
    if sys.argv[1:2] == ["ops"]:
        return operations.main(sys.argv[2:])
    if sys.argv[1:2] == ["layers"]:
        return layers.main(sys.argv[2:])
    options = arguments()
    repeats = options.repeats or (3 if options.quick else 11)
    backends = options.backend or BACKENDS
    workloads = [suite.WORKLOADS[name] for name in options.workload or suite.WORKLOADS]
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    agreed = True
    results = {"about": about(options, repeats), "rows": rows}
    with open(options.out / "workers.log", "w", encoding="utf-8") as log:
        for backend in backends:
            for workload in workloads:
                print(f"{backend}: {workload.name}", file=sys.stderr)
                if options.check:
                    found = coordinator.check(backend, workload, options.threads, options.compiled, log)
                    text, same = report.agreement(found)
                    print(text, flush=True)
                    agreed = agreed and same
                else:
                    rows += coordinator.measure(backend, workload, repeats, options.threads, options.compiled, log)
                    write(results, options.out)
    if options.check:
        return 0 if agreed else 1
    report.chart(results, options.out / "chart.png")
    print((options.out / "report.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
