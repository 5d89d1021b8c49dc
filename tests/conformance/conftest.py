"""Fails the run where the backend is not the one asked for; declares gaps; records results."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.conformance.attribution import attribute, operations, outcomes

HERE = Path(__file__).parent

# Deterministic: the same examples in every run, so that a red run is red again.
hypothesis.settings.register_profile(
    "conformance", max_examples=15, deadline=None, derandomize=True, database=None, print_blob=False
)
# Many, and others every time; what fails is kept in the examples' database and printed to be repeated.
hypothesis.settings.register_profile("nightly", max_examples=300, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "conformance"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--report", metavar="PATH", default=None, help="write each case's outcome to this JSON file")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "aspect(*names, op=None): what of an operation the test shows, for the report")
    name = os.environ.get("KERAS_BACKEND", "")
    if not name:
        raise pytest.UsageError("The conformance run needs the environment variable KERAS_BACKEND.")
    try:
        from triceras_backends.active import backend
    except (ImportError, ValueError) as error:
        raise pytest.UsageError(f"The conformance run has no backend: {error}") from error
    if backend.name != name:
        raise pytest.UsageError(f"KERAS_BACKEND is {name!r}, but the active backend is {backend.name!r}.")
    from tests.conformance import brought

    brought.import_keras()
    config.stash[RESULTS] = []


RESULTS: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
MISSING: pytest.StashKey[dict[str, str]] = pytest.StashKey()


# -- gaps ------------------------------------------------------------------------------

_MISSING = "primitive "


def read_gaps(path: Traversable) -> dict[str, str]:
    """The declared gaps of a backend: what a test's id must contain, or "primitive NAME", to the reason.

    `primitive NAME` declares every test that fails because that primitive is missing; the name "*", any of them.
    """
    gaps = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else [], start=1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, _, reason = line.partition(" # ")
        if not reason.strip():
            raise pytest.UsageError(f"{path}:{number}: a gap needs a reason, as in `test id # reason`; got: {line!r}")
        gaps[pattern.strip()] = reason.strip()
    return gaps


def _runs_everything(config: pytest.Config) -> bool:
    """Whether whole directories were asked for, so that a gap no test matches must be stale."""
    paths = [Path(config.invocation_params.dir, arg.split("::")[0]).resolve() for arg in config.args]
    return any(path in (HERE, *HERE.parents) for path in paths)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from tests.conformance import brought
    from triceras_backends.active import backend

    gaps = read_gaps(brought.gaps_file())
    missing = config.stash[MISSING] = {
        pattern.removeprefix(_MISSING): reason for pattern, reason in gaps.items() if pattern.startswith(_MISSING)
    }
    if present := sorted(missing.keys() - {"*", *backend.gaps}):
        raise pytest.UsageError(f"Declared as missing, but there: {', '.join(present)}")
    patterns = {pattern: reason for pattern, reason in gaps.items() if not pattern.startswith(_MISSING)}
    used = set()
    for item in items:
        for pattern, reason in patterns.items():
            if HERE in item.path.parents and pattern in item.nodeid:
                used.add(pattern)
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
    stale = [pattern for pattern in patterns if pattern not in used]
    if stale and _runs_everything(config):
        raise pytest.UsageError(f"Declared gaps that no test matches: {', '.join(stale)}")


def _reason(config: pytest.Config, call: pytest.CallInfo[None]) -> str | None:
    """Why a test that failed is a declared gap: a primitive that is declared as missing was called."""
    from triceras_backends.selection import Gap

    error = call.excinfo and call.excinfo.value
    missing = config.stash.get(MISSING, {})
    return (missing.get(error.primitive) or missing.get("*")) if isinstance(error, Gap) else None


# -- results -----------------------------------------------------------------------------


def _group(item: pytest.Item) -> str:
    """The row a test counts in among its area's: its case's operation, else its function."""
    case = getattr(item, "callspec", None) and item.callspec.params.get("case")
    return getattr(case, "op", None) or getattr(item, "originalname", None) or item.name


def _outcome(report: pytest.TestReport) -> tuple[str, str]:
    if hasattr(report, "wasxfail"):
        return ("gap", report.wasxfail) if report.skipped else ("failed", "a declared gap that passes")
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        return "failed", str(crash.message if crash else report.longrepr).splitlines()[0][:200]
    return ("failed", "skipped: conformance tests may not skip") if report.skipped else ("passed", "")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.failed and HERE in item.path.parents and (gap := _reason(item.config, call)):
        report.outcome, report.wasxfail = "skipped", gap
    if HERE in item.path.parents and (report.when == "call" or report.outcome != "passed"):
        outcome, reason = _outcome(report)
        if report.skipped and outcome == "failed":
            report.outcome, report.longrepr = "failed", reason
        op, aspects = attribute(item)
        entry = {"id": item.nodeid, "area": item.path.stem.removeprefix("test_"), "group": _group(item)}
        entry |= {"outcome": outcome, "reason": reason}
        if op:
            entry["op"] = op
            entry["aspects"] = outcomes(aspects, outcome, call.excinfo and call.excinfo.value)
        item.config.stash[RESULTS].append(entry)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: Any) -> None:
    """Takes over the results of a process that has ended."""
    if RESULTS in node.config.stash:
        node.config.stash[RESULTS] += getattr(node, "workeroutput", {}).get("results", [])


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--report")
    if not path or RESULTS not in session.config.stash:
        return
    if hasattr(session.config, "workeroutput"):  # one of several processes (-n)
        session.config.workeroutput["results"] = session.config.stash[RESULTS]
        return
    from tests.conformance.native import native

    content = {
        "backend": os.environ["KERAS_BACKEND"],
        "versions": {"python": platform.python_version()} | native.versions(),
        "operations": operations(),
        "results": session.config.stash[RESULTS],
    }
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(content, indent=1), encoding="utf-8")
