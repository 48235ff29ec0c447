# SPDX-License-Identifier: MIT
"""The machine that the tests of the running Windows share: made once, made empty again for each test."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import tool, wine


def program():
    return Path(os.environ.get("MAPIHTTP_MACHINE", tool.PROGRAM.parent / "tests" / "machine.exe"))


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """The Wine prefix: WINEPREFIX where there is one, else made here and ended with the tests."""
    if tool.PROGRAM.suffix != ".exe" or not tool.PREFIX or not shutil.which(tool.PREFIX[-1]):
        pytest.skip("no Windows program, or no Wine")
    own = "WINEPREFIX" not in os.environ
    if own:
        os.environ["WINEPREFIX"] = str(tmp_path_factory.mktemp("wine"))
    os.environ.setdefault("WINEDEBUG", "-all")
    os.environ["LC_ALL"] = "C.UTF-8"  # by which Wine makes wide arguments of what it is given
    if not (Path(os.environ["WINEPREFIX"]) / "system.reg").exists():
        subprocess.run([*tool.PREFIX, "wineboot", "-i"], env={**os.environ, "WINEDLLOVERRIDES": "mscoree,mshtml="},
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=300)
    given = tool.PREFIX
    tool.PREFIX = wine.loader(tool.PROGRAM, given) if tool.PROGRAM.is_file() else given
    yield Path(os.environ["WINEPREFIX"])
    tool.PREFIX = given
    if own:
        subprocess.run(["wineserver", "-k"], check=False, timeout=60)


@pytest.fixture(scope="session")
def one_machine(prefix):
    assert program().is_file(), f"{program()} is not built"
    machine = wine.Machine(prefix, program())
    yield machine
    machine.clear()
    machine.hands.close()


@pytest.fixture
def machine(one_machine):
    """The machine with nobody but the user who runs the tests."""
    one_machine.clear()
    yield one_machine
    one_machine.clear()


@pytest.fixture(scope="module")
def module_machine(one_machine):
    """The same for tests that only look at what was done once."""
    one_machine.clear()
    yield one_machine
    one_machine.clear()
