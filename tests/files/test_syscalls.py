# SPDX-License-Identifier: MIT
"""What the program asks of the system: reading leaves no trace and costs little, writing is flushed before it
is reported."""

import os
import re

import pytest

import tracing
from support import hives

WRITES = {"write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "truncate", "fallocate",
          "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
          "mkdir", "mkdirat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown",
          "fchownat", "lchown", "setxattr", "fsetxattr", "lsetxattr", "removexattr", "fremovexattr", "utime",
          "utimes", "utimensat", "copy_file_range", "sendfile", "creat", "flock"}
ROOT = hives.user(hives.dword(1))["root"]
DIRTY = {**hives.user(hives.dword(0)), "log": {"root": ROOT, "entries": 3, "files": 2}}


def writes(calls):
    """What could change something, but for the result on standard output."""
    found = [c for c in calls if c.name in WRITES and not c.arguments.startswith("1<")]
    found += [c for c in calls if c.name.startswith("open") and re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC",
                                                                         c.arguments)]
    return [f"{c.name}({c.arguments})" for c in found]


@pytest.mark.parametrize("verb", ["get", "check"])
@pytest.mark.parametrize("spec", [hives.user(hives.dword(1)), hives.user(keys=()), DIRTY],
                         ids=["value", "nothing", "dirty"])
def test_looking_opens_nothing_for_writing(tmp_path, verb, spec):
    """get and check only read, whatever they find."""
    path = hives.make(tmp_path / "h" / "hive", spec)
    done, calls = tracing.trace(tmp_path, verb, "state=enabled", f"hives={path}")
    assert done.code == (0 if verb == "get" else done.result["changed"])
    assert writes(tracing.since_hive(calls, path)) == []


@pytest.mark.parametrize("spec", [hives.user(hives.dword(1)), hives.user(keys=()), DIRTY],
                         ids=["in-place", "new-image", "dirty"])
def test_the_second_apply_opens_nothing_for_writing(tmp_path, spec):
    """Where there is nothing to converge, apply only reads."""
    path = hives.make(tmp_path / "h" / "hive", spec)
    assert tracing.trace(tmp_path, "apply", "state=enabled", f"hives={path}")[0].result["changed"]
    done, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"hives={path}")
    assert (done.code, done.result["changed"]) == (0, False)
    assert writes(tracing.since_hive(calls, path)) == []


@pytest.mark.parametrize("state", ["disabled", "allowed"])
def test_a_check_in_the_request_is_a_check(tmp_path, state):
    """apply with check writes nothing."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(hives.value("REG_SZ", "0")))
    _, calls = tracing.trace(tmp_path, "apply", f"state={state}", "check=yes", f"hives={path}")
    assert writes(tracing.since_hive(calls, path)) == []


@pytest.mark.parametrize("minor", [3, 5])
@pytest.mark.parametrize("size", [0, 256 * 1024, 64 * 1024 * 1024], ids=["small", "256K", "64M"])
def test_reading_costs_the_same_whatever_the_size(tmp_path, size, minor):
    """At most a read for each key on the way, one for the value, and 12 KB of a clean hive."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(hives.dword(1), size=size, minor=minor))
    done, calls = tracing.trace(tmp_path, "get", f"hives={path}")
    assert done.result["profiles"][0]["state"] == "disabled"
    reads = [c for c in calls if c.name in ("pread64", "read", "preadv", "readv", "mmap")
             and f"<{path}>" in c.arguments]
    assert not any(c.name == "mmap" for c in reads)
    assert 0 < len(reads) <= 5
    assert sum(int(c.returned) for c in reads) <= 12 * 1024


LOOKS = ("openat2", "openat", "open", "getdents64", "fstat", "newfstatat", "pread64", "read", "lseek", "close")


@pytest.fixture
def one_processor():
    """On one processor there is one thread, whose calls strace writes down whole."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(ours)})
    yield
    os.sched_setaffinity(0, ours)


def looks(folder, count):
    """How many calls that reach for files a check of a store of so many profiles makes."""
    spec = hives.user(hives.dword(1), size=256 * 1024)
    path = hives.store(folder / str(count), {f"user{i:03d}": spec for i in range(count)})
    done, calls = tracing.trace(folder, "check", "state=enabled", f"store={path}")
    assert done.result["counts"]["changed"] == count
    return sum(c.name in LOOKS for c in calls)


@pytest.mark.usefixtures("one_processor")
def test_a_profile_costs_twelve_calls_at_the_most(tmp_path):
    """Its folder: open, two for the list, close. Its hive: open, look, at most five reads, look again, close."""
    assert looks(tmp_path, 41) - looks(tmp_path, 1) <= 40 * 12


def place(calls, name, text=""):
    """The places of the calls of that name with that text in their arguments."""
    return [i for i, c in enumerate(calls) if c.name.startswith(name) and text in c.arguments]


def result_written(calls):
    return place(calls, "write", "1<")[0]


@pytest.mark.parametrize("before", [hives.value("REG_SZ", "1"), hives.dword(1, inline=False)],
                         ids=["sz", "own-cell"])
def test_a_new_image_is_flushed_before_and_after_it_is_put_in_place(tmp_path, before):
    """The new file is on the device before it has the name, and the name before success is told."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(before))
    done, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"hives={path}")
    assert done.code == 0
    last_write = place(calls, "write", "hive.mapihttp-new")[-1]
    rights = place(calls, "fchmod", "hive.mapihttp-new")[-1]
    flush = place(calls, "fsync", "hive.mapihttp-new")[-1]
    rename = place(calls, "rename", "hive.mapihttp-new")
    folder = place(calls, "fsync", f"<{path.parent}>")[-1]
    assert len(rename) == 1
    assert last_write < flush < rename[0] < folder < result_written(calls) and rights < flush
    assert not any(c.failed for c in (calls[flush], calls[rename[0]], calls[folder]))


def test_a_new_image_is_written_beside(tmp_path):
    """Of the hive itself nothing is written."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(hives.value("REG_SZ", "1")))
    _, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"hives={path}")
    hive = re.compile(rf"\d+<{re.escape(str(path))}>")
    assert [c for c in calls if c.name in WRITES and hive.match(c.arguments)] == []


def test_a_change_in_place_is_one_flushed_write(tmp_path):
    """Four bytes, once, and on the device before success is told."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(hives.dword(1)))
    done, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"hives={path}")
    assert done.code == 0
    wrote = place(calls, "pwrite64")
    assert [calls[i].returned for i in wrote] == ["4"]
    assert wrote[0] < place(calls, "fdatasync", f"<{path}>")[0] < result_written(calls)
    others = [w for w in writes(tracing.since_hive(calls, path)) if not w.startswith(("open", "pwrite64"))]
    assert others == []


def test_a_compliant_dirty_hive_costs_no_write(tmp_path):
    """Its logs are read and replayed in memory only."""
    root = hives.user(hives.dword(0))["root"]
    path = hives.make(tmp_path / "h" / "hive", {**hives.user(hives.dword(1)), "log": {"root": root}})
    done, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"hives={path}")
    assert (done.code, done.result["changed"]) == (0, False)
    assert writes(tracing.since_hive(calls, path)) == []


@pytest.mark.parametrize("access", ["get", "apply"])
def test_no_link_is_followed(tmp_path, access):
    """The hive is opened so that a link in its place would be refused by the system itself."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(hives.dword(1)))
    _, calls = tracing.trace(tmp_path, access, "state=enabled", f"hives={path}")
    opens = [c for c in calls if c.name.startswith("open") and str(path) in c.arguments]
    assert opens and all("O_NOFOLLOW" in c.arguments and "O_CLOEXEC" in c.arguments for c in opens)
