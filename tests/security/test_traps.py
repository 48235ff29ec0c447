# SPDX-License-Identifier: MIT
"""A user who owns their profile's folder lays traps in it, and mapihttp runs as root over the store: nothing of
anybody else's is read into a result or changed, the refusal is clear, and all other profiles converge."""

import os
import re

import pytest
import tracing
from grounds import AS_ROOT, BOTH, NEW_IMAGE, TRAPS, USER, Ground, but_for_names, place, survey
from support import hives
from support.tool import call, run

pytestmark = [pytest.mark.linux, AS_ROOT]
LIMITED = ["prlimit", f"--as={96 << 20}", "--cpu=20", f"--fsize={4 << 20}"]


@pytest.fixture(name="ground")
def store_with_ann(tmp_path):
    return Ground(tmp_path, NEW_IMAGE)


def refused(ground, done, kinds=("unsupported",)):
    profile = done.profile("ann/NTUSER.DAT")
    assert done.code == 2 and profile["error"]["kind"] in kinds, profile
    assert profile["error"]["message"].startswith(str(ground.ann)) or str(ground.hive) in profile["error"]["message"]
    assert (profile["before"], profile["after"]) == (None, None)


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("name", ["NTUSER.DAT", "NTUSER.MAN", "ntuser.dat"])
def test_in_place_of_the_hive(ground, trap, name):
    """Nor is a mandatory profile, or a hive in another case, followed elsewhere."""
    ground.hive.unlink()
    place(trap, ground.ann / name, ground)
    before = survey(ground.victim), survey(ground.ann)
    done = ground.apply()
    profile = done.profile(f"ann/{name}")
    assert (done.code, profile["error"]["kind"], profile["before"]) == (2, "unsupported", None)
    assert (survey(ground.victim), survey(ground.ann)) == before
    ground.others_converge(done)


@pytest.mark.parametrize("trap", [name for name in TRAPS if "hard link" not in name])
@pytest.mark.parametrize("suffix", [".LOG1", ".LOG2", ".LOG"])
def test_in_place_of_a_log(ground, trap, suffix):
    """Without it the hive is not judged."""
    hives.make(ground.hive, {**NEW_IMAGE, "log": {"root": NEW_IMAGE["root"]}})
    for log in ground.ann.glob("*.LOG*"):
        log.unlink()
    place(trap, ground.hive.with_name(f"NTUSER.DAT{suffix}"), ground)
    before = survey(ground.victim), survey(ground.ann)
    done = ground.apply()
    refused(ground, done)
    assert (survey(ground.victim), survey(ground.ann)) == before
    ground.others_converge(done)


def test_anothers_log_is_not_read_into_ones_own_hive(ground):
    """A hard link to a log would show what is in it, if it fitted; only a log of this very hive does."""
    hives.make(ground.hive, {**hives.user(hives.dword(5), timestamp=0x01D0000000000000),
                             "log": {"root": NEW_IMAGE["root"]}})
    for log in ground.ann.glob("*.LOG*"):
        log.unlink()
    os.link(ground.secret, ground.ann / "NTUSER.DAT.LOG1")
    before = survey(ground.victim)
    refused(ground, ground.apply(), ["dirty"])
    assert survey(ground.victim) == before


@pytest.mark.parametrize("trap", TRAPS)
def test_in_place_of_the_policy_file(ground, trap):
    """What Group Policy wrote is not known then; the value is converged all the same."""
    place(trap, ground.ann / "ntuser.pol", ground)
    before = survey(ground.victim)
    done = ground.apply()
    assert done.profile("ann/NTUSER.DAT")["outcome"] == "changed"
    assert done.profile("ann/NTUSER.DAT")["managed_by"] is None
    assert survey(ground.victim) == before
    ground.others_converge(done)


@pytest.mark.parametrize("trap", [name for name in TRAPS if name != "folder"])
@BOTH
def test_in_place_of_the_new_file(tmp_path, trap, spec):
    """What stands there is removed, never written through; a change in place does not come near it."""
    ground = Ground(tmp_path, spec)
    new = ground.hive.with_name("NTUSER.DAT.mapihttp-new")
    place(trap, new, ground)
    before = but_for_names(survey(ground.victim))
    done = ground.apply()
    assert (done.code, done.profile("ann/NTUSER.DAT")["outcome"]) == (0, "changed")
    assert but_for_names(survey(ground.victim)) == before
    assert ground.hive.is_file() and not ground.hive.is_symlink() and os.stat(ground.hive).st_uid == USER
    assert spec is not NEW_IMAGE or os.listdir(ground.ann) == ["NTUSER.DAT"]
    ground.others_converge(done)


def test_a_full_folder_in_place_of_the_new_file(ground):
    """Not ours to remove: this one profile fails, and says what is in the way."""
    new = ground.hive.with_name("NTUSER.DAT.mapihttp-new")
    new.mkdir()
    (new / "x").write_bytes(b"")
    before = survey(ground.ann)
    done = ground.apply()
    profile = done.profile("ann/NTUSER.DAT")
    assert done.code == 2 and "mapihttp-new" in profile["error"]["message"]
    assert survey(ground.ann) == before
    ground.others_converge(done)


@pytest.mark.parametrize("trap", ["link to another's hive", "FIFO", "character device", "block device"])
def test_in_place_of_the_profiles_folder(ground, trap):
    """A link, or no folder, in a store is no profile: it is named in a warning."""
    place(trap, ground.ann, ground)
    before = survey(ground.victim)
    done = ground.apply()
    assert [p["path"].rsplit("/")[-1] for p in done.result["profiles"]] == ["al", "away", "bob"]
    assert any(str(ground.ann) in text for text in done.result["warnings"])
    assert survey(ground.victim) == before
    ground.others_converge(done)


@pytest.mark.parametrize("verb", ["get", "apply"])
@pytest.mark.parametrize("trap", ["FIFO", "character device", "block device", "device of no driver"])
@pytest.mark.parametrize("name", ["NTUSER.DAT", "NTUSER.MAN", "NTUSER.DAT.LOG1", "ntuser.pol"])
def test_devices_are_not_even_opened(tmp_path, ground, trap, name, verb):
    """To open one may be to do something: a watchdog starts, a tape rewinds."""
    hives.make(ground.hive, {**NEW_IMAGE, "log": {"root": NEW_IMAGE["root"]}})
    place(trap, ground.ann / name, ground)
    _, calls = tracing.trace(tmp_path, verb, "state=enabled", f"store={ground.alone().store}")
    assert [c for c in calls if c.name == "getdents64" and f"<{ground.ann}>" in c.arguments]
    assert not opened(calls, name)


def opened(calls, name):
    """A path is shown whole as a descriptor only when it was opened."""
    return [c for c in calls if c.name.startswith("open") and re.search(rf'[/"]{re.escape(name)}"', c.arguments)]


@pytest.mark.parametrize("verb", ["get", "apply"])
@pytest.mark.parametrize("trap", ["FIFO", "character device", "device of no driver"])
@pytest.mark.parametrize("place_of", ["hiberfil.sys", "Windows/System32/config/SOFTWARE", "Users/ann/NTUSER.DAT",
                                      "Users/ann/ntuser.pol"])
def test_devices_of_a_volume_are_not_even_opened(tmp_path, ground, trap, place_of, verb):
    """Nor in place of what belongs to the whole volume."""
    root = hives.volume(tmp_path / "root", {"ann": NEW_IMAGE})
    place(trap, root / place_of, ground)
    done, calls = tracing.trace(tmp_path, verb, "state=enabled", f"root={root}")
    assert not opened(calls, place_of.rsplit("/", maxsplit=1)[-1])
    assert done.code == (0 if place_of.endswith("pol") else 2)
    assert place_of.endswith("pol") or "is no plain file" in str(done.result)


@pytest.mark.parametrize("injection,kind", [("error=EIO", "io"), ("error=EIO:when=2", "io"),
                                            ("error=EINTR:when=2", "unsupported")])
def test_a_device_that_cannot_be_looked_at_is_not_opened(tmp_path, ground, injection, kind):
    """Of a path of the caller's, too: the first look is for what it is, the second before it is opened."""
    device = tmp_path / "device"
    place("FIFO", device, ground)
    tracing.need()
    log = tmp_path / "strace.log"
    done = run("get", f"hives={device}", wrapper=["strace", "-f", "-P", device, "-o", log, "-e",
                                                  f"inject=newfstatat,lstat:{injection}"])
    assert done.kinds == [kind], done.out
    calls = tracing.parse(log)
    assert calls and not [c for c in calls if c.name.startswith("open")]


@pytest.mark.parametrize("spec", [NEW_IMAGE, {**NEW_IMAGE, "log": {"root": NEW_IMAGE["root"]}}],
                         ids=["clean", "dirty"])
@pytest.mark.parametrize("trap", [None, "link to a secret", "FIFO"])
def test_what_lies_below_is_reached_without_following_links(tmp_path, ground, trap, spec):
    """A path with folders in it is given to no other call than openat2: their owner can make links of them."""
    hives.make(ground.hive, spec)
    if trap:
        place(trap, ground.ann / "ntuser.pol", ground)
    _, calls = tracing.trace(tmp_path, "apply", "state=enabled", f"store={ground.alone().store}")
    below = [c for c in calls if re.match(rf'\d+<{re.escape(str(ground.store))}[^>]*>, "[^"]*/', c.arguments)]
    below = [c for c in below if not re.search("read|write", c.name)]  # what these have there is a file's bytes
    assert {c.name for c in below} == {"openat2"}
    assert all("RESOLVE_NO_SYMLINKS" in c.arguments for c in below)


@pytest.mark.parametrize("mode", [0o000, 0o1777, 0o4755, 0o2777])
@BOTH
def test_odd_modes(tmp_path, mode, spec):
    """Of the hive and its folder: root converges it, and owner and mode are as they were."""
    ground = Ground(tmp_path, spec)
    ground.hive.chmod(mode)
    ground.ann.chmod(mode)
    done = ground.apply()
    assert done.profile("ann/NTUSER.DAT")["outcome"] == "changed"
    for path in (ground.hive, ground.ann):
        stat = os.stat(path)
        assert (stat.st_uid, stat.st_gid, stat.st_mode & 0o7777) == (USER, USER, mode)
    ground.others_converge(done)


def sparse(path, size=1 << 40):
    with open(path, "r+b" if path.exists() else "wb") as file:
        try:
            file.truncate(size)
        except OSError as error:
            pytest.skip(f"no file of that size can be made here: {error.strerror}")


def limited(ground, verb="apply"):
    return run(verb, "state=enabled", f"store={ground.store}", wrapper=LIMITED)


def test_a_sparse_file_of_a_tebibyte_that_is_no_hive(ground):
    """It is looked at, not read."""
    ground.hive.write_bytes(b"")
    sparse(ground.hive)
    done = limited(ground)
    refused(ground, done, ["corrupt"])
    ground.others_converge(done)


@pytest.mark.parametrize("verb,kind", [("check", None), ("apply", "unsupported")])
def test_a_hive_with_a_sparse_tail_of_a_tebibyte(ground, verb, kind):
    """What follows the bins is kept, but it does not fill the device with what took its owner no space."""
    sparse(ground.hive)
    done = limited(ground, verb)
    error = done.profile("ann/NTUSER.DAT")["error"]
    assert (error and error["kind"]) == kind
    assert os.listdir(ground.ann) == ["NTUSER.DAT"] and os.stat(ground.hive).st_blocks < 100


def test_a_hive_with_a_sparse_tail_is_changed_in_place(tmp_path):
    """Four bytes of it."""
    ground = Ground(tmp_path, hives.user(hives.dword(1)))
    sparse(ground.hive)
    assert limited(ground).profile("ann/NTUSER.DAT")["outcome"] == "changed"
    assert os.stat(ground.hive).st_size == 1 << 40


@pytest.mark.parametrize("suffix", [".LOG1", ".LOG"])
def test_a_sparse_log_of_a_tebibyte(ground, suffix):
    """It does not count; without it the hive is dirty."""
    hives.make(ground.hive, {**NEW_IMAGE, "log": {"root": NEW_IMAGE["root"]}})
    ground.hive.with_name("NTUSER.DAT.LOG1").rename(ground.hive.with_name(f"NTUSER.DAT{suffix}"))
    sparse(ground.hive.with_name(f"NTUSER.DAT{suffix}"))
    done = limited(ground)
    refused(ground, done, ["dirty"])
    ground.others_converge(done)


def test_a_sparse_policy_file_of_a_tebibyte(ground):
    """It is not read; the value is converged all the same."""
    sparse(ground.ann / "ntuser.pol")
    done = limited(ground)
    assert done.profile("ann/NTUSER.DAT")["outcome"] == "changed"
    ground.others_converge(done)


# Paths that a ProfileList may have, and that lead elsewhere, or nowhere.
AWAY = {
    "a device path": r"\\.\C:\Users\ann",
    "a device path of a disk": r"\\.\PhysicalDrive0",
    "the kernel's own name": r"\??\C:\Users\ann",
    "GLOBALROOT": r"\\?\GLOBALROOT\Device\HarddiskVolume1\Users\ann",
    "a volume's GUID": r"\\?\Volume{11111111-2222-3333-4444-555555555555}\Users\ann",
    "a share over WebDAV": r"\\server@SSL\DavWWWRoot\ann",
    "a path of this system": "/etc",
    "a path of this system behind the drive": "C:/../../etc",
    "the folder above twice": r"C:\Users\ann\..\..\..\victim",
    "the folder above with the long prefix": r"\\?\C:\Users\..\..\victim",
    "one dot": r"C:\Users\.",
    "a stream": r"C:\Users\ann:hidden",
    "a stream of the folder": r"C:\Users\ann::$INDEX_ALLOCATION",
    "a pattern": r"C:\Users\*",
    "a pattern of one": r"C:\Users\an?",
    "a variable within": r"C:\Users\%USERNAME%",
    "a variable that names itself": r"%SystemDrive%%SystemDrive%\Users\ann",
    "a drive that is a word": r"CC:\Users\ann",
    "another drive": r"D:\Users\ann",
    "a name of 32,000 characters": "C:\\Users\\" + "a" * 32000,
    "16,000 folders": "C:" + "\\a" * 16000,
    "through a link": r"C:\Link\ann",
    "through a link that leads out": r"C:\Out\victim",
    "through a file": r"C:\Windows\System32\config\SOFTWARE\ann",
}


@pytest.mark.parametrize("path", AWAY.values(), ids=AWAY)
def test_a_profile_list_that_leads_away(tmp_path, path):
    """It is that entry's failure, or there is nothing; the one beside it converges, and nothing else is touched."""
    victim = hives.make(tmp_path / "victim/NTUSER.DAT", NEW_IMAGE).parent
    root = hives.volume(tmp_path / "root", {"bob": NEW_IMAGE}, more=[(hives.sid("ann"), path)])
    hives.make(root / "Users/ann/NTUSER.DAT", NEW_IMAGE)
    (root / "Link").symlink_to("Users")
    (root / "Out").symlink_to("..")
    before = survey(victim), survey(root / "Users/ann")
    done = call("apply", {"state": "enabled", "root": str(root)})
    ann, bob = (next(p for p in done.result["profiles"] if p["id"] == hives.sid(name)) for name in ("ann", "bob"))
    assert bob["outcome"] == "changed"
    assert (ann["outcome"], ann["error"]["kind"]) in [("failed", "unsupported"), ("skipped", "not_found"),
                                                      ("failed", "corrupt")], ann["error"]
    assert (survey(victim), survey(root / "Users/ann")) == before
