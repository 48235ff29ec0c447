# SPDX-License-Identifier: MIT
"""The example documents and what docs/dsc.md shows: legal, and doing what they say, as far as a stand-in can tell."""

import json
import re

import pytest
import yaml
from engine import Engine, EngineError
from support import hives
from support.hives import dword, value
from support.tool import PROJECT

FOLDER = PROJECT / "examples" / "dsc"
PAGE = (PROJECT / "docs" / "dsc.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(path for path in FOLDER.iterdir() if path.suffix in (".yaml", ".winget"))
OFF, ON = hives.user(dword(1)), hives.user(dword(0))
TYPE = "MapiHttp.Outlook/UserState"


def load(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def instances(resources):
    """Ours, those within a group too."""
    for resource in resources:
        if resource["type"] == TYPE:
            yield resource
        yield from instances(resource.get("properties", {}).get("resources", []))


def test_there_are_documents():
    assert len(DOCUMENTS) == 6


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_properties_keep_to_the_schema(engine, path):
    ours = list(instances(load(path.name)["resources"]))
    assert ours
    for instance in ours:
        engine.validate(instance["properties"])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_says_of_its_call_names_the_file(path):
    calls = re.findall(r"^#   (?:dsc|winget) .*--file (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert calls and set(calls) == {path.name}


def test_the_readme_names_every_file():
    shown = re.findall(r"^\| `([^`]+)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(shown) == [path.name for path in DOCUMENTS]


def test_the_one_for_winget_is_told_by_its_processor_and_asks_for_rights():
    document = load("configuration.winget")
    assert document["metadata"]["winget"]["processor"] == {"identifier": "dscv3"}
    assert [one["metadata"]["winget"]["securityContext"] for one in document["resources"]] == ["elevated"]


def test_the_one_for_winget_wants_what_the_first_wants():
    wanted = [[one["properties"] for one in load(name)["resources"]]
              for name in ("configuration.winget", "mapihttp.dsc.config.yaml")]
    assert wanted[0] == wanted[1]


# Those of the running Windows: on Linux as far as that there is none.
@pytest.mark.linux
@pytest.mark.parametrize("name", ["mapihttp.dsc.config.yaml", "policy.dsc.config.yaml", "assert.dsc.config.yaml",
                                  "configuration.winget"])
def test_here_there_is_no_windows(engine, name):
    with pytest.raises(EngineError) as refused:
        engine.configure("test", load(name))
    assert refused.value.code == 7


def image(top):
    return str(hives.volume(top / "image", {"ann": OFF, "bob": hives.user()}, default=OFF))


def store(top):
    return str(hives.store(top / "store", {"ann.V6": OFF, "bob.V6": hives.user(), "svc-a.V6": OFF,
                                           "kiosk.V6": hives.user()}))


OFFLINE = [("image.dsc.config.yaml", "root", image, [["enabled", "enabled", "enabled"]]),
           ("store.dsc.config.yaml", "store", store, [["enabled", "absent", "enabled", "disabled"]])]


@pytest.mark.parametrize(("name", "parameter", "make", "after"), OFFLINE, ids=[o[0] for o in OFFLINE])
def test_offline_documents_converge(installed, tmp_path, name, parameter, make, after):
    document, parameters = load(name), {parameter: make(tmp_path)}
    before = hives.snapshot(tmp_path)
    engine = Engine(installed)
    foretold = engine.configure("whatif", document, parameters)
    assert all(result["afterState"]["_metadata"]["whatIf"] for _, result in foretold)
    assert not any(result["inDesiredState"] for _, result in engine.configure("test", document, parameters))
    assert hives.snapshot(tmp_path) == before
    assert all(result["changedProperties"] == ["state"] for _, result in engine.configure("set", document, parameters))
    assert all(result["inDesiredState"] for _, result in engine.configure("test", document, parameters))
    users = {"users": ["all", "default"]} if parameter == "root" else {}
    assert [[one["state"] for one in engine.export({**parameters, **users})]] == after
    assert engine.traces == [] and engine.text == []


@pytest.mark.parametrize(("name", "parameter", "make", "after"), OFFLINE, ids=[o[0] for o in OFFLINE])
def test_offline_documents_change_nothing_a_second_time(engine, tmp_path, name, parameter, make, after):
    document, parameters = load(name), {parameter: make(tmp_path)}
    engine.configure("set", document, parameters)
    before = hives.snapshot(tmp_path)
    assert all(result["changedProperties"] == [] for _, result in engine.configure("set", document, parameters))
    assert hives.snapshot(tmp_path) == before


def over_a_volume(document, root):
    """A document of the running Windows, put to a volume."""
    for instance in instances(document["resources"]):
        instance["properties"]["root"] = root
    return document


def test_the_assertion_holds_or_fails_and_writes_nothing(engine, tmp_path):
    root = image(tmp_path)
    document = over_a_volume(load("assert.dsc.config.yaml"), root)
    before = hives.snapshot(tmp_path)
    assert [result["inDesiredState"] for _, result in engine.configure("test", document)] == [False]
    with pytest.raises(EngineError, match="assertion"):
        engine.configure("set", document)
    assert hives.snapshot(tmp_path) == before
    engine.set({"state": "allowed", "root": root})
    assert [result["inDesiredState"] for _, result in engine.configure("set", document)] == [True]


def test_the_policy_is_converged_to(engine, tmp_path):
    root = hives.volume(tmp_path / "root", {"ann": OFF}, policy=[value("REG_SZ", "allowed", "State")], default=OFF)
    document = over_a_volume(load("policy.dsc.config.yaml"), str(root))
    ((_, result),) = engine.configure("set", document)
    assert result["changedProperties"] == ["state"]
    assert engine.configure("test", document)[0][1]["inDesiredState"] is True


WRONG = [("an unknown member", {"directives": {}}), ("an unknown $schema", {"$schema": "https://example.com/x"}),
         ("a parameter that nobody gave", {"parameters": {"root": {"type": "string"}}})]


@pytest.mark.parametrize("members", [w[1] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_document_would_be_refused(engine, members):
    document = {**load("image.dsc.config.yaml"), **members}
    with pytest.raises(EngineError, match="document"):
        engine.configure("get", document)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_shows_documents_and_answers():
    assert blocks("yaml") and blocks("json")


@pytest.mark.parametrize("text", blocks("yaml"))
def test_documents_in_the_page_are_legal(engine, text):
    for instance in instances(yaml.safe_load(text)["resources"]):
        engine.validate(instance["properties"])


@pytest.mark.parametrize("text", [line for text in blocks("json") for line in text.splitlines()])
def test_answers_in_the_page_are_legal(engine, text):
    shown = json.loads(text)
    if isinstance(shown, dict):
        engine.validate(shown)
    else:
        assert set(shown) <= {"state"}


@pytest.mark.parametrize("text", re.findall(r"""(?:--input|-i) (?:'([^']+)'|"([^"]+)")""", PAGE), ids="".join)
def test_inputs_in_the_page_are_legal(engine, text):
    engine.validate(yaml.safe_load("".join(text)))


def test_the_page_has_inputs():
    assert re.findall(r"--input ['\"]", PAGE)
