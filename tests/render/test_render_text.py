# SPDX-License-Identifier: MIT
"""The formats that are text or JSON, read as their tools read them."""

import json
import re

import pytest
from expected import ADMX_INSTALL, ADMX_POLICY, KEY, NAME, STATES
from jsonschema import Draft202012Validator

NUMBERS = {state: number for state, number in STATES.items() if number is not None}
ACTION = re.compile(r"DELETE|DELETEALLVALUES|CREATEKEY|DWORD:(\d+|0x[0-9a-f]+)|QWORD:\d+|(SZ|EXSZ|MULTISZ|BINARY):.*")


def reg_entries(content):
    """[(key, name, data)] of a .reg file: a line for the version, then keys in brackets and values."""
    assert content.startswith(b"\xff\xfe")
    text = content[2:].decode("utf-16-le")
    assert text.count("\n") == text.count("\r\n")
    first, *lines = text.split("\r\n")
    assert (first, lines[0], lines[-2:]) == ("Windows Registry Editor Version 5.00", "", ["", ""])
    key, found = None, []
    for line in filter(None, lines):
        if line.startswith("["):
            key = re.fullmatch(r"\[([^-].*)\]", line)[1]
        else:
            name, data = re.fullmatch(r'"((?:[^"\\]|\\.)+)"=(dword:[0-9a-f]{8}|-)', line).groups()
            found.append((key, name, data))
    return found


@pytest.mark.parametrize(("state", "data"), [
    ("enabled", "dword:00000000"), ("disabled", "dword:00000001"), ("absent", "-")])
def test_reg(state, data, rendered):
    assert reg_entries(rendered("reg", state)) == [(rf"HKEY_CURRENT_USER\{KEY}", NAME, data)]


def lgpo_entries(content):
    """[[whose, key, name, action]]: four lines each, with comments and empty lines between."""
    assert content.isascii() and content.count(b"\n") == content.count(b"\r\n")
    text = "\n".join(line for line in content.decode().split("\r\n") if not line.startswith(";"))
    blocks = [block.split("\n") for block in re.split(r"\n\n+", text.strip("\n"))]
    for whose, _, _, action in blocks:
        assert whose in ("Computer", "User") and ACTION.fullmatch(action)
    return blocks


@pytest.mark.parametrize(("state", "action"), [("enabled", "DWORD:0"), ("disabled", "DWORD:1"), ("absent", "DELETE")])
def test_lgpo(state, action, rendered):
    assert lgpo_entries(rendered("lgpo", state)) == [["User", KEY, NAME, action]]
    assert rendered("lgpo", state).startswith(b"; ")


SAMBA = {
    "type": "array", "minItems": 1, "items": {
        "type": "object", "required": ["keyname", "valuename", "class"],
        "properties": {"keyname": {"type": "string", "pattern": r"^[^\\].*[^\\]$"}, "valuename": {"type": "string"},
                       "class": {"enum": ["MACHINE", "USER", "BOTH"]}, "type": {"const": "REG_DWORD"},
                       "data": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFFFF}},
        "additionalProperties": False}}


@pytest.mark.parametrize("state", STATES)
def test_samba(state, rendered):
    """`load` asks for all five members, `remove` for the first three."""
    (entry,) = entries = json.loads(rendered("samba", state))
    Draft202012Validator(SAMBA).validate(entries)
    assert (entry["keyname"], entry["valuename"], entry["class"]) == (KEY, NAME, "USER")
    more = {"type": "REG_DWORD", "data": NUMBERS[state]} if state in NUMBERS else {}
    assert {name: entry[name] for name in set(entry) - {"keyname", "valuename", "class"}} == more


INTUNE = {
    "type": "object", "required": ["@odata.type", "displayName", "omaSettings"], "additionalProperties": False,
    "properties": {
        "@odata.type": {"const": "#microsoft.graph.windows10CustomConfiguration"},
        "displayName": {"type": "string", "minLength": 1},
        "omaSettings": {"type": "array", "items": {
            "type": "object", "additionalProperties": False,
            "required": ["@odata.type", "displayName", "omaUri", "value"],
            "properties": {"@odata.type": {"const": "#microsoft.graph.omaSettingString"}, "value": {"type": "string"},
                           "displayName": {"type": "string", "minLength": 1},
                           "omaUri": {"type": "string", "pattern": r"^\./(Device|User)/Vendor/MSFT/Policy/"}}}}}}


@pytest.mark.parametrize("state", NUMBERS)
def test_intune(state, rendered):
    profile = json.loads(rendered("intune", state))
    Draft202012Validator(INTUNE).validate(profile)
    install, policy = profile["omaSettings"]
    assert (install["omaUri"], policy["omaUri"], policy["value"]) == (ADMX_INSTALL, ADMX_POLICY, f"<{state}/>")


def test_intune_names_one_app():
    """APP~Policy~CATEGORY/POLICY is of the app that the template was ingested for."""
    app = re.search(r"/ADMXInstall/(\w+)/Policy/\w+$", ADMX_INSTALL)[1]
    assert re.search(r"/Config/(\w+)~Policy~\w+/\w+$", ADMX_POLICY)[1] == app
