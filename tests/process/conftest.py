# SPDX-License-Identifier: MIT
"""A play for each scene, and at the end the figures of all."""

import play
import pytest

pytestmark = pytest.mark.linux


@pytest.fixture
def perform(request, tmp_path):
    """The play of the test's scene."""
    return play.Play(request.getfixturevalue("scene"), tmp_path)


def pytest_terminal_summary(terminalreporter):
    for what, number in sorted(play.FIGURES.items()):
        terminalreporter.write_line(f"process: {number} {what}")
