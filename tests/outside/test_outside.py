"""A backend from outside: registered by an entry point alone, held to the conformance suite, its gaps declared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = Path(__file__).parent / "numpy_horn"
PROJECT = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GREEN, RED, REFUSED = 0, 1, 4  # pytest's exit codes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with what an installation of the package would leave there."""
    folder = tmp_path_factory.mktemp("site")
    info = folder / f"{PROJECT['name']}-{PROJECT['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: {PROJECT['version']}\n", encoding="utf-8"
    )
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in PROJECT["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    return folder


def run(site: Path, package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    roots = [site, package, ROOT / "backends", ROOT / "compat", ROOT, os.environ.get("PYTHONPATH", "")]
    search = os.pathsep.join(str(root) for root in roots if str(root) != ".")
    env = os.environ | {"KERAS_BACKEND": PROJECT["name"], "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
    )


def conformance(site: Path, package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(site, package, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", *arguments)


def test_without_frameworks(site: Path) -> None:
    """`import triceras` finds the backend by its entry point, and imports no framework."""
    program = """
import sys
import triceras as keras
print(keras.backend.backend(), *sorted({"torch", "jax", "tensorflow", "keras"} & sys.modules.keys()))
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(2)])
print(model.predict(keras.ops.ones((5, 4)), verbose=0).shape)
"""
    done = run(site, PACKAGE, "-c", program)
    assert done.stdout.split("\n")[:2] == [PROJECT["name"], "(5, 2)"], done.stdout + done.stderr


FILES = ("test_contract", "test_native", "test_tensors", "test_errors", "test_primitives", "test_ops")
FAMILIES = (
    "not test_ops or unknown or native or broadcasting or add or where or sum or take or matmul or conv or softmax"
)


def test_it_conforms(site: Path, tmp_path: Path) -> None:
    """A part of the suite passes, and what does not is declared, with a reason."""
    report = tmp_path / "report.json"
    files = [f"tests/conformance/{name}.py" for name in FILES]
    done = conformance(site, PACKAGE, *files, "-k", FAMILIES, "--report", str(report))
    assert done.returncode == GREEN, done.stdout[-4000:] + done.stderr[-4000:]
    content: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert content["backend"] == PROJECT["name"] and "numpy" in content["versions"]
    outcomes = Counter(result["outcome"] for result in content["results"])
    assert set(outcomes) == {"passed", "gap"} and outcomes["passed"] > 1000
    gaps = {
        result["id"].split("::")[1]: result["reason"] for result in content["results"] if result["outcome"] == "gap"
    }
    assert gaps["test_primitive[Tape]"] == gaps["test_the_core_tape"] == "NumPy has no derivatives"
    assert not any("test_value" in name or "test_spec" in name for name in gaps)


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A copy of the package, to be changed."""
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".py", ".txt"):
            copy = tmp_path / path.relative_to(PACKAGE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_wrong_operation_fails(site: Path, damaged: Path) -> None:
    replace(damaged / "numpy_horn" / "elementwise.py", "tanh=np.tanh", "tanh=np.arctan")
    done = conformance(site, damaged, "tests/conformance/test_ops.py", "-k", "test_value and tanh")
    assert done.returncode == RED, done.stdout


def test_a_missing_primitive_that_is_not_declared_fails(site: Path, damaged: Path) -> None:
    replace(damaged / "numpy_horn" / "linalg.py", "det=_or_nan(np.linalg.det), ", "")
    arguments = ("tests/conformance/test_ops.py", "-k", "test_value and det")
    done = conformance(site, damaged, *arguments)
    assert done.returncode == RED and "det is a declared gap" in done.stdout, done.stdout
    with (damaged / "numpy_horn" / "conformance" / "gaps.txt").open("a", encoding="utf-8") as file:
        file.write("primitive det # left out\n")
    done = conformance(site, damaged, *arguments)
    assert done.returncode == GREEN and "left out" in done.stdout, done.stdout


def test_a_primitive_declared_as_missing_must_be(site: Path, damaged: Path) -> None:
    with (damaged / "numpy_horn" / "conformance" / "gaps.txt").open("a", encoding="utf-8") as file:
        file.write("primitive add # not true\n")
    done = conformance(site, damaged, "tests/conformance/test_native.py")
    assert done.returncode == REFUSED and "Declared as missing, but there: add" in done.stderr, done.stderr
