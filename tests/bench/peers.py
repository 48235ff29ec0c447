# SPDX-License-Identifier: MIT
"""The tools that are measured side by side: how each reads the value of one hive, and how each sets it."""

import shutil
import subprocess
from pathlib import Path

import worlds

PREFIX = "HKEY_CURRENT_USER"
KEY = r"Software\Microsoft\Exchange"
HERE = Path(__file__).parent
PYTHON = worlds.PROJECT / "build" / "venv" / "bin" / "python"


class Peer:
    """One tool as a whole process. `observe` and `change` give a command for a hive; None: it cannot do that."""

    codes = (0,)
    why_not = None  # it cannot be run here

    def observe(self, hive):
        raise NotImplementedError

    def change(self, hive):
        raise NotImplementedError


class Nothing(Peer):
    name = "nothing (true)"

    def observe(self, hive):
        return ["true"]

    change = observe


class Mapihttp(Peer):
    name = "mapihttp"

    def observe(self, hive):
        return [worlds.PROGRAM, "get", f"hives={hive}"]

    def change(self, hive):
        return [worlds.PROGRAM, "apply", "state=enabled", f"hives={hive}"]


class Hivexsh(Peer):
    name = "hivexsh"

    def __init__(self):
        self.why_not = None if shutil.which("hivexsh") else "hivexsh (libhivex-bin) cannot be had"
        self.read = script("read.hivexsh", f"cd \\{KEY}\nlsval MapiHttpDisabled\n")
        self.write = script("write.hivexsh", f"cd \\{KEY}\nsetval 1\nMapiHttpDisabled\ndword:0\ncommit\n")

    def observe(self, hive):
        return ["hivexsh", "-f", self.read, hive]

    def change(self, hive):
        return ["hivexsh", "-w", "-f", self.write, hive]


class Hivexregedit(Peer):
    name = "hivexregedit"

    def __init__(self):
        self.why_not = None if shutil.which("hivexregedit") else "hivexregedit (libwin-hivex-perl) cannot be had"
        self.write = registry_file()

    def observe(self, hive):
        return ["hivexregedit", "--export", "--prefix", PREFIX, hive, KEY]

    def change(self, hive):
        return ["hivexregedit", "--merge", "--prefix", PREFIX, hive, self.write]


class Reged(Peer):
    name = "reged"
    codes = (0, 2)  # 2: it changed the hive

    def __init__(self):
        self.why_not = None if shutil.which("reged") else "reged (chntpw) cannot be had"
        self.write = registry_file()

    def observe(self, hive):
        return ["reged", "-x", hive, PREFIX, KEY, worlds.WORK / "reged.reg"]

    def change(self, hive):
        return ["reged", "-C", "-I", hive, PREFIX, self.write]


class Regipy(Peer):
    name = "regipy"

    def __init__(self):
        found = PYTHON.exists() and subprocess.run([PYTHON, "-c", "import regipy"], check=False,
                                                   capture_output=True).returncode == 0
        self.why_not = None if found else "regipy cannot be had"

    def observe(self, hive):
        return [PYTHON, HERE / "regipy_read.py", hive]

    def change(self, hive):
        return None  # it only reads


def script(name, text):
    path = worlds.WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def registry_file():
    return script("write.reg", "Windows Registry Editor Version 5.00\r\n\r\n"
                  f"[{PREFIX}\\{KEY}]\r\n\"MapiHttpDisabled\"=dword:00000000\r\n")


def all_peers():
    return [Nothing(), Mapihttp(), Hivexsh(), Hivexregedit(), Reged(), Regipy()]


def in_process(engine, job, count, hive):
    """Microseconds per time of a C program that does the job in process."""
    done = subprocess.run([worlds.BUILD / "tests" / "bench", engine, job, str(count), hive], capture_output=True,
                          check=True)
    return float(done.stdout) / 1000


def holds_zero(hive):
    """Whether the hive's value is the REG_DWORD 0 that `change` sets."""
    done = subprocess.run([worlds.PROGRAM, "check", "state=enabled", f"hives={hive}"], capture_output=True, check=False)
    return done.returncode == 0
