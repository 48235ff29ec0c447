# SPDX-License-Identifier: MIT
"""The resource as it is installed: the manifest, and the program beside it. And Windows, where that is under test."""

import shutil

import pytest
from engine import MANIFEST, Engine
from support import tool

if tool.WINDOWS:
    from wine.conftest import machine, one_machine, prefix
    __all__ = ["machine", "one_machine", "prefix"]

collect_ignore = [] if tool.WINDOWS else ["test_live.py"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    shutil.copy(MANIFEST, folder)
    shutil.copy(tool.PROGRAM, folder / ("mapihttp.exe" if tool.WINDOWS else "mapihttp"))
    return folder


@pytest.fixture
def engine(installed):
    return Engine(installed)
