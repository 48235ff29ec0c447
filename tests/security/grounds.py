# SPDX-License-Identifier: MIT
"""A store or a volume in which one profile's folder belongs to somebody hostile, and what they are after."""

import os
import shutil
from pathlib import Path

import pytest

from support import hives
from support.tool import call

IN_PLACE = hives.user(hives.dword(1))
NEW_IMAGE = hives.user(hives.value("REG_SZ", "1"))
SPECS = {"in-place": IN_PLACE, "new-image": NEW_IMAGE}
BOTH = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="not root")
USER = 4711  # who owns ann's profile


def look(path):
    """All that must not change of one file or folder: its bytes, owner, mode, times, names and attributes."""
    stat = os.lstat(path)
    attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                  for name in os.listxattr(path, follow_symlinks=False)}
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return (content, stat.st_uid, stat.st_gid, stat.st_mode, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_nlink,
            stat.st_ino, attributes)


def survey(top):
    return {str(path): look(path) for path in [top, *sorted(top.rglob("*"))]}


def but_for_names(surveyed):
    """The same without the number of a file's names (hard links), and the time of that."""
    return {name: entry[:5] + entry[7:] for name, entry in surveyed.items()}


class Ground:
    """A store with ann, who is hostile, between al and bob; beside it what she is after: the profile of another
    (victim/NTUSER.DAT, and its log), and a file that is none (victim/secret)."""

    def __init__(self, top, spec):
        self.store = top / "store"
        self.victim = top / "victim"
        root = IN_PLACE["root"]
        hives.make_all([*((self.store / name / "NTUSER.DAT", spec) for name in ("al", "ann", "bob")),
                        (self.victim / "NTUSER.DAT", {**spec, "log": {"root": root}})])
        self.secret = self.victim / "secret"
        self.secret.write_bytes(b"root:*:19000:0:99999:7:::\n")
        self.secret.chmod(0o600)
        self.ann = self.store / "ann"
        self.hive = self.ann / "NTUSER.DAT"
        for path in (self.ann, self.hive):
            os.chown(path, USER, USER)
        for path in self.victim.iterdir():
            os.setxattr(path, "user.owner", b"victim")

    def alone(self):
        """Takes the others away: one profile is one thread, and its calls come in one order."""
        for name in ("al", "bob"):
            shutil.rmtree(self.store / name)
        return self

    def apply(self, **request):
        return call("apply", {"state": "enabled", "store": str(self.store), **request})

    def others_converge(self, done):
        """All but ann are what they shall be."""
        assert [done.profile(name)["outcome"] for name in ("al/NTUSER.DAT", "bob/NTUSER.DAT")] == ["changed"] * 2
        for name in ("al", "bob"):
            path = self.store / name / "NTUSER.DAT"
            hives.check(path)
            found = call("get", {"hives": [str(path)]}).result["profiles"][0]
            assert found["state"] == "enabled"


def place(kind, path, ground):
    """Puts a trap of that kind at `path`, which is free then."""
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name("away"))
    elif path.exists() or path.is_symlink():
        path.unlink()
    TRAPS[kind](Path(path), ground)
    os.lchown(path, USER if path.is_symlink() else os.lstat(path).st_uid, -1)


def node(kind, major, minor):
    return lambda path, _: os.mknod(path, kind | 0o666, os.makedev(major, minor))


TRAPS = {
    "link to another's hive": lambda path, g: path.symlink_to(g.victim / "NTUSER.DAT"),
    "link to a secret": lambda path, g: path.symlink_to(g.secret),
    "link to a device": lambda path, _: path.symlink_to("/dev/zero"),
    "link to itself": lambda path, _: path.symlink_to(path.name),
    "link into /proc": lambda path, _: path.symlink_to("/proc/self/exe"),
    "hard link to another's hive": lambda path, g: os.link(g.victim / "NTUSER.DAT", path),
    "hard link to a secret": lambda path, g: os.link(g.secret, path),
    "FIFO": lambda path, _: os.mkfifo(path),
    "folder": lambda path, _: path.mkdir(),
    "character device": node(0o020000, 1, 5),
    "block device": node(0o060000, 7, 240),
    "device of no driver": node(0o020000, 4000, 130),
}
