# SPDX-License-Identifier: MIT
"""The task, run on Linux as Bolt runs it: sent with its files, parameters on standard input, its output taken for the
result. Played by bolt.rb, not by Bolt."""

import json
import os
import shutil
import stat
import subprocess

import pytest
from bolt_module import DIES, NO_ANSWER, stage, write_program
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux
SHIM = tool.PROJECT / "plugin" / "bolt" / "tasks" / "linux.sh"
OFF = hives.user(dword(1))


@pytest.fixture
def machine(tmp_path):
    """What plays a target: the folder in which the task runs."""
    folder = tmp_path / "machine"
    hives.store(folder / "profiles", {"ann.V6": OFF, "bob.V6": hives.user()})
    return folder


@pytest.fixture
def task(bolt, machine):
    """`bolt task run mapihttp::mapihttp KEY=VALUE...`, with the result of its one target."""
    def run(*arguments, **more):
        wanted = {"arguments": arguments, **more}
        answer = bolt(do="task", task="mapihttp::mapihttp", targets=["a"], machines={"a": str(machine)}, **wanted)
        return answer.get("a", answer)

    return run


def test_noop_writes_nothing(task, machine):
    before = hives.snapshot(machine)
    result = task("state=allowed", "store=profiles", noop=True)
    assert (result["changed"], result["check"], result["msg"]) == (True, True, "1 of 2 profiles would change")
    assert hives.snapshot(machine) == before


def test_converges_and_a_second_run_changes_nothing(task):
    assert task("state=allowed", "store=profiles")["counts"]["changed"] == 1
    assert not task("state=allowed", "store=profiles")["changed"]


@pytest.mark.parametrize(("arguments", "changed"), [
    (("users=ann.V6",), ["ann.V6"]), (("users=ann.V6,bob*",), ["ann.V6", "bob.V6"]),
    (('users=["bob.V6"]',), ["bob.V6"]), (("exclude=ann*",), ["bob.V6"])])
def test_lists_on_the_command_line(task, arguments, changed):
    result = task("state=enabled", "store=profiles", *arguments)
    assert [p["path"].removeprefix("profiles/") for p in result["profiles"] if p["outcome"] == "changed"] == changed


def test_the_undo_of_a_result_takes_it_back(task, machine):
    before = task("state=enabled", "store=profiles", noop=True)
    undo = task("state=enabled", "store=profiles")["undo"]
    assert task(parameters=undo)["changed"]
    after = task("state=enabled", "store=profiles", noop=True)
    assert [p["before"] for p in after["profiles"]] == [p["before"] for p in before["profiles"]]


def test_a_long_restore_is_no_matter(task, machine):
    """Longer than an environment variable may be, by which tasks can be given parameters too."""
    restore = [{"id": f"profiles/{'x' * 100}{i}/NTUSER.DAT", "value": None} for i in range(2000)]
    restore.append({"id": "profiles/ann.V6/NTUSER.DAT", "value": {"type": "REG_DWORD", "data": 7}})
    result = task(parameters={"restore": restore, "store": "profiles"})
    assert result["counts"]["changed"] == 1 and result["_error"]["kind"] == "mapihttp/not_found"


@pytest.mark.parametrize("arguments", [("state=on",), ("state=allowed", "usres=all"), ("restore=all",)])
def test_wrong_parameters_are_refused_before_anything_is_sent(task, machine, arguments):
    before = hives.snapshot(machine)
    failure = task("store=profiles", *arguments)["_failure"]
    assert failure["kind"] == "bolt/pal-error" and "mapihttp" in failure["msg"]
    assert hives.snapshot(machine) == before


@pytest.mark.parametrize(("arguments", "kind"), [
    (("store=profiles",), "invalid"), (("state=allowed", "store=none"), "not_found"),
    (("state=allowed",), "unsupported"), (("state=allowed", "store=profiles", "root=/mnt"), "invalid"),
    (("state=policy", "store=profiles"), "unsupported"),
    (("state=allowed", "store=profiles", "users=nobody"), "not_found")])
def test_what_the_program_refuses_is_the_tasks_error(task, machine, arguments, kind):
    before = hives.snapshot(machine)
    result = task(*arguments)
    assert result["_error"]["kind"] == f"mapihttp/{kind}" and result["_error"]["msg"]
    assert hives.snapshot(machine) == before


def test_a_profile_that_fails_is_the_tasks_error_with_the_undo_of_the_others(task, machine):
    (machine / "profiles" / "bob.V6" / "NTUSER.DAT").write_bytes(b"junk")
    result = task("state=allowed", "store=profiles")
    assert result["_error"]["kind"] == "mapihttp/corrupt" and result["undo"]["store"] == "profiles"


def test_an_answer_beyond_ascii_comes_through(task, machine):
    hives.store(machine / "profiles", {"zoë.V6": OFF})
    result = task("state=allowed", "store=profiles", "users=zoë.V6")
    assert result["profiles"][0]["path"] == "profiles/zoë.V6"


def run_shim(folder, cwd=None, **env):
    """The shim by itself, as a task that came without files."""
    given = json.dumps({"state": "allowed", "store": "none"}).encode()
    return subprocess.run([folder / "linux.sh"], input=given, capture_output=True, check=False, timeout=60,
                          env={"PATH": "/usr/bin:/bin", **env}, cwd=cwd)


@pytest.fixture
def alone(tmp_path):
    """The shim in a folder of its own, made executable as Bolt makes it."""
    folder = tmp_path / "alone"
    folder.mkdir()
    shutil.copy(SHIM, folder)
    (folder / "linux.sh").chmod(0o744)
    return folder


@pytest.mark.skipif(shutil.which("mapihttp", path="/usr/local/bin:/usr/bin:/bin") is not None,
                    reason="mapihttp is installed on this machine")
def test_without_a_program_anywhere_it_says_so(alone):
    done = run_shim(alone)
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, b"") and set(answer) == {"_error"}
    assert answer["_error"]["kind"] == "mapihttp/not_installed" and "files/linux/mapihttp" in answer["_error"]["msg"]


def test_a_program_in_the_path_serves_too(alone, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mapihttp").symlink_to(tool.PROGRAM)
    done = run_shim(alone, PATH=f"/usr/bin:/bin:{tmp_path / 'bin'}")
    assert json.loads(done.stdout)["_error"]["kind"] == "mapihttp/not_found" and done.returncode == 1


@pytest.mark.parametrize("path", ["", "/usr/bin::/bin", ".:/usr/bin:/bin"])
def test_a_program_in_the_folder_it_runs_in_is_not_run(alone, tmp_path, path):
    (tmp_path / "mapihttp").write_text("#!/bin/sh\necho trapped\n")
    (tmp_path / "mapihttp").chmod(0o755)
    assert b"trapped" not in run_shim(alone, cwd=tmp_path, PATH=path).stdout


def test_a_program_that_others_laid_beside_its_temporary_folder_is_not_run(alone, tmp_path):
    trap = tmp_path / "files" / "linux" / "mapihttp"
    trap.parent.mkdir(parents=True)
    trap.write_text("#!/bin/sh\necho trapped\n")
    trap.chmod(0o755)
    assert b"trapped" not in run_shim(alone).stdout


def test_what_the_transport_has_made_of_the_files_mode_is_no_matter(modules, tmp_path):
    shutil.copytree(modules / "mapihttp", tmp_path / "mapihttp")
    program = tmp_path / "mapihttp" / "files" / "linux" / "mapihttp"
    program.chmod(0o600)
    done = run_shim_at(tmp_path / "mapihttp" / "tasks")
    assert json.loads(done.stdout)["_error"]["kind"] == "mapihttp/not_found"
    assert os.stat(program).st_mode & stat.S_IXUSR


def run_shim_at(folder):
    (folder / "linux.sh").chmod(0o744)
    return run_shim(folder)


def test_the_input_comes_through_byte_for_byte(tmp_path):
    """Shown by a program that keeps it; the real one is behind the other tests."""
    module = tmp_path / "mapihttp"
    shutil.copytree(SHIM.parent, module / "tasks")
    program = module / "files" / "linux" / "mapihttp"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "$*" >{tmp_path}/arguments\ncat >{tmp_path}/given\nexit 7\n')
    (module / "tasks" / "linux.sh").chmod(0o744)
    given = b'\xef\xbb\xbf{"state":\r\n"\xc3\xab"}\r\n\0' + bytes(range(256))
    done = subprocess.run([module / "tasks" / "linux.sh"], input=given, capture_output=True, check=False, timeout=60)
    assert (tmp_path / "given").read_bytes() == given
    assert ((tmp_path / "arguments").read_text(), done.returncode) == ("bolt\n", 7)


@pytest.fixture
def task_with(bolt, machine, tmp_path):
    """The same task with a program of these words in the module."""
    def run(text):
        path = stage(tmp_path / "modules", write_program(tmp_path / "mapihttp", text))
        return bolt(path=str(path), do="task", task="mapihttp::mapihttp", targets=["a"],
                    machines={"a": str(machine)}, arguments=["state=allowed", "store=profiles"])["a"]

    return run


@pytest.mark.parametrize("text", NO_ANSWER.values(), ids=NO_ANSWER.keys())
def test_what_ends_well_without_a_result_is_an_error(task_with, text):
    result = task_with(text)
    assert set(result) == {"_error"} and result["_error"]["kind"] == "mapihttp/no_result"
    assert result["_error"]["details"] == {} and "exit code 0" in result["_error"]["msg"]


@pytest.mark.parametrize(("text", "says"), zip(DIES.values(), ("code 3: broken", "code ", "code 137", "code 12"),
                                               strict=True), ids=DIES.keys())
def test_of_what_dies_bolt_makes_an_error_itself(task_with, text, says):
    error = task_with(text)["_error"]
    assert error["kind"] == "puppetlabs.tasks/task-error" and says in error["msg"]


@pytest.mark.parametrize("code", [0, 1])
def test_an_answer_and_its_code_are_handed_on(tmp_path, code):
    """With what `echo` would take for its own."""
    shutil.copytree(SHIM.parent, tmp_path / "mapihttp" / "tasks")
    program = tmp_path / "mapihttp" / "files" / "linux" / "mapihttp"
    program.parent.mkdir(parents=True)
    answer = r'{"changed":false,"msg":"a\tb  %s\c","profiles":[]}'
    write_program(program, f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\nexit {code}\n")
    done = run_shim_at(tmp_path / "mapihttp" / "tasks")
    assert (done.stdout.decode(), done.stderr, done.returncode) == (answer + "\n", b"", code)
