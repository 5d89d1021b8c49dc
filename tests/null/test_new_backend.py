"""A fourth backend, in a package outside this repository: laid out, registered, loaded, filled in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.null.conftest import ROOT
from triceras_backends import derived, selection

SCRIPT = ROOT / "scripts" / "new_backend.py"
REPORT = """
from triceras_backends import selection
from triceras_backends.active import backend
print(backend.name, *sorted(backend.gaps))
"""


def lay_out(name, directory):
    return subprocess.run(
        [sys.executable, str(SCRIPT), name, str(directory)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def package(tmp_path):
    """A new backend called `numpad`, laid out and registered as an installed package would be."""
    directory = tmp_path / "numpad"
    result = lay_out("numpad", directory)
    assert result.returncode == 0, result.stderr
    info = directory / "numpad_backend-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpad-backend\nVersion: 0.1.0\n", encoding="utf-8")
    points = "[triceras.backends]\nnumpad = numpad_backend\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    return directory


def gaps(run_python, package):
    result = run_python(REPORT, (package,), KERAS_BACKEND="numpad")
    assert result.returncode == 0, result.stderr
    name, *found = result.stdout.split()
    assert name == "numpad"
    return set(found)


def test_the_skeleton_loads_and_lacks_what_is_not_derived(run_python, package):
    primitives = selection.contract_functions()
    given = {name for name, (family, _) in primitives.items() if derived.find(family, name)} | {"Variable", "Module"}
    assert gaps(run_python, package) == set(primitives) - given


def test_writing_a_primitive_closes_its_gap(run_python, package):
    before = gaps(run_python, package)
    with (package / "numpad_backend" / "elementwise.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef add(x1, x2):\n    return x1 + x2\n")
    assert before - gaps(run_python, package) == {"add"}


def test_the_skeleton_lists_every_primitive_with_its_contract(package):
    for name, (family, function) in selection.contract_functions().items():
        text = (package / "numpad_backend" / f"{family}.py").read_text(encoding="utf-8")
        if family not in ("variables", "modules"):
            assert f"# def {name}(" in text or f"# class {name}(" in text
            assert (function.__doc__ or "").splitlines()[0] in text


def test_the_skeletons_metadata_registers_it(package):
    import tomllib

    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][selection.ENTRY_POINTS] == {"numpad": "numpad_backend"}


def test_nothing_is_overwritten(package):
    path = package / "numpad_backend" / "nn.py"
    path.write_text("mine\n", encoding="utf-8")
    result = lay_out("numpad", package)
    assert result.returncode == 2
    assert "exists" in result.stderr
    assert path.read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize("name", ["torch", "my-backend", "3d", ""])
def test_bad_names(tmp_path, name):
    result = lay_out(name, tmp_path / "new")
    assert result.returncode == 2
    assert "identifier" in result.stderr
    assert not (tmp_path / "new").exists()
