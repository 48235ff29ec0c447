# SPDX-License-Identifier: MIT
"""How much of the program the tests run: a table by folder, a report to look at, and what may not fall below a line.
It judges what the suite `coverage` of tests/run.sh has counted before."""

import json
import subprocess
from collections import defaultdict

import pytest
from support.tool import PROJECT

BUILD = PROJECT / "build" / "coverage"
LEAST = 95.0  # per cent of the lines
HELD = ["core", "contract", "registry/hive"]


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def measure():
    html = BUILD / "html"
    html.mkdir(exist_ok=True)
    subprocess.run(["gcovr", "--root", PROJECT, "--filter", f"{PROJECT}/plugin/", "--object-directory", BUILD,
                    "--json", BUILD / "lines.json", "--json-summary", BUILD / "summary.json",
                    "--html-details", html / "index.html", BUILD / "plugin"],
                   cwd=PROJECT, check=True, capture_output=True)
    return json.loads((BUILD / "summary.json").read_text())["files"], json.loads((BUILD / "lines.json").read_text())["files"]


def folder_of(name):
    return name.removeprefix("plugin/").rpartition("/")[0] or "(top)"


@pytest.fixture(scope="module")
def measured():
    files, lines = measure()
    folders = defaultdict(lambda: [0, 0, 0, 0])
    for file in files:
        kinds = ("line_covered", "line_total", "branch_covered", "branch_total")
        for at, kind in enumerate(kinds):
            folders[folder_of(file["filename"])][at] += file[kind]
    table = [f"{'folder':<18}{'lines':>8}{'%':>8}{'branches':>10}{'%':>8}"]
    for folder, (run, all_lines, taken, branches) in sorted(folders.items()):
        table.append(f"{folder:<18}{all_lines:>8}{percent(run, all_lines):>8.1f}"
                     f"{branches:>10}{percent(taken, branches):>8.1f}")
    table.append(f"the report: {(BUILD / 'html' / 'index.html').relative_to(PROJECT)}; "
                 f"what never ran: {(BUILD / 'left_out.txt').relative_to(PROJECT)}")
    (BUILD / "summary.txt").write_text("\n".join(table) + "\n")
    left_out(lines)
    return folders


def left_out(files):
    """Writes down each line that never ran, with its text."""
    rows = []
    for file in files:
        text = (PROJECT / file["file"]).read_text().splitlines()
        rows += [f"{file['file']}:{line['line_number']}: {text[line['line_number'] - 1].strip()}"
                 for line in file["lines"] if not line["count"] and not line.get("gcovr/noncode")]
    (BUILD / "left_out.txt").write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize("folder", HELD)
def test_enough_of_its_lines_run(measured, folder):
    run, lines, _, _ = measured[folder]
    assert lines > 300
    assert percent(run, lines) >= LEAST


def test_every_folder_is_in_the_report(measured):
    folders = {path.parent.relative_to(PROJECT / "plugin").as_posix() for path in (PROJECT / "plugin").rglob("*.c")}
    elsewhere = {folder for folder in folders if "windows" in folder or folder == "registry/live"}
    assert {"(top)" if folder == "." else folder for folder in folders - elsewhere} <= set(measured)
