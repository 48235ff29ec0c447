# SPDX-License-Identifier: MIT
"""The system gives less than is asked for: a few bytes at a time, no file of that size, no more descriptors; and the
answer cannot be told to anybody."""

import os
import signal
from contextlib import contextmanager
from dataclasses import replace

import pytest
import scenes
from files import tracing

CHANGES = pytest.mark.parametrize("scene", scenes.CHANGES, ids=str)
FILES = pytest.mark.parametrize("scene", scenes.LOOKS + scenes.CHANGES, ids=str)
ANSWERED = pytest.mark.parametrize("scene", scenes.LOOKS + scenes.CHANGES + scenes.DIALECTS + scenes.RENDERS
                                   + scenes.WORDS, ids=str)
IGNORING_XFSZ = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]
IGNORING_PIPE = ["sh", "-c", "trap '' PIPE; exec \"$0\" \"$@\""]
NOT_STARTED = (127, -signal.SIGABRT)  # the loader, or the library that sets the stage, could do nothing


@FILES
def test_pieces(perform, scene):
    """Reads and writes that move less than they were asked for are taken up again."""
    done = perform.perform([1, 3, 7, 100, 4095], lambda here, piece: here.run(scene, piece=piece))
    assert [(one.code, one.out) for one in done] == 5 * [(perform.clean.code, perform.clean.out)]


def through_pipe(here, scene, **how):
    """A run whose answer no limit of files holds back."""
    out, into = os.pipe()
    try:
        done = here.run(scene, stdout=into, **how)
    finally:
        os.close(into)
    with open(out, "rb") as file:
        return replace(done, out=file.read())


@pytest.mark.parametrize("ignored", [True, False], ids=["EFBIG", "SIGXFSZ"])
@CHANGES
def test_no_larger_file(perform, scene, ignored):
    """A limit to the size of files, from nothing to what it takes; to pass it kills, or is an error."""
    largest = max(len(content or b"") for _, content in perform.new.values())

    def act(here, size):
        return through_pipe(here, scene, wrapper=[*(IGNORING_XFSZ if ignored else []), "prlimit", f"--fsize={size}"])

    done = perform.perform([*range(0, largest, 1000), largest], act,
                           may_die=() if ignored else (-signal.SIGXFSZ,), kinds={"no_space"}, may_be_silent=True)
    assert done[0].code != perform.clean.code and done[-1].code == perform.clean.code


@CHANGES
def test_no_more_descriptors(perform, scene):
    """The process may open but so many files."""
    def act(here, count):
        done = here.run(scene, wrapper=["prlimit", f"--nofile={count}"])
        return None if done.code in NOT_STARTED else done

    done = perform.perform(range(3, 16), act, kinds={"internal"})
    assert any(one.code != perform.clean.code for one in done) and done[-1].out == perform.clean.out


@contextmanager
def full():
    with open("/dev/full", "wb") as file:
        yield file


@contextmanager
def unread():
    out, into = os.pipe()
    os.close(out)
    try:
        yield into
    finally:
        os.close(into)


def of_undelivered(perform, done):
    """All is done that was to be done, and the exit code says that the answer did not arrive."""
    assert dict(done.state) == perform.new
    assert done.code not in (0, perform.clean.code) or done.code == perform.scene.trouble
    assert bool(done.err) != perform.scene.silent


@pytest.mark.parametrize("target,ignored", [(full, False), (unread, True), (unread, False)],
                         ids=["full", "EPIPE", "SIGPIPE"])
@ANSWERED
def test_nobody_listens(perform, scene, target, ignored):
    """Standard output takes nothing. Where SIGPIPE is not ignored it kills, when all is done."""
    here = perform.theatres[0]
    here.put(perform.old)
    with target() as stdout:
        done = here.run(scene, stdout=stdout, wrapper=IGNORING_PIPE if ignored else ())
    if target is unread and not ignored:
        assert (done.code, dict(done.state)) == (-signal.SIGPIPE, perform.new)
    else:
        of_undelivered(perform, done)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@FILES
def test_closed_from_the_start(perform, scene, closed):
    """No file of ours takes the place of standard output and is given the answer."""
    here = perform.theatres[0]
    here.put(perform.old)
    done = here.run(scene, wrapper=["sh", "-c", f'exec "$0" "$@" {closed}'])
    if scene.stdin and closed.startswith("<"):
        assert (done.code, dict(done.state)) == (scene.trouble, perform.old)
    elif ">&-" in closed.replace("2>&-", ""):
        assert (done.code, dict(done.state)) == (scene.trouble, perform.new)
    else:
        assert (done.code, done.out, done.state) == (perform.clean.code, perform.clean.out, perform.clean.state)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
@pytest.mark.parametrize("scene", [one for one in scenes.CHANGES if one.name == "new-image"], ids=str)
def test_nothing_stands_in(perform, scene, closed):
    """Where a stream is closed and /dev/null cannot be opened, the next file would be that stream."""
    here = perform.theatres[0]
    here.put(perform.old)
    tracing.need()
    done = here.run(scene, wrapper=["strace", "-f", "-qq", "-P", "/dev/null", "-e", "inject=openat:error=EMFILE",
                                    "-o", here.log, "sh", "-c", f'exec "$0" "$@" {closed}'])
    assert here.was_injected()
    assert (done.code, done.out, dict(done.state)) == (scene.trouble, b"", perform.old)
    assert closed == "2>&-" or b"/dev/null" in done.err


@CHANGES
def test_hives_have_other_numbers(perform, scene):
    """What is printed goes to three numbers, and no hive is ever one of them."""
    here = perform.theatres[0]
    here.put(perform.old)
    tracing.need()
    here.run(scene, wrapper=["strace", "-f", "-o", here.log, "sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-'])
    opened = [call for call in tracing.parse(here.log) if call.name.startswith("open") and "NTUSER" in call.arguments]
    assert scene.stdin or [call for call in opened if not call.failed]
    assert [call for call in opened if call.returned in ("0", "1", "2")] == []
