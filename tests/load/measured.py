# SPDX-License-Identifier: MIT
"""The program under the limits of a small machine, without root's rights, and what it took."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from crowd import AS_ROOT, NOBODY
from support import tool

DESCRIPTORS = 32
# Each thread has a stack, and glibc gives it a heap, of which it reserves far more than it takes.
ADDRESSES = 256 << 20


@dataclass
class Measured:
    """One run: its exit code, its result, what it said on stderr, and the peak of its memory in bytes."""

    code: int
    result: dict
    err: bytes
    peak: int


class Machine:
    """Where the program can be run by nobody in particular: two processors, few descriptors, little memory."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mapihttp-load-"))
        self.folder.chmod(0o755)
        self.program = self.folder / "mapihttp"
        shutil.copy(tool.PROGRAM, self.program)
        self.program.chmod(0o755)

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, verb, descriptors=DESCRIPTORS, addresses=ADDRESSES, **request):
        processors = ",".join(map(str, sorted(os.sched_getaffinity(0))[:2]))
        peak = self.folder / "peak"
        rights = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if AS_ROOT else []
        done = subprocess.run(
            ["/usr/bin/time", "-q", "-f", "%M", "-o", peak, "taskset", "-c", processors, "prlimit",
             f"--nofile={descriptors}", f"--as={addresses}", *rights, self.program, verb],
            input=json.dumps(request).encode(), capture_output=True, timeout=600, check=False)
        assert done.stdout.endswith(b"\n") and done.stdout.count(b"\n") == 1, done.stderr
        return Measured(done.returncode, json.loads(done.stdout), done.stderr,
                        int(peak.read_text(encoding="ascii").split()[-1]) << 10)
