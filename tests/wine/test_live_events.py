# SPDX-License-Identifier: MIT
"""The event log. Wine keeps none, but tells in its trace what a program wanted to be logged."""

import os
import re

import pytest
from support import hives, wine
from support.tool import call, run
from support.wine import OFF, ON

INFORMATION = 4
# What Wine's stub says: log, type, category, event id, user, number of strings ...
EVENT = re.compile(r"ReportEventW \(\w+,0x([0-9a-f]+),0x[0-9a-f]+,0x([0-9a-f]+),\w+,0x([0-9a-f]+)")
TEXT = re.compile(r'trace:eventlog:ReportEventW L"(.*)"')


def traced(*arguments):
    """The events of a run: (type, id, texts)."""
    done = run(*arguments, env={**os.environ, "WINEDEBUG": "-all,fixme+advapi,trace+eventlog"})
    events, lines = [], done.err.decode("utf-8", "replace").splitlines()
    for line in lines:
        found = EVENT.search(line)
        if found:
            events.append((int(found[1], 16), int(found[2], 16), []))
        elif TEXT.search(line):
            events[-1][2].append(TEXT.search(line)[1])
    return done, events


def test_each_change_is_one_information_event(machine):
    people = [machine.loaded(name, OFF) for name in ("ann", "bob", "cai")]
    done, events = traced("apply", "state=enabled", "exclude=current")
    assert done.result["counts"]["changed"] == 3
    assert [kind for kind, _, _ in events] == [INFORMATION] * 3
    assert [number for _, number, _ in events] == [100] * 3
    for who, (_, _, texts) in zip(people, events):
        assert len(texts) == 5 and texts[1:4] == [who, "REG_DWORD 1", "REG_DWORD 0"]


def test_an_event_says_who_from_what_to_what_and_who_asked(machine):
    ann = machine.loaded("ann", wine.VALUE["REG_SZ 0"])
    _, events = traced("apply", "state=disabled", "users=ann")
    sentence, whose, before, after, who = events[0][2]
    assert (whose, before, after) == (ann, "REG_SZ 30000000", "REG_DWORD 1") and who.startswith(machine.own)
    for part in (whose, before, after, who):
        assert part in sentence


def test_an_event_has_no_character_that_misleads(machine):
    """A folder's name that turns text around, or looks like another's, is shown with what it hides."""
    machine.loaded("a\u202en\u200bn", OFF)
    _, events = traced("apply", "state=enabled", "exclude=current")
    sentence = events[0][2][0]
    assert "a?n?n" in sentence and not re.search(r"\\20[02][be]", sentence, re.IGNORECASE)


@pytest.mark.parametrize("arguments", [("get",), ("check", "state=enabled"), ("apply", "state=disabled"),
                                       ("apply", "state=enabled", "check=true")], ids=" ".join)
def test_where_nothing_changes_nothing_is_logged(machine, arguments):
    machine.loaded("ann", OFF)
    machine.put(machine.own, OFF)
    assert traced(*arguments)[1] == []


def test_what_could_not_be_changed_is_not_logged(machine):
    machine.unloaded("bob", OFF)
    done, events = traced("apply", "state=enabled", "users=bob")
    assert (done.result["changed"], events) == (False, [])


def test_changes_of_files_elsewhere_are_not_logged(machine, tmp_path):
    hive = hives.make(tmp_path / "NTUSER.DAT", wine.user(OFF))
    done, events = traced("apply", "state=enabled", f"hives={wine.windows_path(hive)}")
    assert (done.result["changed"], events) == (True, [])


def test_the_trace_would_show_an_event(machine):
    """So that no events above means that there were none."""
    machine.put(machine.own, OFF)
    assert len(traced("apply", "state=enabled", "users=current")[1]) == 1
    assert call("get", {}).profile(machine.own)["before"] == ON.shown
