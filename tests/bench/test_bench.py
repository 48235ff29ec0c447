# SPDX-License-Identifier: MIT
"""A quick run of the benchmark: that all of it works, and says what it measured. Not how fast anything is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(HERE))

import picture  # noqa: E402 (it lies beside this)
from report import Report  # noqa: E402

TOOLS = ["nothing (true)", "mapihttp", "hivexsh", "hivexregedit", "reged", "regipy"]
CANNOT = {"observe-warm": [], "observe-cold": [], "patch-warm": ["regipy"], "patch-cold": ["regipy"],
          "image-warm": ["reged", "regipy"], "image-cold": ["reged", "regipy"]}


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """What a quick run printed, and the page and picture that it wrote."""
    docs = tmp_path_factory.mktemp("docs")
    shutil.copy(PROJECT / "docs" / "performance.md", docs)
    done = subprocess.run(["sh", "tests/bench/run.sh", "--update-docs"], cwd=PROJECT, capture_output=True, text=True, timeout=900,
                          check=False, env={**os.environ, "MAPIHTTP_BENCH_QUICK": "1", "MAPIHTTP_BENCH_DOCS": str(docs)})
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout, docs


def block(quick, name):
    page = (quick[1] / "performance.md").read_text(encoding="utf-8")
    return re.search(rf"<!-- bench:{name} -->\n(.*?)<!-- /bench:{name} -->", page, re.S)[1].strip()


def rows(quick, name):
    """The rows of a table as {column: cell}."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block(quick, name).splitlines()
             if line.startswith("|")]
    return [dict(zip(lines[0], line)) for line in lines[2:]]


def test_what_is_printed_is_what_the_page_holds(quick):
    """Every block of the page is one that the run printed, and none is empty."""
    names = re.findall(r"<!-- bench:([\w-]+) -->", (PROJECT / "docs" / "performance.md").read_text(encoding="utf-8"))
    assert len(names) == len(set(names)) > 0
    for name in names:
        assert block(quick, name) and block(quick, name) in quick[0], name


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", CANNOT)
def test_every_tool_is_measured(quick, name, tool):
    """It does the job, or is known not to."""
    cells = [row[tool] for row in rows(quick, name)]
    assert cells
    if set(cells) == {"-"}:
        pytest.skip(re.search(rf"^-: .*?({re.escape(tool)}[^;]* cannot be had)", block(quick, name), re.M)[1])
    for cell in cells:
        assert cell == "cannot" if tool in CANNOT[name] else re.match(r"\d", cell)


@pytest.mark.parametrize("name", ["store-warm", "store-cold", "store-change", "dialects"])
def test_stores_are_measured(quick, name):
    """From one profile on."""
    assert [row["profiles"] for row in rows(quick, name)][0] == "1"
    assert len(rows(quick, name)) > 1


def test_reads_are_few(quick):
    """A read for each level of the path and one for the value, of 4 KB at the most on the average."""
    for row in rows(quick, "reads"):
        assert 0 < int(row["reads (aim: 5)"]) <= 5
        assert int(row["bytes (aim: 20 KB)"]) <= 20 * 1024


def test_instructions_are_counted(quick):
    """Another compiler makes other code, but not half as much again."""
    counted = rows(quick, "instructions")
    assert len(counted) >= 4
    assert all(float(row["ratio"].rstrip("x")) < 1.5 for row in counted)


def test_the_picture_comes_last(quick):
    """Its path is the last thing printed, and it shows every panel."""
    path = Path(quick[0].splitlines()[-1].removeprefix("The picture: "))
    assert path == quick[1] / "performance.svg"
    texts = {"".join(node.itertext()).strip() for node in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")}
    assert {title for _, title, _ in picture.PANELS} <= texts


def test_the_same_figures_give_the_same_picture(tmp_path):
    """Byte for byte."""
    for name in ("one.svg", "two.svg"):
        drawing = picture.Picture()
        drawing.add("warm-observe", "mapihttp", 1024, 0.5)
        drawing.add("warm-observe", "reged", 1024, None)
        drawing.draw(tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize("marks", [("a",), ("a", "b", "c"), ("a", "c")])
def test_a_page_with_other_marks_is_left_alone(tmp_path, marks):
    """A table that has no place, or a place that has no table."""
    page = tmp_path / "page.md"
    text = "".join(f"<!-- bench:{mark} -->\nold\n<!-- /bench:{mark} -->\n" for mark in marks)
    page.write_text(text)
    report = Report()
    report.say("a", "new")
    report.say("b", "new")
    with pytest.raises(SystemExit):
        report.update(page)
    assert page.read_text() == text
