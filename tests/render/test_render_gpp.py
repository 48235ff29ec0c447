# SPDX-License-Identifier: MIT
"""Registry.xml: held against a schema made from its specification, and against what the Group Policy editor does that
no schema says."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from expected import KEY, NAME, STATES

SCHEMA = Path(__file__).with_name("registry.xsd")


def is_valid(content):
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMA, "-"], input=content,
                          capture_output=True, check=False, timeout=60)
    assert done.returncode in (0, 1, 3), done.stderr  # 1: no XML, 3: not as the schema says
    return done.returncode == 0


@pytest.mark.parametrize("state", STATES)
def test_it_is_as_its_schema_says(state, rendered):
    assert is_valid(rendered("gpp", state))


@pytest.mark.parametrize(("old", "new"), [
    (b'action="U"', b'action="X"'), (b"HKEY_CURRENT_USER", b"HKCU"), (b'key="', b'key="\\'),
    (b'Exchange"', b'Exchange\\"'), (b"REG_DWORD", b"DWORD"),
    (b"01 00:00:00", b"01T00:00:00"), (b' value="00000000"', b""), (b"}", b""),
    (b' uid="', b' id="'), (b"/></Registry>", b"/>"), (b"<Properties", b"<properties")])
def test_the_schema_says_no(old, new, rendered):
    content = rendered("gpp", "enabled")
    assert old in content and not is_valid(content.replace(old, new))


@pytest.mark.parametrize("state", STATES)
def test_what_is_in_it(state, rendered):
    root = ElementTree.fromstring(rendered("gpp", state))
    (item,) = root
    (properties,) = item
    number = STATES[state]
    assert (root.tag, item.tag, item.get("name"), item.get("status")) == ("RegistrySettings", "Registry", NAME, NAME)
    assert [properties.get(name) for name in ("hive", "key", "name")] == ["HKEY_CURRENT_USER", KEY, NAME]
    assert properties.get("action") == ("D" if number is None else "U")
    if number is not None:
        assert properties.get("type") == "REG_DWORD" and int(properties.get("value"), 16) == number


@pytest.mark.parametrize("state", STATES)
def test_how_the_editor_writes_it(state, rendered):
    content = rendered("gpp", state)
    assert not content.startswith(b"\xef\xbb\xbf") and content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") == 3 and content.endswith(b"\r\n")
    assert re.search(rb'\r\n<RegistrySettings clsid="[^"]*"><Registry ', content)
    if state != "absent":
        assert re.search(rb' image="12" .* value="[0-9A-F]{8}"/></Registry>\r\n', content)
