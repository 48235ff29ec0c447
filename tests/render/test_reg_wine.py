# SPDX-License-Identifier: MIT
"""The .reg file, imported by Windows' own tool (Wine's), seen in the registry through machine.exe."""

import subprocess

import pytest
from expected import STATES
from support import tool, wine

BEFORE = [wine.VALUE["absent"], wine.VALUE["0"], wine.VALUE["1"], wine.VALUE["REG_SZ 0"]]
RAW = {"enabled": (4, bytes(4)), "disabled": (4, b"\1\0\0\0"), "absent": None}


def reg_import(path):
    # Its output is nobody's pipe: a server that it starts would keep that open.
    subprocess.run([*tool.PREFIX, "reg", "import", wine.windows_path(path)], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=tool.TIMEOUT)


@pytest.mark.parametrize("before", BEFORE, ids=lambda value: value.name)
@pytest.mark.parametrize("state", STATES)
def test_import(state, before, machine, rendered, tmp_path):
    machine.put(machine.own, before)
    machine.hands.ask("key", rf"HKU\{machine.own}\{wine.EXCHANGE}")
    machine.set(rf"HKU\{machine.own}\{wine.EXCHANGE}", "Other", (1, b"x\0\0\0"))
    (tmp_path / "value.reg").write_bytes(rendered("reg", state))
    reg_import(tmp_path / "value.reg")
    assert machine.of(machine.own) == RAW[state]
    assert machine.value(rf"HKU\{machine.own}\{wine.EXCHANGE}", "Other") == (1, b"x\0\0\0")


@pytest.mark.parametrize("state", STATES)
def test_import_where_the_key_is_not_there(state, machine, rendered, tmp_path):
    (tmp_path / "value.reg").write_bytes(rendered("reg", state))
    reg_import(tmp_path / "value.reg")
    assert machine.of(machine.own) == RAW[state]


@pytest.mark.parametrize("state", STATES)
def test_the_program_sees_what_was_imported(state, machine, rendered, tmp_path):
    (tmp_path / "value.reg").write_bytes(rendered("reg", state))
    reg_import(tmp_path / "value.reg")
    done = tool.run("check", f"state={state}", "users=current")
    assert (done.code, done.result["profiles"][0]["outcome"]) == (0, "compliant")
