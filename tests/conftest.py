# SPDX-License-Identifier: MIT
"""Rules for every Python test: what may be skipped, and that skipping is never silent."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

CORPUS = os.environ.get("MAPIHTTP_CORPUS", "")


def pytest_configure(config):
    config.addinivalue_line("markers", "linux: is about the Linux program; no other is put to it")
    config.addinivalue_line("markers", "schema: reads the optional schema of ADMX files (MAPIHTTP_ADMX_SCHEMA)")
    config.addinivalue_line("markers", "corpus: reads the optional corpus of real hives (MAPIHTTP_CORPUS)")


def pytest_collection_modifyitems(config, items):
    if os.environ.get("MAPIHTTP_PROGRAM", "").endswith(".exe"):
        elsewhere = [item for item in items if item.get_closest_marker("linux")]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if not item.get_closest_marker("linux")]
    for item in items:
        if item.get_closest_marker("corpus") and not CORPUS:
            item.add_marker(pytest.mark.skip(reason="no corpus: MAPIHTTP_CORPUS names no folder"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With MAPIHTTP_REQUIRE=all only what is optional may be missing: any other skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if (report.skipped and not hasattr(report, "wasxfail") and os.environ.get("MAPIHTTP_REQUIRE") == "all"
            and not item.get_closest_marker("corpus") and not item.get_closest_marker("schema")):
        report.outcome = "failed"
        report.longrepr = f"skipped, but MAPIHTTP_REQUIRE=all: {call.excinfo.value if call.excinfo else ''}"


@pytest.fixture(scope="session")
def corpus():
    """The folder of the corpus; only for tests marked `corpus`."""
    return Path(CORPUS)
