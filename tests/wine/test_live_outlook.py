# SPDX-License-Identifier: MIT
"""Outlook: which is installed, for whom it runs, and that nothing is done to it."""

import struct

import pytest
from support import wine
from support.tool import call, run
from support.wine import OFF, OFFICE, OFFICE32, ON

CLICK_TO_RUN = rf"{OFFICE}\ClickToRun\Configuration"


def own(done, machine):
    return done.profile(machine.own)


def running(machine, **who):
    return {p["id"]: p["outlook_running"] for p in run("get").result["profiles"]}


# For whom it runs.

def test_nobody_runs_outlook(machine):
    machine.loaded("ann")
    assert running(machine) == {machine.own: False, machine.sid("ann"): False}


@pytest.mark.parametrize("name", ["OUTLOOK.EXE", "outlook.exe", "Outlook.Exe"])
def test_outlook_runs_for_the_user_who_started_it_and_for_nobody_else(machine, name):
    machine.loaded("ann")
    machine.start(name)
    assert running(machine) == {machine.own: True, machine.sid("ann"): False}


@pytest.mark.parametrize("name", ["OUTLOOK.COM.EXE", "MYOUTLOOK.EXE", "OUTLOOK1.EXE", "OLK.EXE"])
def test_other_programs_are_not_outlook(machine, name):
    machine.start(name)
    assert running(machine) == {machine.own: False}


def test_after_it_has_ended_it_does_not_run(machine):
    machine.stop(machine.start())
    assert running(machine) == {machine.own: False}


def test_two_of_them(machine):
    first = machine.start()
    machine.start(folder="fake/again")
    machine.stop(first)
    assert running(machine) == {machine.own: True}


def test_who_is_not_logged_on_runs_no_outlook(machine):
    machine.unloaded("bob")
    machine.start()
    assert not running(machine)[machine.sid("bob")]


@pytest.mark.parametrize(("runs", "before", "needed"), [(True, OFF, True), (True, ON, False), (False, OFF, False)])
def test_a_restart_is_needed_where_the_value_changed_under_a_running_outlook(machine, runs, before, needed):
    machine.put(machine.own, before)
    if runs:
        machine.start()
    done = call("apply", {"state": "enabled"})
    assert (done.result["restart_required"], own(done, machine)["outlook_running"]) == (needed, runs)


def test_no_restart_is_needed_where_only_others_changed(machine):
    machine.put(machine.own, ON)
    machine.loaded("ann", OFF)
    machine.start()
    done = call("apply", {"state": "enabled"})
    assert (done.result["changed"], done.result["restart_required"]) == (True, False)


def test_get_needs_no_restart(machine):
    machine.put(machine.own, OFF)
    machine.start()
    assert run("get").result["restart_required"] is False


def test_outlook_goes_on_running(machine):
    outlook = machine.start()
    pid = outlook.ask("process")
    for arguments in (("get",), ("apply", "state=disabled"), ("apply", "state=absent")):
        run(*arguments)
    assert outlook.ask("process") == pid
    assert outlook.process.poll() is None


# What is installed.

def c2r(machine, version, key=CLICK_TO_RUN):
    machine.set(key, "VersionToReport", (1, wine.text(version)))
    machine.set(key, "ProductReleaseIds", (1, wine.text("O365ProPlusRetail")))
    machine.set(key, "Platform", (1, wine.text("x64")))


def msi(machine, version, office=OFFICE, place="fake/Office", file="OUTLOOK.EXE"):
    major = version.split(".", maxsplit=1)[0]
    folder = machine.drive / place
    wine.versioned(machine.program, folder / file, version)
    path = "C:\\" + place.replace("/", "\\") + "\\"
    machine.set(rf"{office}\{major}.0\Outlook\InstallRoot", "Path", (1, wine.text(path)))


def installed(verb="get", **request):
    return call(verb, request).result["outlook"]


def test_none_is_installed(machine):
    assert installed() == []


@pytest.mark.parametrize("version", ["16.0.17928.20114", "16.0.4266.1001"])
@pytest.mark.parametrize("verb", ["get", "check"])
def test_click_to_run(machine, version, verb):
    c2r(machine, version)
    assert installed(verb, state="absent") == [
        {"version": version, "kind": "click_to_run", "supports_mapi_http": True}]


SUPPORTS = [
    ("16.0.4266.1001", True), ("16.0.5439.1000", True),
    ("15.0.5589.1001", True), ("15.0.4569.1506", True), ("15.0.4420.1017", False),
    ("14.0.7268.5000", True), ("14.0.6029.1000", False), ("14.0.4734.1000", False),
]


@pytest.mark.parametrize(("version", "supports"), SUPPORTS)
def test_msi(machine, version, supports):
    msi(machine, version)
    assert installed() == [{"version": version, "kind": "msi", "supports_mapi_http": supports}]


def test_msi_of_32_bits_on_64(machine):
    msi(machine, "15.0.5589.1001", OFFICE32)
    assert installed() == [{"version": "15.0.5589.1001", "kind": "msi", "supports_mapi_http": True}]


@pytest.mark.parametrize(("version", "supports"), [("15.0.5589.1001", True), ("15.0.4420.1017", False)])
def test_click_to_run_of_2013(machine, version, supports):
    c2r(machine, version, rf"{OFFICE}\15.0\ClickToRun\Configuration")
    assert installed() == [{"version": version, "kind": "click_to_run", "supports_mapi_http": supports}]


def test_two_side_by_side_the_newest_first(machine):
    c2r(machine, "16.0.17928.20114")
    msi(machine, "14.0.7268.5000", OFFICE32)
    assert installed() == [
        {"version": "16.0.17928.20114", "kind": "click_to_run", "supports_mapi_http": True},
        {"version": "14.0.7268.5000", "kind": "msi", "supports_mapi_http": True}]


def test_an_entry_that_was_left_by_an_uninstalled_one(machine):
    machine.set(rf"{OFFICE}\15.0\Outlook\InstallRoot", "Path", (1, wine.text(r"C:\fake\Office\\"[:-1])))
    assert installed() == []


@pytest.mark.parametrize("version", ["", "x", "16", "16.0.99999999999.1", "-1.0", "16.0.1.2.3", "Nguyễn"])
def test_odd_versions_break_nothing(machine, version):
    c2r(machine, version)
    done = run("get")
    assert (done.code, done.err) == (0, b"")


@pytest.mark.parametrize("raw", [(4, struct.pack("<I", 16)), (1, b"1\x006"), (3, b""), (7, b"\0\0\0\0")])
def test_odd_types_break_nothing(machine, raw):
    machine.set(CLICK_TO_RUN, "VersionToReport", raw)
    assert run("get").code == 0


def warned(done):
    return [w for w in done.result["warnings"] if "MAPI" in w or "Outlook" in w]


@pytest.mark.parametrize(("version", "warns"), [("15.0.4420.1017", True), ("15.0.4569.1506", False)])
@pytest.mark.parametrize("verb", ["get", "check"])
def test_there_is_a_warning_when_none_supports_it(machine, version, warns, verb):
    msi(machine, version)
    done = call(verb, {"state": "absent"})
    assert (len(warned(done)) == 1) is warns
    assert done.code == 0


def test_one_that_supports_it_is_enough(machine):
    msi(machine, "14.0.4734.1000")
    c2r(machine, "16.0.17928.20114")
    assert warned(run("get")) == []
