# SPDX-License-Identifier: MIT
"""Who may do what with a hive is the same after a change as before: owner, mode, ACLs, other attributes."""

import errno
import os
import subprocess

import pytest

from support import hives
from support.tool import call

IN_PLACE = hives.user(hives.dword(0))
NEW_IMAGE = hives.user()
BOTH = pytest.mark.parametrize("spec", [IN_PLACE, NEW_IMAGE], ids=["in-place", "new-image"])
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot give files away")


def apply(path):
    """Changes the value; the file's stat before."""
    before = os.stat(path)
    done = call("apply", {"state": "disabled", "hives": [str(path)]})
    assert (done.code, done.result["changed"]) == (0, True), done.out
    assert sorted(os.listdir(path.parent)) == [path.name]
    return before


def set_attribute(path, name, value):
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.EPERM):
            raise
        pytest.skip(f"{name} cannot be set here: {error.strerror}")


def facl(*arguments):
    """setfacl or getfacl; its output."""
    try:
        done = subprocess.run(list(map(str, arguments)), capture_output=True, check=False, timeout=60)
    except FileNotFoundError:
        pytest.skip(f"{arguments[0]} is not installed")
    if b"not supported" in done.stderr:
        pytest.skip("the file system has no ACLs")
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def acl(path):
    return facl("getfacl", "--omit-header", "--absolute-names", "--numeric", path)


@BOTH
@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600, 0o640, 0o644, 0o660, 0o666, 0o700, 0o755, 0o000])
def test_the_mode_is_kept(tmp_path, spec, mode):
    """Neither wider nor narrower, whatever the umask."""
    if os.geteuid() != 0 and not mode & 0o200:
        pytest.skip("not root: cannot write such a file")
    path = hives.make(tmp_path / "h" / "hive", spec)
    path.chmod(mode)
    old = os.umask(0o027)
    try:
        apply(path)
    finally:
        os.umask(old)
    assert os.stat(path).st_mode & 0o7777 == mode


@ROOT
@BOTH
@pytest.mark.parametrize("owner,group", [(1234, 5678), (0, 5678), (1234, 0)])
def test_the_owner_is_kept(tmp_path, spec, owner, group):
    """User and group; the mode with them."""
    path = hives.make(tmp_path / "h" / "hive", spec)
    os.chown(path, owner, group)
    path.chmod(0o640)
    apply(path)
    after = os.stat(path)
    assert (after.st_uid, after.st_gid, after.st_mode & 0o7777) == (owner, group, 0o640)


@ROOT
def test_the_folders_group_is_not_taken_over(tmp_path):
    """A folder with the setgid bit gives its group to what is made in it."""
    path = hives.make(tmp_path / "h" / "hive", NEW_IMAGE)
    os.chown(path.parent, 0, 4321)
    path.parent.chmod(0o2775)
    apply(path)
    assert os.stat(path).st_gid == 0


@BOTH
@pytest.mark.parametrize("name,value", [
    ("security.NTACL", bytes(range(200))), ("user.DOSATTRIB", b"0x20\0"), ("trusted.other", b"x"),
    ("user.empty", b""), ("user.large", b"y" * 2000), ("security.unknown", b"\0\1")])
def test_attributes_are_kept(tmp_path, spec, name, value):
    """Samba's, the system's, anybody's."""
    path = hives.make(tmp_path / "h" / "hive", spec)
    set_attribute(path, name, value)
    apply(path)
    assert os.getxattr(path, name) == value


def test_all_attributes_are_kept(tmp_path):
    """Many together, and no more than there were."""
    path = hives.make(tmp_path / "h" / "hive", NEW_IMAGE)
    for number in range(20):
        set_attribute(path, f"user.number{number}", bytes([number]) * number)
    before = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    apply(path)
    assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == before


@BOTH
def test_an_acl_is_kept(tmp_path, spec):
    """Entries and mask."""
    path = hives.make(tmp_path / "h" / "hive", spec)
    path.chmod(0o640)
    facl("setfacl", "-m", "u:1234:rw,g:5678:r,m::rw", path)
    before = acl(path)
    assert "user:1234:rw-" in before
    apply(path)
    assert acl(path) == before


@BOTH
@pytest.mark.parametrize("own", ["", "u:4444:r"])
def test_the_folders_default_acl_does_not_leak_in(tmp_path, spec, own):
    """What is made in the folder inherits; the hive that stands there does not."""
    path = hives.make(tmp_path / "h" / "hive", spec)
    path.chmod(0o600)
    if own:
        facl("setfacl", "-m", own, path)
    before = acl(path)
    facl("setfacl", "-d", "-m", "u:1234:rwx,g:5678:rwx,o::rwx", path.parent)
    apply(path)
    assert acl(path) == before


def test_a_change_in_place_keeps_the_file(tmp_path):
    """Four bytes are written into the same file: number, birth, everything but its times."""
    path = hives.make(tmp_path / "h" / "hive", IN_PLACE)
    before = apply(path)
    after = os.stat(path)
    assert (after.st_ino, after.st_size, after.st_nlink) == (before.st_ino, before.st_size, 1)


def test_a_new_image_is_a_new_file(tmp_path):
    """It is put in place as a whole: who had the old one open goes on reading the old one."""
    path = hives.make(tmp_path / "h" / "hive", NEW_IMAGE)
    before = apply(path)
    assert os.stat(path).st_ino != before.st_ino and os.stat(path).st_nlink == 1


def test_the_logs_are_left_alone(tmp_path):
    """They belong to Windows; only the hive is written."""
    root = hives.user(hives.dword(0))["root"]
    log = {"root": root, "files": 2, "entries": 2}
    path = hives.make(tmp_path / "h" / "hive", {**hives.user(hives.dword(1)), "log": log})
    logs = {log: hives.snapshot(log) for log in path.parent.glob("hive.LOG*")}
    assert len(logs) == 2
    assert call("apply", {"state": "disabled", "hives": [str(path)]}).code == 0
    assert {log: hives.snapshot(log) for log in logs} == logs
