# SPDX-License-Identifier: MIT
"""What docs/intune.md shows is what there is, and what the program says."""

import re

import pytest
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux
PAGE = (tool.PROJECT / "docs" / "intune.md").read_text(encoding="utf-8")
FOLDER = tool.PROJECT / "plugin" / "intune"


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
