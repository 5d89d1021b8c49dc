"""pyproject.toml, constraints.txt and tox.ini agree with each other."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.null.conftest import ROOT
from triceras_backends import selection

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = {
    re.sub("[-_.]+", "-", name).lower(): version
    for name, version in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
}


def requirements() -> list[Requirement]:
    """Everything that pyproject.toml asks for, but for the package itself."""
    project = PROJECT["project"]
    lists = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    texts = {text for texts in lists for text in texts if isinstance(text, str)}
    found = [Requirement(text) for text in sorted(texts | set(PROJECT["build-system"]["requires"]))]
    return [requirement for requirement in found if requirement.name != "triceras"]


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_requirement_has_a_lower_bound_and_a_pin_that_fits_it(requirement):
    assert [specifier.operator for specifier in requirement.specifier] == [">="]
    pin = PINS[re.sub("[-_.]+", "-", requirement.name).lower()]
    assert requirement.specifier.contains(Version(pin))


def test_every_constraint_is_an_exact_pin():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []
    assert len(PINS) == len([line for line in lines if not line.startswith("#")])


def test_each_backend_has_an_extra():
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(extras) == {
        *selection.BUILT_IN,
        "all",
        "download",
        "image",
        "plot",
        "sklearn",
        "tensorboard",
        "visualization",
    }
    for name in selection.BUILT_IN:
        assert [Requirement(text).name for text in extras[name]] == [name]
    assert Requirement(extras["all"][0]).extras == set(selection.BUILT_IN)


def test_both_packages_are_in_the_wheel():
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert packages == ["backends/triceras_backends", "compat/triceras"]
    assert not (ROOT / "backends" / "__init__.py").exists()
    assert not (ROOT / "compat" / "__init__.py").exists()


def test_one_version():
    version = PROJECT["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f'__version__ = "{version}"' in (ROOT / "compat" / "triceras" / "__init__.py").read_text(encoding="utf-8")


def test_the_licence_is_apache_2():
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")
