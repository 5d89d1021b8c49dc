"""The examples run, learn, and draw what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.compat.blocks import ROOT

EXAMPLES = ROOT / "examples"


def run(path, cwd, *arguments):
    search = os.pathsep.join(map(str, (ROOT / "backends", ROOT / "compat")))
    environment = os.environ | {"PYTHONPATH": search, "MPLBACKEND": "agg"}
    result = subprocess.run(
        [sys.executable, str(path), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def losses(output):
    return [float(loss) for loss in re.findall(r"^epoch .* loss ([\d.]+)$", output, flags=re.MULTILINE)]


def accuracy(output):
    return float(re.findall(r"accuracy[^\d]*:? ([\d.]+)", output)[-1])


def is_png(path):
    return path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 10_000


def check_linear(output, cwd):
    found = losses(output)
    assert len(found) == 40
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.06
    assert accuracy(output) > 0.97
    assert is_png(cwd / "linear_classifier.png")


@pytest.mark.parametrize("name", ["linear_classifier.py", "linear_classifier_tf.py"])
def test_linear_classifier(name, tmp_path):
    check_linear(run(EXAMPLES / name, tmp_path), tmp_path)


@pytest.mark.skipif(os.environ.get("KERAS_BACKEND") != "tensorflow", reason="TensorFlow itself runs it, once")
def test_the_tensorflow_style_script_runs_in_tensorflow(tmp_path):
    text = (EXAMPLES / "linear_classifier_tf.py").read_text(encoding="utf-8")
    assert text.count("import triceras.tf as tf") == 1
    script = tmp_path / "script.py"
    script.write_text(text.replace("import triceras.tf as tf", "import tensorflow as tf"), encoding="utf-8")
    check_linear(run(script, tmp_path), tmp_path)


def test_digits(tmp_path):
    output = run(EXAMPLES / "digits.py", tmp_path)
    assert accuracy(output) >= 0.96
    assert is_png(tmp_path / "digits.png")


def test_digits_fails_where_it_does_not_learn(tmp_path):
    with pytest.raises(AssertionError, match=r"below 0\.96"):
        run(EXAMPLES / "digits.py", tmp_path, "--epochs", "1")
