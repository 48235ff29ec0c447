# SPDX-License-Identifier: MIT
"""A play for each scene, and at the end the figures of all."""

import os
import tempfile

import play
import pytest

# A play makes thousands of files of a few kilobytes, and nobody looks at them later.
MEMORY = os.environ.get("MAPIHTTP_MEMORY") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


@pytest.fixture(scope="session")
def memory():
    """The folder that all plays are in; it goes when all are over."""
    with tempfile.TemporaryDirectory(prefix="mapihttp-test-", dir=MEMORY) as folder:
        yield folder


@pytest.fixture
def perform(request, memory):
    """The play of the test's scene."""
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield play.Play(request.getfixturevalue("scene"), folder)


def pytest_terminal_summary(terminalreporter):
    for what, number in sorted(play.FIGURES.items()):
        terminalreporter.write_line(f"process: {number} {what}")
