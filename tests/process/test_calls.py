# SPDX-License-Identifier: MIT
"""Every call that a run makes of the system fails in turn, or is the last one that it lives to make. Which calls there
are, and how many, is learned from a run that nothing disturbs."""

import errno

import pytest
import scenes
from play import KILLED

# What fails for want of memory only, and what does not fail or is the process's own affair. What strace lets close fail
# for stays open, which Linux does not do; see test_closing_fails.
OF_MEMORY = {"mmap", "clone3", "clone"}
INERT = {"brk", "close", "clock_gettime", "nanosleep", "clock_nanosleep", "exit", "exit_group", "munmap", "mprotect", "madvise", "futex", "rseq", "set_robust_list", "sched_getaffinity",
         "rt_sigaction", "rt_sigprocmask", "gettid", "getpid"}
WRITING = {"write", "pwrite64", "fsync", "fdatasync", "ftruncate", "renameat", "mkdirat", "unlinkat", "fsetxattr",
           "fremovexattr", "fchmod", "fchown"}
BY_NAME = {"openat", "openat2", "open", "newfstatat", "unlinkat", "renameat", "mkdirat", "fchmod", "fchown", "fcntl",
           "fgetxattr", "flistxattr", "fsetxattr", "fremovexattr", "flock"}
# What an error may be called in a result. EINTR: whether it is tried again is the program's own choice.
KINDS = {"EIO": {"io"}, "ENOSPC": {"no_space"}, "EACCES": {"access_denied"}, "EINTR": {"io", "in_use"},
         "ENOMEM": {"internal"}, "EMFILE": {"internal"}}
CHANGES = pytest.mark.parametrize("scene", scenes.CHANGES, ids=str)
ALL = pytest.mark.parametrize("scene", scenes.LOOKS + scenes.CHANGES + scenes.SPOKEN, ids=str)


def errors(call):
    """What the call may fail with."""
    if call.name in OF_MEMORY:
        return ["ENOMEM"]
    creates = "O_CREAT" in call.arguments
    return ["EIO", "EINTR", *(["ENOSPC"] if call.name in WRITING or creates else []),
            *(["EACCES"] if call.name in BY_NAME else []), *(["EMFILE"] if call.name.startswith("open") else [])]


def calls_of(perform):
    return [call for call in perform.calls() if call.name not in INERT]


def disturb(case, **how):
    """An act of a play: a run with strace's injections; nothing where it did not come to them."""
    def act(here, expressions):
        done = here.run(case, inject=expressions, **how)
        return done if done.code == KILLED or here.was_injected() else None
    return act


@pytest.mark.parametrize("error", KINDS)
@ALL
def test_one_call_fails(perform, scene, error):
    """The run goes on without, or says what went wrong, and of one profile only."""
    cases = [(f"{call.name}:error={error}:when={call.nth}",) for call in calls_of(perform) if error in errors(call)]
    done = perform.perform(cases, disturb(scene), at_most=1, kinds=KINDS[error])
    assert len(done) == len(cases)


@ALL
def test_all_calls_fail_from_one_on(perform, scene):
    """As when the device is gone."""
    calls = calls_of(perform)
    last = {call.name: call.nth for call in calls if call.name not in OF_MEMORY}
    last["write"] -= 1  # the answer goes elsewhere
    cases = []
    for at in range(len(calls)):
        first = {}
        for call in calls[at:]:
            first.setdefault(call.name, call.nth)
        cases.append(tuple(f"{name}:error=EIO:when={first[name]}..{last[name]}" for name in sorted(first)
                           if name in last and first[name] <= last[name]))
    cases = list(filter(None, cases))
    done = perform.perform(cases, disturb(scene), may_leave=True, may_be_silent=True)
    assert len(done) == len(cases)


@pytest.mark.parametrize("piece", [0, 1000], ids=["whole", "pieces"])
@CHANGES
def test_killed_at_a_call(perform, scene, piece):
    """What it lived to do is the whole of a hive's change, or none of it. In pieces: the new file is half written."""
    calls = perform.calls(piece)
    cases = [(f"{call.name}:signal=KILL:when={call.nth}",) for call in calls if call.name != "exit_group"]
    done = perform.perform(cases, disturb(scene, piece=piece), may_die=(KILLED,))
    assert [one.code for one in done] == len(cases) * [KILLED]


@pytest.mark.parametrize("processors", [2])
@pytest.mark.parametrize("scene", [one for one in scenes.CHANGES if one.name in ("store", "volume")], ids=str)
def test_killed_with_threads(perform, scene, processors):
    """Several hives are being changed at that moment. Which thread makes a call is not always the same."""
    cases = [(f"{call.name}:signal=KILL:when={call.nth}",) for call in calls_of(perform)]
    done = perform.perform(cases, disturb(scene, processors=processors), may_die=(KILLED,))
    assert sum(one.code == KILLED for one in done) > len(cases) / 2


@pytest.mark.parametrize("error", [errno.EIO, errno.EINTR, errno.ENOSPC], ids=errno.errorcode.get)
@ALL
def test_closing_fails(perform, scene, error):
    """What was to be flushed was flushed before, so that is nothing to complain of."""
    done = perform.perform([error], lambda here, case: here.run(scene, close_error=case))
    assert [one.code for one in done] == [perform.clean.code]
