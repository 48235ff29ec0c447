# SPDX-License-Identifier: MIT
"""What the README shows is what happens: the quickstart runs, and the README's commands do what they say."""

import json
import re
import subprocess

import pytest

from support.tool import BUILD, PROJECT, validator

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


def requests_in_docs():
    """What the pages tell people to pipe into the program."""
    for page in [PROJECT / "README.md", *sorted(PROJECT.glob("docs/*.md"))]:
        for text in re.findall(r"echo '(\{.*?\})' \| mapihttp", page.read_text(encoding="utf-8")):
            yield pytest.param(text, id=f"{page.name}: {text}")


@pytest.mark.parametrize("text", requests_in_docs())
def test_requests_in_the_pages_are_legal(text):
    assert not list(validator("request").iter_errors(json.loads(text)))


def test_the_commands_of_the_readme_do_what_they_say(quickstart, tmp_path):
    """The block under "Use it", with the sample volume in place of the paths that it names."""
    block = re.search(r"## Use it\n\n(.*?)\n\n\|", README, re.S).group(1)
    script = "\n".join(line.strip() for line in block.splitlines())
    script = script.replace("/mnt/windows", "vol").replace("/srv/profiles", "vol/Users")
    shell(f"sh examples/sample.sh {tmp_path}/vol && cp {tmp_path}/vol/Users/ann/NTUSER.DAT {tmp_path}")
    path = f"{BUILD}:/usr/bin:/bin"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, timeout=60, check=False,
                          env={"PATH": path})
    results = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [r["failed"] for r in results] == [False] * len(results) and len(results) == 4


def test_the_usage_names_every_verb():
    usage = shell(f"{BUILD}/mapihttp help").stdout.decode()
    for verb in ("get", "check", "apply", "render", "schema", "version", "help"):
        assert re.search(rf"^  {verb}\b", usage, re.M), verb
