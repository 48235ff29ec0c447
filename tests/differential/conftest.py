# SPDX-License-Identifier: MIT
"""Says at the end how much was compared."""

from collections import Counter

import pytest

TALLIES = pytest.StashKey()


def pytest_configure(config):
    config.stash[TALLIES] = {}


@pytest.fixture(name="tally")
def tally_of_the_run(request):
    """What was compared so far, by name: of real hives, or of those made by the builder."""
    whose = "the corpus" if request.node.get_closest_marker("corpus") else "the builder"
    return request.config.stash[TALLIES].setdefault(whose, Counter())


def pytest_terminal_summary(terminalreporter, config):
    for whose, tally in config.stash[TALLIES].items():
        figures = ", ".join(f"{number} {what}" for what, number in tally.items())
        terminalreporter.write_line(f"compared, of {whose}: {figures}")
