# SPDX-License-Identifier: MIT
"""What docs/intune.md shows is what there is, and what the program says."""

import json
import re

import pytest
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux
PAGE = (tool.PROJECT / "docs" / "intune.md").read_text(encoding="utf-8")
FOLDER = tool.PROJECT / "plugin" / "intune"
EXAMPLE = (tool.PROJECT / "examples" / "intune" / "README.md").read_text(encoding="utf-8")
REPAIR = tool.PROJECT / "examples" / "windows" / "Repair-MapiHttp.ps1"


def test_the_page_names_every_file():
    shown = {name for row in re.findall(r"^\| (`(?:plugin|install).*?`) \|", PAGE, re.MULTILINE)
             for name in re.findall(r"([\w.]+)`", row)}
    assert shown == {path.name for path in FOLDER.rglob("*") if path.is_file()}


def test_the_line_to_configure_is_that_of_the_scripts():
    (line,) = re.findall(r"^\$request = .*$", PAGE, re.MULTILINE)
    for script in FOLDER.rglob("*.ps1"):
        assert script.read_text(encoding="ascii").splitlines().count(line) == 1, script


@pytest.mark.parametrize("command", re.findall(r"^mapihttp (.*?)(?: -o table| > .*)?$", PAGE, re.MULTILINE))
def test_the_program_takes_the_commands(tmp_path, command):
    volume = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))}, default=hives.user())
    done = tool.run(*command.split(), f"root={volume}", check_result=False)
    assert done.code in (0, 1) and done.err == b"" and b"failed: " not in done.out


@pytest.mark.parametrize("line", re.findall(r"^    ((?:drift|remediated|compliant|failed): .*)$", PAGE, re.MULTILINE))
def test_the_lines_are_the_programs(tmp_path, line):
    """The same figures, made."""
    verb = "remediate" if line.startswith("remediated") else "detect"
    if "refused" in line:
        assert tool.run("intune", verb, "state=on").out.decode() == line + "\n"
        return
    number = {name: int(count) for count, name in re.findall(r"(\d+) (would change|changed|failed)", line)}
    people = {"ann": hives.user(dword(1) if number.get("would change") or number.get("changed") else dword(0)),
              "bob": hives.user(), "cai": hives.user()}
    store = hives.store(tmp_path / "store", people)
    if number["failed"]:  # as a run that was killed leaves it, with its log lost
        hives.patch(store / "bob" / "NTUSER.DAT", (4, b"\x07\0\0\0"), (8, b"\x06\0\0\0"))
    said = tool.run("intune", verb, "state=allowed", f"store={store}").out.decode()
    # Whether Outlook runs is not known of files.
    assert said == line.removesuffix("; Outlook must restart") + "\n"


def test_the_example_shows_the_line_that_the_scripts_have():
    shown = re.findall(r"^\$request = .*$", EXAMPLE, re.MULTILINE)
    for script in FOLDER.rglob("*.ps1"):
        assert shown[0] in script.read_text(encoding="ascii").splitlines(), script
    assert len(shown) == len(set(shown)) > 1


@pytest.mark.parametrize("line", re.findall(r"^\$request = (.*)$", EXAMPLE, re.MULTILINE))
def test_the_program_takes_the_lines_of_the_example(tmp_path, line):
    arguments = [word.strip("'") for word in line.split(", ")]
    volume = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))}, default=hives.user())
    said = tool.run("intune", "detect", *arguments, f"root={volume}", check_result=False).out
    if "state=policy" in arguments:
        assert said.startswith(b"compliant: ") and said.endswith(b"no policy is configured\n")
    else:
        assert said.startswith(b"drift: ")


@pytest.mark.parametrize("command", re.findall(r"^mapihttp (.*?)(?: -o table)?$", EXAMPLE, re.MULTILINE))
def test_the_program_takes_the_commands_of_the_example(tmp_path, command):
    volume = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))}, default=hives.user())
    assert tool.run(*command.split(), f"root={volume}").code == 1


def test_the_script_that_goes_back_has_the_parameters_that_the_page_gives_it():
    made = set(re.findall(r"^    \[\w+(?:\[\])?\] \$(\w+)", REPAIR.read_text(encoding="ascii"), re.MULTILINE))
    shown = re.findall(r"^\.\\Repair-MapiHttp\.ps1(.*)$", PAGE, re.MULTILINE)
    assert len(shown) == 3 and {name for line in shown for name in re.findall(r" -(\w+)", line)} <= made
    # What is read is what was kept.
    assert re.search(r"-UndoFile (.*)", shown[0])[1] == re.search(r"-Undo (.*)", shown[1])[1]
    assert re.search(r" > (.*)", PAGE)[1] == re.search(r"-Undo (.*)", shown[2])[1]


def test_what_is_kept_takes_the_change_back(tmp_path):
    """What `-Undo` gives to `mapihttp apply` on its standard input."""
    (command,) = re.findall(r"^mapihttp (apply .*?) > .*$", PAGE, re.MULTILINE)
    volume = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))}, default=hives.user())
    result = json.loads(tool.run(*command.split(), f"root={volume}").out)
    tool.run("apply", stdin=json.dumps(result["undo"]).encode())
    said = json.loads(tool.run("check", "state=allowed", f"root={volume}", check_result=False).out)
    assert result["changed"] and said["changed"]


def test_the_version_of_the_page_is_the_programs():
    (shown,) = re.findall(r"`(\{\"version\":.*?\})`", PAGE)
    assert shown == tool.run("version", check_result=False).out.decode().rstrip()
    assert f"`{json.loads(shown)['version']}`" in PAGE
