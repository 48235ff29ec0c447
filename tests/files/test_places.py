# SPDX-License-Identifier: MIT
"""Hives in odd places, held or changed by others, on failing devices; the program killed at every step."""

import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest

import tracing
from support import hives, tool
from support.tool import call, run

IN_PLACE = hives.user(hives.dword(0))
NEW_IMAGE = hives.user()
BOTH = pytest.mark.parametrize("spec", [IN_PLACE, NEW_IMAGE], ids=["in-place", "new-image"])
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to change owners, mount file systems, run as somebody else")
VERBS = ["get", "check", "apply"]


def do(verb, path):
    return call(verb, {"hives": [str(path)], **({} if verb == "get" else {"state": "disabled"})})


def fails(verb, path, kind):
    """The verb fails with that kind, and its error's message names the place."""
    done = do(verb, path)
    assert (done.code, done.kinds) == (2, [kind]), done.out
    return done.result["profiles"][0]["error"]


def untouched(top, verb, path, kind):
    before = hives.snapshot(top)
    error = fails(verb, path, kind)
    assert hives.snapshot(top) == before
    return error


def looks_fine(path):
    """get and check do their work."""
    assert do("get", path).code == 0
    assert do("check", path).code == 1


def state_of(path):
    return do("get", path).result["profiles"][0]["state"]


def whole(path):
    """The state of a hive that is sound."""
    hives.check(path)
    return state_of(path)


def make(folder, spec=NEW_IMAGE):
    return hives.make(folder / "h" / "hive", spec)


def link_to(path):
    os.symlink(make(path.parent / "other", IN_PLACE), path)


def dangling_link(path):
    os.symlink(path.parent / "nothing", path)


def second_name(path):
    os.link(make(path.parent / "other", IN_PLACE), path)


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as unix:
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            unix.bind(path.name)
        finally:
            os.chdir(here)


# What stands where the hive should be; the error's kind.
ODD = {
    "link": (link_to, "unsupported"),
    "dangling-link": (dangling_link, "unsupported"),
    "hard-link": (second_name, "unsupported"),
    "folder": (os.mkdir, "unsupported"),
    "fifo": (os.mkfifo, "unsupported"),
    "socket": (a_socket, "unsupported"),
    "empty": (lambda path: path.write_bytes(b""), "corrupt"),
    "nothing": (lambda path: None, "not_found"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ODD)
def test_things_that_are_no_plain_file(tmp_path, name, verb):
    """Refused without being opened for writing, without hanging, and without following anything."""
    place, kind = ODD[name]
    path = tmp_path / "hive"
    place(path)
    untouched(tmp_path, verb, path, kind)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/tty"])
def test_devices(device, verb):
    """A device is no plain file; nor is a terminal there to be taken."""
    assert do(verb, device).kinds == ["unsupported"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_that_is_missing(tmp_path, verb):
    """Nothing on the way is made."""
    fails(verb, tmp_path / "no" / "hive", "not_found")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_in_place_of_a_folder(tmp_path, verb):
    """The path goes through a file."""
    (tmp_path / "file").write_bytes(b"")
    fails(verb, tmp_path / "file" / "hive", "not_found")


def test_a_path_through_a_link(tmp_path):
    """The caller's own word: folders on the way may be links."""
    path = make(tmp_path)
    (tmp_path / "way").symlink_to(path.parent)
    assert do("apply", tmp_path / "way" / "hive").code == 0
    assert whole(path) == "disabled"


def test_a_relative_path(tmp_path):
    """From the current folder."""
    path = make(tmp_path)
    assert run("apply", "state=disabled", "hives=hive", cwd=path.parent).code == 0
    assert whole(path) == "disabled" and os.listdir(path.parent) == ["hive"]


def test_a_name_as_long_as_names_may_be(tmp_path):
    """The temporary file's name is longer still: an error, not half a file."""
    path = hives.make(tmp_path / "h" / ("n" * 250), NEW_IMAGE)
    before = hives.snapshot(tmp_path)
    done = do("apply", path)
    if done.code == 0:
        assert whole(path) == "disabled"
    else:
        assert hives.snapshot(tmp_path) == before and state_of(path) == "absent"


def dirty(folder):
    root = hives.user(hives.dword(1))["root"]
    spec = {**hives.user(hives.value("REG_SZ", "0")), "log": {"root": root}}
    return hives.make(folder / "h" / "hive", spec)


def log_linked(log):
    os.rename(log, f"{log}.moved")
    os.symlink(f"{log}.moved", log)


def log_is(make_it):
    def replace(log):
        os.unlink(log)
        make_it(log)
    return replace


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name,place", [("link", log_linked), ("folder", log_is(os.mkdir)),
                                        ("fifo", log_is(os.mkfifo))])
def test_odd_logs(tmp_path, name, place, verb):
    """A log that is no plain file is not read, and without it a dirty hive is not judged."""
    path = dirty(tmp_path)
    place(f"{path}.LOG1")
    untouched(tmp_path, verb, path, "unsupported")


def test_a_log_with_two_names(tmp_path):
    """Logs are only read: several names do no harm."""
    path = dirty(tmp_path)
    os.link(f"{path}.LOG1", tmp_path / "second")
    assert state_of(path) == "disabled"


@pytest.fixture(name="public")
def public_folder(monkeypatch):
    """A folder that everybody can reach, with a copy of the program that everybody can run."""
    folder = Path(tempfile.mkdtemp(prefix="mapihttp-"))
    folder.chmod(0o755)
    program = folder / "mapihttp"
    shutil.copy(tool.PROGRAM, program)
    program.chmod(0o755)
    monkeypatch.setattr(tool, "PROGRAM", program)
    yield folder
    shutil.rmtree(folder)


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def as_nobody(verb, path):
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    more = [] if verb == "get" else ["state=disabled"]
    return run(verb, *more, f"hives={path}", wrapper=NOBODY)


@AS_ROOT
@BOTH
@pytest.mark.parametrize("verb", VERBS)
def test_a_hive_one_may_not_read(public, spec, verb):
    """Access denied, and said what would help."""
    path = make(public, spec)
    path.chmod(0o600)
    before = hives.snapshot(public)
    done = as_nobody(verb, path)
    assert (done.code, done.kinds) == (2, ["access_denied"])
    assert hives.snapshot(public) == before


@AS_ROOT
@BOTH
def test_a_hive_one_may_only_read(public, spec):
    """get and check ask for no more rights than reading needs."""
    path = make(public, spec)
    path.chmod(0o644)
    before = hives.snapshot(public)
    assert as_nobody("get", path).code == 0 and as_nobody("check", path).code == 1
    assert as_nobody("apply", path).kinds == ["access_denied"]
    assert hives.snapshot(public) == before


@AS_ROOT
@BOTH
def test_a_folder_one_may_not_enter(public, spec):
    """Access denied, not not-found."""
    path = make(public, spec)
    path.parent.chmod(0o700)
    assert as_nobody("get", path).kinds == as_nobody("apply", path).kinds == ["access_denied"]


@AS_ROOT
def test_ones_own_hive_in_a_folder_one_may_not_write(public):
    """Four bytes can be changed; a new image has no place."""
    first, second = make(public / "1", IN_PLACE), make(public / "2", NEW_IMAGE)
    for path in (first, second):
        os.chown(path, 65534, 65534)
    before = hives.snapshot(second.parent)
    assert as_nobody("apply", first).code == 0
    assert as_nobody("apply", second).kinds == ["access_denied"]
    assert hives.snapshot(second.parent) == before and state_of(first) == "disabled"


@AS_ROOT
def test_ones_own_hive(public):
    """Its owner needs nobody's help."""
    path = make(public, NEW_IMAGE)
    os.chown(path, 65534, 65534)
    os.chown(path.parent, 65534, 65534)
    path.chmod(0o600)
    assert as_nobody("apply", path).code == 0
    assert whole(path) == "disabled" and os.stat(path).st_uid == 65534


@AS_ROOT
def test_anothers_hive_that_one_may_write(public):
    """A new image could not be given to its owner, so there is none; four bytes can be changed."""
    first, second = make(public / "1", IN_PLACE), make(public / "2", NEW_IMAGE)
    for path in (first, second):
        path.chmod(0o666)
        path.parent.chmod(0o777)
    before = hives.contents(second.parent)
    assert as_nobody("apply", first).code == 0
    assert as_nobody("apply", second).kinds == ["access_denied"]
    assert hives.contents(second.parent) == before and os.listdir(second.parent) == ["hive"]
    assert os.stat(first).st_uid == 0 and state_of(first) == "disabled"


@AS_ROOT
@pytest.mark.parametrize("what,spec", [("hive", IN_PLACE), ("hive", NEW_IMAGE), ("folder", NEW_IMAGE)],
                         ids=["hive-in-place", "hive-new-image", "folder"])
def test_immutable(tmp_path, what, spec):
    """chattr +i stops root too."""
    path = make(tmp_path, spec)
    target = path if what == "hive" else path.parent
    done = subprocess.run(["chattr", "+i", target], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"chattr does not work here: {done.stderr.decode()}")
    try:
        looks_fine(path)
        untouched(tmp_path, "apply", path, "access_denied")
    finally:
        subprocess.run(["chattr", "-i", target], check=True)


@pytest.fixture(name="device")
def device_of_its_own(tmp_path):
    """A small file system, and a way to mount it again otherwise."""
    folder = tmp_path / "device"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", folder], capture_output=True,
                          check=False)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@AS_ROOT
@BOTH
def test_a_read_only_device(device, spec):
    """Looking works, changing is refused."""
    path = make(device, spec)
    subprocess.run(["mount", "-o", "remount,ro", device], check=True)
    looks_fine(path)
    untouched(device, "apply", path, "access_denied")


def fill(device):
    """Leaves no room at all."""
    with open(device / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass


@AS_ROOT
def test_a_full_device(device):
    """There is no room for a new image: the old one is whole, and the beginnings of the new are gone."""
    path = make(device, NEW_IMAGE)
    fill(device)
    untouched(path, "apply", path, "no_space")
    assert os.listdir(path.parent) == ["hive"]
    os.unlink(device / "filler")
    assert do("apply", path).code == 0 and whole(path) == "disabled"


@AS_ROOT
def test_a_full_device_has_room_for_four_bytes(device):
    """A change in place needs none."""
    path = make(device, IN_PLACE)
    fill(device)
    assert do("apply", path).code == 0 and whole(path) == "disabled"


@AS_ROOT
def test_a_device_that_fills_up_meanwhile(device):
    """Room for a part of the new image only."""
    path = hives.make(device / "h" / "hive", hives.user(size=100000))
    with open(device / "filler", "wb") as filler:
        filler.write(bytes(100000))
    untouched(path, "apply", path, "no_space")
    assert os.listdir(path.parent) == ["hive"]


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_WRONLY], ids=["reads", "updates", "writes"])
@BOTH
def test_a_hive_that_another_process_has_open(tmp_path, spec, flags):
    """It can be looked at, not changed; when the other lets go, it can."""
    path = make(tmp_path, spec)
    holder = os.open(path, flags)
    try:
        looks_fine(path)
        untouched(tmp_path, "apply", path, "in_use")
    finally:
        os.close(holder)
    assert do("apply", path).code == 0 and whole(path) == "disabled"


@BOTH
def test_a_hive_that_is_compliant_may_be_open(tmp_path, spec):
    """Nothing is to be written, so nobody is in the way."""
    path = make(tmp_path, spec)
    assert do("apply", path).code == 0
    with open(path, "r+b"):
        done = do("apply", path)
    assert (done.code, done.result["changed"]) == (0, False)


def at_once(path, count):
    """So many runs at the same time on one hive: what each says."""
    running = [subprocess.Popen(tool.command("apply", "state=disabled", f"hives={path}"),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for _ in range(count)]
    return [(process.communicate(timeout=tool.TIMEOUT)[0], process.returncode) for process in running]


@BOTH
def test_many_at_once(tmp_path, spec):
    """Runs that meet on one hive: each succeeds or says in_use, and the hive is whole."""
    path = make(tmp_path, spec)
    for out, code in at_once(path, 6):
        assert code == 0 or b'"in_use"' in out, out
    assert whole(path) in ("absent", "enabled", "disabled") and os.listdir(path.parent) == ["hive"]


@BOTH
def test_who_waits_is_not_in_the_way(tmp_path, spec):
    """A run that waits for another process to let go does not itself keep the hive from a third."""
    path = make(tmp_path, spec)
    pause = tracing.Syscall("/nanosleep", 1, "", "", False)
    with open(path, "rb") as holder:
        with tracing.Stopped(tmp_path, pause, "apply", "state=disabled", f"hives={path}") as waiting:
            holder.close()
            third = do("apply", path)
    assert third.code == 0, third.out
    assert b'"failed":false' in waiting.out or b'"kind":"in_use"' in waiting.out, waiting.out
    assert whole(path) == "disabled"


def steps(folder, spec):
    """The calls of an apply, from the first that names the hive on, and the hive to do it on again."""
    path = make(folder, spec)
    original = path.read_bytes()
    _, calls = tracing.trace(folder, "apply", "state=disabled", f"hives={path}")
    os.unlink(path)
    path.write_bytes(original)
    return path, original, tracing.since_hive(calls, path)


def pick(calls, name, text="", last=False):
    found = [c for c in calls if c.name.startswith(name) and text in c.arguments]
    assert found, (name, text)
    return found[-1 if last else 0]


def other(path):
    """Another hive, complete, as a log-on or a restore would put it there."""
    made = hives.make(path.parent.parent / "other" / "hive", hives.user(hives.value("REG_SZ", "theirs")))
    return made.read_bytes()


def replace(path):
    new = path.parent / "theirs"
    new.write_bytes(other(path))
    os.rename(new, path)


def rewrite(path):
    path.write_bytes(other(path))


def cut(path):
    os.truncate(path, 4096 + 600)


# What another process does between the look and the change.
MEANWHILE = {"rewrites": rewrite, "replaces": replace, "removes": os.unlink, "cuts": cut}


@pytest.mark.parametrize("what", MEANWHILE)
@BOTH
def test_changed_between_the_look_and_the_change(tmp_path, spec, what):
    """Not what was seen: nothing is written over it."""
    path, _, calls = steps(tmp_path, spec)
    with tracing.Stopped(tmp_path, pick(calls, "close", f"<{path}>"), "apply", "state=disabled",
                         f"hives={path}") as stopped:
        MEANWHILE[what](path)
        before = hives.contents(path.parent)
    expected = {"rewrites": "in_use", "replaces": "in_use", "removes": "not_found", "cuts": "corrupt"}[what]
    assert f'"kind":"{expected}"'.encode() in stopped.out, stopped.out
    assert hives.contents(path.parent) == before


@pytest.mark.parametrize("moment", ["claimed", "read", "written", "flushed"])
@pytest.mark.parametrize("what", ["replaces", "removes"])
def test_replaced_while_a_new_image_is_made(tmp_path, moment, what):
    """Another file has the name now: it is not replaced, and the new image is thrown away."""
    path, _, calls = steps(tmp_path, NEW_IMAGE)
    call_ = {"claimed": pick(calls, "fcntl", "F_SETLEASE"), "read": pick(calls, "pread64", last=True),
             "written": pick(calls, "write", "mapihttp-new"), "flushed": pick(calls, "fsync", "mapihttp-new")}
    with tracing.Stopped(tmp_path, call_[moment], "apply", "state=disabled", f"hives={path}") as stopped:
        (path.parent / "theirs").write_bytes(other(path))
        (os.rename if what == "replaces" else lambda new, old: os.unlink(old))(path.parent / "theirs", path)
        before = {p: p.read_bytes() for p in path.parent.iterdir() if "mapihttp-new" not in p.name}
    assert b'"kind":"in_use"' in stopped.out, stopped.out
    assert {p: p.read_bytes() for p in path.parent.iterdir()} == before


@pytest.mark.parametrize("what", ["replaces", "removes"])
def test_replaced_before_it_is_changed_in_place(tmp_path, what):
    """The four bytes would go into a file without a name."""
    path, _, calls = steps(tmp_path, IN_PLACE)
    with tracing.Stopped(tmp_path, pick(calls, "fcntl", "F_SETLEASE"), "apply", "state=disabled",
                         f"hives={path}") as stopped:
        MEANWHILE[what](path)
        before = hives.contents(path.parent)
    assert b'"kind":"in_use"' in stopped.out, stopped.out
    assert hives.contents(path.parent) == before


@BOTH
def test_while_it_is_being_changed_nobody_opens_it(tmp_path, spec):
    """Who does not want to wait is told so."""
    path, _, calls = steps(tmp_path, spec)
    with tracing.Stopped(tmp_path, pick(calls, "fcntl", "F_SETLEASE"), "apply", "state=disabled",
                         f"hives={path}") as stopped:
        try:
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        except BlockingIOError:
            held = True
        else:
            held = False
    assert b'"changed":true' in stopped.out, stopped.out
    assert held and whole(path) == "disabled"


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("verb", ["get", "check"])
def test_changed_while_it_is_read(tmp_path, what, verb):
    """Half old and half new is no answer, and no proof that the hive is broken: try again."""
    path = make(tmp_path, hives.user(hives.dword(0)))
    _, calls = tracing.trace(tmp_path, verb, "state=enabled", f"hives={path}")
    read = pick(calls, "pread64", f"<{path}>")
    with tracing.Stopped(tmp_path, read, verb, "state=enabled", f"hives={path}") as stopped:
        MEANWHILE[what](path)
    assert b'"kind":"in_use"' in stopped.out, stopped.out


@pytest.mark.parametrize("length", [0, 100, 512, 4095])
def test_cut_to_nothing_while_it_is_read(tmp_path, length):
    """No signal kills the program: it is not mapped, and says what happened."""
    path = make(tmp_path, hives.user(hives.dword(0)))
    _, calls = tracing.trace(tmp_path, "get", f"hives={path}")
    with tracing.Stopped(tmp_path, pick(calls, "pread64", f"<{path}>"), "get", f"hives={path}") as stopped:
        os.truncate(path, length)
    assert b'"kind":"in_use"' in stopped.out, stopped.out


def leave_file(new, _):
    new.write_bytes(b"half a hive")


def leave_link(new, outside):
    new.symlink_to(outside)


def leave_hard_link(new, outside):
    os.link(outside, new)


@pytest.mark.parametrize("leave", [leave_file, leave_link, leave_hard_link, lambda new, _: os.mkfifo(new)],
                         ids=["file", "link", "hard-link", "fifo"])
def test_what_a_killed_run_left(tmp_path, leave):
    """It is replaced, never written into: it may be a trap."""
    path = make(tmp_path)
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    leave(path.with_name("hive.mapihttp-new"), outside)
    assert do("apply", path).code == 0
    assert whole(path) == "disabled" and os.listdir(path.parent) == ["hive"]
    assert outside.read_bytes() == b"mine" and not path.is_symlink()


def test_a_folder_where_the_new_image_would_be(tmp_path):
    """Not ours to remove: the hive stays as it is."""
    path = make(tmp_path)
    path.with_name("hive.mapihttp-new").mkdir()
    before = hives.snapshot(tmp_path)
    assert do("apply", path).code == 2
    assert hives.snapshot(tmp_path) == before


RIGHTS = ("fchown", "fchmod", "fsetxattr")
COMMON = ("open", "pread64", "fcntl", "close")
KILLED = {"in-place": (IN_PLACE, [*COMMON, "pwrite64", "fdatasync"]),
          "new-image": (NEW_IMAGE, [*COMMON, "unlinkat", "write", "rename", "fsync", *RIGHTS])}


def with_rights(path):
    """Gives the hive what takes calls to keep."""
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.a", b"1")
        if os.geteuid() == 0:
            os.chown(path, 1234, 1234)
    except OSError:
        pass


@pytest.mark.parametrize("name,syscall", [(n, s) for n, (_, all_) in KILLED.items() for s in all_])
def test_killed_at_every_step(tmp_path, name, syscall):
    """The hive is whole, and the old or the new; the next run converges and leaves nothing behind."""
    path = make(tmp_path, KILLED[name][0])
    with_rights(path)
    original = path.read_bytes()
    stat = os.stat(path)
    _, calls = tracing.trace(tmp_path, "apply", "state=disabled", f"hives={path}")
    found = [c for c in tracing.since_hive(calls, path) if c.name.startswith(syscall)]
    if not found and syscall in RIGHTS:
        pytest.skip(f"no {syscall} is needed here")
    assert found
    for one in found:
        os.unlink(path)
        path.write_bytes(original)
        with_rights(path)
        done = tracing.injected(f"{one.name}:signal=KILL:when={one.nth}", "apply", "state=disabled",
                                f"hives={path}")
        assert done.code != 0, one
        assert whole(path) in ("enabled" if name == "in-place" else "absent", "disabled"), one
        assert path.read_bytes() == original or state_of(path) == "disabled", one
        assert do("apply", path).code == 0
        assert whole(path) == "disabled"
        after = os.stat(path)
        assert (after.st_mode, after.st_uid, after.st_gid) == (stat.st_mode, stat.st_uid, stat.st_gid)
        # A run with nothing to write cleans nothing up; the name is changed last, so nothing is left then.
        assert os.listdir(path.parent) == ["hive"], one


# The call that fails, how, on which kind of change; the kind, and whether the old bytes are still there.
FAILING = [
    ("write", "ENOSPC", NEW_IMAGE, "no_space", True), ("write", "EIO", NEW_IMAGE, "io", True),
    ("write", "EDQUOT", NEW_IMAGE, "no_space", True), ("write", "EFBIG", NEW_IMAGE, "no_space", True),
    ("fsync", "EIO", NEW_IMAGE, "io", True), ("fsync", "ENOSPC", NEW_IMAGE, "no_space", True),
    ("rename", "EIO", NEW_IMAGE, "io", True), ("rename", "ENOSPC", NEW_IMAGE, "no_space", True),
    ("rename", "EROFS", NEW_IMAGE, "access_denied", True),
    ("rename", "EACCES", NEW_IMAGE, "access_denied", True),
    ("fchown", "EPERM", NEW_IMAGE, "access_denied", True),
    ("fchmod", "EPERM", NEW_IMAGE, "access_denied", True),
    ("fchmod", "EIO", NEW_IMAGE, "io", True), ("fsetxattr", "ENOSPC", NEW_IMAGE, "no_space", True),
    ("fsetxattr", "EPERM", NEW_IMAGE, "access_denied", True), ("flistxattr", "EIO", NEW_IMAGE, "io", True),
    ("fgetxattr", "EIO", NEW_IMAGE, "io", True), ("unlinkat", "EIO", NEW_IMAGE, "io", True),
    ("pwrite64", "ENOSPC", IN_PLACE, "no_space", True), ("pwrite64", "EIO", IN_PLACE, "io", True),
    ("pwrite64", "EROFS", IN_PLACE, "access_denied", True),
    ("fdatasync", "EIO", IN_PLACE, "io", False), ("fdatasync", "ENOSPC", IN_PLACE, "no_space", False),
    ("pread64", "EIO", IN_PLACE, "io", True), ("pread64", "EIO", NEW_IMAGE, "io", True),
]


@pytest.mark.parametrize("name,error,spec,kind,old", FAILING,
                         ids=[f"{n}-{e}-{'image' if s is NEW_IMAGE else 'in-place'}"
                              for n, e, s, _, _ in FAILING])
def test_a_call_that_fails(tmp_path, name, error, spec, kind, old):
    """The kind says what the device said; the old bytes are whole, and nothing is left beside them."""
    path = make(tmp_path, spec)
    with_rights(path)
    original, stat = path.read_bytes(), os.stat(path)
    _, calls = tracing.trace(tmp_path, "apply", "state=disabled", f"hives={path}")
    found = [c for c in tracing.since_hive(calls, path)
             if c.name.startswith(name) and not c.arguments.startswith("1<")]
    if not found and name in RIGHTS:
        pytest.skip(f"no {name} is needed here")
    os.unlink(path)
    path.write_bytes(original)
    with_rights(path)
    done = tracing.injected(f"{found[0].name}:error={error}:when={found[0].nth}", "apply", "state=disabled",
                            f"hives={path}")
    assert (done.code, done.kinds) == (2, [kind]), done.out
    assert os.listdir(path.parent) == ["hive"]
    hives.check(path)
    if old:
        assert path.read_bytes() == original
        assert os.stat(path).st_mode == stat.st_mode


def test_the_folder_cannot_be_flushed(tmp_path):
    """The new hive is in place, but not for certain after a power cut: that is said, not hidden."""
    path, original, calls = steps(tmp_path, NEW_IMAGE)
    flush = pick(calls, "fsync", f"<{path.parent}>")
    done = tracing.injected(f"fsync:error=EIO:when={flush.nth}", "apply", "state=disabled", f"hives={path}")
    assert (done.code, done.kinds) == (2, ["io"])
    assert whole(path) == "disabled" and path.read_bytes() != original


@pytest.mark.parametrize("name", ["write", "pread64"])
def test_calls_that_are_interrupted(tmp_path, name):
    """EINTR is no failure."""
    path, _, calls = steps(tmp_path, NEW_IMAGE)
    one = pick(calls, name)
    done = tracing.injected(f"{one.name}:error=EINTR:when={one.nth}", "apply", "state=disabled",
                            f"hives={path}")
    assert done.code == 0 and whole(path) == "disabled"


@BOTH
@pytest.mark.parametrize("error", ["ENOLCK", "EACCES", "EINVAL", "EOPNOTSUPP", "EPERM"])
def test_a_file_system_without_leases(tmp_path, spec, error):
    """An advisory lock has to do."""
    path, _, calls = steps(tmp_path, spec)
    lease = pick(calls, "fcntl", "F_SETLEASE")
    done = tracing.injected(f"fcntl:error={error}:when={lease.nth}", "apply", "state=disabled",
                            f"hives={path}")
    assert done.code == 0 and whole(path) == "disabled"


def test_the_size_is_what_it_was(tmp_path):
    """A hive that grows by a bin says so in its base block, and the file has it."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(size=50000))
    done = call("apply", {"hives": [str(path)], "restore": [
        {"id": str(path), "value": {"type": "REG_BINARY", "data": "00" * 12000}}]})
    assert done.code == 0
    assert path.stat().st_size == 4096 + struct.unpack_from("<I", path.read_bytes(), 40)[0]


def test_no_message_leaks_a_temporary_name(tmp_path):
    """The path in a failure is the hive's, so that a person knows which."""
    path = make(tmp_path)
    path.write_bytes(b"")
    message = fails("get", path, "corrupt")["message"]
    assert str(path) in message and not re.search("mapihttp-new", message)
