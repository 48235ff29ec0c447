# SPDX-License-Identifier: MIT
"""Where the parts of the Bolt module are, and how it is staged."""

import subprocess

from support import tool

PUPPET = tool.PROJECT / "build" / "puppet" / "usr"
STAGE = tool.PROJECT / "plugin" / "bolt" / "stage.sh"
HERE = tool.PROJECT / "tests" / "bolt"


def stage(folder, *programs):
    """Makes the module below `folder`, and returns `folder`."""
    done = subprocess.run(["sh", STAGE, folder, *programs], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder
