# SPDX-License-Identifier: MIT
"""From the editor of Group Policy to the hive and back: what the templates make an editor write, Windows apply, and
mapihttp read."""

import pytest
from support import hives, preg
from support.admx_writer import (DISABLED, ENABLED, NOT_CONFIGURED, Misuse, applied, policy_class, records, values)
from support.hives import dword
from support.tool import call
from templates import ADMX, FOLDER

TEMPLATE = FOLDER / ADMX
EXCHANGE, POLICY = r"Software\Microsoft\Exchange", r"Software\Policies\MapiHttp"
CHOICE = {"MapiHttp_Keep_State": "allowed", "MapiHttp_Keep_DefaultProfile": True, "MapiHttp_Keep_Exclude": ()}


def use(setting):
    return records(TEMPLATE, "MapiHttp_Use", setting)


def keep(setting=ENABLED, **elements):
    given = {f"MapiHttp_Keep_{name}": what for name, what in elements.items()}
    return records(TEMPLATE, "MapiHttp_Keep", setting, **({**CHOICE, **given} if setting == ENABLED else given))


# What an editor writes.

WRITTEN = {
    "use enabled": (lambda: use(ENABLED), [(EXCHANGE, "MapiHttpDisabled", 4, b"\0\0\0\0")]),
    "use disabled": (lambda: use(DISABLED), [(EXCHANGE, "MapiHttpDisabled", 4, b"\1\0\0\0")]),
    "use not configured": (lambda: use(NOT_CONFIGURED), []),
    "keep enabled": (lambda: keep(Exclude=["bob", r"CONTOSO\svc-*"]), [
        (POLICY, "State", 1, preg.text("allowed")), (POLICY, "DefaultProfile", 4, b"\1\0\0\0"),
        (POLICY + r"\Exclude", "**delvals.", 1, preg.text(" ")), (POLICY + r"\Exclude", "1", 1, preg.text("bob")),
        (POLICY + r"\Exclude", "2", 1, preg.text(r"CONTOSO\svc-*"))]),
    "keep disabled": (lambda: keep(DISABLED), [
        (POLICY, "**del.State", 1, preg.text(" ")), (POLICY, "**del.DefaultProfile", 1, preg.text(" ")),
        (POLICY + r"\Exclude", "**delvals.", 1, preg.text(" "))]),
    "keep not configured": (lambda: keep(NOT_CONFIGURED), []),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_what_is_written(case):
    write, wanted = WRITTEN[case]
    assert write() == wanted


@pytest.mark.parametrize("wrong", [{"State": "policy"}, {"State": None}, {"State": "Enabled"}, {"Users": "bob"}])
def test_what_cannot_be_chosen(wrong):
    with pytest.raises(Misuse):
        keep(**wrong)


def test_whose_the_policies_are():
    assert [policy_class(TEMPLATE, name) for name in ("MapiHttp_Use", "MapiHttp_Keep")] == ["User", "Machine"]


# The user policy: a person's hive.

def person(tmp_path, *refreshes, before=None):
    """ann's store after refreshes of Group Policy, the last of which her ntuser.pol holds."""
    registry = {} if before is None else applied([(EXCHANGE, "MapiHttpDisabled", 4, before.to_bytes(4, "little"))])
    for now in refreshes:
        registry = applied(now, registry=registry)
    store = hives.store(tmp_path / "store", {"ann": hives.user(*values(registry, EXCHANGE))})
    (store / "ann" / "ntuser.pol").write_bytes(preg.pol(*refreshes[-1]))
    return {"store": str(store)}


# The settings one after the other, what was there before; then: the state, and who manages it.
USE = [
    ([ENABLED], None, "enabled", "group_policy"), ([ENABLED], 1, "enabled", "group_policy"),
    ([DISABLED], None, "disabled", "group_policy"), ([DISABLED], 0, "disabled", "group_policy"),
    ([NOT_CONFIGURED], None, "absent", None), ([NOT_CONFIGURED], 1, "disabled", None),
    ([DISABLED, NOT_CONFIGURED], None, "disabled", None), ([ENABLED, NOT_CONFIGURED], 1, "enabled", None),
    ([DISABLED, ENABLED, NOT_CONFIGURED], None, "enabled", None),
]
COMPLIANT = {"enabled": {"enabled"}, "disabled": {"disabled"}, "absent": {"absent"}, "allowed": {"enabled", "absent"}}


@pytest.mark.parametrize(("settings", "before", "state", "by"), USE)
def test_check_says_what_the_user_policy_left(tmp_path, settings, before, state, by):
    request = person(tmp_path, *map(use, settings), before=before)
    for wanted, fine in COMPLIANT.items():
        done = call("check", {**request, "state": wanted})
        (profile,) = done.result["profiles"]
        assert (done.code, profile["state"], profile["managed_by"]) == (0 if state in fine else 1, state, by)


def test_what_mapihttp_changes_the_user_policy_writes_again(tmp_path):
    request = person(tmp_path, use(DISABLED))
    done = call("apply", {**request, "state": "allowed"})
    assert (done.code, done.result["changed"], done.result["profiles"][0]["managed_by"]) == (0, True, "group_policy")
    left = call("get", request).result["profiles"][0]["before"]["data"]
    (tmp_path / "again").mkdir()
    again = person(tmp_path / "again", use(DISABLED), before=left)
    assert left == 0 and call("check", {**again, "state": "allowed"}).code == 1


# The Computer policy: a volume.

OTHER = hives.value("REG_SZ", "0")
PEOPLE = {"ann": hives.user(dword(1)), "bob": hives.user(), "cai": hives.user(OTHER)}
BEFORE = {"ann": "disabled", "bob": "absent", "cai": "other", "default": "disabled"}
AFTER = {"allowed": {"ann": "enabled", "bob": "absent", "cai": "enabled", "default": "enabled"}}
AFTER |= {state: dict.fromkeys(BEFORE, state) for state in ("enabled", "disabled", "absent")}


@pytest.fixture
def volume(tmp_path):
    def make(registry):
        excluded = [one["data"] for one in values(registry, POLICY + r"\Exclude")]
        return hives.volume(tmp_path / "volume", PEOPLE, policy=values(registry, POLICY), exclude=excluded,
                            default=hives.user(dword(1)))
    return make


def converge(root):
    done = call("apply", {"root": str(root), "state": "policy"})
    assert done.code == 0 and not done.result["failed"]
    return done.result


def observed(root):
    done = call("get", {"root": str(root), "users": ["all", "default"]})
    assert done.code == 0
    names = {hives.sid(name): name for name in PEOPLE} | {"default": "default"}
    return {names[profile["id"]]: profile["state"] for profile in done.result["profiles"]}


@pytest.mark.parametrize("state", AFTER)
@pytest.mark.parametrize("default", [True, False], ids=["with Default", "without Default"])
@pytest.mark.parametrize("exclude", [(), ("ann",), ("ca?", hives.sid("ann"))],
                         ids=["nobody", "a folder", "a pattern, a SID"])
def test_the_computer_policy_converges(volume, state, default, exclude):
    root = volume(applied(keep(State=state, DefaultProfile=default, Exclude=exclude)))
    out = {"ann": {"ann"}, "ca?": {"cai"}, hives.sid("ann"): {"ann"}}
    left = {name for one in exclude for name in out[one]} | (set() if default else {"default"})
    first = converge(root)
    assert first["state"] == state and not first["warnings"]
    assert {*observed(root).items()} == {(name, (BEFORE if name in left else AFTER[state])[name]) for name in BEFORE}
    assert first["counts"]["profiles"] == len(BEFORE) - len(left)
    assert not converge(root)["changed"]


NOTHING = {
    "not configured": lambda: applied(keep(NOT_CONFIGURED)),
    "disabled": lambda: applied(keep(DISABLED)),
    "no longer configured": lambda: applied(keep(NOT_CONFIGURED), registry=applied(keep(Exclude=["ann"]))),
    "disabled by the object that counts more": lambda: applied(keep(Exclude=["ann"]), keep(DISABLED)),
}


@pytest.mark.parametrize("case", NOTHING)
def test_without_a_declaration_nothing_changes(volume, case):
    root = volume(NOTHING[case]())
    before = hives.snapshot(root)
    result = converge(root)
    assert (result["changed"], result["state"], len(result["warnings"])) == (False, None, 1)
    assert hives.snapshot(root) == before


def test_the_object_that_counts_more_replaces_the_list(volume):
    root = volume(applied(keep(Exclude=["ann", "cai"]), keep(Exclude=["bob"])))
    assert converge(root)["counts"]["changed"] == 3
    assert observed(root) == {"ann": "enabled", "bob": "absent", "cai": "enabled", "default": "enabled"}


def test_what_was_converged_stays_when_the_policy_goes(volume):
    registry = applied(keep(State="enabled"))
    root = volume(registry)
    converge(root)
    gone = applied(keep(NOT_CONFIGURED), registry=registry)
    hives.make(root / "Windows" / "System32" / "config" / "SOFTWARE", hives.software(
        [(hives.sid(name), rf"C:\Users\{name}") for name in PEOPLE], values(gone, POLICY)))
    assert not converge(root)["changed"]
    assert observed(root) == AFTER["enabled"]
