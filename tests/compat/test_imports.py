"""Importing triceras imports the chosen framework and no other, and soon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest

from tests.compat.blocks import ROOT

OTHERS = ("torch", "jax", "tensorflow", "keras", "tf_keras", "sklearn", "matplotlib", "pandas")
BACKEND = os.environ["KERAS_BACKEND"]

# Generous: CI measures on two busy cores. The aim is 0.4 seconds.
LONGEST_IMPORT = 3.0


def run(program: str, *path: object) -> str:
    search = os.pathsep.join(map(str, (ROOT / "backends", ROOT / "compat", *path)))
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | {"PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def traps(tmp_path):
    """Packages named as frameworks that are not installed here, which tell when they are asked for."""
    for name in OTHERS:
        (tmp_path / name).mkdir()
        text = f"import sys\nsys.__dict__.setdefault('trapped', []).append({name!r})\nraise ImportError\n"
        (tmp_path / name / "__init__.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_no_other_framework_is_imported(traps):
    # After the framework itself, which may look for others on its own account. The traps come
    # last on the path, so that what is installed is found first.
    program = f"""
    import json, sys
    import {BACKEND}
    before = set(sys.modules)
    sys.trapped = []
    sys.path.append({str(traps)!r})
    import triceras
    import triceras.tf
    model = triceras.Sequential([triceras.layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit([[1.0, 2.0]], [[1.0, 2.0]], verbose=0)
    new = {{name.partition(".")[0] for name in set(sys.modules) - before}}
    print(json.dumps([sorted(new & set({OTHERS!r}) - {{{BACKEND!r}}}), sys.trapped]))
    """
    assert json.loads(run(program).splitlines()[-1]) == [[], []]


def test_import_time_over_the_bare_framework(record_property):
    program = f"""
    import time
    import {BACKEND}
    begin = time.perf_counter()
    import triceras
    print(time.perf_counter() - begin)
    """
    seconds = min(float(run(program)) for _ in range(3))
    record_property("import_seconds", seconds)
    print(f"import triceras over {BACKEND}: {seconds:.2f} s")
    assert seconds < LONGEST_IMPORT


def test_every_public_name_is_there():
    program = """
    import triceras
    names = [name for name in dir(triceras) if not name.startswith("_")]
    print(all(getattr(triceras, name) is not None for name in names))
    """
    assert run(program).strip() == "True"
