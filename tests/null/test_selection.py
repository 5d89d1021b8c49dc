"""Which backend is chosen, and what is said where none can be."""

from __future__ import annotations

import pytest

from triceras_backends import selection

ALL = ("torch", "jax", "tensorflow")


@pytest.fixture
def installed(monkeypatch):
    def pretend(*names):
        monkeypatch.setattr(selection, "installed", lambda: [name for name in selection.BUILT_IN if name in names])

    return pretend


@pytest.mark.parametrize("name", ALL)
def test_the_environment_comes_first(installed, monkeypatch, write_config, name):
    installed(*ALL)
    write_config({"backend": "jax" if name != "jax" else "torch"})
    monkeypatch.setenv("KERAS_BACKEND", name)
    assert selection.choose() == name


def test_then_the_configuration_file(installed, monkeypatch, write_config):
    installed(*ALL)
    write_config({"backend": "tensorflow"})
    assert selection.choose() == "tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert selection.choose() == "tensorflow"


@pytest.mark.parametrize(
    ("present", "expected"),
    [(ALL, "torch"), (("tensorflow", "jax"), "jax"), (("tensorflow",), "tensorflow")],
)
def test_then_the_first_installed(installed, write_config, present, expected):
    installed(*present)
    assert selection.choose() == expected
    write_config({"floatx": "float16"})
    assert selection.choose() == expected


def test_choosing_never_writes_the_configuration_file(installed, tmp_path):
    installed(*ALL)
    selection.choose()
    assert not (tmp_path / "keras_home").exists()


def test_an_unknown_name(installed, monkeypatch):
    installed("jax")
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    with pytest.raises(ValueError, match="'pytorch'.*KERAS_BACKEND") as error:
        selection.choose()
    assert "Known: torch, jax, tensorflow" in str(error.value)
    assert "Installed: jax" in str(error.value)


def test_an_unknown_name_in_the_file_names_the_file(installed, write_config):
    installed("jax")
    path = write_config({"backend": "theano"})
    with pytest.raises(ValueError, match="'theano'") as error:
        selection.choose()
    assert str(path) in str(error.value)


@pytest.mark.parametrize("backend", [3, ["jax"], {"name": "jax"}, True])
def test_a_name_that_is_no_string(installed, write_config, backend):
    installed("jax")
    write_config({"backend": backend})
    with pytest.raises(ValueError, match="Unknown backend"):
        selection.choose()


def test_a_known_name_that_is_not_installed(installed, monkeypatch):
    installed("jax")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(ImportError) as error:
        selection.choose()
    assert "Installed: jax" in str(error.value)
    assert "pip install 'triceras[torch]'" in str(error.value)


def test_nothing_installed(installed, monkeypatch):
    installed()
    with pytest.raises(ImportError, match=r"pip install 'triceras\[torch\]'"):
        selection.choose()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ImportError, match="Installed: none"):
        selection.choose()


@pytest.mark.parametrize("text", ["{", "[1, 2]", '"jax"', ""])
def test_a_broken_configuration_file(installed, write_config, text):
    installed("jax")
    path = write_config(text)
    with pytest.raises(ValueError, match="JSON") as error:
        selection.choose()
    assert str(path) in str(error.value)


@pytest.mark.parametrize("name", ALL)
def test_looking_imports_nothing(run_python, fake_frameworks, name):
    program = "from triceras_backends import selection; print(selection.installed(), selection.choose())"
    folder = fake_frameworks(*ALL, "keras")
    result = run_python(program, (folder,), KERAS_BACKEND=name)
    assert result.stdout.strip() == f"['torch', 'jax', 'tensorflow'] {name}", result.stderr


@pytest.mark.parametrize("name", ALL)
def test_loading_imports_the_chosen_one_alone(run_python, fake_frameworks, name):
    folder = fake_frameworks(*ALL, "keras")
    result = run_python("import triceras_backends.active", (folder,), KERAS_BACKEND=name)
    assert result.returncode == 9, result.stderr
    assert result.stdout.split() == ["IMPORTED", name]


def test_the_package_alone_imports_no_framework(run_python, fake_frameworks):
    program = """
import importlib, pkgutil, triceras_backends
for module in pkgutil.walk_packages(triceras_backends.__path__, "triceras_backends."):
    if "_backend" not in module.name.removeprefix("triceras_backends") and not module.name.endswith("active"):
        importlib.import_module(module.name)
print("fine")
"""
    result = run_python(program, (fake_frameworks(*ALL, "keras"),))
    assert result.stdout.strip() == "fine", result.stderr
