# SPDX-License-Identifier: MIT
"""The manifest: that every release of DSC takes it, that it says what the rest of the project says, and what its
schema lets in and out."""

import json
import re

import pytest
from engine import MANIFEST, RELEASES, EngineError, load_manifest
from jsonschema import Draft202012Validator
from support.tool import PROJECT

TEXT = MANIFEST.read_text(encoding="utf-8")
CONTENT = json.loads(TEXT)
SCHEMA = CONTENT["schema"]["embedded"]
PAGE = PROJECT / "docs" / "dsc.md"


def changed(**members):
    """The manifest with members replaced; None removes one."""
    return json.dumps({k: v for k, v in {**CONTENT, **members}.items() if v is not None})


def in_set(**members):
    return {**CONTENT["set"], **members}


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_takes_it(release):
    assert load_manifest(TEXT, release)["type"] == "MapiHttp.Outlook/UserState"


NEWER = [
    ("a condition", {"condition": "[true()]"}),
    ("a deprecation", {"deprecationMessage": "old"}),
    ("an argument for what-if", {"set": in_set(args=["dsc", "set", {"whatIfArg": "--what-if"}])}),
    ("what what-if returns", {"set": in_set(whatIfReturns="state")}),
    ("a security context", {"get": {**CONTENT["get"], "requireSecurityContext": "elevated"}}),
]


@pytest.mark.parametrize("members", [n[1] for n in NEWER], ids=[n[0] for n in NEWER])
def test_what_came_later_would_be_refused_by_the_first_releases(members):
    assert load_manifest(changed(**members), "3.2")
    for release in ("3.0", "3.1"):
        with pytest.raises(EngineError, match="manifest"):
            load_manifest(changed(**members), release)


WRONG = [
    ("an unknown member", {"vendor": "x"}),
    ("no type", {"type": None}),
    ("no version", {"version": None}),
    ("a type without a name", {"type": "MapiHttp"}),
    ("a type with a dash", {"type": "Mapi-Http/UserState"}),
    ("a version of two numbers", {"version": "0.1"}),
    ("an unknown $schema", {"$schema": "https://example.com/manifest.json"}),
    ("an unknown return", {"test": {**CONTENT["test"], "return": "all"}}),
    ("an exit code that is no number", {"exitCodes": {"one": "x"}}),
    ("a schema elsewhere", {"schema": {"url": "https://example.com/schema.json"}}),
]


@pytest.mark.parametrize("members", [w[1] for w in WRONG], ids=[w[0] for w in WRONG])
@pytest.mark.parametrize("release", RELEASES)
def test_a_wrong_manifest_would_be_refused(release, members):
    with pytest.raises(EngineError, match="manifest"):
        load_manifest(changed(**members), release)


def test_the_version_is_the_projects():
    text = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert CONTENT["version"] == re.search(r"project\(mapihttp VERSION (\S+)", text)[1]


def statuses():
    """The one list of what can go wrong: (kind, when), in the order of their numbers."""
    text = (PROJECT / "include" / "mapihttp" / "status.h").read_text(encoding="utf-8")
    return re.findall(r'X\([A-Z_]+, "(\w+)", "([^"]+)"\)', text)


def test_the_exit_codes_are_the_kinds_of_errors():
    wanted = {str(number): f"{kind}: {when}" for number, (kind, when) in enumerate(statuses(), 1)}
    assert CONTENT["exitCodes"] == {"0": "success", **wanted}


def test_the_states_are_those_of_a_request_and_what_can_be_found_besides():
    request = json.loads((PROJECT / "docs" / "request.schema.json").read_text(encoding="utf-8"))
    states = [state for state in request["properties"]["state"]["enum"] if state]
    assert SCHEMA["properties"]["state"]["enum"] == [*states, "mixed", "other"]


def test_the_page_describes_every_property():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(SCHEMA["properties"]) <= set(rows)


def test_the_page_has_every_exit_code():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(str(number), kind) for number, (kind, _) in enumerate(statuses(), 1)]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_needs_nothing_from_elsewhere():
    """The engine fetches nothing."""
    assert '"$ref"' not in TEXT


def test_the_schema_requires_nothing():
    """What is desired is held against the same schema, and what is found where there is nobody has no state."""
    assert "required" not in SCHEMA and SCHEMA["additionalProperties"] is False


LEGAL = [
    {},
    {"state": "enabled"},
    {"state": "allowed", "users": ["all", "default"], "exclude": []},
    {"state": "policy", "root": "/mnt/windows"},
    {"store": "/srv/profiles"},
    {"hives": ["a", "b"], "state": "mixed"},
    {"state": "other", "_inDesiredState": False},
    {"state": "enabled", "_inDesiredState": None},
    {"state": "enabled", "_restartRequired": [{"process": {"name": "OUTLOOK.EXE", "id": 4711}}]},
    {"state": "enabled", "_metadata": {"whatIf": []}},
    {"state": "enabled", "_metadata": {"whatIf": ["x"]}},
]
ILLEGAL = [
    {"state": "on"},
    {"state": "Enabled"},
    {"state": None},
    {"state": True},
    {"users": "all"},
    {"users": []},
    {"users": [1]},
    {"users": [""]},
    {"exclude": "bob"},
    {"root": ["/mnt"]},
    {"root": ""},
    {"store": None},
    {"hives": "a"},
    {"hives": []},
    {"check": True},
    {"restore": []},
    {"State": "enabled"},
    {"_exist": True},
    {"_inDesiredState": "yes"},
    {"_restartRequired": [{"system": "PC"}]},
    {"_restartRequired": [{"process": {"name": "OUTLOOK.EXE"}}]},
    {"_restartRequired": [{"process": {"name": "OUTLOOK.EXE", "id": -1}}]},
    # The engine hands on a document's own metadata where the schema lets it, and then finds that it differs.
    {"_metadata": {}},
    {"_metadata": {"description": "x"}},
    {"_metadata": {"whatIf": [], "description": "x"}},
    [],
    None,
]


@pytest.mark.parametrize("value", LEGAL, ids=json.dumps)
def test_the_schema_allows(value):
    assert Draft202012Validator(SCHEMA).is_valid(value)


@pytest.mark.parametrize("value", ILLEGAL, ids=json.dumps)
def test_the_schema_refuses(value):
    assert not Draft202012Validator(SCHEMA).is_valid(value)
