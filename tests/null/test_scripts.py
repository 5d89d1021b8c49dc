"""The two commands' shell: which Python is taken, when an environment is made anew, what bad input gives."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess

import pytest

from tests.null.conftest import ROOT

SH = shutil.which("sh")
LIB = ROOT / "scripts" / "lib.sh"

# A stand-in for Python: fits, or does not, makes environments that hold another one, and logs.
FAKE = """#!/bin/sh
case "$1 $2" in
"-c "*) exit {fits} ;;
"--version "*) echo "Python 3.99" ;;
"-m venv")
    mkdir -p "$4/bin"
    cp "$0" "$4/bin/python"
    echo "made $4" >>log ;;
"-m pip") echo "constraint=$PIP_CONSTRAINT $*" >>log; exit {installs} ;;
esac
"""


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("", encoding="utf-8")
    executable(tmp_path / "python", FAKE.format(fits=0, installs=0))
    return tmp_path


def run(command, cwd, **environment):
    return subprocess.run(
        [SH, "-euc", f". '{LIB}'; {command}"],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def log(project):
    path = project / "log"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_the_named_python_comes_first(project):
    assert run("find_python", project, PYTHON="./python").stdout.strip() == "./python"


def test_a_python_that_does_not_fit_is_passed_over(project):
    executable(project / "bin" / "python3.11", FAKE.format(fits=1, installs=0))
    fitting = executable(project / "bin" / "python3", FAKE.format(fits=0, installs=0))
    result = run("find_python", project, PATH=str(project / "bin"))
    assert result.stdout.strip() == str(fitting)


def test_no_python(project):
    (project / "empty").mkdir()
    result = run("find_python", project, PATH=str(project / "empty"))
    assert result.returncode == 1
    assert "Python 3.11 or newer" in result.stderr
    assert "PYTHON=" in result.stderr


def test_an_environment_is_made_once_and_again_when_its_pins_change(project):
    make = "make_venv .venv-x thing other"
    assert "Making .venv-x" in run(make, project, PYTHON="./python").stdout
    assert log(project) == ["made .venv-x", "constraint=constraints.txt -m pip install --quiet thing other"]
    assert "up to date" in run(make, project, PYTHON="./python").stdout
    assert len(log(project)) == 2
    (project / "constraints.txt").write_text("thing==2\n", encoding="utf-8")
    assert "Making .venv-x" in run(make, project, PYTHON="./python").stdout
    assert len(log(project)) == 4
    assert "Making .venv-x" in run("make_venv .venv-x thing", project, PYTHON="./python").stdout


def test_an_interrupted_installation_is_not_taken_for_a_finished_one(project):
    executable(project / "python", FAKE.format(fits=0, installs=1))
    make = "make_venv .venv-x thing"
    assert run(make, project, PYTHON="./python").returncode == 1
    executable(project / "python", FAKE.format(fits=0, installs=0))
    assert "Making .venv-x" in run(make, project, PYTHON="./python").stdout
    assert "up to date" in run(make, project, PYTHON="./python").stdout


def test_quickstart_refuses_an_unknown_backend(tmp_path):
    environment = os.environ | {"KERAS_BACKEND": "theano"}
    result = subprocess.run(
        [str(ROOT / "scripts" / "quickstart")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "torch, jax or tensorflow; got: theano" in result.stderr


@pytest.mark.parametrize("name", ["scripts/quickstart", "scripts/test", ".ci/run"])
def test_scripts_are_executable_and_plain_sh(name):
    path = ROOT / name
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert subprocess.run([SH, "-n", str(path)], check=False).returncode == 0


def test_ci_runs_the_matrix_and_nothing_else():
    lines = [line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if line[:1] not in "#"]
    assert lines == ['cd "$(dirname "$0")/.." && exec ./scripts/test "$@"']


@pytest.fixture(scope="module")
def check_readme():
    spec = importlib.util.spec_from_file_location("check_readme", ROOT / "scripts" / "check_readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readmes_commands_are_found_and_run_in_order(check_readme):
    text = "a\n\n```sh\n# comment\none 'x y'\n```\n```python\nno\n```\n\n```sh\ntwo\n\nthree\n```\n"
    assert check_readme.commands(text) == ["one 'x y'", "two", "three"]
    script = check_readme.script(["x=4", "echo $((x + 1)) 'a b'", "./scripts/test", "false", "echo unreached"])
    result = subprocess.run([SH, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "$ echo $((x + 1)) 'a b'\n5 a b\n" in result.stdout
    assert "this is what is running" in result.stdout
    assert "\nunreached" not in result.stdout


def test_the_readme_begins_with_the_two_commands(check_readme):
    assert check_readme.commands((ROOT / "README.md").read_text("utf-8"))[:2] == [
        "./scripts/quickstart",
        "./scripts/test",
    ]


def test_a_newcomers_environment_has_nothing_of_tox(check_readme, monkeypatch):
    for name in ("TOX_ENV_NAME", "VIRTUAL_ENV", "PYTHONPATH", "KERAS_BACKEND"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PIP_FIND_LINKS", "here")
    environment = check_readme.newcomer_environment()
    assert not {"TOX_ENV_NAME", "VIRTUAL_ENV", "PYTHONPATH", "KERAS_BACKEND"} & set(environment)
    assert environment["PIP_FIND_LINKS"] == "here"
