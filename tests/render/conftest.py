# SPDX-License-Identifier: MIT
"""What the tests of `render` share."""

from types import SimpleNamespace

import pytest
from support import tool

if tool.WINDOWS:
    from wine.conftest import machine, one_machine, prefix
    __all__ = ["machine", "one_machine", "prefix"]

# Only Windows imports .reg files.
collect_ignore = [] if tool.WINDOWS else ["test_reg_wine.py"]


@pytest.fixture(scope="session")
def rendered():
    """rendered(format, state): the file's bytes."""
    seen = {}

    def render(name, state):
        if (name, state) not in seen:
            done = tool.run("render", name, f"state={state}", check_result=False)
            assert (done.code, done.err) == (0, b"")
            seen[name, state] = done.out
        return seen[name, state]
    return render


@pytest.fixture(scope="session")
def backups(tmp_path_factory):
    """backups(state): the folder `out` of a backup, and where its own folder is in that."""
    seen = {}

    def render(state):
        if state not in seen:
            out = tmp_path_factory.mktemp("backups") / state
            done = tool.run("render", "backup", f"state={state}", f"out={out}")
            assert (done.code, done.err) == (0, b"")
            seen[state] = SimpleNamespace(out=out, own=out / done.result["backup_id"], id=done.result["backup_id"])
        return seen[state]
    return render
