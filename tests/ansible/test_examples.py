# SPDX-License-Identifier: MIT
"""The playbooks in examples/ansible, run over several hosts that are all here, each with a store of its own."""

import json

import pytest
from conftest import states
from support import hives, tool
from support.wine import OFF, ON

EXAMPLES = tool.PROJECT / "examples" / "ansible"
ON_HIVE, OFF_HIVE = hives.user(hives.dword(0)), hives.user(hives.dword(1))


@pytest.fixture
def fleet(tmp_path):
    """good complies, bad has drifted, image is a volume that has drifted."""
    hives.store(tmp_path / "good", {"ann.V6": ON_HIVE, "bob.V6": hives.user()})
    hives.store(tmp_path / "bad", {"ann.V6": OFF_HIVE, "bob.V6": ON_HIVE, "chau.V6": OFF_HIVE})
    hives.volume(tmp_path / "image", {"ann": OFF_HIVE})
    hosts = {"good": {"mapihttp_store": f"{tmp_path}/good"}, "bad": {"mapihttp_store": f"{tmp_path}/bad"},
             "image": {"mapihttp_root": f"{tmp_path}/image"}}
    return Fleet(tmp_path, hosts)


class Fleet:
    def __init__(self, folder, hosts):
        self.folder, self.hosts, self.undo = folder, hosts, folder / "undo"
        self.undo.mkdir()

    def run(self, ansible, playbook, *arguments):
        inventory = self.folder / "inventory.json"
        local = {"ansible_connection": "local", "mapihttp_state": "allowed"}
        inventory.write_text(json.dumps({"outlook": {"hosts": self.hosts, "vars": local}}))
        return ansible.playbook(EXAMPLES / f"{playbook}.yml", "-i", inventory, *arguments)

    def contents(self):
        return {name: hives.contents(self.folder / name) for name in ("good", "bad", "image")}


def report(run):
    """What the fleet's playbook printed."""
    return next(one["result"]["msg"] for one in run.results if one["task"].endswith("Report"))


def test_converge_and_roll_back(ansible, fleet):
    done = fleet.run(ansible, "converge", "-e", f"undo={fleet.undo}")
    assert done.code == 0 and states(fleet.folder / "bad") == dict.fromkeys(("ann.V6", "bob.V6", "chau.V6"), "enabled")
    assert sorted(path.name for path in fleet.undo.iterdir()) == ["bad.json", "image.json"]
    back = fleet.run(ansible, "rollback", "-e", f"undo={fleet.undo}")
    assert back.code == 0, back.out + back.err
    assert states(fleet.folder / "bad") == {"ann.V6": "disabled", "bob.V6": "enabled", "chau.V6": "disabled"}
    shown = tool.run("get", f"root={fleet.folder}/image").result["profiles"]
    assert [profile["state"] for profile in shown] == ["disabled"]


@pytest.mark.parametrize("playbook, arguments", [
    ("fleet", ()), ("converge", ("--check", "--diff")), ("rollback", ("-e", "undo=."))])
def test_what_only_looks_changes_nothing(ansible, fleet, playbook, arguments):
    before = {name: hives.snapshot(fleet.folder / name) for name in ("good", "bad", "image")}
    run = fleet.run(ansible, playbook, *arguments)
    assert run.code == 0, run.out + run.err
    assert before == {name: hives.snapshot(fleet.folder / name) for name in ("good", "bad", "image")}


def test_a_rollback_in_check_mode_changes_nothing(ansible, fleet):
    fleet.run(ansible, "converge", "-e", f"undo={fleet.undo}")
    before = fleet.contents()
    run = fleet.run(ansible, "rollback", "-e", f"undo={fleet.undo}", "--check", "--diff")
    assert run.code == 0 and "+MapiHttpDisabled: REG_DWORD 1" in run.out and fleet.contents() == before


def test_the_report_names_who_drifted(ansible, fleet):
    assert report(fleet.run(ansible, "fleet")) == [
        "bad: 2 of 3 profiles would change (ann.V6 disabled, chau.V6 disabled)",
        "image: 1 of 1 profile would change (ann disabled)",
        "1 of 3 hosts are compliant"]


def test_the_report_is_short_where_all_comply(ansible, fleet):
    fleet.run(ansible, "converge")
    run = fleet.run(ansible, "fleet", "-e", "strict=true")
    assert run.code == 0 and report(run) == ["3 of 3 hosts are compliant"]


def test_the_report_tells_who_failed_and_who_was_not_reached(ansible, fleet):
    hives.patch(fleet.folder / "bad" / "bob.V6" / "NTUSER.DAT", (0, b"nope"))
    fleet.hosts["gone"] = {"mapihttp_store": "/nowhere"}
    fleet.hosts["off"] = {"mapihttp_store": "/srv", "ansible_connection": "ssh",
                          "ansible_ssh_common_args": "-o ProxyCommand=false"}
    fleet.hosts["typo"] = {"mapihttp_store": f"{fleet.folder}/good", "mapihttp_state": "on"}
    run = fleet.run(ansible, "fleet")
    told = report(run)
    assert run.code == 0 and told[0].startswith("bad: ") and "bob.V6 corrupt" in told[0], run.out + run.err
    assert told[2].startswith("gone: ") and "/nowhere" in told[2]
    assert told[3] == "off: not reached" and told[4].startswith("typo: ")
    assert told[5] == "1 of 6 hosts are compliant"


def test_a_strict_report_fails(ansible, fleet):
    run = fleet.run(ansible, "fleet", "-e", "strict=true")
    assert run.code == 2 and "1 of 3 hosts are compliant" in run.out + run.err


def test_at_most_five_profiles_are_named(ansible, fleet):
    hives.store(fleet.folder / "bad", {f"p{number}.V6": OFF_HIVE for number in range(4)})
    told = report(fleet.run(ansible, "fleet"))[0]
    assert told.endswith("(ann.V6 disabled, chau.V6 disabled, p0.V6 disabled, p1.V6 disabled, p2.V6 disabled, ...)")


def test_a_windows_host_is_converged_looked_at_and_rolled_back(ansible, fleet, machine):
    machine.loaded("ann", OFF)
    fleet.hosts = {"pc1": {"ansible_connection": "wine", "converge_windows": True, "mapihttp_users": ["ann"]}}
    assert report(fleet.run(ansible, "fleet"))[0] == "pc1: 1 of 1 profile would change (ann disabled)"
    done = fleet.run(ansible, "converge", "-e", f"undo={fleet.undo}")
    assert done.code == 0 and machine.of("ann") == ON.raw, done.out + done.err
    back = fleet.run(ansible, "rollback", "-e", f"undo={fleet.undo}")
    assert back.code == 0 and machine.of("ann") == OFF.raw, back.out + back.err


def test_who_must_restart_outlook_is_told(ansible, fleet, machine):
    machine.put(machine.own, OFF)
    machine.start()
    fleet.hosts = {"pc1": {"ansible_connection": "wine", "converge_windows": True, "mapihttp_users": ["current"]}}
    run = fleet.run(ansible, "converge")
    assert run.of("Tell for whom Outlook must be restarted", "pc1")["msg"] == [machine.own], run.out + run.err


def test_the_inventory_is_one(ansible):
    done = ansible.tool("ansible-inventory", "-i", EXAMPLES / "inventory.yml", "--list", check=True)
    assert set(json.loads(done.stdout)["outlook"]["children"]) == {"windows", "servers"}
