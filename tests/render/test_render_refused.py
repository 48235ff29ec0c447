# SPDX-License-Identifier: MIT
"""What `render` refuses: with which field at fault, the same as JSON and as arguments where both can say it, and with
nothing made."""

import os
import subprocess

import pytest
from support import hives, tool

FORMATS = ["reg", "pol", "gpp", "lgpo", "samba", "intune", "backup"]
FIELDS = {"users": "all", "exclude": "bob", "root": "/mnt", "store": "store", "hives": "ann.dat", "check": "yes",
          "restore": "[]", "State": "enabled", "state ": "enabled", "guid": "random", "name": "x", "": "x", "-o": "x"}


def check_refused(done, kind, field):
    assert done.code == 2
    assert done.result["failed"] is True and done.result["changed"] is False
    error = done.result["error"]
    assert (error["kind"], error.get("field")) == (kind, field)
    assert done.result["msg"] == error["message"]
    assert done.err.decode().replace("\r\n", "\n") == f"mapihttp: {error['message']}\n"


@pytest.fixture
def place(tmp_path):
    """A folder to run in, in which nothing may be made."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "manifest.xml").write_bytes(b"somebody's")
    (tmp_path / "file").write_bytes(b"somebody's")
    before = hives.snapshot(tmp_path)
    yield tmp_path
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize("arguments", [[], ["bogus"], ["REG"], ["reg "], [""], ["re"], ["reg|pol"], ["state=enabled"],
                                       ["xml", "state=enabled"]])
def test_unknown_format(arguments, place):
    done = tool.run("render", *arguments, cwd=place)
    check_refused(done, "invalid", None)
    for name in FORMATS:
        assert name in done.result["msg"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("stdin", [b"", b"{}", {"state": None}], ids=["nothing", "{}", "null"])
def test_missing_state(name, stdin, place):
    check_refused(tool.run("render", name, stdin=stdin, cwd=place), "invalid", "state")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("state", ["allowed", "policy", "other", "Enabled", "enabled ", "", "0"])
def test_a_state_that_no_file_says(name, state, place):
    more = {"out": "new"} if name == "backup" else {}
    arguments = [f"{key}={value}" for key, value in more.items()]
    for done in (tool.run("render", name, f"state={state}", *arguments, cwd=place),
                 tool.run("render", name, stdin={"state": state, **more}, cwd=place)):
        check_refused(done, "invalid", "state")
        assert "enabled, disabled or absent" in done.result["msg"]


@pytest.mark.parametrize("state", [0, True, ["enabled"], {"state": "enabled"}, "enabled\0"], ids=repr)
def test_a_state_that_is_none(state, place):
    check_refused(tool.run("render", "reg", stdin={"state": state}, cwd=place), "invalid", "state")


def test_intune_cannot_say_absent(place):
    done = tool.run("render", "intune", "state=absent", cwd=place)
    check_refused(done, "invalid", "state")
    assert "remediate" in done.result["msg"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("field", [field for field in FIELDS if field])
def test_a_field_that_a_file_has_no_place_for(name, field, place):
    more = {"out": "new"} if name == "backup" else {}
    check_refused(tool.run("render", name, stdin={"state": "enabled", **more, field: FIELDS[field]}, cwd=place),
                  "invalid", field)


@pytest.mark.parametrize("field", ["users", "root", "guid"])
def test_such_a_field_as_an_argument(field, place):
    check_refused(tool.run("render", "reg", "state=enabled", f"{field}=x", cwd=place), "invalid", field)


@pytest.mark.parametrize(("arguments", "field"), [
    (["enabled"], None), (["=enabled"], None), (["state=enabled", "state=enabled"], "state"),
    (["state=enabled", "out"], None)])
def test_arguments_that_are_none(arguments, field, place):
    check_refused(tool.run("render", "reg", *arguments, cwd=place), "invalid", field)


@pytest.mark.parametrize(("stdin", "field"), [
    (b"state=enabled", None), (b"[]", None), (b'"enabled"', None), (b'{"state":"enabled"}{}', None),
    (b'{"state":"enabled","state":"disabled"}', "state"), (b'{"state":"\xff"}', None), (b"{", None),
    (b'\xef\xbb\xbf{"state":"enabled"}', None), (b'{"state":"enabled"}'.ljust(1024 * 1024 + 1), None)],
    ids=["text", "a list", "a string", "two", "twice", "no UTF-8", "cut", "a mark", "too long"])
def test_json_that_is_none(stdin, field, place):
    check_refused(tool.run("render", "reg", stdin=stdin, cwd=place), "invalid", field)


def test_no_table(place):
    done = tool.run("render", "reg", "state=enabled", "-o", "table", cwd=place)
    check_refused(done, "invalid", None)
    assert "-o" in done.result["msg"]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "backup"])
def test_out_is_for_backup(name, place):
    check_refused(tool.run("render", name, "state=enabled", "out=new", cwd=place), "invalid", "out")


@pytest.mark.parametrize("out", [None, "", 1, [], {}, ["new"], "ne\0w"], ids=repr)
def test_out_that_is_none(out, place):
    check_refused(tool.run("render", "backup", stdin={"state": "enabled", "out": out}, cwd=place), "invalid", "out")


def test_missing_out(place):
    check_refused(tool.run("render", "backup", "state=enabled", cwd=place), "invalid", "out")


@pytest.mark.parametrize("out", ["full", "full/", "full//", "./full", ".", "..", "./", "full/..", "full/.", "/"])
def test_out_that_is_taken_or_has_no_name(out, place):
    done = tool.run("render", "backup", "state=enabled", f"out={out}", cwd=place)
    check_refused(done, "invalid", "out")
    assert out in done.result["msg"]


@pytest.mark.parametrize("out", ["file", "nowhere/new", "file/new"])
def test_out_that_can_be_no_folder(out, place):
    check_refused(tool.run("render", "backup", "state=enabled", f"out={out}", cwd=place), "not_found", "out")


def test_what_a_killed_run_left_is_told(tmp_path):
    (tmp_path / "new.mapihttp-new").mkdir()
    done = tool.run("render", "backup", "state=enabled", f"out={tmp_path / 'new'}")
    check_refused(done, "in_use", "out")
    assert "new.mapihttp-new" in done.result["msg"]
    assert [path.name for path in tmp_path.rglob("*")] == ["new.mapihttp-new"]


@pytest.mark.linux
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_out_where_nobody_may_write(place):
    place.chmod(0o755)
    wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    for parent in [*place.parents][:-2]:  # pytest keeps its folders to itself
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 1:
            parent.chmod(0o711)
    check_refused(tool.run("render", "backup", "state=enabled", f"out={place}/new", wrapper=wrapper),
                  "access_denied", "out")


@pytest.mark.linux
def test_a_link_is_not_put_in_anybodys_place(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    done = tool.run("render", "backup", "state=enabled", f"out={tmp_path}/link")
    assert (done.code, done.result["error"]["field"]) == (2, "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "link"]


# Each of these calls in turn fails, or is the one at which the program is killed.
FAILS = [("mkdirat", 1), ("mkdirat", 2), ("mkdirat", 5), ("fsync", 1), ("fsync", 2), ("fsync", 4), ("fsync", 7), ("fsync", 13), ("renameat", 1)]


def strace(what, call, when):
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]


@pytest.mark.linux
@pytest.mark.parametrize(("call", "when"), FAILS)
def test_a_failing_device_leaves_nothing(call, when, tmp_path):
    done = tool.run("render", "backup", "state=enabled", f"out={tmp_path}/new", wrapper=strace("error=EIO", call, when))
    check_refused(done, "io", "out")
    assert done.result["error"]["code"] == 5 and not list(tmp_path.iterdir())


@pytest.mark.linux
@pytest.mark.parametrize(("call", "when"), FAILS)
def test_a_kill_leaves_no_half_backup(call, when, tmp_path):
    tool.run("render", "backup", "state=enabled", f"out={tmp_path}/new", wrapper=strace("signal=KILL", call, when))
    assert [path.name for path in tmp_path.iterdir()] == ([] if (call, when) == FAILS[0] else ["new.mapihttp-new"])


@pytest.mark.linux
def test_a_full_disk_leaves_nothing(tmp_path):
    done = tool.run("render", "backup", "state=enabled", f"out={tmp_path}/new",
                    wrapper=["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", "prlimit", "--fsize=300"])
    check_refused(done, "no_space", "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.linux
def test_what_cannot_be_delivered_is_trouble():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(tool.command("render", "pol", "state=enabled"), stdout=full, stderr=subprocess.PIPE,
                              check=False, timeout=tool.TIMEOUT)
    assert done.returncode == 2 and b"could not be written" in done.stderr


@pytest.mark.parametrize("name", ["x" * 241, "é" * 121])
def test_a_name_that_is_too_long(name, tmp_path):
    done = tool.run("render", "backup", "state=enabled", f"out={name}", cwd=tmp_path)
    check_refused(done, "invalid", "out")
    assert "too long" in done.result["msg"] and not list(tmp_path.iterdir())


if tool.WINDOWS:  # where alone there are such names
    @pytest.mark.parametrize("name", ["wb.", "w b ", "con", "NUL", "com1", "lpt9.txt", "a?b"])
    def test_a_name_that_windows_keeps_for_itself(name, tmp_path):
        check_refused(tool.run("render", "backup", "state=enabled", f"out={name}", cwd=tmp_path), "invalid", "out")
        assert not list(tmp_path.iterdir())
