# SPDX-License-Identifier: MIT
"""The collection as it is shipped, installed for each ansible-core, and what runs plays with it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import hives, tool, wine

PLUGINS = Path(__file__).resolve().parent / "plugins"
SOURCES = tool.PROJECT / "plugin" / "ansible"
VENV = tool.PROJECT / "build" / "venv-ansible" / "bin"
LINUX = tool.BUILD / "mapihttp-static"
WINDOWS = tool.PROJECT / "build" / "windows" / "mapihttp.exe"
MACHINE = WINDOWS.parent / "tests" / "machine.exe"
LOADER = Path("/usr/lib/wine/wine64")
FLAVOURS = {"debian": Path("/usr/bin"), "newest": VENV}
VERSION = re.search(r"project\(mapihttp VERSION (\S+)", (tool.PROJECT / "CMakeLists.txt").read_text()).group(1)
OFFLINE = "mapihttp.outlook.mapihttp_offline"
WIN = "mapihttp.outlook.win_mapihttp"


def pack(folder, stage=None):
    """Builds the tarball. Where mapihttp.exe is not built, what does not run stands in its place: tests that need more
    than its being there are skipped."""
    assert LINUX.is_file(), f"{LINUX} is not built"
    windows = WINDOWS
    if not windows.is_file():
        folder.mkdir(exist_ok=True)
        windows = folder / "none.exe"
        windows.write_bytes(b"MZ\0\0")
    done = subprocess.run([sys.executable, SOURCES / "build.py", "--version", VERSION, "--linux", LINUX,
                           "--windows", windows, "--stage", stage or folder / "stage", "--out", folder],
                          capture_output=True, check=True)
    return Path(done.stdout.decode().strip())


@dataclass
class Play:
    """What came of a run of ansible-playbook. `results`: those of the tasks, as the callback kept them."""

    code: int
    out: str
    err: str
    results: list

    def of(self, task, host="localhost"):
        """The one result of a task."""
        found = [one["result"] for one in self.results if one["task"].endswith(task) and one["host"] == host]
        assert len(found) == 1, (task, host, self.out, self.err)
        return found[0]


class Ansible:
    """One ansible-core, with the collection installed and nothing of this machine's configuration."""

    def __init__(self, flavour, home, tarball):
        self.flavour, self.bin, self.home = flavour, FLAVOURS[flavour], home
        self.collections = home / "collections"
        self.env = {
            "HOME": str(home), "PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections), "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS / "callback"),
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS / "connection"), "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_REMOTE_TEMP": str(home / "tmp"), "ANSIBLE_ASYNC_DIR": str(home / "async"),
            "ANSIBLE_DEVEL_WARNING": "0", "PYTHONDONTWRITEBYTECODE": "1", "MAPIHTTP_LOADER": str(LOADER),
            **{name: os.environ[name] for name in ("WINEPREFIX", "WINEDEBUG") if name in os.environ},
        }
        if tarball:
            self.tool("ansible-galaxy", "collection", "install", "--offline", "-p", self.collections, tarball, check=True)

    @property
    def installed(self):
        return self.collections / "ansible_collections" / "mapihttp" / "outlook"

    def tool(self, name, *arguments, check=False, env=None, cwd=None):
        done = subprocess.run([self.bin / name, *map(str, arguments)], env={**self.env, **(env or {})}, text=True,
                              cwd=cwd or self.home, capture_output=True, stdin=subprocess.DEVNULL, timeout=600,
                              check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def playbook(self, path, *arguments):
        record = self.home / "record"
        record.unlink(missing_ok=True)
        done = self.tool("ansible-playbook", path, *arguments, env={"MAPIHTTP_RECORD": str(record)})
        results = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return Play(done.returncode, done.stdout, done.stderr, results)

    def play(self, *tasks, arguments=(), variables=None, connection="local", **keywords):
        """A play of these tasks on localhost; JSON is YAML."""
        path = self.home / "play.yml"
        play = {"hosts": "localhost", "gather_facts": False, "connection": connection, "vars": variables or {},
                "tasks": list(tasks), **keywords}
        path.write_text(json.dumps([play]))
        return self.playbook(path, "-i", "localhost,", *arguments)

    def one(self, module, request, *arguments, connection="local", **keywords):
        """One task. Returns (the run, the task's result)."""
        run = self.play({"name": "one", module: request, **keywords}, arguments=arguments, connection=connection)
        return run, run.of("one")


@pytest.fixture(scope="session")
def tarball(tmp_path_factory):
    return pack(tmp_path_factory.mktemp("collection"))


@pytest.fixture(scope="session", params=sorted(FLAVOURS))
def ansible(request, tarball, tmp_path_factory):
    """Each ansible-core in turn."""
    return made(request.param, tarball, tmp_path_factory)


@pytest.fixture(scope="session")
def newest(tarball, tmp_path_factory):
    return made("newest", tarball, tmp_path_factory)


def made(flavour, tarball, tmp_path_factory):
    if not (FLAVOURS[flavour] / "ansible-playbook").exists():
        pytest.skip(f"there is no ansible-playbook in {FLAVOURS[flavour]}")
    return Ansible(flavour, tmp_path_factory.mktemp(flavour), tarball)


SPECS = {"ann.V6": hives.user(hives.dword(1)), "bob.V6": hives.user(), "chau.V6": hives.user(hives.value("REG_SZ", "0"))}


@pytest.fixture
def store(tmp_path):
    """A store: ann is disabled, bob's value is absent, chau's is REG_SZ "0"."""
    return hives.store(tmp_path / "store", SPECS)


def states(folder):
    """The states of a store's profiles, as the program itself reads them, by the folders' names."""
    shown = tool.run("get", f"store={folder}").result["profiles"]
    return {Path(profile["path"]).name: profile["state"] for profile in shown}


@pytest.fixture(scope="session")
def one_machine(tmp_path_factory):
    """A machine in Wine, made once; its server is there already when Ansible starts a program."""
    for needed in (WINDOWS, MACHINE):
        if not needed.is_file():
            pytest.skip(f"{needed.relative_to(tool.PROJECT)} is not built")
    if not LOADER.is_file() or not shutil.which("wineserver"):
        pytest.skip("there is no Wine")
    own = "WINEPREFIX" not in os.environ
    if own:
        os.environ.update(WINEPREFIX=str(tmp_path_factory.mktemp("wine")), WINEDEBUG="-all", WINEARCH="win64")
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "timeout": 300}
        subprocess.run(["wineboot", "-i"], env={**os.environ, "WINEDLLOVERRIDES": "mscoree,mshtml="}, check=True, **quiet)
        subprocess.run(["wineserver", "-w"], check=True, **quiet)
        subprocess.run(["wineserver", "-p"], check=True, **quiet)
    given, tool.PREFIX = tool.PREFIX, [str(LOADER)]
    machine = wine.Machine(os.environ["WINEPREFIX"], MACHINE)
    yield machine
    machine.clear()
    machine.hands.close()
    tool.PREFIX = given
    if own:
        subprocess.run(["wineserver", "-k"], check=False, **quiet)
        for name in ("WINEPREFIX", "WINEDEBUG", "WINEARCH"):
            del os.environ[name]


@pytest.fixture
def machine(one_machine, ansible):
    """The machine with nobody but the user who runs the tests."""
    ansible.env.update({name: os.environ[name] for name in ("WINEPREFIX", "WINEDEBUG") if name in os.environ})
    one_machine.clear()
    yield one_machine
    one_machine.clear()
