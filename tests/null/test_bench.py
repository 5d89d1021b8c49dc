"""scripts/bench without a framework: its arguments, its tables, its judgements."""

from __future__ import annotations

import ast
import os
import subprocess
import tomllib

import numpy as np
import pytest

from benchmarks import __main__ as bench
from benchmarks import coordinator, layers, operations, report, suite
from benchmarks.calls import CALLS, operands
from tests.null.conftest import ROOT


def row(contestant, cpu=None, workload="mlp", backend="torch", **more):
    figures = {"error": "AttributeError: no such layer"} if cpu is None else {"cpu_us": cpu, "wall_us": 2 * cpu}
    return {"backend": backend, "workload": workload, "contestant": contestant, "first_s": 0.5} | figures | more


@pytest.fixture
def results():
    return {
        "about": {"date": "today", "threads": 1},
        "rows": [
            row("triceras", 300.0),
            row("keras", 2000.0),
            row("native idiomatic", 500.0),
            row("native lean", 250.0),
            row("native compiled", 100.0),
            row("triceras compiled", 120.0),
            row("triceras", workload="convnet"),
            row("keras", 1000.0, workload="convnet"),
            row("native idiomatic", 600.0, workload="convnet"),
            row("triceras", 100.0, workload="overheads"),
            row("triceras verbose", 120.0, workload="overheads"),
        ],
    }


def test_arguments():
    options = bench.arguments(["--backend", "jax", "--backend", "torch", "--workload", "lstm", "--quick"])
    assert (options.backend, options.workload, options.quick, options.threads) == (["jax", "torch"], ["lstm"], True, 1)
    for wrong in (["--backend", "theano"], ["--workload", "gan"], ["--threads", "0"]):
        with pytest.raises(SystemExit):
            bench.arguments(wrong)


def test_the_script_names_what_is_missing():
    script = ROOT / "scripts" / "bench"
    assert script.stat().st_mode & 0o111 == 0o111
    done = subprocess.run([str(script), "--python"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--python needs the path" in done.stderr


def test_the_report_judges_against_the_targets(results):
    lines = report.markdown(results).splitlines()
    mlp = next(line for line in lines if line.startswith("| mlp | 300"))
    assert mlp == ("| mlp | 300 | 2000 | 500 | 250 (lean) | 0.15 ✓ (at most 0.2) | 0.60 ✓ (at most 0.8) | 1.20 |")
    assert "| convnet | n/a | 1000 | 600 | 600 (idiomatic) | n/a (at most 0.5) | n/a | n/a (at most 1.05) |" in lines
    assert "| overheads | triceras verbose | 120 | 100 | 1.20 ✗ (at most 1.1) |" in lines
    assert "| mlp | triceras compiled | 120 | 100 | 1.20 ✗ (at most 1.05) |" in lines
    assert "| convnet | triceras | n/a |  |  | AttributeError: no such layer |" in lines
    assert "| torch | mlp | 0.50 | 0.50 | 0.50 |" in lines


def test_results_are_written_as_they_come(results, tmp_path):
    bench.write(results, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.md", "results.json"]


def test_agreement():
    same = [
        row("keras", figures={"loss": 2.0, "accuracy": 0.5}),
        row("native x", figures={"loss": 2.0005, "accuracy": 0.51}),
    ]
    text, agreed = report.agreement(same)
    assert agreed
    assert "| torch | mlp | native x | loss 2.000500, accuracy 0.510000 | ✓ |" in text
    text, agreed = report.agreement([*same, row("triceras", figures={"loss": 2.01, "accuracy": 0.6})])
    assert not agreed
    assert "differs: loss, accuracy" in text


@pytest.mark.parametrize("backend", bench.BACKENDS)
def test_every_target_and_native_loop_belongs_to_a_workload(backend):
    assert set(suite.targets()[backend]) - {"ops", "layers"} <= set(suite.WORKLOADS)
    table = tomllib.loads((suite.HERE / "suite.toml").read_text(encoding="utf-8"))[backend]
    assert set(table) - {"default", "compiled"} <= set(suite.WORKLOADS)
    names = [c.name for c in coordinator.contestants(backend, suite.WORKLOADS["mlp"], compiled=False)]
    assert names[:2] == ["triceras", "keras"]
    assert all(name.startswith("native ") for name in names[2:])


def test_everybody_gets_the_same_threads_and_one_backend():
    environment = coordinator.environment("jax", 3)
    assert {environment[name] for name in coordinator.THREAD_VARIABLES} == {"3"}
    assert environment["KERAS_BACKEND"] == "jax"
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT / "backends")


def test_the_same_data_and_weights_each_time():
    for name, workload in suite.WORKLOADS.items():
        first, second = suite.arrays(workload), suite.arrays(workload)
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True)), name
        assert len(first[0]) == workload.rows
        once, again = suite.weights(workload.model), suite.weights(workload.model)
        assert all(np.array_equal(a, b) for layer in once for a, b in zip(once[layer], again[layer], strict=True)), name


def test_operations_are_judged():
    rows = [
        {"backend": "torch", "op": "add", "triceras": 2.0, "native": 2.0, "keras": 8.0},
        {"backend": "torch", "op": "mod", "triceras": 6.0, "native": 2.0, "keras": 6.0},
        {"backend": "torch", "op": "gcd", "triceras_error": "ValueError: no", "keras": 6.0},
    ]
    text = operations.markdown(rows)
    assert "- Of the framework's own: median 2.00 ✗ (at most 1.3)" in text
    assert "- Of Keras's: median 0.62 ✗ (at most 0.5)" in text
    assert "| gcd | ValueError | - | 6.0 | - | - |" in text.splitlines()


def test_layers_are_judged_by_their_own_targets():
    rows = [{"backend": "torch", "op": "Dense forward", "triceras": 3.0, "native": 2.0, "keras": 6.0}]
    text = operations.markdown(rows, "layers", "# Layers")
    assert "- Of the framework's own: median 1.50 ✗ (at most 1.1)" in text
    assert "- Of Keras's: median 0.50 ✓ (at most 1)" in text


def test_every_layer_of_the_benchmark_exists():
    public = (ROOT / "compat" / "triceras" / "layers" / "__init__.py").read_text(encoding="utf-8")
    for case in layers.CASES:
        assert f" as {case.name}\n" in public
        assert not case.module or ast.parse(case.module)


def test_the_calls_are_python_and_their_names_known():
    names = set(operands())
    for call in CALLS:
        for source in filter(None, call[1:]):
            found = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
            assert found <= names | {"ops", "torch", "F", "jax", "jnp", "lax", "tf"}, call.name
    assert len({call.name for call in CALLS}) == len(CALLS)
