# SPDX-License-Identifier: MIT
"""The example, as a new user runs it from the project's folder, and what docs/salt.md tells people to write."""

import json
import os
import re
import shutil
import subprocess

import pytest
from salt_minion import VENV, Minion
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux

EXAMPLE = tool.PROJECT / "examples" / "salt"
PAGE = tool.PROJECT / "docs" / "salt.md"


@pytest.fixture(scope="module")
def project(program, tmp_path_factory):
    """A copy of what the example needs, with the program where it is built: it may have a sample, or none."""
    top = tmp_path_factory.mktemp("project")
    shutil.copytree(EXAMPLE, top / "examples" / "salt", symlinks=True)
    shutil.copytree(tool.PROJECT / "plugin" / "salt", top / "plugin" / "salt")
    (top / "build" / "linux").mkdir(parents=True)
    shutil.copy(program, top / "build" / "linux" / "mapihttp")
    (top / "config").mkdir()
    (top / "config" / "minion").write_text(json.dumps({"id": "minion", "root_dir": str(top / "config")}))
    return top


@pytest.fixture
def sample(project):
    """ann is turned off, bob is not; the Default profile has nothing there."""
    root = hives.volume(project / "build" / "sample", {"ann": hives.user(dword(1)), "bob": hives.user(dword(0))},
                        default=hives.user())
    yield root
    shutil.rmtree(root)


def run(project, command):
    """A command line, run by a shell in the project's folder: (exit code, what it printed)."""
    env = {**os.environ, "PATH": f"{VENV}:{os.environ['PATH']}", "SALT_CONFIG_DIR": str(project / "config"),
           "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(["sh", "-c", command], cwd=project, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=tool.TIMEOUT, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout


TRY = "salt-call --local --file-root=examples/salt state.apply outlook test=True"


def test_the_first_run(project, sample):
    before = hives.snapshot(sample)
    code, out = run(project, TRY)
    assert code == 0
    assert re.search(r"Function: mapihttp\.allowed\n +Result: None\n +Comment: 1 of 3 profiles would change\n", out)
    assert hives.snapshot(sample) == before


def test_without_anything_to_look_at_it_says_what_to_do(project):
    code, out = run(project, TRY)
    assert code == 0 and "sh examples/sample.sh build/sample" in out


def test_applied_and_applied_again(project, sample):
    command = f"{TRY.replace(' test=True', '')} --out=json"
    told = [list(json.loads(run(project, command)[1])["local"].values())[0] for _ in range(2)]
    assert [(t["result"], list(t["changes"])) for t in told] == [(True, [hives.sid("ann")]), (True, [])]


def test_the_pillar_says_what_is_wanted(project, tmp_path):
    store = hives.store(tmp_path / "store", {"ann": hives.user(dword(1)), "bob": hives.user()})
    wanted = {"outlook": {"state": "enabled", "store": str(store), "exclude": ["a*"]}}
    _, out = run(project, f"{TRY} --out=json pillar='{json.dumps(wanted)}'")
    (told,) = json.loads(out)["local"].values()
    assert (told["result"], list(told["changes"])) == (None, [f"{store}/bob/NTUSER.DAT"])


def test_a_path_of_the_pillar_may_be_relative(project, sample):
    _, out = run(project, TRY + """ --out=json pillar='{"outlook": {"root": "build/sample"}}'""")
    (told,) = json.loads(out)["local"].values()
    assert told["comment"] == "1 of 2 profiles would change"


@pytest.mark.parametrize(("wanted", "word"), [
    ({"usrs": ["all"]}, "there is no field 'usrs'"), ({"state": "banana"}, "mapihttp.banana")], ids=str)
def test_a_mistake_in_the_pillar_is_told(project, sample, wanted, word):
    code, out = run(project, f"{TRY} pillar='{json.dumps({'outlook': wanted})}'")
    assert code == 1 and word in out


def test_the_pillar_of_the_example(project, sample):
    _, out = run(project, f"{TRY} --pillar-root=examples/salt/pillar --out=json")
    (told,) = json.loads(out)["local"].values()
    assert (told["result"], told["comment"]) == (None, "1 of 3 profiles would change")


@pytest.fixture(scope="module")
def windows(program, tmp_path_factory):
    """A minion that takes itself for one of Windows, to see what the example would be there."""
    minion = Minion(tmp_path_factory.mktemp("windows"), grains={"kernel": "Windows"},
                    mapihttp={"binary": str(program)})
    minion.roots.rename(minion.folder / "none")
    minion.roots.symlink_to(EXAMPLE)
    yield minion
    minion.close()


def test_on_windows_it_is_the_machine_itself(windows):
    files, ours = windows.call("state.show_low_sls", "outlook")
    assert files["name"] == r"C:\Program Files\mapihttp\mapihttp.exe"
    assert files["source"] == "salt://mapihttp/mapihttp.exe" and files["order"] < ours["order"]
    assert (ours["state"], ours["fun"], ours["users"]) == ("mapihttp", "allowed", ["all", "default"])


def test_the_highstate_of_windows_has_it(windows):
    assert windows.call("state.show_top") == {"base": ["outlook"]}


def test_the_program_for_windows_is_what_the_master_has(project):
    assert os.readlink(EXAMPLE / "mapihttp" / "mapihttp.exe").endswith("/build/windows/mapihttp.exe")


def page_blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


STATES = [block for block in page_blocks("yaml") if re.search(r"^  mapihttp\.", block, re.MULTILINE)]


@pytest.mark.parametrize("block", STATES, ids=range(len(STATES)))
def test_the_states_in_the_page_are_legal(minion, block):
    """Refused, if at all, because this is no Windows and has no such folders: never for what is asked."""
    for told in minion.apply(block, test=True).values():
        assert "there is no field" not in told["comment"] and "was not found" not in told["comment"]
        assert told["result"] is not False or re.search("no live Windows|No such file|requisite", told["comment"])


def test_the_first_run_is_in_the_page():
    assert TRY in PAGE.read_text(encoding="utf-8")


def test_the_way_back_of_the_page(project, sample):
    """The commands under "The way back", with the sample in place of this Windows."""
    text = PAGE.read_text(encoding="utf-8").partition("\n## The way back\n")[2].partition("\n## ")[0]
    block = re.search(r"(?:^    .*\n)+", text, re.MULTILINE)[0]
    script = block.replace("\n    ", "\n")
    script = script.replace("state.apply outlook", "--file-root=examples/salt state.apply outlook")
    script = script.replace("mapihttp.apply", "--file-root=examples/salt mapihttp.apply root=build/sample")
    before = tool.call("get", {"root": str(sample), "users": ["all", "default"]}).result["profiles"]
    code, out = run(project, script.replace("salt-call ", "salt-call --local "))
    assert code == 0, out
    assert tool.call("get", {"root": str(sample), "users": ["all", "default"]}).result["profiles"] == before
    assert "1 of 1 profile changed" in out
