# SPDX-License-Identifier: MIT
"""Rules for every Python test: what may be skipped, that skipping is never silent, and where figures are said."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

# What tests of that mark read, and the variable that names the folder it is in: real files, which the project may not
# have, and which nobody needs to have.
OPTIONAL = {
    "corpus": ("the optional corpus of real hives", "MAPIHTTP_CORPUS"),
    "schema": ("Microsoft's optional schema of ADMX files", "MAPIHTTP_ADMX_SCHEMA"),
    "pol": ("optional real policy files", "MAPIHTTP_POL"),
    "gpo_backup": ("an optional real backup of a Group Policy Object", "MAPIHTTP_GPO_BACKUP"),
}


FIGURES = pytest.StashKey()


def optional(mark):
    return os.environ.get(OPTIONAL[mark][1], "")


def missing(item):
    """The marks of the test whose files are not there."""
    return [mark for mark in OPTIONAL if item.get_closest_marker(mark) and not optional(mark)]


def pytest_configure(config):
    config.stash[FIGURES] = []
    config.addinivalue_line("markers", "linux: is about the Linux program; no other is put to it")
    for mark, (what, variable) in OPTIONAL.items():
        config.addinivalue_line("markers", f"{mark}: reads {what} ({variable})")


def pytest_collection_modifyitems(config, items):
    if os.environ.get("MAPIHTTP_PROGRAM", "").endswith(".exe"):
        elsewhere = [item for item in items if item.get_closest_marker("linux")]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if not item.get_closest_marker("linux")]
    for item in items:
        for mark in missing(item):
            item.add_marker(pytest.mark.skip(reason=f"no {mark}: {OPTIONAL[mark][1]} names no folder"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With MAPIHTTP_REQUIRE=all only what is optional may be missing: any other skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if (report.skipped and not hasattr(report, "wasxfail") and os.environ.get("MAPIHTTP_REQUIRE") == "all"
            and not any(item.get_closest_marker(mark) for mark in OPTIONAL)):
        report.outcome = "failed"
        report.longrepr = f"skipped, but MAPIHTTP_REQUIRE=all: {call.excinfo.value if call.excinfo else ''}"


@pytest.fixture(scope="session", name="say")
def say_at_the_end(request):
    """say(text): a line below the tests' outcome."""
    return request.config.stash[FIGURES].append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[FIGURES]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def corpus():
    """The folder of the corpus; only for tests marked `corpus`."""
    return Path(optional("corpus"))


@pytest.fixture(scope="session")
def pol_samples():
    """The folder of real policy files; only for tests marked `pol`."""
    return Path(optional("pol"))


@pytest.fixture(scope="session")
def real_backup():
    """The folder of real backups; only for tests marked `gpo_backup`."""
    return Path(optional("gpo_backup"))
