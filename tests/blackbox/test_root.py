# SPDX-License-Identifier: MIT
"""A mounted Windows volume: how ProfileList's paths become files, what is skipped and what fails, the Default
profile, what makes the whole volume untouchable, and the machine policy in its SOFTWARE hive."""

import os

import pytest
from support import hives
from support.hives import dword, sid, value
from support.tool import WINDOWS, call

ANN, BOB = sid("ann"), sid("bob")
ON = hives.user(dword(0))
OFF = hives.user(dword(1))
SOFTWARE = "Windows/System32/config/SOFTWARE"
VERBS = ["get", "check", "apply"]


def volume(top, listed, places, **options):
    """A volume whose ProfileList has `listed` (SID, path), with a hive that says disabled in each place."""
    hives.make_all([*((top / place, OFF) for place in places),
                    (top / SOFTWARE, hives.software(listed, **options))])
    return top


def ask(verb, root, **more):
    request = {"root": str(root), **({} if verb == "get" else {"state": "enabled"}), **more}
    return call(verb, request)


def the(done, who=ANN):
    return next(p for p in done.result["profiles"] if p["id"] == who)


HIVE = "Users/ann/NTUSER.DAT"
FOUND = [
    ("a plain path", r"C:\Users\ann", HIVE),
    ("%SystemDrive%", r"%SystemDrive%\Users\ann", HIVE),
    ("%SYSTEMDRIVE% in capitals", r"%SYSTEMDRIVE%\Users\ann", HIVE),
    ("%SystemRoot%", r"%SystemRoot%\Profiles\ann", "Windows/Profiles/ann/NTUSER.DAT"),
    ("%systemroot% in small letters", r"%systemroot%\Profiles\ann", "Windows/Profiles/ann/NTUSER.DAT"),
    ("a path in small letters", r"c:\users\ann", HIVE),
    ("a path in capitals", r"C:\USERS\ANN", HIVE),
    ("a disk in capitals", r"C:\Users\ann", "USERS/ANN/NTUSER.DAT"),
    ("a hive's name in small letters", r"C:\Users\ann", "Users/ann/ntuser.dat"),
    ("a backslash at the end", "C:\\Users\\ann\\", HIVE),
    ("slashes", "C:/Users/ann", HIVE),
    ("two backslashes", "C:\\\\Users\\\\ann", HIVE),
    (r"the prefix \\?\ ", r"\\?\C:\Users\ann", HIVE),
    ("a name with blanks", r"C:\Documents and Settings\ann lee", "Documents and Settings/ann lee/NTUSER.DAT"),
    ("a name that is not ASCII", r"C:\Users\Nguyễn", "Users/Nguyễn/NTUSER.DAT"),
    ("a name that is not ASCII, in capitals on the disk", r"C:\Users\nguyễn", "Users/NGUYỄN/NTUSER.DAT"),
    ("a name with a dot", r"C:\Users\ann.CONTOSO.000", "Users/ann.CONTOSO.000/NTUSER.DAT"),
    ("a mandatory profile", r"C:\Users\ann", "Users/ann/NTUSER.MAN"),
]


def spelled(hive):
    """Windows opens what is meant however it is spelled, and does not look up how."""
    return hive.lower() if WINDOWS else hive


@pytest.mark.parametrize(("path", "place"), [f[1:] for f in FOUND], ids=[f[0] for f in FOUND])
def test_a_path_of_profile_list_is_found(tmp_path, path, place):
    root = volume(tmp_path, [(ANN, path)], [place])
    done = ask("apply", root)
    assert (done.code, the(done)["outcome"]) == (0, "changed")
    assert spelled(the(done)["hive"]) == spelled(str(root / place))
    assert call("get", {"hives": [str(root / place)]}).result["profiles"][0]["state"] == "enabled"


def test_the_windows_folder_is_found_in_another_case(tmp_path):
    hives.make_all([(tmp_path / HIVE, OFF), (tmp_path / "WINDOWS/system32/Config/software",
                                             hives.software([(ANN, r"C:\Users\ann")]))])
    assert the(ask("get", tmp_path))["state"] == "disabled"


@pytest.mark.linux
def test_the_exact_name_is_taken_where_two_differ_in_case(tmp_path):
    hives.make(tmp_path / "Users/ANN/NTUSER.DAT", ON)
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    assert the(ask("get", root))["hive"] == str(root / HIVE)


@pytest.mark.linux
def test_names_that_differ_only_in_case_are_not_guessed_between(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], ["Users/ANN/NTUSER.DAT", "Users/Ann/NTUSER.DAT"])
    assert (the(ask("apply", root))["outcome"], ask("apply", root).code) == ("failed", 2)


def test_the_volume_may_be_named_with_a_slash_at_the_end(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    assert the(ask("get", f"{root}/"))["hive"] == str(root / HIVE)


def test_the_volume_may_be_named_through_a_link(tmp_path):
    volume(tmp_path / "v", [(ANN, r"C:\Users\ann")], [HIVE])
    (tmp_path / "link").symlink_to("v")
    assert the(ask("apply", tmp_path / "link"))["outcome"] == "changed"


def test_a_profile_is_told_with_its_windows_path_and_its_sid(tmp_path):
    profile = the(ask("get", volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])))
    assert (profile["id"], profile["sid"], profile["path"]) == (ANN, ANN, r"C:\Users\ann")


# The volume's own drive is that of Windows itself, which need not be C:.
def test_the_volume_of_a_windows_on_another_drive(tmp_path):
    spec = hives.software([(ANN, r"E:\Users\ann"), (BOB, r"C:\Users\bob")])
    version = spec["root"]["keys"][0]["keys"][0]["keys"][0]
    version["values"] = [{"name": "SystemRoot", "type": "REG_SZ", "data": r"E:\Windows"}]
    hives.make_all([(tmp_path / SOFTWARE, spec), (tmp_path / HIVE, OFF)])
    done = ask("get", tmp_path)
    assert (the(done)["state"], the(done, BOB)["outcome"]) == ("disabled", "failed")


# What cannot be reached within the volume fails; nothing outside is touched.
OUTSIDE = [
    ("another drive", r"D:\Users\ann"),
    ("a share", r"\\server\profiles\ann"),
    ("a share with a prefix", r"\\?\UNC\server\profiles\ann"),
    ("the folder above, at the end", r"C:\Users\.."),
    ("the folder above, within", r"C:\Users\..\..\outside"),
    ("the folder above, with slashes", "C:/Users/../../outside"),
    ("the volume itself", "C:\\"),
    ("no path", ""),
    ("a relative path", r"Users\ann"),
    ("a path relative to the drive", r"C:Users\ann"),
    ("an unknown variable", r"%USERPROFILE%\ann"),
]


@pytest.mark.parametrize("path", [o[1] for o in OUTSIDE], ids=[o[0] for o in OUTSIDE])
def test_what_is_not_on_this_volume_fails_and_nothing_is_touched(tmp_path, path):
    hives.make_all([(tmp_path / "outside/NTUSER.DAT", OFF), (tmp_path / "NTUSER.DAT", OFF)])
    root = volume(tmp_path / "volume", [(ANN, path), (BOB, r"C:\Users\bob")], [HIVE, "NTUSER.DAT"])
    before = hives.snapshot(tmp_path)
    done = ask("apply", root)
    assert (the(done)["outcome"], done.code) in (("failed", 2), ("skipped", 0))
    assert hives.snapshot(tmp_path) == before


def test_a_profile_on_another_drive_fails_as_unsupported(tmp_path):
    root = volume(tmp_path, [(ANN, r"D:\Users\ann")], [])
    done = ask("check", root)
    assert (the(done)["outcome"], the(done)["error"]["kind"], done.code) == ("failed", "unsupported", 2)


def test_an_entry_without_a_path_fails_or_is_skipped_and_the_others_converge(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann"), (BOB, None)], [HIVE])
    done = ask("apply", root)
    assert the(done)["outcome"] == "changed"
    assert the(done, BOB)["outcome"] in ("failed", "skipped")


@pytest.mark.linux
@pytest.mark.parametrize("link", ["Users", "Users/ann", HIVE])
def test_a_link_on_the_way_is_not_followed(tmp_path, link):
    root = volume(tmp_path / "volume", [(ANN, r"C:\Users\ann")], [HIVE])
    (root / link).rename(tmp_path / "outside")
    (root / link).symlink_to(tmp_path / "outside")
    before = hives.contents(tmp_path)
    done = ask("apply", root)
    assert (the(done)["outcome"], the(done)["error"]["kind"], done.code) == ("failed", "unsupported", 2)
    assert hives.contents(tmp_path) == before


@pytest.mark.linux
def test_a_link_within_the_volume_is_not_followed_either(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\link")], [HIVE])
    (root / "Users/link").symlink_to("ann")
    before = hives.contents(root)
    assert ask("apply", root).kinds == ["unsupported"]
    assert hives.contents(root) == before


# A profile whose folder or hive is gone has nothing to converge.
GONE = [("its folder is gone", []), ("its folder is empty", ["Users/ann/Desktop/x"]), ("Users is gone", None)]


@pytest.mark.parametrize("places", [g[1] for g in GONE], ids=[g[0] for g in GONE])
@pytest.mark.parametrize("verb", VERBS)
def test_a_profile_that_is_gone_is_skipped(tmp_path, verb, places):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann"), (BOB, r"C:\People\bob")],
                  ["People/bob/NTUSER.DAT", *(places or [])])
    if places is not None:
        (root / "Users").mkdir(exist_ok=True)
    done = ask(verb, root)
    assert (the(done)["outcome"], the(done)["error"]["kind"]) == ("skipped", "not_found")
    assert (done.code, done.result["failed"], done.result["counts"]["skipped"]) == (verb == "check", False, 1)


@pytest.mark.parametrize("selector", [ANN, "ann"])
def test_a_profile_that_is_gone_fails_when_it_is_named(tmp_path, selector):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [])
    done = ask("apply", root, users=[selector])
    assert (the(done)["outcome"], the(done)["error"]["kind"], done.code) == ("failed", "not_found", 2)


@pytest.mark.parametrize("selector", ["all", "a*", "S-1-5-21-*"])
def test_a_profile_that_is_gone_is_skipped_when_it_is_not_named(tmp_path, selector):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [])
    done = ask("apply", root, users=[selector])
    assert (the(done)["outcome"], done.code) == ("skipped", 0)


def test_a_profile_that_is_gone_fails_when_restore_names_it(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [])
    done = call("apply", {"root": str(root), "restore": [{"id": ANN, "value": None}]})
    assert (the(done)["outcome"], the(done)["error"]["kind"], done.code) == ("failed", "not_found", 2)


def test_a_profile_that_is_gone_can_be_excluded(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [])
    assert ask("apply", root, exclude=[ANN]).result["profiles"] == []


# Windows sets a profile aside as SID.bak when it cannot load it, and lets the person work in a temporary one.
def test_a_profile_that_was_set_aside_is_the_persons(tmp_path):
    root = volume(tmp_path, [(f"{ANN}.bak", r"C:\Users\ann"), (ANN, r"C:\Users\TEMP")],
                  [HIVE, "Users/TEMP/NTUSER.DAT"])
    done = ask("apply", root)
    assert [(p["id"], p["hive"], p["outcome"]) for p in done.result["profiles"]] == [
        (ANN, str(root / HIVE), "changed")]


def test_the_temporary_profile_is_not_touched_and_there_is_a_warning(tmp_path):
    root = volume(tmp_path, [(f"{ANN}.bak", r"C:\Users\ann"), (ANN, r"C:\Users\TEMP")],
                  [HIVE, "Users/TEMP/NTUSER.DAT"])
    before = hives.snapshot(root / "Users/TEMP")
    done = ask("apply", root)
    assert hives.snapshot(root / "Users/TEMP") == before
    assert any("TEMP" in text for text in done.result["warnings"])


def test_what_was_set_aside_for_a_lasting_profile_is_left_out(tmp_path):
    root = volume(tmp_path, [(f"{ANN}.bak", r"C:\Users\old"), (ANN, r"C:\Users\ann")], [HIVE, "Users/old/NTUSER.DAT"])
    before = hives.snapshot(root / "Users/old")
    done = ask("apply", root)
    assert [(p["id"], p["hive"], p["outcome"]) for p in done.result["profiles"]] == [
        (ANN, str(root / HIVE), "changed")]
    assert hives.snapshot(root / "Users/old") == before
    assert any("set aside" in text and "old" in text for text in done.result["warnings"])


def test_a_profile_that_is_only_set_aside_is_the_persons(tmp_path):
    root = volume(tmp_path, [(f"{ANN}.bak", r"C:\Users\ann")], [HIVE])
    assert the(ask("apply", root))["outcome"] == "changed"


def test_entries_of_profile_list_that_are_no_sid_are_none(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann"), ("ann", r"C:\Users\ann"), ("S-1-5", r"C:\Users\ann"),
                             (f"{ANN}.tmp", r"C:\Users\ann")], [HIVE])
    assert [p["id"] for p in ask("get", root, users=["all", "*"]).result["profiles"]] == [ANN]


# The Default profile.
DEFAULT = "Users/Default/NTUSER.DAT"
DEFAULTS = [
    ("where the SOFTWARE hive says", {}, DEFAULT),
    ("where it says, in another folder", {"default": r"%SystemDrive%\Base\New"}, "Base/New/NTUSER.DAT"),
    ("beside the others, where it says nothing", {"default": None}, DEFAULT),
]


@pytest.mark.parametrize(("options", "place"), [d[1:] for d in DEFAULTS], ids=[d[0] for d in DEFAULTS])
def test_the_default_profile_is_found(tmp_path, options, place):
    root = volume(tmp_path, [], [place], **options)
    done = ask("apply", root, users=["default"])
    assert (the(done, "default")["outcome"], the(done, "default")["hive"]) == ("changed", str(root / place))


def test_the_default_profile_has_no_sid(tmp_path):
    root = volume(tmp_path, [], [DEFAULT])
    assert the(ask("get", root, users=["default"]), "default")["sid"] is None


def test_the_default_profile_is_untouched_when_it_is_not_asked_for(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE, DEFAULT])
    before = hives.snapshot(root / DEFAULT)
    ask("apply", root)
    assert hives.snapshot(root / DEFAULT) == before


@pytest.mark.parametrize("places", [[], ["Users/Default/x"]], ids=["no folder", "no hive"])
def test_a_missing_default_profile_fails_when_it_is_asked_for(tmp_path, places):
    done = ask("apply", volume(tmp_path, [], places), users=["default"])
    assert (the(done, "default")["outcome"], the(done, "default")["error"]["kind"], done.code) == (
        "failed", "not_found", 2)


def test_a_missing_default_profile_is_nothing_when_it_is_not_asked_for(tmp_path):
    done = ask("apply", volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE]))
    assert ([p["id"] for p in done.result["profiles"]], done.code) == ([ANN], 0)


# Folders that ProfileList does not know.
def test_a_folder_without_an_entry_is_a_warning_and_not_touched(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE, "Users/zed/NTUSER.DAT"])
    before = hives.snapshot(root / "Users/zed")
    done = ask("apply", root)
    assert [p["id"] for p in done.result["profiles"]] == [ANN]
    assert (len(done.result["warnings"]), "zed" in done.result["warnings"][0], done.code) == (1, True, 0)
    assert hives.snapshot(root / "Users/zed") == before


def test_folders_that_are_no_profiles_are_no_warnings(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE, DEFAULT])
    (root / "Users/Public").mkdir()
    (root / "Users/desktop.ini").write_text("x")
    assert ask("apply", root).result["warnings"] == []


@pytest.mark.linux
def test_a_folder_without_an_entry_whose_name_is_no_utf8_is_a_warning(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE, "Users/zed/NTUSER.DAT"])
    os.rename(root / "Users/zed", os.fsencode(root / "Users") + b"/z\xffd")
    done = ask("apply", root)
    assert (len(done.result["warnings"]), done.code) == (1, 0)


def add_ambiguous(folder):
    """Two hives that differ only in case: which of them is the profile's, nobody knows."""
    hives.make_all([(folder / "Ntuser.dat", OFF), (folder / "ntuser.dat", OFF)])


@pytest.mark.linux
@pytest.mark.parametrize(("name", "told"),
                         [(b"z\xffd", "'z%FFd'"), (b"z\xc3", "'z%C3'"), (b"\xed\xa0\x80", "'%ED%A0%80'")],
                         ids=["a byte", "half a letter", "a surrogate"])
def test_a_folder_that_fails_and_whose_name_is_no_utf8_is_a_warning(tmp_path, name, told):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    add_ambiguous(root / "Users/zed")
    os.rename(root / "Users/zed", os.fsencode(root / "Users") + b"/" + name)
    done = ask("apply", root)
    assert ([told in text for text in done.result["warnings"]], done.code) == ([True], 0)
    assert done.result["undo"]["restore"][0]["id"] == ANN


def test_a_folder_called_as_that_of_an_entry_elsewhere_is_a_warning(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Old\ann")], [HIVE])
    done = ask("apply", root)
    assert the(done)["outcome"] == "skipped"
    assert [spelled(HIVE) in spelled(text) for text in done.result["warnings"]] == [True]


@pytest.mark.linux
@pytest.mark.parametrize("path", [r"C:\Users\ann", r"c:\USERS\Ann", "C:/Users//ann/", r"\\?\C:\Users\ann"])
def test_an_entry_that_fails_is_told_once(tmp_path, path):
    """As its profile's error, and not again for its folder."""
    root = volume(tmp_path, [(ANN, path)], [])
    add_ambiguous(root / "Users/ann")
    done = ask("apply", root)
    assert (the(done)["outcome"], done.result["warnings"]) == ("failed", [])


@pytest.mark.parametrize(("aside", "used"), [("ann", "TEMP"), ("old", "ann")])
def test_a_profile_that_is_left_out_is_told_once(tmp_path, aside, used):
    root = volume(tmp_path, [(f"{ANN}.bak", rf"C:\Users\{aside}"), (ANN, rf"C:\Users\{used}")],
                  [f"Users/{name}/NTUSER.DAT" for name in (aside, used)])
    assert len(ask("apply", root).result["warnings"]) == 1


# Folders that Windows has on another drive are nobody's fault; what fails on this one is told.
ELSEWHERE = [
    ("profiles on another drive", {"ProfilesDirectory": r"D:\Users"}, 0),
    ("the same with a prefix", {"ProfilesDirectory": r"\\?\D:\Users"}, 0),
    ("data on another drive", {"ProgramData": r"D:\ProgramData"}, 0),
    ("profiles relative to this drive", {"ProfilesDirectory": r"C:Users"}, 1),
    ("profiles below an unknown variable", {"ProfilesDirectory": r"%FOO%\Users"}, 1),
    ("data that leads out", {"ProgramData": r"C:\Users\..\.."}, 1),
    ("neither is there", {"ProfilesDirectory": r"C:\People", "ProgramData": r"C:\Data"}, 0),
]


@pytest.mark.parametrize(("folders", "warnings"), [e[1:] for e in ELSEWHERE], ids=[e[0] for e in ELSEWHERE])
def test_folders_of_windows_that_are_not_on_this_volume(tmp_path, folders, warnings):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE], folders=folders)
    done = ask("apply", root)
    assert (the(done)["outcome"], len(done.result["warnings"]), done.code) == ("changed", warnings, 0)


@pytest.mark.linux
@pytest.mark.parametrize("link", ["Users", "ProgramData"])
def test_folders_of_windows_that_are_links_are_a_warning(tmp_path, link):
    root = volume(tmp_path, [(ANN, r"C:\People\ann")], ["People/ann/NTUSER.DAT"])
    (root / "away").mkdir()
    (root / link).symlink_to("away")
    assert [link in text for text in ask("apply", root).result["warnings"]] == [True]


def test_ntuser_man_goes_before_ntuser_dat_with_a_warning(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE, "Users/ann/NTUSER.MAN"])
    done = ask("apply", root)
    assert (the(done)["hive"], len(done.result["warnings"])) == (str(root / "Users/ann/NTUSER.MAN"), 1)


# A hibernated Windows goes on from what it had open.
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("signature", [b"hibr", b"HIBR"])
@pytest.mark.parametrize("name", ["hiberfil.sys", "HIBERFIL.SYS"])
def test_a_hibernated_windows_is_refused(tmp_path, name, signature, verb):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    (root / name).write_bytes(signature + bytes(4092))
    before = hives.snapshot(root)
    done = ask(verb, root)
    assert (done.code, done.result["error"]["kind"], done.result["error"]["field"]) == (2, "in_use", "root")
    assert hives.snapshot(root) == before


@pytest.mark.parametrize("content", [b"wake" + bytes(4092), b"WAKE" + bytes(4092), bytes(4096), b"", b"hib"],
                         ids=["wake", "WAKE", "zeros", "empty", "cut short"])
def test_a_hibernation_file_that_is_not_live_is_fine(tmp_path, content):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    (root / "hiberfil.sys").write_bytes(content)
    assert (ask("apply", root).code, the(ask("get", root))["state"]) == (0, "enabled")


# The volume's own SOFTWARE hive.
def refused(done):
    return done.code, done.result["error"]["kind"], done.result["error"].get("field"), done.result["profiles"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_that_is_no_windows_is_refused(tmp_path, verb):
    hives.make(tmp_path / HIVE, OFF)
    assert refused(ask(verb, tmp_path)) == (2, "not_found", "root", [])


def test_a_windows_without_a_software_hive_is_refused(tmp_path):
    hives.make(tmp_path / HIVE, OFF)
    (tmp_path / SOFTWARE).parent.mkdir(parents=True)
    assert refused(ask("apply", tmp_path)) == (2, "not_found", "root", [])


def test_a_software_hive_without_a_profile_list_is_refused(tmp_path):
    hives.make(tmp_path / SOFTWARE, {"root": {"name": "ROOT", "keys": [{"name": "Microsoft"}]}})
    assert refused(ask("get", tmp_path)) == (2, "not_found", "root", [])


@pytest.mark.parametrize("content", [b"", b"regf", b"no hive at all" * 400, bytes(8192)],
                         ids=["empty", "four bytes", "text", "zeros"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_corrupt_software_hive_is_refused(tmp_path, content, verb):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    (root / SOFTWARE).write_bytes(content)
    before = hives.snapshot(root)
    assert refused(ask(verb, root)) == (2, "corrupt", "root", [])
    assert hives.snapshot(root) == before


def test_a_dirty_software_hive_without_logs_is_refused(tmp_path):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE], dirty=True)
    assert refused(ask("apply", root)) == (2, "dirty", "root", [])


@pytest.mark.parametrize("log", [{"format": "hvle"}, {"format": "hvle", "files": 2, "entries": 3},
                                 {"format": "dirt"}], ids=["HvLE", "HvLE in two files", "DIRT"])
def test_a_dirty_software_hive_is_read_with_its_logs(tmp_path, log):
    later = hives.software([(ANN, r"C:\Users\ann"), (BOB, r"C:\Users\bob")])["root"]
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE, "Users/bob/NTUSER.DAT"],
                  log={**log, "root": later})
    before = hives.snapshot(root / "Windows")
    done = ask("apply", root)
    assert [(p["id"], p["outcome"]) for p in done.result["profiles"]] == [(ANN, "changed"), (BOB, "changed")]
    assert hives.snapshot(root / "Windows") == before


@pytest.mark.parametrize("verb", VERBS)
def test_the_software_hive_is_never_written(tmp_path, verb):
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE])
    before = hives.snapshot(root / "Windows")
    ask(verb, root)
    assert hives.snapshot(root / "Windows") == before


# The policy.
def machine(top, *policy, exclude=(), people=("ann", "bob"), spec=OFF):
    return hives.volume(top, dict.fromkeys(people, spec), policy=list(policy), exclude=exclude, default=spec)


def state(text):
    return value("REG_SZ", text, "State")


@pytest.mark.parametrize(("declared", "after"), [("enabled", 0), ("disabled", 1), ("absent", None),
                                                 ("allowed", 0)])
def test_policy_declares_the_state(tmp_path, declared, after):
    root = machine(tmp_path, state(declared), spec=hives.user(dword(2)))
    done = call("apply", {"state": "policy", "root": str(root)})
    assert (done.result["state"], done.code) == (declared, 0)
    assert the(done)["after"] == (None if after is None else {"type": "REG_DWORD", "data": after})


@pytest.mark.parametrize(("verb", "code"), [("check", 1), ("apply", 0)])
def test_policy_is_for_check_and_apply(tmp_path, verb, code):
    done = call(verb, {"state": "policy", "root": str(machine(tmp_path, state("enabled")))})
    assert (done.code, done.result["counts"]["changed"]) == (code, 2)


DEFAULT_PROFILE = [
    ("1 adds it", [dword(1, "DefaultProfile")], True),
    ("0 does not", [dword(0, "DefaultProfile")], False),
    ("2 does not", [dword(2, "DefaultProfile")], False),
    ("a text does not", [value("REG_SZ", "1", "DefaultProfile")], False),
    ("nothing does not", [], False),
]


@pytest.mark.parametrize(("values", "added"), [d[1:] for d in DEFAULT_PROFILE],
                         ids=[d[0] for d in DEFAULT_PROFILE])
def test_policy_adds_the_default_profile(tmp_path, values, added):
    done = call("check", {"state": "policy", "root": str(machine(tmp_path, state("enabled"), *values))})
    assert ("default" in [p["id"] for p in done.result["profiles"]]) == added


def test_policy_adds_the_default_profile_to_the_users_of_the_request(tmp_path):
    root = machine(tmp_path, state("enabled"), dword(1, "DefaultProfile"))
    done = call("check", {"state": "policy", "root": str(root), "users": ["ann"]})
    assert [p["id"] for p in done.result["profiles"]] == [ANN, "default"]


EXCLUDES = [("by SID", [ANN]), ("by name", ["ANN"]), ("by wildcards", ["a*"]), ("several", ["ann", "zed*"])]


@pytest.mark.parametrize("exclude", [e[1] for e in EXCLUDES], ids=[e[0] for e in EXCLUDES])
def test_policy_excludes(tmp_path, exclude):
    root = machine(tmp_path, state("enabled"), exclude=exclude)
    done = call("apply", {"state": "policy", "root": str(root)})
    assert ([p["id"] for p in done.result["profiles"]], done.code) == ([BOB], 0)


def test_policy_adds_to_the_exclude_of_the_request(tmp_path):
    root = machine(tmp_path, state("enabled"), exclude=[ANN], people=("ann", "bob", "cai"))
    done = call("check", {"state": "policy", "root": str(root), "exclude": ["bob"]})
    assert [p["id"] for p in done.result["profiles"]] == [sid("cai")]


def test_policy_exclude_that_means_nobody_is_a_warning(tmp_path):
    root = machine(tmp_path, state("enabled"), exclude=["zed"])
    done = call("check", {"state": "policy", "root": str(root)})
    assert (len(done.result["warnings"]), done.code) == (1, 1)


@pytest.mark.parametrize("verb", ["check", "apply"])
@pytest.mark.parametrize("values", [None, [], [dword(1, "DefaultProfile")]],
                         ids=["no key", "an empty key", "no State"])
def test_no_policy_is_nothing_to_do(tmp_path, values, verb):
    root = hives.volume(tmp_path, {"ann": OFF}, policy=values, default=OFF)
    before = hives.snapshot(root)
    done = call(verb, {"state": "policy", "root": str(root)})
    assert (done.code, done.result["changed"], done.result["failed"]) == (0, False, False)
    assert (done.result["state"], len(done.result["warnings"])) == (None, 1)
    assert hives.snapshot(root) == before


BAD_STATES = [("an unknown word", state("on")), ("capitals", state("Enabled")), ("an empty text", state("")),
              ("policy itself", state("policy")), ("other", state("other")), ("a number", dword(0, "State")),
              ("binary", value("REG_BINARY", hex="00", name="State"))]


@pytest.mark.parametrize("verb", ["check", "apply"])
@pytest.mark.parametrize("bad", [b[1] for b in BAD_STATES], ids=[b[0] for b in BAD_STATES])
def test_a_policy_that_says_something_else_is_refused(tmp_path, bad, verb):
    root = machine(tmp_path, bad)
    before = hives.snapshot(root)
    done = call(verb, {"state": "policy", "root": str(root)})
    assert (done.code, done.result["error"]["kind"]) == (2, "invalid")
    assert hives.snapshot(root) == before


def test_get_ignores_the_policy_even_a_bad_one(tmp_path):
    root = machine(tmp_path, state("on"), exclude=["ann"])
    done = call("get", {"state": "policy", "root": str(root)})
    assert ([p["id"] for p in done.result["profiles"]], done.result["state"]) == ([ANN, BOB], None)


def test_a_given_state_goes_before_the_policy(tmp_path):
    root = machine(tmp_path, state("absent"), exclude=["ann"])
    done = call("apply", {"state": "enabled", "root": str(root)})
    assert (done.result["state"], done.result["counts"]["changed"]) == ("enabled", 2)


@pytest.mark.parametrize("target", ["store", "hives"])
def test_policy_is_unsupported_elsewhere(tmp_path, target):
    path = hives.make(tmp_path / "ann/NTUSER.DAT", OFF)
    where = {"store": str(tmp_path)} if target == "store" else {"hives": [str(path)]}
    done = call("apply", {"state": "policy", **where})
    assert (done.code, done.result["error"]["kind"]) == (2, "unsupported")


def test_policy_of_a_dirty_software_hive_is_that_of_its_logs(tmp_path):
    later = hives.software([(ANN, r"C:\Users\ann")], policy=[state("absent")])["root"]
    root = volume(tmp_path, [(ANN, r"C:\Users\ann")], [HIVE], policy=[state("enabled")], log={"root": later})
    assert call("check", {"state": "policy", "root": str(root)}).result["state"] == "absent"
