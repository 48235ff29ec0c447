# SPDX-License-Identifier: MIT
"""What the tests of hostile surroundings share: strace's helpers of tests/files, and that nothing is left of them."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "files"))


@pytest.fixture(autouse=True)
def nothing_stays(request):
    """Devices and files of a tebibyte are not for whoever clears up, or copies, the temporary folder later."""
    path = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if path:
        shutil.rmtree(path)
