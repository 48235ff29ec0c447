# SPDX-License-Identifier: MIT
"""Another process does something to the hive or its folder at every single step of an apply."""

import os
from collections import Counter

import pytest

import tracing
from support import hives, oracles

THEIRS = {"name": "Theirs"}
OUTER, INNER = "profiles", "ann"
CHANGES = {"in-place": hives.user(hives.dword(0)), "new-image": hives.user()}


def theirs():
    """A hive that can be told from all others."""
    spec = hives.user(hives.value("REG_SZ", "theirs"))
    spec["root"]["keys"].append(THEIRS)
    return spec


def is_theirs(path):
    """Their hive is whole, and what it held is there; our value it may have got since."""
    hives.check(path)
    assert (THEIRS["name"],) in oracles.hivex_dump(path)
    assert os.listdir(path.parent) == ["hive"]


def replace(path, aside):
    os.rename(hives.make(aside / "hive", theirs()), path)
    return lambda: is_theirs(path)


def remove(path, _):
    os.unlink(path)

    def is_gone():
        assert os.listdir(path.parent) == []
    return is_gone


def swap_folder(path, aside):
    """The folder goes aside, and another one, with another hive, gets its name."""
    hives.make(aside / "new" / "hive", theirs())
    os.rename(path.parent, aside / "old")
    os.rename(aside / "new", path.parent)

    def is_each_its_own():
        is_theirs(path)
        hives.check(aside / "old" / "hive")
        assert (THEIRS["name"],) not in oracles.hivex_dump(aside / "old" / "hive")
        assert os.listdir(aside / "old") == ["hive"]
    return is_each_its_own


def opened(path):
    """The hive, as it is opened by who wants to write it and will not wait; None when mapihttp has it."""
    try:
        return os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except BlockingIOError:
        return None


def is_ours(path):
    hives.check(path)
    assert os.listdir(path.parent) == ["hive"]


def rewrite(path, aside):
    fd = opened(path)
    if fd is None:
        return lambda: is_ours(path)
    os.truncate(fd, 0)
    os.pwrite(fd, hives.make(aside / "hive", theirs()).read_bytes(), 0)
    os.close(fd)
    return lambda: is_theirs(path)


def cut(path, _):
    fd = opened(path)
    if fd is None:
        return lambda: is_ours(path)
    os.truncate(fd, 5000)
    left = os.pread(fd, 8192, 0)
    os.close(fd)

    def is_what_was_left():
        assert path.read_bytes() == left and os.listdir(path.parent) == ["hive"]
    return is_what_was_left


DEEDS = {"replaces": replace, "removes": remove, "swaps-the-folder": swap_folder, "rewrites": rewrite, "cuts": cut}
UNASKED = {"replaces", "removes"}  # without having opened the hive: see the_last_look


def calls_of_an_apply(folder, spec):
    path = hives.make(folder / "traced" / OUTER / INNER / "hive", spec)
    _, calls = tracing.trace(folder, "apply", "state=disabled", f"hives={path}")
    return [call for call in tracing.since_hive(calls, path) if not call.name.startswith("exit")]


def the_last_look(calls):
    """The call after which nothing is looked at any more before the new image gets the hive's name."""
    renames = [i for i, call in enumerate(calls) if call.name.startswith("rename")]
    return renames[0] - 1 if renames else None


@pytest.fixture(scope="module", name="cases")
def cases_of_all(say):
    """{(change, deed): how many}, said at the end."""
    made = Counter()
    yield made
    steps = {change: number for (change, _), number in made.items()}
    say(f"another process comes between: {made.total()} cases; after each of so many calls: "
        + ", ".join(f"{number} ({change})" for change, number in steps.items()))


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("change", CHANGES)
def test_another_process_comes_between(tmp_path, cases, change, deed):
    """Whatever it did last is what is there, whichever call it came after. One moment is left out, and is the only
    one: between the last look and the renaming that follows at once, where no call of the system could tell."""
    calls = calls_of_an_apply(tmp_path, CHANGES[change])
    unseen = the_last_look(calls) if deed in UNASKED else None
    for number, call in enumerate(calls):
        here = tmp_path / str(number)
        path = hives.make(here / OUTER / INNER / "hive", CHANGES[change])
        (here / "aside").mkdir()
        with tracing.Stopped(here, call, "apply", "state=disabled", f"hives={path}") as stopped:
            holds = DEEDS[deed](path, here / "aside")
        assert b'"failed":' in stopped.out, (call, stopped.out)
        if number != unseen:
            holds()
        cases[change, deed] += 1
