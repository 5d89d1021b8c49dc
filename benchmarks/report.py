"""The results as Markdown tables and as a bar chart. Needs Matplotlib only for the chart."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import suite

Row = dict[str, Any]
Group = dict[str, Row]


def grouped(rows: Iterable[Row]) -> dict[str, dict[str, Group]]:
    """Backend to workload to contestant to row."""
    tree: dict[str, dict[str, Group]] = {}
    for row in rows:
        tree.setdefault(row["backend"], {}).setdefault(row["workload"], {})[row["contestant"]] = row
    return tree


def _natives(group: Group, compiled: bool = False) -> list[Row]:
    """The framework's own loops that ran, the idiomatic one first."""
    return [
        row
        for name, row in group.items()
        if name.startswith("native ") and "cpu_us" in row and (name.endswith((" compiled", " xla")) == compiled)
    ]


def rivals(group: Group) -> dict[str, Row]:
    """Those that Triceras is compared with, by the names used in the targets."""
    natives = _natives(group)
    found = {"keras": group.get("keras", {}), "idiomatic": natives[0] if natives else {}}
    if natives:
        found["best"] = min(natives, key=lambda row: row["cpu_us"])
    return {name: row for name, row in found.items() if "cpu_us" in row}


def ratio(row: Row, rival: Row | None) -> float | None:
    """CPU time of one by that of another, if both are known."""
    if not rival or "cpu_us" not in row or "cpu_us" not in rival:
        return None
    return row["cpu_us"] / rival["cpu_us"]


def judged(value: float | None, target: float | None) -> str:
    """A ratio, and beside it whether it is at most the target."""
    if value is None:
        return f"n/a (at most {target:g})" if target is not None else "n/a"
    if target is None:
        return f"{value:.2f}"
    return f"{value:.2f} {'✓' if value <= target else '✗'} (at most {target:g})"


def table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines] + [""]


def _cost(row: Row | None) -> str:
    if not row or "cpu_us" not in row:
        return "n/a"
    return f"{row['cpu_us']:.0f}"


def _headline(workload: str, group: Group, targets: dict[str, float]) -> list[str]:
    ours, others = group.get("triceras", {}), rivals(group)
    best = others.get("best", {})
    named = f"{_cost(best)} ({best['contestant'].removeprefix('native ')})" if best else "n/a"
    ratios = [judged(ratio(ours, others.get(name)), targets.get(name)) for name in ("keras", "idiomatic", "best")]
    return [workload, _cost(ours), _cost(others.get("keras")), _cost(others.get("idiomatic")), named, *ratios]


def _extras(workload: str, group: Group, targets: dict[str, float]) -> list[list[str]]:
    """Rows for the variants: their cost beside the plain one's, and compiled steps."""
    rows = []
    for name, row in group.items():
        library, _, variant = name.partition(" ")
        if library == "native" or not variant:
            continue
        if variant == "compiled":
            rival = next(iter(_natives(group, compiled=True)), None)
            target = targets.get("compiled")
        else:
            rival, target = group.get(library), targets.get("plain") if library == "triceras" else None
        rows.append([workload, name, _cost(row), _cost(rival), judged(ratio(row, rival), target)])
    return rows


def _details(workload: str, group: Group) -> list[list[str]]:
    keras = group.get("keras")
    rows = []
    for name, row in group.items():
        if "cpu_us" not in row:
            rows.append([workload, name, "n/a", "", "", row["error"]])
            continue
        of_keras = ratio(row, keras)
        shown = "" if of_keras is None else f"{of_keras:.2f}"
        rows.append([workload, name, _cost(row), f"{row['wall_us']:.0f}", shown, f"{row['first_s']:.2f}"])
    return rows


def markdown(results: dict[str, Any]) -> str:
    """The report: against the targets, the variants, everybody, the machine."""
    targets = suite.targets()
    about = results["about"]
    lines = [
        "# Benchmark",
        "",
        "CPU time a step (all threads, microseconds, medians of interleaved repeats), each contestant in a process",
        "of its own. The best plain loop is the cheapest of the framework's own that no compiler of PyTorch's made.",
        "",
        "; ".join(f"{name}: {value}" for name, value in about.items()) + ".",
        "",
    ]
    for backend, workloads in grouped(results["rows"]).items():
        goals = targets[backend]
        lines += [f"## {backend}", ""]
        header = ["workload", "Triceras", "Keras 3", "idiomatic", "best plain loop"]
        lines += table(
            [*header, "of Keras", "of idiomatic", "of best"],
            (_headline(name, group, goals.get(name, {})) for name, group in workloads.items()),
        )
        extras = [row for name, group in workloads.items() for row in _extras(name, group, goals.get(name, {}))]
        if extras:
            lines += ["### Variants", "", *table(["workload", "variant", "CPU", "beside", "ratio"], extras)]
        lines += ["### Everybody", ""]
        lines += table(
            ["workload", "contestant", "CPU", "wall", "of Keras", "first step, s"],
            (row for name, group in workloads.items() for row in _details(name, group)),
        )
    lines += ["## Time to the first step", "", "`compile` and the first batch of the first `fit`, wall seconds.", ""]
    lines += table(["backend", "workload", "Triceras", "Keras 3", "idiomatic"], _first_steps(results["rows"]))
    return "\n".join(lines)


def _first_steps(rows: Iterable[Row]) -> list[list[str]]:
    found = []
    for backend, workloads in grouped(rows).items():
        for name, group in workloads.items():
            others = [group.get("triceras"), group.get("keras"), next(iter(_natives(group)), None)]
            times = [f"{row['first_s']:.2f}" if row and "first_s" in row else "n/a" for row in others]
            found.append([backend, name, *times])
    return found


def chart(results: dict[str, Any], path: Path) -> None:
    """Bars of CPU time a step, Keras 3 on the same backend being 1."""
    import matplotlib  # noqa: PLC0415

    matplotlib.use("agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    tree = grouped(results["rows"])
    figure, axes = plt.subplots(len(tree), 1, figsize=(11, 3 * len(tree)), squeeze=False, layout="constrained")
    series = {"Triceras": "#c0392b", "Keras 3": "#7f8c8d", "idiomatic": "#85b4d6", "best plain loop": "#1f618d"}
    for axis, (backend, workloads) in zip(axes[:, 0], tree.items(), strict=True):
        shown = {name: rivals(group) | {"ours": group.get("triceras", {})} for name, group in workloads.items()}
        shown = {name: rows for name, rows in shown.items() if "keras" in rows}
        for i, (label, key) in enumerate(zip(series, ("ours", "keras", "idiomatic", "best"), strict=True)):
            heights = [ratio(rows.get(key, {}), rows["keras"]) or 0 for rows in shown.values()]
            bars = axis.bar([at + (i - 1.5) * 0.2 for at in range(len(shown))], heights, 0.2, color=series[label])
            axis.bar_label(bars, [f"{h:.2f}" if h else "" for h in heights], fontsize=6)
            bars.set_label(label)
        axis.set_xticks(range(len(shown)), [*shown], fontsize=8)
        axis.set_title(f"{backend}: CPU time a step, Keras 3 = 1", fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", fontsize=8, ncols=4)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def agrees(name: str, value: float, reference: float) -> bool:
    """Whether a figure of `--check` is the reference's, but for rounding.

    PyTorch's Adam adds its epsilon after the bias correction, Keras's before, which shows in the
    fourth digit of the first losses and may tip a row or two.
    """
    return abs(value - reference) <= (0.02 if name == "accuracy" else 5e-4 * abs(reference))


def agreement(rows: Iterable[Row]) -> tuple[str, bool]:
    """The figures of `--check` as a table, and whether all contestants of a workload agree with Keras."""
    lines, agreed = [], True
    for backend, workloads in grouped(rows).items():
        for name, group in workloads.items():
            figures = {who: row["figures"] for who, row in group.items() if "figures" in row}
            reference: dict[str, float] = figures.get("keras") or next(iter(figures.values()), {})
            for who, row in group.items():
                if "figures" not in row:
                    lines.append([backend, name, who, "n/a", row["error"]])
                    continue
                wrong = [key for key, value in row["figures"].items() if not agrees(key, value, reference[key])]
                agreed = agreed and not wrong
                text = ", ".join(f"{key} {value:.6f}" for key, value in row["figures"].items())
                lines.append([backend, name, who, text, f"differs: {', '.join(wrong)}" if wrong else "✓"])
    return "\n".join(table(["backend", "workload", "contestant", "figures", ""], lines)), agreed
