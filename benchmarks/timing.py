"""Interleaved timing of alternatives in one process."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Cost = dict[str, float]


def interleaved(runs: Mapping[str, Callable[[], None]], steps: int, repeats: int) -> dict[str, Cost]:
    """Medians of the CPU and wall time a step, in microseconds, of each run (each does `steps` steps).

    Every repeat runs all alternatives, one after another, so that a noisy minute hits them alike.
    The first repeat is warm-up and is not counted.
    """
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for repeat in range(repeats + 1):
        for name, run in runs.items():
            gc.collect()
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            cost = (time.process_time() - cpu, time.perf_counter() - wall)
            if repeat:
                samples[name].append(cost)
    return {
        name: {
            "cpu_us": statistics.median(cpu for cpu, _ in costs) / steps * 1e6,
            "wall_us": statistics.median(wall for _, wall in costs) / steps * 1e6,
        }
        for name, costs in samples.items()
    }
