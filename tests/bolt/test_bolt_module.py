# SPDX-License-Identifier: MIT
"""The module: what its metadata says, and what Puppet, which reads it for Bolt, takes it for."""

import json
import re
import subprocess

import pytest
from bolt_module import HERE, PUPPET, stage
from jsonschema import Draft202012Validator
from support import tool

pytestmark = pytest.mark.linux
MODULE = tool.PROJECT / "plugin" / "bolt"
METADATA = sorted((MODULE / "tasks").glob("*.json"))
NAME = "^[a-z][a-z0-9_]*$"

# The metadata of a task by the Puppet Task Spec, version 1, revision 4; what is unknown there is refused here.
INPUT = {"enum": ["stdin", "environment", "both", "powershell"]}
FILES = {"type": "array", "items": {"type": "string", "pattern": "^[a-z][a-z0-9_]*/(files|lib|tasks|scripts)/"}}
TASK = {
    "type": "object",
    "additionalProperties": False,
    "required": ["description", "puppet_task_version", "input_method"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "puppet_task_version": {"const": 1},
        "supports_noop": {"type": "boolean"},
        "private": {"type": "boolean"},
        "remote": {"type": "boolean"},
        "input_method": INPUT,
        "files": FILES,
        "extensions": {"type": "object"},
        "parameters": {
            "type": "object",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["description", "type"],
                "properties": {
                    "description": {"type": "string", "minLength": 1},
                    "type": {"type": "string"},
                    "sensitive": {"type": "boolean"},
                    "default": {},
                },
            },
        },
        "implementations": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[a-z0-9]+$"},
                    "requirements": {
                        "type": "array", "items": {"enum": ["shell", "powershell", "puppet-agent"]}},
                    "input_method": INPUT,
                    "files": FILES,
                    "remote": {"type": "boolean"},
                },
            },
        },
    },
}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", METADATA, ids=lambda path: path.name)
def test_metadata_of_a_task_keeps_to_the_spec(path):
    assert not [error.message for error in Draft202012Validator(TASK).iter_errors(read(path))]


@pytest.mark.parametrize("wrong", [
    {"supports_noop": "yes"}, {"input_method": "argv"}, {"parameters": {"State": {"type": "Any", "description": "x"}}},
    {"implementations": [{"name": "linux.sh", "requirements": ["bash"]}]}, {"files": ["../x"]}, {"colour": 1}])
def test_the_schema_would_see_wrong_metadata(wrong):
    assert not Draft202012Validator(TASK).is_valid({**read(MODULE / "tasks" / "mapihttp.json"), **wrong})


def test_the_version_is_the_projects():
    project = (tool.PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert read(MODULE / "metadata.json")["version"] == re.search(r"project\(mapihttp VERSION ([0-9.]+)", project)[1]


def test_the_parameters_are_the_requests_fields():
    """But for `check`, which noop is."""
    fields = set(tool.validator("request").schema["properties"]) - {"check"}
    assert set(read(MODULE / "tasks" / "mapihttp.json")["parameters"]) == fields


def test_the_states_are_the_requests():
    schema = json.dumps(tool.validator("request").schema["properties"]["state"])
    wanted = {word for word in re.findall(r'"(\w+)"', schema)} & {
        "enabled", "disabled", "absent", "allowed", "policy"}
    said = read(MODULE / "tasks" / "mapihttp.json")["parameters"]["state"]["type"]
    plan = (MODULE / "plans" / "fleet.pp").read_text(encoding="utf-8")
    assert set(re.findall(r"'(\w+)'", said)) == wanted
    assert set(re.findall(r"'(\w+)'", re.search(r"Enum\[(.*?)\] \$state", plan)[1])) == wanted


def test_staged_it_has_what_a_module_has(modules):
    files = {str(p.relative_to(modules / "mapihttp")) for p in modules.rglob("*") if p.is_file()}
    assert files == {"LICENSE", "README.md", "metadata.json", "files/linux/mapihttp", "plans/fleet.pp", "plans/undo.pp",
                     "tasks/mapihttp.json", "tasks/linux.json", "tasks/linux.sh", "tasks/windows.json",
                     "tasks/windows.ps1"}


def test_staged_again_nothing_old_is_left(tmp_path):
    stage(tmp_path, tool.PROGRAM)
    (tmp_path / "mapihttp" / "tasks" / "old.sh").touch()
    stage(tmp_path)
    assert not list(tmp_path.rglob("old.sh")) and not list(tmp_path.rglob("files/linux/mapihttp"))


def test_a_program_for_windows_goes_to_its_own_folder(tmp_path):
    (tmp_path / "mapihttp.exe").write_bytes(b"MZ")
    stage(tmp_path / "modules", tmp_path / "mapihttp.exe")
    files = [p.relative_to(tmp_path / "modules" / "mapihttp" / "files") for p in tmp_path.rglob("files/*/*")]
    assert [str(p) for p in files] == ["windows/mapihttp.exe"]


def test_staging_a_program_that_is_not_there_fails_and_keeps_what_there_was(tmp_path):
    stage(tmp_path, tool.PROGRAM)
    done = subprocess.run(["sh", MODULE / "stage.sh", tmp_path, tmp_path / "none"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 1 and "there is no" in done.stderr
    assert (tmp_path / "mapihttp" / "files" / "linux" / "mapihttp").is_file()


def test_puppet_reads_its_tasks(bolt):
    tasks = bolt(do="tasks")
    assert {name: bool(metadata.get("private")) for name, metadata in tasks.items()} == {
        "mapihttp::mapihttp": False, "mapihttp::linux": True, "mapihttp::windows": True}


def test_puppet_reads_its_tasks_without_programs(bolt, empty_modules):
    assert "mapihttp::mapihttp" in bolt(path=empty_modules, do="tasks")


ACCEPTED = [
    {}, {"state": "enabled"}, {"state": None, "users": None}, {"users": "all,default"},
    {"users": ["all", "CONTOSO\\ann"]},
    {"exclude": []}, {"root": "/mnt/windows"}, {"store": "D:\\Profiles"}, {"hives": ["NTUSER.DAT"]},
    {"restore": []}, {"restore": [{"id": "default", "value": None}]},
    {"restore": [{"id": "a", "value": {"type": "REG_DWORD", "data": 4294967295}}]},
    {"restore": [{"id": "a", "value": {"type": "REG_QWORD", "data": 18446744073709551615}}]},
    {"restore": [{"id": "a", "value": {"type": "REG_SZ", "data": ""}}]},
    {"restore": [{"id": "a", "value": {"type": "REG_MULTI_SZ", "data": ["a", "b"]}}]},
]
REFUSED = [
    {"state": "on"}, {"state": ["enabled"]}, {"state": 0}, {"users": ""}, {"users": [1]}, {"users": True},
    {"exclude": {"a": "b"}}, {"root": ["/mnt"]}, {"root": ""}, {"hives": []}, {"check": True}, {"sate": "enabled"},
    {"restore": "all"}, {"restore": [{"id": "a"}]}, {"restore": [{"value": None}]},
    {"restore": [{"id": "a", "value": None, "x": 1}]}, {"restore": [{"id": "a", "value": {"type": "REG_DWORD"}}]},
    {"restore": [{"id": "a", "value": {"type": "REG_DWORD", "data": -1}}]},
]


@pytest.fixture(scope="module")
def refusals(bolt):
    """For each of ACCEPTED and REFUSED why Puppet refuses it, or None; asked all at once."""
    return bolt(do="parameters", task="mapihttp::mapihttp", parameters=ACCEPTED + REFUSED)


@pytest.mark.parametrize("number", range(len(ACCEPTED)), ids=lambda number: json.dumps(ACCEPTED[number]))
def test_puppet_accepts(refusals, number):
    assert refusals[number] is None


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=lambda number: json.dumps(REFUSED[number]))
def test_puppet_refuses_before_anything_is_sent(refusals, number):
    assert "mapihttp" in refusals[len(ACCEPTED) + number]


@pytest.mark.parametrize("plan", sorted((MODULE / "plans").glob("*.pp")), ids=lambda path: path.name)
def test_the_syntax_of_the_plans_is_puppets(puppet, plan):
    done = subprocess.run([*puppet, PUPPET / "bin" / "puppet", "parser", "validate", "--tasks", plan],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_plans_are_written_as_puppet_is(puppet):
    done = subprocess.run(["puppet-lint", "--fail-on-warnings", MODULE / "plans"], capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_puppet_takes_the_module_for_one(puppet, modules):
    """What `bolt module show` and the agent ask: its name, its version, and that nothing is missing."""
    ask = ("require 'puppet_pal'; Puppet.initialize_settings(Puppet::Settings::REQUIRED_APP_SETTINGS.flat_map { |n| "
           "[\"--#{n}\", ARGV[1]] }); e = Puppet::Node::Environment.create('e', [ARGV[0]]); m = e.module('mapihttp'); "
           "puts [m.forge_name, m.version, m.unmet_dependencies].inspect")
    done = subprocess.run([*puppet, "-e", ask, modules, modules.parent / "settings"], capture_output=True, text=True,
                          check=False, timeout=60)
    version = read(MODULE / "metadata.json")["version"]
    assert done.stdout == f'["mapihttp/mapihttp", "{version}", []]\n', done.stderr


def test_the_stand_in_would_see_a_wrong_plan(puppet, bolt, tmp_path):
    stage(tmp_path)
    (tmp_path / "mapihttp" / "plans" / "fleet.pp").write_text("plan mapihttp::fleet() { nothing(1) }\n")
    failure = bolt(path=tmp_path, do="plan", plan="mapihttp::fleet", parameters={})["_failure"]
    assert "Unknown function: 'nothing'" in failure["msg"] and (HERE / "bolt.rb").is_file()
