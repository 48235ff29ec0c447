# SPDX-License-Identifier: MIT
"""Very many profiles, 1 % broken in each way: all others converge, and every broken one is told by its kind."""

import os
from collections import Counter
from types import SimpleNamespace

import pytest

import crowd
from crowd import BROKEN, HELD, WHOLE
from measured import DESCRIPTORS, Machine
from support import hives, oracles

# A tenth of them is measured, too, and has room for one of each kind.
COUNT = max(1000, int(os.environ.get("MAPIHTTP_LOAD") or 10000))
ENABLED = (4, bytes(4))
# Of a profile of 8 KB with its logs, and of its folder.
PROFILE_BYTES = 40 << 10


@pytest.fixture(scope="module", name="machine")
def small_machine():
    made = Machine()
    yield made
    made.close()


def outcomes(done):
    """{kind of profile: how often which outcome or error kind}."""
    found = {}
    for profile in done.result["profiles"]:
        what = profile["error"]["kind"] if profile["error"] else profile["outcome"]
        found.setdefault(crowd.kind_of(profile), Counter())[what] += 1
    return found


@pytest.fixture(scope="module", name="runs")
def all_runs(machine, room, say):
    """What became of the store: get, check, then apply while others have some of the hives, and twice after."""
    made = crowd.Crowd(room(COUNT * PROFILE_BYTES), COUNT)
    request = {"store": str(made.top)}
    users = {"users": ["all", *made.missing]}
    before = crowd.snapshot(made.top)
    got = machine.run("get", **request, **users)
    checked = machine.run("check", state="enabled", **request, **users)
    looked = crowd.snapshot(made.top)
    made.hold()
    try:
        first = machine.run("apply", state="enabled", **request, **users)
    finally:
        made.let_go()
    kept = crowd.snapshot(made.top, {*BROKEN, *HELD})
    second = machine.run("apply", state="enabled", **request, **users)
    after = crowd.snapshot(made.top)
    third = machine.run("apply", state="enabled", **request, **users)
    finished = crowd.snapshot(made.top)
    say(f"load: {COUNT} profiles, {len(BROKEN) + len(HELD)} kinds of broken or held ones, {made.each} of each; peak "
        f"memory, MB: get {got.peak / 2**20:.1f}, check {checked.peak / 2**20:.1f}, apply {first.peak / 2**20:.1f}; "
        f"{DESCRIPTORS} descriptors")
    return SimpleNamespace(**locals())


def test_looking_changes_nothing(runs):
    assert runs.looked == runs.before


def test_get_tells_of_every_profile(runs):
    counts = runs.got.result["counts"]
    assert counts["profiles"] == COUNT and runs.got.code == 2
    assert [p["id"] for p in runs.got.result["profiles"]] == sorted(p["id"] for p in runs.got.result["profiles"])


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_profiles_converge(runs, kind):
    expected = "compliant" if kind == "enabled" else "changed"
    assert outcomes(runs.first)[kind] == {expected: len(runs.made.folders[kind])}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_check_foresees_it(runs, kind):
    assert outcomes(runs.checked)[kind] == outcomes(runs.first)[kind]


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_profiles_are_told_by_their_kind(runs, kind):
    expected = {BROKEN[kind][1]: len(runs.made.folders[kind])}
    if kind == "device" and os.statvfs(runs.made.top).f_flag & os.ST_NODEV:
        expected = {"access_denied": len(runs.made.folders[kind])}
    for done in (runs.first, runs.second, runs.third):
        assert outcomes(done)[kind] == expected


@pytest.mark.parametrize("kind", HELD)
def test_profiles_that_others_have_are_in_use(runs, kind):
    assert outcomes(runs.first)[kind] == {"in_use": len(runs.made.folders[kind])}


@pytest.mark.parametrize("kind", HELD)
def test_when_the_others_let_go_they_converge(runs, kind):
    assert outcomes(runs.second)[kind] == {"changed": len(runs.made.folders[kind])}
    assert outcomes(runs.third)[kind] == {"compliant": len(runs.made.folders[kind])}


@pytest.mark.parametrize("kind", [*BROKEN, *HELD])
def test_broken_and_held_profiles_are_untouched(runs, kind):
    def mine(seen):
        return {path: look for path, look in seen.items() if f"/{kind}@".encode() in path}
    assert mine(runs.kept) == mine(runs.before)
    if kind in BROKEN:
        assert mine(runs.finished) == mine(runs.before)


def test_what_links_lead_to_is_untouched(runs):
    for kind in ("link", "hard-link"):
        for path in runs.made.folders[kind]:
            assert crowd.outside(path / "NTUSER.DAT").read_bytes() == runs.made.templates.bytes(crowd.DISABLED)


def test_counts_and_exit_codes(runs):
    broken, held = runs.made.number_of(BROKEN), runs.made.number_of(HELD)
    enabled = len(runs.made.folders["enabled"])
    whole = runs.made.number_of(WHOLE)
    expected = {"first": (enabled, whole - enabled, broken + held), "second": (whole, held, broken),
                "third": (whole + held, 0, broken)}
    for run, (compliant, changed, failed) in expected.items():
        done = getattr(runs, run)
        assert done.result["counts"] == {"profiles": COUNT, "compliant": compliant, "changed": changed, "skipped": 0,
                                         "failed": failed}, run
        assert (done.code, done.result["changed"], done.result["failed"], done.err) == (2, changed > 0, True, b"")


def test_undo_has_what_changed(runs):
    changed = [p["id"] for p in runs.first.result["profiles"] if p["outcome"] == "changed"]
    assert [one["id"] for one in runs.first.result["undo"]["restore"]] == changed


def test_another_apply_changes_nothing(runs):
    assert runs.finished == runs.after


def test_nothing_is_left_beside(runs):
    assert not [path for path in runs.finished if b"mapihttp-new" in path]


def healthy(runs):
    return [str(folder / "NTUSER.DAT") for kind in (*WHOLE, *HELD) for folder in runs.made.folders[kind]]


def test_every_converged_hive_is_sound(runs):
    hives.check_all(healthy(runs))


def test_every_converged_hive_is_what_libhivex_reads_as_enabled(runs):
    for path in healthy(runs):
        tree = oracles.bare(oracles.hivex_dump(path))
        assert (hives.NAME, *ENABLED) in tree[hives.KEY], path


def test_memory_is_bounded(runs):
    """docs/performance.md aims at 64 MB for ten thousand profiles; what grows with them is linear."""
    bound = max(16 << 20, COUNT * 6400)
    assert max(run.peak for run in (runs.got, runs.checked, runs.first, runs.second)) < bound


@pytest.mark.parametrize("verb", ["check", "apply"])
def test_memory_grows_by_little_per_profile(runs, machine, room, say, verb):
    """Beside a tenth of the profiles."""
    few = COUNT // 10
    small = crowd.Crowd(room(few * PROFILE_BYTES), few)
    done = machine.run(verb, state="enabled", store=str(small.top), users=["all", *small.missing])
    many = runs.checked if verb == "check" else runs.first
    each = (many.peak - done.peak) / (COUNT - few)
    say(f"load: {verb}: {each:.0f} bytes of memory per profile, from {few} to {COUNT} profiles")
    assert done.result["counts"]["profiles"] == few and each < 4096
