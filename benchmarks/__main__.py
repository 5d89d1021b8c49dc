"""`python -m benchmarks`: a Markdown table (and JSON) of the costs on the chosen backend."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.workloads import WORKLOADS, measure
from triceras.backend import backend


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", choices=[*WORKLOADS], action="append", help="all by default")
    parser.add_argument("--quick", action="store_true", help="fewer steps and repeats")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    results = {name: measure(name, options.quick) for name in options.workload or WORKLOADS}
    print(f"Backend: {backend()}; medians of interleaved repeats, microseconds a step.\n")
    print("| workload | which | CPU | wall | CPU of native |\n| --- | --- | --- | --- | --- |")
    for workload, costs in results.items():
        for which, cost in costs.items():
            ratio = cost["cpu_us"] / costs["native"]["cpu_us"]
            print(f"| {workload} | {which} | {cost['cpu_us']:.0f} | {cost['wall_us']:.0f} | {ratio:.2f} |")
    if options.json:
        options.json.write_text(json.dumps({"backend": backend(), "results": results}, indent=1))


if __name__ == "__main__":
    main()
