# SPDX-License-Identifier: MIT
"""One domain for all tests: contoso.test, with its controller dc1 and its user ann. It is Samba's, provisioned anew in
a temporary folder, and runs in a network that reaches nobody (machine.sh). Where that is not to be had, these tests are
skipped."""

from pathlib import Path

import pytest
from domain import Domain, why_not
from rendering import POL, STATES, rendered


def left_behind(folder):
    """What still speaks of the domain's folder: mounts, and command lines of processes."""
    mounts = [line for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines() if folder in line]
    processes = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue  # has just ended
        if folder in line:
            processes.append(line.replace("\0", " "))
    return mounts + processes


@pytest.fixture(scope="session")
def domain(tmp_path_factory):
    if reason := why_not():
        pytest.skip(reason)
    running = Domain(tmp_path_factory.mktemp("domain"))
    try:
        running.wait()
        yield running
    finally:
        killed = running.stop()
    assert (killed, left_behind(str(running.folder))) == (False, [])


@pytest.fixture(scope="session")
def policies(domain):
    """{state: the object that holds its Registry.pol}, linked to the domain."""
    return {state: domain.create(f"MAPI over HTTP {state}").publish({POL: rendered("pol", state)}).link()
            for state in STATES}


@pytest.fixture(params=STATES)
def state(request):
    return request.param


@pytest.fixture
def policy(policies, state):
    return policies[state]
