# SPDX-License-Identifier: MIT
"""Each kind of error that a hive file can give, made for real; the file is whole and unchanged after it, and
the other profiles converge. And hives that were not closed cleanly but can be read with their logs."""

import os
import shutil
import struct

import pytest
from support import hives
from support.hives import dword
from support.tool import call, run

OFF = hives.user(dword(1))


def ask(verb, *paths, **options):
    request = {"hives": [str(path) for path in paths], **({} if verb == "get" else {"state": "enabled"})}
    return call(verb, request, **options)


def patch(path, at, content):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(content)


def seal(path):
    """Makes the base block's checksum right again."""
    words = struct.unpack("<127I", path.read_bytes()[:508])
    total = 0
    for word in words:
        total ^= word
    patch(path, 508, struct.pack("<I", {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total)))


def version(path, major, minor):
    patch(path, 20, struct.pack("<II", major, minor))
    seal(path)


# What is done to a hive, and the kind of error that reading it gives.
BROKEN = [
    ("empty", "corrupt", lambda p: p.write_bytes(b"")),
    ("no hive", "corrupt", lambda p: p.write_bytes(b"MZ" * 5000)),
    ("shorter than its base block", "corrupt", lambda p: os.truncate(p, 4095)),
    ("its bins are cut off", "corrupt", lambda p: os.truncate(p, 4096)),
    ("its first bin is overwritten", "corrupt", lambda p: patch(p, 4096, bytes(4096))),
    ("its base block's checksum is wrong", "corrupt", lambda p: patch(p, 508, b"\x01\x02\x03\x04")),
    ("its root cell lies outside", "corrupt", lambda p: (patch(p, 36, b"\xff\xff\xff\x7f"), seal(p))),
    ("version 1.2", "unsupported", lambda p: version(p, 1, 2)),
    ("version 1.7", "unsupported", lambda p: version(p, 1, 7)),
    ("version 2.5", "unsupported", lambda p: version(p, 2, 5)),
    ("two names", "unsupported", lambda p: os.link(p, p.with_name("other name"))),
    ("a folder", "unsupported", lambda p: (p.unlink(), p.mkdir())),
    ("a pipe", "unsupported", lambda p: (p.unlink(), os.mkfifo(p))),
    ("a link", "unsupported", lambda p: (p.rename(p.with_name("real")), p.symlink_to("real"))),
    ("gone", "not_found", lambda p: p.unlink()),
]


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
@pytest.mark.parametrize(("kind", "harm"), [
    pytest.param(*b[1:], id=b[0], marks=[pytest.mark.linux] if b[0] in ("a pipe", "a link") else []) for b in BROKEN])
def test_a_broken_hive_fails_with_its_kind_and_is_untouched(tmp_path, verb, kind, harm):
    path = hives.make(tmp_path / "ann.dat", OFF)
    harm(path)
    before = hives.snapshot(tmp_path)
    done = ask(verb, path)
    profile = done.result["profiles"][0]
    assert (done.code, profile["outcome"], profile["error"]["kind"]) == (2, "failed", kind)
    assert (profile["state"], profile["before"], profile["after"]) == (None, None, None)
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_a_dirty_hive_without_logs_is_not_guessed_at(tmp_path, verb):
    path = hives.make(tmp_path / "ann.dat", hives.user(dword(1), dirty=True))
    before = hives.snapshot(tmp_path)
    done = ask(verb, path)
    assert (done.code, done.kinds) == (2, ["dirty"])
    assert hives.snapshot(tmp_path) == before


def test_logs_that_are_no_logs_do_not_help_a_dirty_hive(tmp_path):
    path = hives.make(tmp_path / "ann.dat", hives.user(dword(1), dirty=True))
    (tmp_path / "ann.dat.LOG1").write_bytes(b"nothing of use" * 100)
    assert ask("apply", path).kinds == ["dirty"]


LOGS = {"HvLE": {"format": "hvle"}, "HvLE in two files": {"format": "hvle", "files": 2, "entries": 3},
        "HvLE, the later file first": {"format": "hvle", "files": 2, "entries": 3, "swap": True},
        "DIRT": {"format": "dirt"}}


@pytest.fixture(params=LOGS.values(), ids=LOGS.keys())
def dirty(request, tmp_path):
    """A hive that says disabled and whose logs say DWORD 2."""
    spec = hives.user(dword(1), log={**request.param, "root": hives.tree(dword(2))})
    return hives.make(tmp_path / "ann.dat", spec)


def test_a_dirty_hive_is_read_with_its_logs(dirty):
    profile = ask("get", dirty).result["profiles"][0]
    assert (profile["before"]["data"], profile["recovered"]) == (2, True)


@pytest.mark.parametrize("verb", ["get", "check"])
def test_reading_a_dirty_hive_writes_nothing(dirty, verb):
    before = hives.snapshot(dirty.parent)
    ask(verb, dirty)
    assert hives.snapshot(dirty.parent) == before


def test_a_dirty_hive_converges(dirty):
    done = ask("apply", dirty)
    assert (done.code, done.result["profiles"][0]["recovered"]) == (0, True)
    profile = ask("get", dirty).result["profiles"][0]
    assert (profile["state"], profile["recovered"]) == ("enabled", False)
    hives.check(dirty)


def test_a_dirty_hive_converges_once(dirty):
    ask("apply", dirty)
    settled = hives.snapshot(dirty.parent)
    assert ask("apply", dirty).result["changed"] is False
    assert hives.snapshot(dirty.parent) == settled


def test_undo_of_a_dirty_hive_is_what_its_logs_said(dirty):
    call("apply", ask("apply", dirty).result["undo"])
    assert ask("get", dirty).result["profiles"][0]["before"] == {"type": "REG_DWORD", "data": 2}


def test_a_clean_hive_is_not_recovered(tmp_path):
    path = hives.make(tmp_path / "ann.dat", OFF)
    assert ask("get", path).result["profiles"][0]["recovered"] is False


@pytest.mark.linux
def test_a_hive_that_somebody_has_open_is_in_use(tmp_path):
    path = hives.make(tmp_path / "ann.dat", OFF)
    before = hives.snapshot(tmp_path)
    with open(path, "rb"):
        done = ask("apply", path)
    assert (done.code, done.kinds) == (2, ["in_use"])
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize("verb", ["get", "check"])
def test_a_hive_that_somebody_has_open_can_be_read(tmp_path, verb):
    path = hives.make(tmp_path / "ann.dat", OFF)
    with open(path, "r+b"):
        assert ask(verb, path).result["failed"] is False


def test_a_compliant_hive_that_somebody_has_open_is_compliant(tmp_path):
    path = hives.make(tmp_path / "ann.dat", hives.user(dword(0)))
    with open(path, "r+b"):
        assert ask("apply", path).code == 0


# Nobody refuses root anything, so there it gives up its capabilities first.
POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


@pytest.mark.linux
@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_a_hive_that_may_not_be_read_is_access_denied(tmp_path, verb):
    path = hives.make(tmp_path / "ann.dat", OFF)
    path.chmod(0)
    done = ask(verb, path, wrapper=POWERLESS)
    assert (done.code, done.kinds) == (2, ["access_denied"])
    assert isinstance(done.result["profiles"][0]["error"]["code"], int)


@pytest.mark.linux
def test_a_hive_that_may_not_be_written_is_access_denied(tmp_path):
    path = hives.make(tmp_path / "ann.dat", OFF)
    path.chmod(0o444)
    before = hives.contents(tmp_path)
    done = ask("apply", path, wrapper=POWERLESS)
    assert (done.code, done.kinds) == (2, ["access_denied"])
    assert (hives.contents(tmp_path), done.result["profiles"][0]["state"]) == (before, "disabled")


@pytest.mark.linux
def test_a_store_that_may_not_be_entered_is_refused(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(0)
    done = call("get", {"store": str(tmp_path / "store")}, wrapper=POWERLESS)
    error = done.result["error"]
    assert (done.code, error["kind"], error["field"]) == (2, "access_denied", "store")


def full():
    """Runs the program where no file may grow beyond 4 KiB, which stands for a full device."""
    return ["bash", "-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "-"]


@pytest.mark.linux
def test_a_full_device_leaves_the_old_file_whole(tmp_path):
    path = hives.make(tmp_path / "ann.dat", hives.user())
    before = hives.snapshot(tmp_path)
    done = ask("apply", path, wrapper=full())
    assert (done.code, done.kinds) == (2, ["no_space"])
    assert hives.snapshot(tmp_path) == before


def failing(calls):
    """Runs the program on a device that fails the first of these system calls."""
    inject = f"inject={calls}:error=EIO:when=1"
    return ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject]


@pytest.mark.linux
@pytest.mark.skipif(not shutil.which("strace"), reason="strace makes the device fail")
@pytest.mark.parametrize(("call_", "spec"), [("fsync", hives.user()), ("write", hives.user()),
                                             ("pwrite64", OFF), ("fdatasync", OFF)])
def test_a_failing_device_is_io_and_the_hive_is_whole(tmp_path, call_, spec):
    path = hives.make(tmp_path / "ann.dat", spec)
    done = ask("apply", path, wrapper=failing(call_))
    assert (done.code, done.kinds) == (2, ["io"])
    hives.check(path)
    assert sorted(os.listdir(tmp_path)) == ["ann.dat"]


@pytest.mark.linux
@pytest.mark.skipif(not shutil.which("strace"), reason="strace makes the device fail")
@pytest.mark.parametrize("call_", ["fsync", "write", "/^rename"])
def test_a_failing_device_leaves_the_old_file(tmp_path, call_):
    path = hives.make(tmp_path / "ann.dat", hives.user())
    before = hives.snapshot(tmp_path)
    ask("apply", path, wrapper=failing(call_))
    assert hives.snapshot(tmp_path) == before


def test_one_failure_does_not_stop_the_others(tmp_path):
    paths = [hives.make(tmp_path / f"{name}.dat", OFF) for name in "abcde"]
    paths[0].write_bytes(b"")
    paths[2].unlink()
    done = ask("apply", *paths)
    outcomes = [p["outcome"] for p in done.result["profiles"]]
    assert outcomes == ["failed", "changed", "failed", "changed", "changed"]
    assert (done.code, done.result["changed"], done.result["failed"]) == (2, True, True)


def test_nothing_is_left_beside_a_hive_that_was_replaced(tmp_path):
    path = hives.make(tmp_path / "ann.dat", hives.user())
    ask("apply", path)
    assert os.listdir(tmp_path) == ["ann.dat"]


@pytest.mark.linux
def test_a_replaced_hive_keeps_its_owner_and_mode(tmp_path):
    path = hives.make(tmp_path / "ann.dat", hives.user())
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    ask("apply", path)
    after = path.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)


@pytest.mark.linux
def test_a_file_of_arguments_that_may_not_be_read(tmp_path):
    arguments = tmp_path / "args.json"
    arguments.write_text('{"state":"enabled"}', encoding="utf-8")
    arguments.chmod(0)
    done = run("ansible", arguments, wrapper=POWERLESS)
    assert (done.code, done.result["failed"], done.result["error"]["kind"]) == (1, True, "access_denied")
    assert str(arguments) in done.result["msg"]
