# SPDX-License-Identifier: MIT
"""The dialects where the streams and files that they are called with are not as usual. What they answer else is data:
cases/dialects.json."""

import json
import os
import subprocess
import threading

import pytest
from support import hives
from support.hives import dword
from support.tool import TIMEOUT, command

pytestmark = pytest.mark.linux

REQUEST = {"state": "enabled", "hives": ["ann.dat"]}


@pytest.fixture
def hive(tmp_path):
    return hives.make(tmp_path / "ann.dat", hives.user(dword(1)))


def start(*arguments, cwd, stdin=b"", stdout=subprocess.PIPE):
    return subprocess.run(command(*arguments), input=stdin, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd, check=False,
                          timeout=TIMEOUT)


@pytest.mark.parametrize("arguments, code, complaint", [
    (("ansible", "/dev/stdin"), 1, b"mapihttp: the answer could not be written out"),
    (("salt", "check"), 1, b"mapihttp: the answer could not be written out"),
    (("bolt",), 1, b"mapihttp: the answer could not be written out"),
    (("dsc", "test"), 9, b'{"error":"the answer could not be written out'),
    (("intune", "detect"), 1, b"")], ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_an_answer_that_cannot_be_delivered_is_trouble_its_own_way(hive, arguments, code, complaint):
    with open("/dev/full", "wb") as full:
        done = start(*arguments, cwd=hive.parent, stdin=json.dumps(REQUEST).encode(), stdout=full)
    assert done.returncode == code and done.stderr.startswith(complaint) and bool(done.stderr) == bool(complaint)


@pytest.mark.parametrize("words", [(), ("ansible",)], ids=["alone", "named"])
def test_arguments_out_of_a_pipe_are_read_once(hive, words):
    pipe = hive.parent / "arguments"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(json.dumps(REQUEST).encode(),))
    writer.start()
    done = start(*words, pipe, cwd=hive.parent)
    writer.join()
    assert (done.returncode, json.loads(done.stdout)["changed"]) == (0, True)


def test_intune_with_no_input_at_all_refuses_in_one_line(hive):
    done = subprocess.run(["sh", "-c", '"$0" intune detect <&-', *command()], capture_output=True, cwd=hive.parent,
                          check=False, timeout=TIMEOUT)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(b"failed: the request was refused: io") and done.stdout.count(b"\n") == 1


def test_a_failed_profile_is_named_once(hive):
    (hive.parent / "broken.dat").write_bytes(b"none")
    request = json.dumps({"name": "x", "state": "enabled", "hives": ["broken.dat"]}).encode()
    assert json.loads(start("salt", "check", cwd=hive.parent, stdin=request).stdout)["comment"].count("broken.dat") == 1
