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


# What is no answer of mapihttp's, by scripts in its place.
NO_ANSWER = {
    "prints nothing": "#!/bin/sh\n", "prints garbage": "#!/bin/sh\necho done\n", "is empty": "",
    "prints another JSON": "#!/bin/sh\necho '{\"version\":\"0.1.0\"}'\n",
    "prints a list": "#!/bin/sh\necho '[]'\n", "prints half": "#!/bin/sh\nprintf '{\"changed\":false,'\n",
    "prints lines of its own": "#!/bin/sh\necho done; echo '{\"changed\":false}'\n"}
DIES = {
    "fails": "#!/bin/sh\necho broken >&2\nexit 3\n", "is of another make": "\x7fELF\x02\x01\x01\n",
    "dies by a signal": "#!/bin/sh\nkill -9 $$\n", "is not to be run": "#!/no/such/interpreter\n"}


def write_program(path, text):
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o755)
    return path
