"""What the tests without a framework share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from triceras_backends import config

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def fresh_config(monkeypatch, tmp_path):
    """No configuration file but the test's own, and settings as in a new process."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras_home"))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(config, "_loaded", False)
    defaults = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
    monkeypatch.setattr(config, "_settings", defaults)


@pytest.fixture
def write_config(tmp_path) -> Callable[..., Path]:
    """Writes the configuration file: an object, or a raw text."""

    def write(content) -> Path:
        path = tmp_path / "keras_home" / "keras.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.fixture
def fake_frameworks(tmp_path) -> Callable[..., Path]:
    """Makes packages with frameworks' names that record that they were imported; returns their folder."""

    def make(*names: str) -> Path:
        folder = tmp_path / "frameworks"
        for name in names:
            (folder / name).mkdir(parents=True, exist_ok=True)
            text = f"import sys\nprint('IMPORTED {name}')\nsys.exit(9)\n"
            (folder / name / "__init__.py").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in a new process that finds our packages, and first of all `path`."""

    def run(program: str, path: tuple[Path, ...] = (), **environment: str) -> subprocess.CompletedProcess[str]:
        search = os.pathsep.join(map(str, [*path, ROOT / "backends", ROOT / "compat"]))
        settings = {"PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"} | environment
        return subprocess.run(
            [sys.executable, "-c", program], env=os.environ | settings, capture_output=True, text=True, check=False
        )

    return run
