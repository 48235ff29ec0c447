# SPDX-License-Identifier: MIT
"""What the README shows is what happens: the quickstart runs, and its commands do what they say."""

import json
import re
import subprocess

import pytest

from support.tool import BUILD, PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def shell(script, **options):
    return subprocess.run(["sh", "-c", script], cwd=PROJECT, capture_output=True, timeout=600, check=False, **options)


@pytest.fixture(scope="module")
def quickstart():
    """What examples/quickstart.sh printed."""
    done = shell("sh examples/quickstart.sh")
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def shown_in_readme():
    """The session that the README shows: commands and what they print."""
    return re.search(r"```console\n(.*?)```", README, re.S).group(1)


def test_quickstart_shows_drift_then_change_then_nothing_to_do(quickstart):
    assert re.findall(r"^\d of \d profiles .*$", quickstart, re.M) == [
        "5 of 5 profiles would change", "5 of 5 profiles changed", "5 of 5 profiles compliant"]
    assert "(exit code 1)" in quickstart


def test_readme_shows_what_the_quickstart_prints(quickstart):
    for line in shown_in_readme().splitlines():
        if line and not line.startswith("$"):
            assert line in quickstart, line


@pytest.mark.parametrize("page", sorted(PROJECT.glob("docs/*.md")), ids=lambda p: p.name)
def test_json_in_docs_is_json(page):
    for block in re.findall(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
        json.loads(block)


def test_every_verb_of_the_usage_runs():
    usage = shell(f"{BUILD}/mapihttp help").stdout.decode()
    for verb in ("get", "check", "apply", "schema", "version", "help"):
        assert re.search(rf"^  {verb}\b", usage, re.M), verb
