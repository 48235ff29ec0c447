# SPDX-License-Identifier: MIT
"""A stand-in for DSC's engine, which cannot be had here: it makes the engine's calls and judges the answers as
the engine does, of one release at a time. It knows only what this resource and its examples need, and is
stricter in one thing: what the engine would pass over without a word is refused.
"""

import json
import os
import re
import subprocess
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from jsonschema import Draft202012Validator
from support import tool

RELEASES = ["3.0", "3.1", "3.2"]
MANIFEST = tool.PROJECT / "plugin" / "dsc" / "mapihttp.dsc.resource.json"

# A manifest's members, and those that newer releases know besides.
TOP = {"$schema", "type", "kind", "version", "description", "tags", "get", "set", "whatIf", "test", "delete",
       "export", "resolve", "validate", "adapter", "exitCodes", "schema"}
TOP_SINCE_32 = {"condition", "deprecationMessage", "metadata"}
REQUIRED = {"$schema", "type", "version"}
METHODS = ("get", "set", "whatIf", "test", "export")
METHOD = {"executable", "args", "input"}
METHOD_SINCE_32 = {"requireSecurityContext"}
METHOD_MORE = {"set": {"implementsPretest", "handlesExist", "return"},
               "whatIf": {"implementsPretest", "handlesExist", "return"}, "test": {"return"}}
METHOD_MORE_SINCE_32 = {"set": {"whatIfReturns"}}
ARGUMENTS_SINCE_32 = ({"whatIfArg"}, {"resourceTypeArg"})
MANIFEST_URIS = re.compile(r"https://(aka\.ms/dsc|raw\.githubusercontent\.com/PowerShell/DSC/main)/schemas/"
                           r"v3/(bundled/)?resource/manifest(\.vscode)?\.json")
TYPE = re.compile(r"\w+(\.\w+){0,2}/\w+", re.ASCII)
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?", re.ASCII)

# A configuration document's.
DOCUMENT = {"$schema", "contentVersion", "parameters", "variables", "resources", "metadata"}
DOCUMENT_URIS = {"https://aka.ms/dsc/schemas/v3/bundled/config/document.json",
                 "https://raw.githubusercontent.com/PowerShell/DSC/main/schemas/2023/08/config/document.json"}
INSTANCE = {"type", "name", "dependsOn", "properties", "metadata", "kind"}
ASSERTION = "Microsoft.DSC/Assertion"
PARAMETER = re.compile(r"\[parameters\('(\w+)'\)\]")

LEVELS = ("error", "warn", "info", "debug", "trace")


class EngineError(Exception):
    """What dsc would end with. kind: "manifest", "document", "assertion", "schema", "exit" or
    "output"."""

    def __init__(self, kind, message, code=None):
        super().__init__(f"{kind}: {message}")
        self.kind, self.message, self.code = kind, message, code


@dataclass
class Call:
    """One start of the resource."""

    verb: str
    stdin: bytes | None
    code: int
    out: bytes
    err: bytes


@dataclass
class Engine:
    """One release of the engine and the one resource that is in `folder`."""

    folder: Path
    release: str = "3.2"
    calls: list = field(default_factory=list)
    traces: list = field(default_factory=list)  # (level, message) that the resource said
    text: list = field(default_factory=list)  # what it said that is no trace

    def __post_init__(self):
        (path,) = Path(self.folder).glob("*.dsc.resource.json")
        self.manifest = load_manifest(path.read_bytes(), self.release)
        self.validator = Draft202012Validator(self.manifest["schema"]["embedded"])
        Draft202012Validator.check_schema(self.validator.schema)

    @property
    def verbs(self):
        return [call.verb for call in self.calls]

    def validate(self, value):
        problems = sorted(error.message for error in self.validator.iter_errors(value))
        if problems:
            raise EngineError("schema", "; ".join(problems))

    def invoke(self, operation, properties):
        """Starts the resource: properties as UTF-8 on stdin, or nothing to read where there are none."""
        method = self.manifest[operation]
        name = method["executable"]
        program = Path(self.folder) / (f"{name}.exe" if tool.WINDOWS and "." not in name else name)
        stdin = None
        if properties is not None and method.get("input") == "stdin":
            stdin = json.dumps(properties, ensure_ascii=False).encode()
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        for _ in range(3):
            done = subprocess.run([*tool.PREFIX, str(program), *method["args"]], capture_output=True,
                                  cwd=self.folder, timeout=tool.TIMEOUT, check=False,
                                  env={**os.environ, "DSC_TRACE_LEVEL": "warn"}, **given)
            if not tool.started_in_vain(done):
                break
            if operation != "export":  # which has nothing to say where nobody is
                warnings.warn(f"Wine did not start dsc {operation}; run again", stacklevel=2)
        self.calls.append(Call(operation, stdin, done.returncode, done.stdout, done.stderr))
        self.hear(done.stderr)
        if done.returncode:
            said = self.manifest["exitCodes"].get(str(done.returncode), " ".join(self.text))
            raise EngineError("exit", said, done.returncode)
        try:
            return done.stdout.decode("utf-8")
        except UnicodeDecodeError as error:
            raise EngineError("output", str(error)) from error

    def hear(self, stderr):
        for line in stderr.decode("utf-8").splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                said = None
            level = next((level for level in LEVELS if isinstance(said, dict) and level in said), None)
            if level is None:
                self.text.append(line)
            else:
                self.traces.append((level, said[level]))

    def parse(self, text):
        """All of it is one JSON object that the schema allows."""
        try:
            value = json.loads(text)
        except ValueError as error:
            raise EngineError("output", f"{error}: {text!r}") from error
        self.validate(value)
        return value

    def get(self, properties=None):
        if properties is not None:
            self.validate(properties)
        return self.parse(self.invoke("get", properties))

    def test(self, properties):
        self.validate(properties)
        actual = self.parse(self.invoke("test", properties))
        differing = differences(properties, actual)
        decided = actual.get("_inDesiredState", not differing)
        if not isinstance(decided, bool):
            raise EngineError("output", "_inDesiredState is no boolean")
        return {"desiredState": properties, "actualState": actual, "inDesiredState": decided,
                "differingProperties": differing}

    def set(self, properties, what_if=False):
        operation = "whatIf" if what_if else "set"
        method = self.manifest[operation]
        self.validate(properties)
        if not method.get("implementsPretest"):
            tested = self.test(properties)
            if tested["inDesiredState"] and not what_if:
                return {"beforeState": properties, "afterState": tested["actualState"], "changedProperties": None}
        before = self.parse(self.invoke("get", properties))
        out = self.invoke(operation, properties)
        if method.get("return") == "stateAndDiff":
            lines = out.splitlines()
            if len(lines) != 2:
                raise EngineError("output", f"{len(lines)} lines where there should be two")
            after, changed = self.parse(lines[0]), json.loads(lines[1])
            if not isinstance(changed, list) or not all(isinstance(name, str) for name in changed):
                raise EngineError("output", f"no list of names: {lines[1]}")
        else:
            after = self.parse(out if method.get("return") else self.invoke("get", properties))
            changed = differences(after, before)
        return {"beforeState": before, "afterState": after, "changedProperties": changed}

    def export(self, properties=None):
        if properties is not None:
            self.validate(properties)
        return [self.parse(line) for line in self.invoke("export", properties).splitlines()]

    def configure(self, operation, document, parameters=None):
        """dsc config get|test|set|whatif: (name, result) of each resource of a document, in order."""
        results = []
        for instance in read_document(document, parameters or {}):
            if instance["type"] == ASSERTION:
                inner = self.configure("test", instance["properties"])
                holds = all(result["inDesiredState"] for _, result in inner)
                refuse_unless(holds or operation == "test", "assertion", instance["name"])
                results += inner
                continue
            refuse_unless(instance["type"] == self.manifest["type"], "document", f"no {instance['type']} here")
            properties = instance.get("properties", {})
            if "metadata" in instance:
                others = {k: v for k, v in instance["metadata"].items() if k != "Microsoft.DSC"}
                with_metadata = {**properties, "_metadata": others}
                if self.validator.is_valid(with_metadata):
                    properties = with_metadata
            if operation == "whatif":
                result = self.set(properties, what_if=True)
            else:
                result = getattr(self, operation)(properties)
            results.append((instance["name"], result))
        return results


def differences(expected, actual):
    """The members of one object that the other has not, or has otherwise."""
    return sorted(name for name, value in expected.items() if name not in actual or not alike(value, actual[name]))


def alike(expected, actual):
    if isinstance(expected, dict):
        return isinstance(actual, dict) and not differences(expected, actual)
    return type(expected) is type(actual) and expected == actual


def refuse_unless(condition, kind, message):
    if not condition:
        raise EngineError(kind, message)


def load_manifest(content, release):
    """The manifest, if this release takes it."""
    newer = RELEASES.index(release) >= RELEASES.index("3.2")
    manifest = json.loads(content)
    known = TOP | (TOP_SINCE_32 if newer else set())
    refuse_unless(not manifest.keys() - known, "manifest", f"unknown: {sorted(manifest.keys() - known)}")
    refuse_unless(not REQUIRED - manifest.keys(), "manifest", f"missing: {sorted(REQUIRED - manifest.keys())}")
    refuse_unless(MANIFEST_URIS.fullmatch(manifest["$schema"]), "manifest", "$schema")
    refuse_unless(TYPE.fullmatch(manifest["type"]), "manifest", "type")
    refuse_unless(VERSION.fullmatch(manifest["version"]), "manifest", "version")
    refuse_unless(all(re.fullmatch(r"\w+", tag) for tag in manifest.get("tags", [])), "manifest", "tags")
    for code, text in manifest.get("exitCodes", {}).items():
        refuse_unless(re.fullmatch(r"-?\d+", code) and isinstance(text, str), "manifest", f"exitCodes: {code}")
    for name in METHODS:
        if name in manifest:
            check_method(name, manifest[name], newer)
    schema = manifest.get("schema")
    refuse_unless(schema and schema.keys() == {"embedded"}, "manifest", "schema")
    return manifest


def check_method(name, method, newer):
    known = METHOD | METHOD_MORE.get(name, set())
    if newer:
        known |= METHOD_SINCE_32 | METHOD_MORE_SINCE_32.get(name, set())
    refuse_unless(not method.keys() - known, "manifest", f"{name}: unknown: {sorted(method.keys() - known)}")
    refuse_unless(isinstance(method.get("executable"), str), "manifest", f"{name}: executable")
    refuse_unless(method.get("input") in (None, "stdin", "env"), "manifest", f"{name}: input")
    refuse_unless(method.get("return") in (None, "state", "stateAndDiff"), "manifest", f"{name}: return")
    for argument in method.get("args", []):
        legal = isinstance(argument, str) or (isinstance(argument, dict) and (
            "jsonInputArg" in argument or (newer and argument.keys() in ARGUMENTS_SINCE_32)))
        refuse_unless(legal, "manifest", f"{name}: args: {argument}")


def read_document(document, given):
    """The resources of a configuration document, with the parameters' values in place."""
    refuse_unless(not document.keys() - DOCUMENT, "document", f"unknown: {sorted(document.keys() - DOCUMENT)}")
    refuse_unless(document.get("$schema") in DOCUMENT_URIS, "document", "$schema")
    declared = document.get("parameters", {})
    refuse_unless(not given.keys() - declared.keys(), "document", "a parameter that is not declared")
    values = {name: given.get(name, what.get("defaultValue")) for name, what in declared.items()}
    names = [instance["name"] for instance in document["resources"]]
    refuse_unless(len(set(names)) == len(names), "document", "a name is there twice")
    for instance in document["resources"]:
        refuse_unless(not instance.keys() - INSTANCE, "document", f"unknown: {sorted(instance.keys() - INSTANCE)}")
        yield {**instance, "properties": filled(instance.get("properties", {}), values)}


def filled(value, values):
    if isinstance(value, dict):
        return {name: filled(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in value]
    if isinstance(value, str) and value.startswith("["):
        named = PARAMETER.fullmatch(value)
        refuse_unless(named and values.get(named[1]) is not None, "document", f"expression: {value}")
        return values[named[1]]
    return value
