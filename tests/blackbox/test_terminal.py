# SPDX-License-Identifier: MIT
"""What a person at a terminal sees: the table, the usage, the progress of long work, and never a character
that a terminal would obey. Terminals are made with pty; time is made by a library loaded before libc."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import time
import tty

import pytest
from support import hives
from support.hives import dword, value
from support.tool import command, run

pytestmark = pytest.mark.linux  # whose pseudo-terminals these are
OFF = hives.user(dword(1))
# A clock that goes MAPIHTTP_TEST_STEP milliseconds at every look.
CLOCK = r"""
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *now)
{
    static long long looks;
    const char *step = getenv("MAPIHTTP_TEST_STEP");
    long long passed = 100000 + looks++ * (step ? atoll(step) : 0);
    (void)clock;
    now->tv_sec = passed / 1000;
    now->tv_nsec = passed % 1000 * 1000000;
    return 0;
}
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    """The library with the clock."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip("no C compiler to make a clock with")
    top = tmp_path_factory.mktemp("clock")
    (top / "clock.c").write_text(CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", top / "clock.so", top / "clock.c"], check=True)
    return top / "clock.so"


@pytest.fixture
def store(tmp_path):
    return hives.store(tmp_path, {f"user{i}": OFF for i in range(5)})


def drain(fd, process):
    """All that is written to the terminal until its last writer is gone."""
    seen = b""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        ready = select.select([fd], [], [], 0.05)[0]
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    return seen


STREAMS = ("stdin", "stdout", "stderr")


def at_terminal(*arguments, terminals=STREAMS, stdin=b"", env=None):
    """Runs the program with these streams at a terminal (one each): its exit code and what each got."""
    made = {name: pty.openpty() for name in terminals}
    for _, inner in made.values():
        tty.setraw(inner)
    streams = {name: made[name][1] if name in made else subprocess.PIPE for name in STREAMS}
    process = subprocess.Popen(command(*arguments), env={**os.environ, **(env or {})}, **streams)
    for _, inner in made.values():
        os.close(inner)
    if process.stdin:
        process.stdin.write(stdin)
        process.stdin.close()
    got = {name: drain(outer, process) for name, (outer, _) in made.items() if name != "stdin"}
    for name in ("stdout", "stderr"):
        if name not in got:
            got[name] = getattr(process, name).read()
            getattr(process, name).close()
    for outer, _ in made.values():
        os.close(outer)
    return process.wait(timeout=60), got["stdout"], got["stderr"]


def test_on_a_terminal_the_table_is_the_default(store):
    code, out, _ = at_terminal("get", f"store={store}", terminals=["stdout"])
    assert (code, out[:1] != b"{", out.count(b"disabled")) == (0, True, 5)


def test_not_on_a_terminal_json_is_the_default(store):
    code, out, _ = at_terminal("get", f"store={store}", terminals=["stdin", "stderr"])
    assert (code, json.loads(out)["counts"]["observed"]) == (0, 5)


def test_on_a_terminal_json_can_be_had(store):
    code, out, _ = at_terminal("get", f"store={store}", "-o", "json", terminals=["stdout"])
    assert (code, json.loads(out)["counts"]["observed"]) == (0, 5)


def test_the_table_has_every_profile_what_it_was_and_what_came_of_it(store):
    out = run("apply", "state=enabled", f"store={store}", "-o", "table").out.decode()
    for i in range(5):
        line = next(line for line in out.splitlines() if f"user{i}" in line)
        assert "disabled" in line and "changed" in line


def test_the_table_says_what_failed_and_why(store):
    (store / "user3/NTUSER.DAT").write_bytes(b"")
    out = run("get", f"store={store}", "-o", "table").out.decode()
    assert "failed" in out and "corrupt" in out


def test_the_table_has_the_warnings(store):
    out = run("get", f"store={store}", "exclude=nobody", "-o", "table").out.decode()
    assert "warning" in out and "nobody" in out


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_at_a_terminal_without_a_request_there_is_the_usage(verb):
    code, out, err = at_terminal(verb, terminals=["stdin"])
    assert (code, out, b"mapihttp VERB" in err) == (2, b"", True)


@pytest.mark.parametrize("terminals", [STREAMS, ("stdin", "stdout"), ("stdin", "stderr")], ids=" ".join)
def test_the_usage_is_on_stderr_whatever_else_is_a_terminal(terminals):
    code, out, err = at_terminal("apply", terminals=terminals)
    assert (code, out, b"mapihttp VERB" in err) == (2, b"", True)


@pytest.mark.parametrize("verb", ["version", "help"])
def test_at_a_terminal_the_verbs_without_a_request_just_run(verb):
    assert at_terminal(verb, terminals=["stdin"])[0] == 0


def test_at_a_terminal_with_key_value_stdin_is_not_read(store):
    assert at_terminal("get", f"store={store}")[0] == 0


def slow(clock, step):
    return {"LD_PRELOAD": str(clock), "MAPIHTTP_TEST_STEP": str(step),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}


def test_long_work_shows_its_progress_on_stderr(store, clock):
    code, _, err = at_terminal("get", f"store={store}", terminals=["stderr"], env=slow(clock, 2000))
    assert (code, b"of 5 profiles" in err) == (0, True)


def test_progress_takes_itself_off_the_screen(store, clock):
    _, _, err = at_terminal("get", f"store={store}", terminals=["stderr"], env=slow(clock, 2000))
    shown, blanks, rest = err.rsplit(b"\r", 2)
    assert rest == b"" and blanks.isspace() and b"\n" not in err
    assert max(map(len, shown.split(b"\r"))) <= len(blanks)


def test_progress_is_not_on_stdout(store, clock):
    _, out, err = at_terminal("get", f"store={store}", terminals=["stderr"], env=slow(clock, 2000))
    assert err and json.loads(out)["counts"]["observed"] == 5


def test_work_within_a_second_shows_nothing(store, clock):
    request = "state=enabled", f"store={store}"
    _, _, err = at_terminal("apply", *request, terminals=["stderr"], env=slow(clock, 10))
    assert err == b""


def test_progress_needs_a_terminal(store, clock):
    code, _, err = at_terminal("get", f"store={store}", terminals=["stdout"], env=slow(clock, 2000))
    assert (code, err) == (0, b"")


def test_the_result_is_the_same_with_progress(store, clock):
    _, slowly, _ = at_terminal("get", f"store={store}", terminals=["stderr"], env=slow(clock, 2000))
    _, quickly, _ = at_terminal("get", f"store={store}", terminals=["stderr"], env=slow(clock, 0))
    assert slowly == quickly


# Names that a terminal would obey.
NASTY = {"colour": "\x1b[31mann", "title": "\x1b]0;ann\x07", "bell": "a\x07nn", "backspace": "a\x08nn",
         "line feed": "a\nnn", "return": "a\rnn", "tab": "a\tnn", "delete": "a\x7fnn", "C1 CSI": "a\x9b31mnn",
         "C1 OSC": "a\x9dnn", "next line": "a\x85nn", "line separator": "a\u2028nn",
         "right to left": "a\u202enn", "isolate": "a\u2066nn", "mark": "a\u200fnn"}


HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmful(text):
    """The characters of a table that do more than take their place."""
    return HARMFUL.findall(text)


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY.keys())
@pytest.mark.parametrize("content", ["whole", "broken", "both"])
def test_no_folders_name_reaches_the_terminal_raw(tmp_path, name, content):
    hives.store(tmp_path, {name: OFF})
    if content == "broken":
        (tmp_path / name / "NTUSER.DAT").write_bytes(b"")
    if content == "both":
        hives.make(tmp_path / name / "NTUSER.MAN", OFF)
    _, out, err = at_terminal("get", f"store={tmp_path}", terminals=["stdout"])
    assert (harmful(out.decode()), err) == ([], b"")


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY.keys())
def test_a_name_adds_no_line_to_the_table(tmp_path, name):
    hives.store(tmp_path / "nasty", {name: OFF})
    hives.store(tmp_path / "plain", {"ann": OFF})
    nasty, plain = (run("get", f"store={tmp_path / which}", "-o", "table").out
                    for which in ("nasty", "plain"))
    assert nasty.count(b"\n") == plain.count(b"\n")


def test_a_name_that_is_no_utf8_reaches_the_table_as_text(tmp_path):
    hives.store(tmp_path, {"ann": OFF})
    os.rename(tmp_path / "ann", os.fsencode(tmp_path) + b"/a\x9b\xffn")
    assert harmful(run("get", f"store={tmp_path}", "-o", "table").out.decode()) == []


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_no_value_reaches_the_table_raw(tmp_path, text):
    hives.store(tmp_path, {"ann": hives.user(value("REG_SZ", text))})
    assert harmful(run("get", f"store={tmp_path}", "-o", "table").out.decode()) == []


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_no_selector_reaches_the_table_raw(tmp_path, text):
    hives.store(tmp_path, {"ann": OFF})
    request = {"store": str(tmp_path), "users": [text], "exclude": [f"{text}x"]}
    assert harmful(run("get", "-o", "table", stdin=request).out.decode()) == []


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_no_refusal_reaches_the_table_raw(text):
    assert harmful(run("get", "-o", "table", stdin={text: 1}).out.decode()) == []


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_no_path_of_a_windows_volume_reaches_the_table_raw(tmp_path, text):
    hives.volume(tmp_path, {}, more=[(hives.sid("ann"), rf"C:\Users\{text}")])
    assert harmful(run("get", f"root={tmp_path}", "-o", "table").out.decode()) == []


def test_names_that_are_not_ascii_are_shown_as_they_are(tmp_path):
    hives.store(tmp_path, {"Nguyễn Thị Ánh": OFF, "山田": OFF})
    out = run("get", f"store={tmp_path}", "-o", "table").out.decode()
    assert "Nguyễn Thị Ánh" in out and "山田" in out
