# SPDX-License-Identifier: MIT
"""A user who owns their profile's folder swaps what is in it between mapihttp's look and its write. The program, run
as root, is stopped as one of its calls returns; the swap is made; it goes on. Nothing of anybody else's changes, and
what was swapped is told, not written over."""

import json

import pytest
import tracing
from grounds import AS_ROOT, IN_PLACE, NEW_IMAGE, Ground, but_for_names, place, survey
from support import hives
from support.tool import call

pytestmark = [pytest.mark.linux, AS_ROOT]

NEW = "NTUSER.DAT.mapihttp-new"


def last_before(calls, name, then):
    """The last call of that name before the first that `then` accepts."""
    end = next(i for i, one in enumerate(calls) if then(one))
    return [one for one in calls[:end] if one.name == name][-1]


def named(calls, name, text, last=False):
    return [one for one in calls if one.name.startswith(name) and text in one.arguments][-1 if last else 0]


# When the program is stopped: as the call returns that the function picks. A listing that is to be stopped is cut
# short by the kernel, but for its last call, which has nothing to tell.
COMMON = {
    "listed": lambda calls: named(calls, "getdents64", "/ann>", last=True),
    "looked at": lambda calls: named(calls, "newfstatat", 'NTUSER.DAT"'),
    "opened to read": lambda calls: named(calls, "openat2", 'NTUSER.DAT"'),
    "observed": lambda calls: named(calls, "close", "NTUSER.DAT>"),
    "opened to write": lambda calls: named(calls, "openat2", "O_RDWR"),
    "folder opened": lambda calls: last_before(calls, "openat2", lambda one: "F_SETSIG" in one.arguments),
    "claimed": lambda calls: named(calls, "fcntl", "F_SETLEASE"),
}
IMAGE = {
    "read": lambda calls: named(calls, "pread64", "NTUSER.DAT>", last=True),
    "old one removed": lambda calls: named(calls, "unlinkat", "mapihttp-new"),
    "made": lambda calls: named(calls, "openat", "mapihttp-new"),
    "written": lambda calls: named(calls, "write", "mapihttp-new"),
    "given its rights": lambda calls: named(calls, "fchmod", "mapihttp-new"),
    "flushed": lambda calls: named(calls, "fsync", "mapihttp-new"),
}
# After the last look nothing keeps the swap from being made; it must do no harm then either.
LAST_IMAGE = {"looked at last": lambda calls: last_before(calls, "newfstatat", lambda one: one.name == "renameat")}
LAST_IN_PLACE = {"looked at last": lambda calls: last_before(calls, "newfstatat", lambda one: one.name == "pwrite64")}


def hive_becomes(trap):
    return lambda ground: place(trap, ground.hive, ground)


def folder_becomes_a_link(ground):
    place("link to another's hive", ground.ann, ground)
    ground.ann.unlink()
    ground.ann.symlink_to(ground.victim)


def new_becomes(trap):
    return lambda ground: place(trap, ground.ann / NEW, ground)


SWAPS = {
    "hive: link": hive_becomes("link to another's hive"),
    "hive: hard link": hive_becomes("hard link to another's hive"),
    "hive: hard link to a secret": hive_becomes("hard link to a secret"),
    "hive: FIFO": hive_becomes("FIFO"),
    "hive: device": hive_becomes("block device"),
    "hive: folder": hive_becomes("folder"),
}
NEW_SWAPS = {
    "new file: link": new_becomes("link to another's hive"),
    "new file: hard link": new_becomes("hard link to another's hive"),
    "new file: hard link to a secret": new_becomes("hard link to a secret"),
    "new file: FIFO": new_becomes("FIFO"),
    "new file: folder": new_becomes("folder"),
}


def is_repeated(kind, moment):
    """Until the hive is claimed both kinds of change do the same."""
    return kind == "new-image" and moment in COMMON and moment not in ("observed", "claimed")


def folder_cases():
    for kind, spec, moments in (("in-place", IN_PLACE, COMMON), ("new-image", NEW_IMAGE, COMMON | IMAGE)):
        for moment, pick in moments.items():
            if not is_repeated(kind, moment):
                yield pytest.param(spec, pick, id=f"{kind}, {moment}")


def cases():
    for kind, spec, moments in (("in-place", IN_PLACE, COMMON), ("new-image", NEW_IMAGE, COMMON | IMAGE)):
        for moment, pick in moments.items():
            if is_repeated(kind, moment):
                continue
            for swap, make in SWAPS.items():
                yield pytest.param(spec, pick, make, id=f"{kind}, {moment}, {swap}")
    for moment in ("made", "written", "given its rights", "flushed"):
        for swap, make in NEW_SWAPS.items():
            yield pytest.param(NEW_IMAGE, IMAGE[moment], make, id=f"new-image, {moment}, {swap}")


def run_with_swap(tmp_path, spec, pick, swap):
    """The ground and the profile in the result; and what the victim's files were right after the swap."""
    traced = Ground(tmp_path / "traced", spec).alone()
    _, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"store={traced.store}")
    ground = Ground(tmp_path / "ground", spec).alone()
    stop = pick(tracing.since_hive(calls, traced.store))
    with tracing.Stopped(tmp_path, stop, "apply", "state=enabled", f"store={ground.store}") as stopped:
        swap(ground)
        before = survey(ground.victim)
    result = json.loads(stopped.out)
    assert len(result["profiles"]) == 1
    return ground, result["profiles"][0], before


@pytest.mark.parametrize(("spec", "pick", "swap"), list(cases()))
def test_swapped_before_the_last_look(tmp_path, spec, pick, swap):
    """The run says what it met, and neither follows nor overwrites it."""
    ground, profile, before = run_with_swap(tmp_path, spec, pick, swap)
    assert profile["outcome"] == "failed" and profile["error"]["kind"] in (
        "unsupported", "in_use", "not_found"), profile
    assert survey(ground.victim) == before


@pytest.mark.parametrize(("spec", "pick"), list(folder_cases()))
def test_the_folder_becomes_a_link_meanwhile(tmp_path, spec, pick):
    """The link is refused; or the folder had been opened, and then the change is made in it, wherever it is now."""
    ground, profile, before = run_with_swap(tmp_path, spec, pick, folder_becomes_a_link)
    assert survey(ground.victim) == before
    if profile["outcome"] == "failed":
        assert profile["error"]["kind"] in ("unsupported", "in_use"), profile
    else:
        found = call("get", {"hives": [str(ground.ann.with_name("away") / "NTUSER.DAT")]}).result["profiles"][0]
        assert (profile["outcome"], found["state"]) == ("changed", "enabled")


@pytest.mark.parametrize("swap", SWAPS | NEW_SWAPS)
def test_swapped_after_the_last_look_at_a_new_image(tmp_path, swap):
    """The name is given to what stands there, within ann's own folder: nothing is written through it."""
    ground, _, before = run_with_swap(tmp_path, NEW_IMAGE, LAST_IMAGE["looked at last"], (SWAPS | NEW_SWAPS)[swap])
    assert but_for_names(survey(ground.victim)) == but_for_names(before)


@pytest.mark.parametrize("swap", SWAPS)
def test_swapped_after_the_last_look_at_four_bytes(tmp_path, swap):
    """They go into the file that was looked at, whatever its name leads to now."""
    ground, _, before = run_with_swap(tmp_path, IN_PLACE, LAST_IN_PLACE["looked at last"], SWAPS[swap])
    assert survey(ground.victim) == before


def test_the_folder_is_entered_below_the_store(tmp_path):
    """A profile's folder that becomes a link after the store was listed is not entered."""
    ground, profile, before = run_with_swap(
        tmp_path, IN_PLACE, lambda calls: named(calls, "getdents64", "/store>", last=True), folder_becomes_a_link)
    assert profile["error"] and profile["error"]["kind"] == "unsupported", json.dumps(profile)
    assert survey(ground.victim) == before
    assert hives.contents(ground.ann.with_name("away"))
