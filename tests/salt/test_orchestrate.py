# SPDX-License-Identifier: MIT
"""The orchestration of the example, with a real master and real minions that talk to it on free ports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from salt_minion import VENV
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux

EXAMPLE = tool.PROJECT / "examples" / "salt"
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
WITHIN = 120


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Fleet:
    """A master and two minions, each in a folder of its own. What is wanted of pc1 is that nobody of its own store is
    turned off, and so of pc2."""

    def __init__(self, top, program):
        self.top, self.processes = Path(top), []
        publish, answer = free_ports(2)
        self.pillar = self.top / "pillar"
        self.pillar.mkdir()
        (self.pillar / "top.sls").write_text(json.dumps({"base": {name: [name] for name in ("pc1", "pc2")}}))
        self.start("master", "master", interface="127.0.0.1", publish_port=publish, ret_port=answer, auto_accept=True,
                   worker_threads=3, timeout=5, file_roots={"base": [str(EXAMPLE)]},
                   pillar_roots={"base": [str(self.pillar)]})
        for name in ("pc1", "pc2"):
            self.start(name, "minion", id=name, master="127.0.0.1", master_port=answer, publish_port=publish,
                       acceptance_wait_time=1, random_reauth_delay=1, mapihttp={"binary": str(program)})

    def start(self, name, kind, **options):
        folder = self.top / name
        folder.mkdir()
        config = {"root_dir": str(folder), "log_level": "quiet", "log_level_logfile": "warning", **options}
        (folder / kind).write_text(json.dumps(config), encoding="utf-8")
        # Salt starts processes of its own: all are one group, and end with it.
        self.processes.append(subprocess.Popen([VENV / f"salt-{kind}", f"--config-dir={folder}"], **QUIET,
                                               start_new_session=True))

    def reset(self):
        for name, number in {"pc1": 1, "pc2": 0}.items():
            shutil.rmtree(self.store(name), ignore_errors=True)
            hives.store(self.store(name), {"ann": hives.user(dword(number))})
            self.want(name, {"store": str(self.store(name))})

    def store(self, name):
        return self.top / f"store-{name}"

    def want(self, name, fields):
        (self.pillar / f"{name}.sls").write_text(json.dumps({"outlook": fields}))

    def run(self, command, *arguments):
        """(exit code, what it printed as JSON)"""
        done = subprocess.run(
            [VENV / command, f"--config-dir={self.top}/master", "--out=json", *arguments], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=WITHIN, check=False)
        # Where nobody matches a target, Salt says so in front of it.
        start = done.stdout.find("{")
        return done.returncode, json.loads(done.stdout[start:]) if start >= 0 else done.stderr

    def drift(self, **pillar):
        """(exit code, {title: what the orchestration tells under it})"""
        code, told = self.run("salt-run", "state.orchestrate", "orch.drift", f"pillar={json.dumps(pillar)}")
        assert "Traceback" not in str(told)
        (states,) = told["data"].values()
        return code, {state["__id__"]: state["comment"] for state in states.values()}

    def wait(self):
        """Waits till both minions answer."""
        end, told = time.monotonic() + WITHIN, None
        while told != {"pc1": True, "pc2": True}:
            assert time.monotonic() < end, told
            told = self.run("salt", "--static", "--timeout=3", "pc*", "test.ping")[1]

    def stop(self):
        """At once: they would take their time, and nothing of theirs is kept."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def one_fleet(program):
    # Not below pytest's folder: the names of sockets must be short.
    top = tempfile.mkdtemp(prefix="fleet-")
    made = Fleet(top, program)
    try:
        made.wait()
        yield made
    finally:
        made.stop()
        shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def fleet(one_fleet):
    """The fleet as it was at first: ann is turned off on pc1, and not on pc2."""
    one_fleet.reset()
    return one_fleet


def test_who_drifted_is_told_and_nothing_written(fleet):
    before = [hives.snapshot(fleet.store(name)) for name in ("pc1", "pc2")]
    assert fleet.drift() == (0, {
        "drifted": f"pc1: 1 of 1 profile would change ({fleet.store('pc1')}/ann/NTUSER.DAT)",
        "compliant": "pc2: 1 of 1 profile compliant"})
    assert [hives.snapshot(fleet.store(name)) for name in ("pc1", "pc2")] == before


def test_after_they_were_converged_nobody_has_drifted(fleet):
    assert fleet.run("salt", "--static", "*", "state.apply", "outlook")[0] == 0
    assert fleet.drift() == (
        0, {"compliant": "pc1: 1 of 1 profile compliant\npc2: 1 of 1 profile compliant"})


def test_the_way_back_from_the_master(fleet):
    before = hives.contents(fleet.store("pc1"))
    _, told = fleet.run("salt", "--static", "pc1", "state.apply", "outlook")
    ((id_, change),) = [item for state in told["pc1"].values() for item in state["changes"].items()]
    restore = json.dumps([{"id": id_, "value": change["old"]}])
    code, _ = fleet.run("salt", "--static", "pc1", "mapihttp.apply", f"store={fleet.store('pc1')}",
                        f"restore={restore}")
    assert code == 0 and hives.contents(fleet.store("pc1")) == before


def test_who_fails_and_who_does_not_answer_is_told(fleet):
    keys = fleet.top / "master" / "etc" / "salt" / "pki" / "master" / "minions"
    shutil.copy(keys / "pc1", keys / "pc3")
    fleet.want("pc2", {"store": "/nowhere"})
    try:
        code, told = fleet.drift()
    finally:
        (keys / "pc3").unlink()
    assert (code, set(told), told["no answer"]) == (1, {"drifted", "failed", "no answer"}, "pc3")
    assert told["failed"].startswith("pc2: ") and "/nowhere" in told["failed"]


def test_a_state_that_cannot_be_rendered_is_a_failure(fleet):
    fleet.want("pc2", {"state": "banana", "store": "/nowhere"})
    code, told = fleet.drift(target="pc2", target_type="list")
    assert (code, set(told)) == (1, {"failed"}) and "mapihttp.banana" in told["failed"]


def test_a_target_without_anybody_is_a_failure(fleet):
    code, told = fleet.drift(target="kernel:Windows", target_type="grain")
    assert (code, told) == (1, {"nobody": "no minion answers for the target kernel:Windows"})
