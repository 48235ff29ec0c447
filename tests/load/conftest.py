# SPDX-License-Identifier: MIT
"""Where there is room for very many files."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest


def roomy(bytes_):
    """A new folder in memory where there is room, else where temporary files are."""
    memory = Path("/dev/shm")
    fits = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * bytes_
    folder = Path(tempfile.mkdtemp(prefix="mapihttp-load-", dir=memory if fits else None))
    if shutil.disk_usage(folder).free < bytes_:
        shutil.rmtree(folder)
        pytest.skip(f"there is no room for {bytes_ >> 20} MB of profiles")
    folder.chmod(0o755)
    return folder


def remove(folder):
    """Removes what is there, also what may not be read."""
    for here, folders, _ in os.walk(os.fsencode(folder)):
        for name in folders:
            path = os.path.join(here, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
    shutil.rmtree(os.fsencode(folder))


@pytest.fixture(scope="session", name="room")
def folder_for_many():
    """room(bytes): a new folder with so much room; all are removed at the end."""
    made = []

    def make(bytes_):
        made.append(roomy(bytes_))
        return made[-1]

    yield make
    for folder in made:
        remove(folder)
