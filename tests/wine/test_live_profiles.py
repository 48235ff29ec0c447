# SPDX-License-Identifier: MIT
"""Whose profiles there are on a running Windows, and who is meant by what."""

import shutil

import pytest
from support import wine
from support.tool import call, run
from support.wine import ABSENT, EXCHANGE, NAME, OFF, ON, PROFILE_LIST

ENTRA = "S-1-12-1-3441312547-1137383217-2157372550-3222152301"
SYSTEM, LOCAL, NETWORK = "S-1-5-18", "S-1-5-19", "S-1-5-20"
SERVICE = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
POOL = "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"
SERVICES = {
    SYSTEM: r"%systemroot%\system32\config\systemprofile",
    LOCAL: r"%systemroot%\ServiceProfiles\LocalService",
    NETWORK: r"%systemroot%\ServiceProfiles\NetworkService",
    SERVICE: r"%SystemDrive%\users\MSSQLSERVER",
    POOL: r"%SystemDrive%\users\DefaultAppPool",
}


def ids(done):
    return [p["id"] for p in done.result["profiles"]]


def get(users=None, exclude=None):
    return call("get", {"users": users, "exclude": exclude})


# Who is meant.

class Town:
    """Seven people of whom four are logged on, service accounts, and a Default profile."""

    def __init__(self, machine):
        self.own = machine.own
        self.ann = machine.loaded("ann", OFF)
        self.bob = machine.unloaded("bob", ON)
        self.cai = machine.loaded("cai", ON)
        self.dora = machine.loaded("dora", OFF, sid=ENTRA)
        self.nguyen = machine.loaded("Nguyễn Thị Ánh", ON)
        self.smile = machine.unloaded("😀 Zoë", OFF)
        self.all = sorted([self.own, self.ann, self.bob, self.cai, self.dora, self.nguyen, self.smile])
        self.loaded = sorted([self.own, self.ann, self.cai, self.dora, self.nguyen])
        machine.default(OFF)
        for sid, path in SERVICES.items():
            machine.entry(sid, path)
        machine.load(SYSTEM, OFF)
        machine.load(SERVICE, OFF)
        self.system = SYSTEM
        self.account = machine.account
        self.domain = machine.account.split("\\")[0]
        self.own_name = machine.account.split("\\")[1]
        self.machine = machine


@pytest.fixture(scope="module")
def town(module_machine):
    return Town(module_machine)


MEANS = [
    ("nothing given is all", None, lambda t: t.all),
    ("all", ["all"], lambda t: t.all),
    ("all in capitals", ["ALL"], lambda t: t.all),
    ("loaded", ["loaded"], lambda t: t.loaded),
    ("loaded in another case", ["Loaded"], lambda t: t.loaded),
    ("current", ["current"], lambda t: [t.own]),
    ("current in capitals", ["CURRENT"], lambda t: [t.own]),
    ("default", ["default"], lambda t: ["default"]),
    ("all and default", ["all", "default"], lambda t: [*t.all, "default"]),
    ("a SID of one who is logged on", [f"{wine.DOMAIN}-1001"], lambda t: [t.ann]),
    ("a SID of one who is not", [f"{wine.DOMAIN}-1002"], lambda t: [t.bob]),
    ("a SID in lower case", [f"{wine.DOMAIN}-1001".lower()], lambda t: [t.ann]),
    ("an Entra SID", [ENTRA], lambda t: [t.dora]),
    ("a folder's name", ["bob"], lambda t: [t.bob]),
    ("a folder's name in another case", ["BOB"], lambda t: [t.bob]),
    ("a Vietnamese folder's name", ["Nguyễn Thị Ánh"], lambda t: [t.nguyen]),
    ("a Vietnamese folder's name in capitals", ["NGUYỄN THỊ ÁNH"], lambda t: [t.nguyen]),
    ("a folder's name with an emoji", ["😀 Zoë"], lambda t: [t.smile]),
    ("a folder's name with an emoji, in capitals", ["😀 ZOË"], lambda t: [t.smile]),
    ("wildcards, Vietnamese", ["nguyễn*"], lambda t: [t.nguyen]),
    ("a question mark is one Vietnamese letter", ["Nguy?n Th? ?nh"], lambda t: [t.nguyen]),
    ("wildcards behind an emoji", ["😀*"], lambda t: [t.smile]),
    ("a star is everybody", ["*"], lambda t: t.all),
    ("a star in a SID", [f"{wine.DOMAIN}-*"],
     lambda t: sorted([t.ann, t.bob, t.cai, t.nguyen, t.smile])),
    ("question marks", ["???"], lambda t: sorted([t.ann, t.bob, t.cai])),
    ("wildcards that match nobody", ["z*z"], lambda t: []),
    ("a star never reaches a service account", ["MSSQL*"], lambda t: []),
    ("a star never reaches the Default profile", ["Def*"], lambda t: []),
    ("a service account by its SID", [SYSTEM], lambda t: [SYSTEM]),
    ("a service account by its folder", ["MSSQLSERVER"], lambda t: [SERVICE]),
    ("several ways to one", ["ann", f"{wine.DOMAIN}-1001", "a?n"], lambda t: [t.ann]),
    ("several", ["cai", "bob", "default"], lambda t: sorted([t.bob, t.cai]) + ["default"]),
]


@pytest.mark.parametrize(("users", "meant"), [m[1:] for m in MEANS], ids=[m[0] for m in MEANS])
def test_users_means(town, users, meant):
    done = get(users)
    assert (ids(done), done.code) == (meant(town), 0)


LEAVES = [
    ("a SID", None, [ENTRA], lambda t: [p for p in t.all if p != t.dora]),
    ("current", None, ["current"], lambda t: [p for p in t.all if p != t.own]),
    ("loaded", None, ["loaded"], lambda t: sorted([t.bob, t.smile])),
    ("a Vietnamese name", ["loaded"], ["NGUYỄN THỊ ÁNH"], lambda t: [p for p in t.loaded if p != t.nguyen]),
    ("wildcards", ["all", "default"], [f"{wine.DOMAIN}-*"], lambda t: sorted([t.own, t.dora]) + ["default"]),
    ("default", ["bob", "default"], ["default"], lambda t: [t.bob]),
    ("all", ["all", "default"], ["all"], lambda t: ["default"]),
]


@pytest.mark.parametrize(("users", "exclude", "meant"), [m[1:] for m in LEAVES], ids=[m[0] for m in LEAVES])
def test_exclude_leaves_out(town, users, exclude, meant):
    done = get(users, exclude)
    assert (ids(done), done.code) == (meant(town), 0)


@pytest.mark.parametrize("selector", ["anm", f"{wine.DOMAIN}-9999", "an", "NTUSER.DAT", r"C:\users\ann", "users",
                                      r"NOSUCHDOMAIN\ann", "Nguyễn", "S-1-5-32-544", ".DEFAULT",
                                      f"{wine.DOMAIN}-1001_Classes"])
def test_a_selector_that_means_nobody_is_a_failed_entry(town, selector):
    done = get([selector, "ann"])
    entry = next(p for p in done.result["profiles"] if p["id"] == selector)
    assert sorted(ids(done)) == sorted([selector, town.ann])
    assert (entry["outcome"], entry["error"]["kind"], done.code) == ("failed", "not_found", 2)


def test_an_account_as_windows_says_it(town):
    assert ids(get([town.account])) == [town.own]


def test_an_account_in_another_case(town):
    """Of the domain at least: Wine itself takes the case of a user's name for a part of it."""
    assert ids(get([f"{town.domain.swapcase()}\\{town.own_name}"])) == [town.own]


def test_an_account_that_was_asked_for_is_shown(town):
    assert get([town.account]).profile(town.own)["account"].lower() == town.account.lower()


def test_wildcards_in_an_account(town):
    assert ids(get([f"{town.domain}\\{town.own_name[0]}*"])) == [town.own]


def test_exclude_by_account(town):
    assert ids(get(["loaded"], [town.account])) == [p for p in town.loaded if p != town.own]


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "😀 Zoë", "😀*"])
def test_wide_arguments(town, name):
    done = run("get", f"users={name}")
    assert (len(ids(done)), done.code, done.err) == (1, 0, b"")


def test_where_profiles_are(town):
    done = get()
    for who, folder, source in ((town.ann, "ann", "live"), (town.bob, "bob", "file"),
                                (town.nguyen, "Nguyễn Thị Ánh", "live"), (town.smile, "😀 Zoë", "file")):
        profile = done.profile(who)
        assert (profile["sid"], profile["path"].lower(), profile["hive"].lower(), profile["source"]) == (
            who, rf"c:\users\{folder}".lower(), rf"c:\users\{folder}\NTUSER.DAT".lower(), source)
        assert "%" not in profile["path"]


def test_the_default_profile_is_a_file(town):
    profile = get(["default"]).profile("default")
    assert (profile["sid"], profile["path"].lower(), profile["source"], profile["state"]) == (
        None, r"c:\users\default", "file", "disabled")


def test_states_of_all(town):
    assert {p["id"]: p["state"] for p in get(["all", "default"]).result["profiles"]} == {
        town.own: "absent", town.ann: "disabled", town.bob: "enabled", town.cai: "enabled", town.dora: "disabled",
        town.nguyen: "enabled", town.smile: "disabled", "default": "disabled"}


def test_a_table_in_a_pipe_is_utf8(town):
    done = run("get", "-o", "table")
    table = done.out.decode("utf-8")
    assert done.code == 0 and done.err == b""
    assert not done.out.startswith(b"\xef\xbb\xbf") and "\0" not in table
    assert any("Nguyễn Thị Ánh" in line or town.nguyen in line for line in table.splitlines())
    # Whatever the table shows of a path is shown as it is.
    assert "?" not in table and "\N{REPLACEMENT CHARACTER}" not in table


def test_json_in_a_pipe_is_the_default(town):
    assert run("get").out == run("get", "-o", "json").out


# ProfileList as it is after years.

def test_a_person_whose_profile_was_set_aside(machine):
    who = machine.name("ann")
    machine.entry(f"{who}.bak", r"%SystemDrive%\users\ann")
    wine.hives.make(machine.hive("ann"), wine.user(OFF))
    done = get()
    assert ids(done) == sorted([machine.own, who])
    assert (done.profile(who)["state"], done.profile(who)["sid"]) == ("disabled", who)
    assert done.profile(who)["path"].lower() == r"c:\users\ann"


@pytest.fixture
def temporary(machine):
    """ann is logged on with a temporary profile, since Windows could not load her own."""
    who = machine.name("ann")
    machine.entry(f"{who}.bak", r"%SystemDrive%\users\ann", State=0x8000)
    machine.entry(who, r"%SystemDrive%\users\TEMP", State=0x800)
    machine.load(who, OFF, classes=True)
    machine.folder("TEMP").mkdir()
    wine.hives.make(machine.hive("ann"), wine.user(ON))
    return who


def test_a_temporary_profile_is_left_out_with_a_warning(machine, temporary):
    done = get()
    assert ids(done) == sorted([machine.own, temporary])
    assert any("emporary" in warning for warning in done.result["warnings"]), done.result["warnings"]


def test_in_place_of_a_temporary_profile_the_persons_own_is_observed(machine, temporary):
    profile = get([temporary]).profile(temporary)
    assert (profile["path"].lower(), profile["source"], profile["state"]) == (r"c:\users\ann", "file", "enabled")


def test_a_temporary_profile_is_not_changed(machine, temporary):
    call("apply", {"state": "enabled"})
    assert machine.of("ann") == OFF.raw


def test_a_set_aside_profile_that_cannot_be_mounted_is_not_changed_in_the_temporary_one(machine, temporary):
    """Wine mounts no hive in Windows' format; what is loaded under the SID is the temporary profile's."""
    machine.put(temporary, ON)
    wine.hives.make(machine.hive("ann"), wine.user(OFF))
    done = call("apply", {"state": "absent", "users": [temporary]})
    assert (done.code, done.result["changed"]) == (2, False)
    assert machine.of("ann") == ON.raw


@pytest.mark.parametrize("folder", [r"%SystemDrive%\users\ann", r"%SystemDrive%\users\gone"])
def test_what_was_set_aside_long_ago_hides_nobody(machine, folder):
    """The person has a sound profile of another folder, and is logged on with it."""
    who = machine.name("ann")
    machine.entry(f"{who}.bak", folder)
    machine.entry(who, r"%SystemDrive%\users\ann.CONTOSO", State=0)
    machine.load(who, OFF, classes=True)
    wine.hives.make(machine.hive("ann"), wine.user(ON))
    done = call("check", {"state": "enabled", "users": [who]})
    profile = done.profile(who)
    assert (done.code, profile["path"].lower(), profile["source"], profile["state"]) == (
        1, r"c:\users\ann.contoso", "live", "disabled")
    assert any("set aside" in warning for warning in done.result["warnings"])


@pytest.mark.parametrize("first", ["1001", "9001"])
def test_of_two_with_one_folder_it_is_theirs_who_has_it_loaded(machine, first):
    """Whichever is listed first."""
    who = machine.loaded("ann", OFF, sid=f"S-1-5-21-1-2-3-{first}")
    machine.entry("S-1-5-21-1-2-3-5000", r"%SystemDrive%\USERS\Ann")
    done = get([who, "S-1-5-21-1-2-3-*"])
    assert done.profile(who)["state"] == "disabled"
    assert done.profile("S-1-5-21-1-2-3-5000")["outcome"] == "skipped"


def test_both_entries_with_the_same_folder_are_one_profile(machine):
    who = machine.unloaded("ann", OFF)
    machine.entry(f"{who}.bak", r"%SystemDrive%\users\ann")
    done = get()
    assert ids(done).count(who) == 1
    assert done.profile(who)["state"] == "disabled"


def test_a_bak_in_capitals(machine):
    who = machine.name("ann")
    machine.entry(f"{who}.BAK", r"%SystemDrive%\users\ann")
    wine.hives.make(machine.hive("ann"), wine.user(OFF))
    assert get([who]).profile(who)["state"] == "disabled"


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_an_entry_whose_folder_is_gone_is_skipped(machine, verb):
    who = machine.name("gone")
    machine.entry(who, r"%SystemDrive%\users\gone")
    done = call(verb, {"state": "absent"})
    profile = done.profile(who)
    assert (profile["outcome"], profile["error"]["kind"], done.code, done.result["counts"]["skipped"]) == (
        "skipped", "not_found", 0, 1)


@pytest.mark.parametrize("named", [f"{wine.DOMAIN}-1001", "gone"])
def test_named_on_its_own_it_is_a_failure(machine, named):
    machine.entry(machine.name("gone"), r"%SystemDrive%\users\gone")
    done = get([named])
    assert (done.code, done.kinds) == (2, ["not_found"])


def test_a_folder_without_a_hive_is_skipped(machine):
    who = machine.name("empty")
    machine.entry(who, r"%SystemDrive%\users\empty")
    machine.folder("empty").mkdir()
    done = get()
    assert (done.profile(who)["outcome"], done.code) == ("skipped", 0)


def test_who_is_logged_on_needs_no_folder(machine):
    who = machine.loaded("ann", OFF)
    shutil.rmtree(machine.folder("ann"))
    assert get([who]).profile(who)["state"] == "disabled"


PATHS = [
    ("none", None), ("empty", ""), ("relative", r"users\odd"), ("a bare name", "odd"),
    ("a variable that is not there", r"%NOSUCHVARIABLE%\odd"), ("a drive that is not there", r"Q:\users\odd"),
    ("a device", r"\\.\PIPE\odd"), ("a name that no file can have", 'C:\\users\\o"d|<d>'),
    ("long", "C:\\users\\" + "o" * 5000), ("deep", "C:\\" + "o\\" * 2000), ("a root", "C:\\"),
    ("upwards", r"C:\users\ann\..\odd"), ("a file", r"C:\windows\win.ini"),
]


@pytest.mark.parametrize("path", [p[1] for p in PATHS], ids=[p[0] for p in PATHS])
def test_no_path_in_an_entry_stops_the_others(machine, path):
    odd, ann = machine.name("odd"), machine.loaded("ann", OFF)
    machine.entry(odd, path)
    done = call("apply", {"state": "enabled"})
    assert machine.of("ann") == ON.raw
    assert done.profile(ann)["outcome"] == "changed"
    assert next(p for p in done.result["profiles"] if p["id"] == odd)["outcome"] in ("skipped", "failed")
    assert done.code in (0, 2)


@pytest.mark.parametrize(("type_", "path"), [(1, r"C:\users\bob"), (2, r"%SystemDrive%\users\bob"),
                                             (2, r"c:\Users\BOB"), (2, "C:\\users\\bob\\"),
                                             (2, r"%systemdrive%\Users\Bob")])
def test_ways_to_spell_a_path(machine, type_, path):
    who = machine.unloaded("bob", OFF)
    machine.entry(who, path, type_)
    assert get([who]).profile(who)["state"] == "disabled"
    assert ids(get(["bob"])) == [who]


def test_a_path_of_another_type_is_as_if_not_there(machine):
    who = machine.unloaded("bob", OFF)
    machine.set(rf"{PROFILE_LIST}\{who}", "ProfileImagePath", (4, b"\1\0\0\0"))
    done = get()
    assert done.code == 0
    assert all(p["outcome"] == "skipped" for p in done.result["profiles"] if p["id"] == who)


@pytest.mark.parametrize("name", ["", "S-1-5-21", "S-1-5-21-x", "S-1-5-21-1-2-3-1001.bak.bak", "{GUID}", "Nguyễn",
                                  "S-1-5-21-1-2-3-1001-", "S-1-5-21-1-2-3-1001_Classes"])
def test_entries_that_are_no_sids_are_nobodys(machine, name):
    ann = machine.loaded("ann", OFF)
    if name:
        machine.entry(name, r"C:\users\nobody")
    done = call("get", {})
    assert (done.code, ids(done)) == (0, sorted([machine.own, ann]))


def test_profiles_on_another_folder_than_users(machine):
    who = machine.name("ann")
    place = machine.drive / "elsewhere" / "Profile of Ann"
    wine.hives.make(place / "NTUSER.DAT", wine.user(OFF))
    machine.entry(who, r"C:\elsewhere\Profile of Ann")
    assert ids(get(["profile of ann"])) == [who]
    assert get([who]).profile(who)["state"] == "disabled"


def test_profiles_come_from_profile_list_not_from_folders(machine):
    wine.hives.make(machine.hive("stray"), wine.user(OFF))
    assert get(["stray"]).kinds == ["not_found"]
    assert ids(get()) == [machine.own]


def test_where_the_default_profile_is_is_read(machine):
    machine.default(path=r"%SystemDrive%\elsewhere\New")
    wine.hives.make(machine.drive / "elsewhere" / "New" / "NTUSER.DAT", wine.user(OFF))
    profile = get(["default"]).profile("default")
    assert (profile["state"], profile["path"].lower()) == ("disabled", r"c:\elsewhere\new")


@pytest.mark.parametrize("named", [False, True])
def test_no_default_profile(machine, named):
    if named:
        machine.default()
    done = get(["default"])
    assert (done.code, done.kinds) == (2, ["not_found"])


def test_who_is_not_meant_is_not_touched(machine):
    for name in ("ann", "bob", "cai"):
        machine.loaded(name, OFF)
    machine.load(SYSTEM, OFF)
    machine.entry(SYSTEM, SERVICES[SYSTEM])
    machine.put(machine.own, OFF)
    call("apply", {"state": "enabled", "users": ["bob"]})
    assert machine.values_of(["ann", "bob", "cai", SYSTEM, machine.own]) == [
        OFF.raw, ON.raw, OFF.raw, OFF.raw, OFF.raw]


def test_all_never_changes_a_service_account(machine):
    machine.loaded("ann", OFF)
    for sid, path in SERVICES.items():
        machine.entry(sid, path)
        machine.load(sid, OFF)
    done = call("apply", {"state": "enabled", "users": ["all", "*", "loaded"]})
    assert not set(ids(done)) & set(SERVICES)
    assert machine.values_of([*SERVICES, "ann"]) == [OFF.raw] * len(SERVICES) + [ON.raw]


def test_a_service_account_that_is_named_is_changed(machine):
    machine.entry(SYSTEM, SERVICES[SYSTEM])
    machine.load(SYSTEM, OFF)
    assert call("apply", {"state": "enabled", "users": [SYSTEM]}).profile(SYSTEM)["outcome"] == "changed"
    assert machine.of(SYSTEM) == ON.raw


def test_with_a_typo_the_others_converge(machine):
    machine.loaded("ann", OFF)
    done = call("apply", {"state": "enabled", "users": ["anm", "ann"]})
    assert (done.code, done.result["changed"], done.result["failed"]) == (2, True, True)
    assert machine.of("ann") == ON.raw


def test_restore_of_nobody_fails_and_the_others_go_on(machine):
    ann = machine.loaded("ann", OFF)
    done = call("apply", {"restore": [{"id": f"{wine.DOMAIN}-9999", "value": None}, {"id": ann, "value": None}]})
    assert (done.code, done.kinds) == (2, ["not_found"])
    assert machine.of("ann") == ABSENT.raw


def test_a_value_that_is_in_the_wrong_place_does_not_count(machine):
    who = machine.loaded("ann")
    machine.set(rf"HKU\{who}\Software\Policies\Microsoft\Exchange", NAME, OFF.raw)
    machine.set(rf"HKU\{who}\{EXCHANGE}\{NAME}", "", OFF.raw)
    assert get([who]).profile(who)["state"] == "absent"
