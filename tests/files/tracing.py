# SPDX-License-Identifier: MIT
"""The program under strace: what it asks the system for, and what happens when that answers otherwise."""

import functools
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.tool import TIMEOUT, command, run

LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\w+|\?)(.*)$")


@dataclass
class Syscall:
    """One system call: its number among those of its name in the run, what it was asked, what it said."""

    name: str
    nth: int
    arguments: str
    returned: str
    failed: bool


@functools.lru_cache(maxsize=None)
def why_not():
    """Why nothing can be traced here; None when it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False, timeout=60)
    return None if done.returncode == 0 else f"strace does not work here: {done.stderr.decode()[:200]}"


def need():
    """Skips the test where nothing can be traced."""
    if why_not():
        pytest.skip(why_not())


def parse(log):
    """The calls in strace's output, from the program's first own one: what the loader does comes before."""
    calls, numbers = [], {}
    for line in Path(log).read_text(encoding="utf-8", errors="replace").splitlines():
        found = LINE.match(line)
        if not found:
            continue
        name, arguments, returned, rest = found.groups()
        numbers[name] = numbers.get(name, 0) + 1
        calls.append(Syscall(name, numbers[name], arguments, returned, " E" in rest[:3] or returned == "-1"))
    return calls


def trace(folder, *arguments):
    """Runs the program; its result, and its calls. File descriptors are shown with their paths."""
    need()
    log = Path(folder) / "strace.log"
    done = run(*arguments, wrapper=["strace", "-f", "-y", "-s", "16", "-o", log])
    return done, parse(log)


def since_hive(calls, path):
    """The calls from the first one that names the hive on."""
    first = next(i for i, c in enumerate(calls) if str(path) in c.arguments)
    return calls[first:]


def injected(injection, *arguments):
    """Runs the program with strace's injection in place, like "fsync:error=EIO:when=1"."""
    need()
    return run(*arguments, wrapper=["strace", "-f", "-o", "/dev/null", "-e", f"inject={injection}"])


def wait_until(condition, what):
    """Polls for a condition; fails when it does not come."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, f"for 20 seconds there was no {what}"
        time.sleep(0.002)


def tracee(process):
    """The pid of the program that strace runs; None as long as there is none."""
    try:
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        children = listed.read_text(encoding="ascii").split()
    except OSError:
        return None
    return int(children[0]) if children else None


class Stopped:
    """The program, stopped as one of its calls returns; it goes on at the end of the `with`."""

    def __init__(self, folder, call, *arguments):
        need()
        self.log = Path(folder) / "stopped.log"
        self.arguments = ["strace", "-f", "-o", self.log, "-e",
                          f"inject={call.name}:signal=STOP:when={call.nth}", *command(*arguments)]
        self.process = None
        self.out = b""

    def is_stopped(self):
        return self.log.exists() and b"--- stopped by SIGSTOP ---" in self.log.read_bytes()

    def send(self, number):
        child = tracee(self.process)
        if child:
            os.kill(child, number)

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        try:
            wait_until(self.is_stopped, "stopped program")
        except AssertionError:
            self.send(signal.SIGKILL)
            self.process.communicate(timeout=TIMEOUT)
            raise
        return self

    def __exit__(self, *unused):
        self.send(signal.SIGCONT)
        self.out, _ = self.process.communicate(timeout=TIMEOUT)
