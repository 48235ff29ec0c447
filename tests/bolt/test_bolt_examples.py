# SPDX-License-Identifier: MIT
"""The example, and the calls that the pages show: what Puppet and the program say to them."""

import json
import re
import shlex
import subprocess

import pytest
from bolt_module import PUPPET
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux
FOLDER = tool.PROJECT / "examples" / "bolt"
PAGES = [tool.PROJECT / "docs" / "bolt.md", FOLDER / "README.md", tool.PROJECT / "plugin" / "bolt" / "README.md"]


def calls(kind):
    """Every `bolt KIND run NAME ...` of the pages: (page, NAME, parameters)."""
    for page in PAGES:
        for line in re.findall(rf"^\s+bolt {kind} run (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            name, *words = shlex.split(line.split(" > ")[0])
            given = [word for word in words if "=" in word]
            yield pytest.param(page, name, given, words, id=f"{page.parent.name}: {line}")


@pytest.mark.parametrize(("page", "name", "given", "words"), calls("task"))
def test_puppet_takes_the_tasks_that_the_pages_show(bolt, page, name, given, words):
    if "--params" not in words:
        assert bolt(do="parameters", task=name, parameters=[given]) == [None]


@pytest.mark.parametrize(("page", "name", "given", "words"), calls("plan"))
def test_puppet_takes_the_plans_that_the_pages_show(bolt, page, name, given, words):
    parameters = [*given, "targets=a"] if "--targets" in words else given
    if "--params" in words:
        file = FOLDER / words[words.index("--params") + 1].removeprefix("@")
        members = json.loads(file.read_text()) if file.is_file() else {"undo": {}}
        parameters += [f"{key}={value if isinstance(value, str) else json.dumps(value)}"
                       for key, value in members.items()]
    assert bolt(do="parameters", plan=name, parameters=[parameters]) == [None]


def test_puppet_takes_the_code_that_the_page_shows(puppet, tmp_path):
    (code,) = re.findall(r"```puppet\n(.*?)```", PAGES[0].read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "shown.pp").write_text(f"plan shown(TargetSpec $targets) {{\n{code}}}\n")
    done = subprocess.run([*puppet, PUPPET / "bin" / "puppet", "parser", "validate", "--tasks", tmp_path / "shown.pp"],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def read_yaml(puppet, path):
    done = subprocess.run(["ruby", "-ryaml", "-rjson", "-e", "puts JSON.dump(YAML.load_file(ARGV[0]))", path],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_inventory_names_groups_that_the_page_uses(puppet):
    inventory = read_yaml(puppet, FOLDER / "inventory.yaml")
    groups = {group["name"]: group for group in inventory["groups"]}
    used = set(re.findall(r"--targets (\w+)", (FOLDER / "README.md").read_text(encoding="utf-8")))
    assert inventory["version"] == 2 and set(inventory) == {"version", "groups"} and used == set(groups)
    for group in groups.values():
        assert set(group) == {"name", "targets", "config"}
        assert set(group["config"]) == {"transport", group["config"]["transport"]}


def test_the_project_names_the_folder_that_the_page_stages_to(puppet):
    project = read_yaml(puppet, FOLDER / "bolt-project.yaml")
    (path,) = project["modulepath"]
    staged = re.search(r"stage\.sh (\S+)", (FOLDER / "README.md").read_text(encoding="utf-8"))[1]
    assert (FOLDER / path).resolve() == tool.PROJECT / staged
    assert re.fullmatch("[a-z][a-z0-9_]*", project["name"])


def test_the_readme_names_every_file():
    names = {path.name for path in FOLDER.iterdir() if path.is_file() and path.name != "README.md"}
    shown = set(re.findall(r"^\| `([^`]+)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == names


def run_plan(bolt, machine, name, **parameters):
    return bolt(do="plan", plan=name, parameters=parameters, machines={"a": str(machine)})


@pytest.mark.parametrize(("file", "place"), [("pcs.json", {"root": "volume"}),
                                             ("profile_servers.json", {"store": "store"})])
def test_the_example_finds_drift_converges_and_goes_back(bolt, tmp_path, file, place):
    """Upon files in place of the machines; what the page's jq makes of the report is what `undo` takes."""
    off = hives.user(dword(1))
    hives.volume(tmp_path / "volume", {"ann": off}, default=off)
    hives.store(tmp_path / "store", {"ann.V6": off, "kiosk.V6": off})
    before = hives.snapshot(tmp_path)
    parameters = {**json.loads((FOLDER / file).read_text()), **place, "targets": "a"}
    assert run_plan(bolt, tmp_path, "mapihttp::fleet", **parameters)["drifted"] == ["a"]
    assert hives.snapshot(tmp_path) == before
    report = run_plan(bolt, tmp_path, "mapihttp::fleet", apply=True, **parameters)
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    done = subprocess.run(["jq", "-c", re.search(r"jq '(.*)' fleet\.json", page)[1]], input=json.dumps(report),
                          capture_output=True, text=True, check=True, timeout=60)
    assert report["changed"] == ["a"]
    assert run_plan(bolt, tmp_path, "mapihttp::undo", **json.loads(done.stdout))["restored"] == ["a"]
    assert run_plan(bolt, tmp_path, "mapihttp::fleet", **parameters)["drifted"] == ["a"]
