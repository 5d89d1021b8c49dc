"""The report of the conformance runs: one table of operations, then everything."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import subprocess
import sys

import pytest

from tests.null.conftest import ROOT

SCRIPT = ROOT / "scripts" / "report"
ADD = {"names": ["add"], "family": "elementwise", "inapplicable": {}}
FLOOR = {
    "names": ["floor", "image.lower"],
    "family": "elementwise",
    "inapplicable": {"gradient": "it has no derivative"},
}


@pytest.fixture(scope="module")
def report():
    loader = importlib.machinery.SourceFileLoader("report_script", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("report_script", loader))
    loader.exec_module(module)
    return module


def result(op, aspects, outcome="passed", reason="", area="ops"):
    shown = {"op": op, "aspects": aspects} if aspects else {}
    return {"id": f"test[{op}]", "area": area, "group": op, "outcome": outcome, "reason": reason} | shown


def run(backend, *results):
    operations = {"add": ADD, "floor": FLOOR}
    return {"backend": backend, "versions": {backend: "1.0"}, "operations": operations, "results": list(results)}


@pytest.fixture
def runs():
    return {
        "torch": run(
            "torch", result("add", {"value": "passed", "dtype": "passed"}), result("floor", {"jit": "passed"})
        ),
        "jax": run(
            "jax",
            result("add", {"value": "passed", "dtype": "failed"}, "failed", "dtype int8 | <b>"),
            result("floor", {"jit": "gap"}, "gap", "no kernel"),
            result("tapes", {}, area="tape"),
        ),
    }


def test_an_operation_a_line(report, runs):
    text = report.markdown(runs)
    assert "| add | ✓ | torch ✓, jax ✗ | · | · | · | · |" in text
    assert "| floor, image.lower | · | · | · | torch ✓, jax ○ | – | · |" in text
    assert text.index("## Operations") < text.index("### ops") < text.index("### tape")
    assert "| jax | no kernel | 1 |" in text
    assert "int8 \\| <b>" in text


def test_the_page(report, runs):
    page = report.webpage(runs)
    assert 'title="add, jax, dtype: 1 failed: dtype int8 | &lt;b&gt;">✗</td>' in page
    assert 'title="floor, jax, gradient: it has no derivative">–</td>' in page
    assert 'title="floor, jax, jit: 1 gap: no kernel">○</td>' in page
    assert "<b>" not in page.split("<script>")[0]
    assert "<details open><summary>ops" in page and "<details><summary>tape" in page
    assert page.count("<tr data-names") == 2


def test_files_and_status(runs, tmp_path):
    paths = [tmp_path / f"{name}.json" for name in runs]
    for path, content in zip(paths, runs.values(), strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")

    def write(*given):
        command = [sys.executable, str(SCRIPT), *map(str, given), "--output", str(tmp_path / "docs")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert write(paths[0]).returncode == 0
    assert write(*paths).returncode == 1  # a case failed
    assert {path.name for path in (tmp_path / "docs").iterdir()} == {"conformance.md", "conformance.html"}
    twice = write(paths[0], paths[0])
    assert twice.returncode == 1 and "a second run" in twice.stderr
