# SPDX-License-Identifier: MIT
"""What is measured on: hives of every size, stores of every number of profiles; made by tests/builder, then copied."""

import json
import os
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build" / "bench" / "linux"
QUICK = os.environ.get("MAPIHTTP_BENCH_QUICK", "") == "1"
WORK = PROJECT / "build" / "bench" / ("quick" if QUICK else "work")
PROGRAM = BUILD / "mapihttp"
NUMBER, TEXT = "number", "text"
VALUES = {NUMBER: {"type": "REG_DWORD", "data": 1}, TEXT: {"type": "REG_SZ", "data": "1"}}


def spec(value, size):
    """A user's hive with the value, its other keys as many as fill the size."""
    microsoft = [{"name": "Exchange", "values": [{"name": "MapiHttpDisabled", **VALUES[value]}]}]
    microsoft += [{"name": f"Product {i:03d}"} for i in range(150)]
    software = [{"name": "Microsoft", "keys": microsoft}] + [{"name": f"Vendor {i:02d}"} for i in range(30)]
    return {"size": size, "root": {"keys": [{"name": "Software", "keys": software}, {"name": "Environment"},
                                            {"name": "Control Panel"}, {"name": "Console"}]}}


def hive(value, size):
    """The hive with that value of that size; it is copied and never written."""
    path = WORK / "made" / f"{value}{size}.dat"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([{"spec": spec(value, size), "out": str(path)}])
        subprocess.run([BUILD / "tests" / "mkhive", "-"], input=text.encode(), check=True)
    return path


def copy(source, path):
    """A copy that is on the device, so that who changes it flushes the change alone."""
    shutil.copyfile(source, path)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


class Store:
    """A store of so many profiles of 256 KB, each with a REG_DWORD 1; `names` is a file with the hives' paths."""

    def __init__(self, count):
        self.count = count
        self.path = WORK / f"store{count}"
        self.hives = [self.path / f"user{i:05d}" / "NTUSER.DAT" for i in range(count)]
        self.names = WORK / f"store{count}.txt"

    def make(self):
        source = hive(NUMBER, 256 << 10)
        for path in self.hives:
            path.parent.mkdir(parents=True)
            shutil.copyfile(source, path)
        self.names.write_text("".join(f"{path}\n" for path in self.hives))
        os.sync()
        return self

    def drop(self):
        shutil.rmtree(self.path)
