"""The script that checks the house's rules catches what breaks them, and lets the rest pass."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.null.conftest import ROOT


@pytest.fixture(scope="module")
def house():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        spec = importlib.util.spec_from_file_location("check_house", ROOT / "scripts" / "check_house.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture
def repository(tmp_path):
    """A repository in good order; returns a function that adds a file to it."""

    def add(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    add("README.md", "Hello.\n")
    add("CONTRIBUTING.md", "Welcome.\n")
    add("tox.ini", "[tox]\nenv_list = null, torch\n")
    return add


def messages(house, root):
    return [message for _, _, message in house.problems(root)]


def test_good_order(house, repository):
    root = repository("compat/triceras/layers/dense.py", "x = 1\n" * 600)
    assert messages(house, root) == []


def test_this_repository_is_in_order(house):
    assert [f"{path}:{line}: {message}" for path, line, message in house.problems(ROOT)] == []


@pytest.mark.parametrize("name", ["compat/a.py", "docs/a.md", "scripts/a.sh"])
def test_long_files(house, repository, name):
    root = repository(name, "x\n" * 601 if not name.endswith("py") else "x = 1\n" * 601)
    assert "601 lines" in messages(house, root)[0]


@pytest.mark.parametrize("name", ["compat/triceras/json.py", "backends/a/torch.py", "compat/triceras/copy/deep.py"])
def test_taken_names(house, repository, name):
    assert "named after" in messages(house, repository(name, ""))[0]


@pytest.mark.parametrize(
    "code",
    [
        'if backend() == "torch": pass',
        'x = 1 if "jax" != B.name else 2',
        'if B.name in ("torch", "jax"): pass',
        'match B.name:\n    case "tensorflow": pass',
        'x = {"torch": 1, "jax": 2}[B.name]',
    ],
)
def test_branches_on_the_backend(house, repository, code):
    assert "branches on the backend's name" in messages(house, repository("compat/triceras/a.py", code + "\n"))[0]


@pytest.mark.parametrize("code", ["name = backend()", 'if mode == "train": pass', 'x = {"torch": 1}'])
def test_what_is_no_branch(house, repository, code):
    assert messages(house, repository("compat/triceras/a.py", code + "\n")) == []


def test_branches_are_for_backends(house, repository):
    assert messages(house, repository("backends/b/a.py", 'if name == "torch": pass\n')) == []


# Reversed here, because the script reads this file too.
@pytest.mark.parametrize("reversed_marker", ["ODOT", "EMXIF", 7 * "<"])
def test_markers(house, repository, reversed_marker):
    marker = reversed_marker[::-1]
    assert "marker" in messages(house, repository("compat/a.py", f"# {marker} later\n"))[0]


@pytest.mark.parametrize("path", ["home/ada/data", "opt/wheels", "tmp/x.txt"])
def test_machine_paths(house, repository, path):
    assert "machine path" in messages(house, repository("docs/a.md", f"see /{path}\n"))[0]


def test_a_relative_path_is_none(house, repository):
    assert messages(house, repository("docs/a.md", "see tests/opt/x and ~/opt/x\n")) == []


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("./scripts/nothing", "no executable file"),
        ("KERAS_BACKEND=jax ./scripts/nothing", "no executable file"),
        ("python examples/nothing.py", "does not exist"),
        ("tox run -e torch,theano -- -k tape", "no environment theano"),
    ],
)
def test_commands_that_name_nothing(house, repository, command, problem):
    root = repository("README.md", f"Try:\n\n```sh\n# a comment\n{command}\n```\n")
    assert problem in messages(house, root)[0]


def test_commands_that_name_something(house, repository):
    repository("examples/a.py", "")
    root = repository("README.md", "```sh\npython examples/a.py --epochs 3\ntox run -e torch -- -k tape\n```\n")
    assert messages(house, root) == []
