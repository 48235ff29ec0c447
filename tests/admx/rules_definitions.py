# SPDX-License-Identifier: MIT
"""What the ADMX defines: complete in itself, and as docs/contract.md wants it."""

import json

from support.tool import PROJECT
from templates import ADMX, LANGUAGES, NS, adml, tag, value

NAMESPACE = "MapiHttp.Policies.Outlook"
# Others set the policies by these names, keys and values: they stay.
POLICIES = {
    "MapiHttp_Use": ("User", r"Software\Microsoft\Exchange", "MapiHttpDisabled"),
    "MapiHttp_Keep": ("Machine", r"Software\Policies\MapiHttp", None),
}
KEEP_ELEMENTS = {
    "MapiHttp_Keep_State": ("enum", None, "State"),
    "MapiHttp_Keep_DefaultProfile": ("boolean", None, "DefaultProfile"),
    "MapiHttp_Keep_Exclude": ("list", r"Software\Policies\MapiHttp\Exclude", None),
}
CONTROLS = {"enum": "dropdownList", "boolean": "checkBox", "list": "listBox"}
ON, OFF, GONE = ("decimal", "1"), ("decimal", "0"), ("delete", None)
# Where an ingested ADMX may not write, and where, below that, it may after all, of what concerns us.
FORBIDDEN = ("system\\", "software\\microsoft\\", "software\\policies\\microsoft\\")
ALLOWED = ("software\\microsoft\\exchange\\", "software\\policies\\microsoft\\exchange\\",
           "software\\microsoft\\office\\", "software\\policies\\microsoft\\office\\")
LARGEST = 1024 * 1024


def truth(element):
    return [value(element.find(f"{NS}{one}Value")) for one in ("true", "false")]


def states():
    """The states that the policy may declare."""
    schema = json.loads((PROJECT / "docs" / "request.schema.json").read_text(encoding="utf-8"))
    return {state for state in schema["properties"]["state"]["enum"] if state not in (None, "policy")}


def namespace(templates):
    targets = templates.admx.findall(f"{NS}policyNamespaces/{NS}target")
    others = templates.admx.findall(f"{NS}policyNamespaces/{NS}using")
    if [one.attrib for one in targets] != [{"prefix": "mapihttp", "namespace": NAMESPACE}]:
        yield f"the namespace is not {NAMESPACE}"
    if others:
        yield "it needs the templates of others"


def policies(templates):
    found = {name: (policy.get("class"), policy.get("key"), policy.get("valueName"))
             for name, policy in templates.policies.items()}
    if found != POLICIES:
        yield f"the policies are {found}"
    if len(list(templates.admx.iter(f"{NS}policy"))) != len(templates.policies):
        yield "two policies of one name"


def both_values(templates):
    """Nothing is left to what an editor does when a value is not there."""
    for name, policy in templates.policies.items():
        if policy.get("valueName"):
            both = [value(policy.find(f"{NS}{state}Value")) for state in ("enabled", "disabled")]
            if None in both or both[0] == both[1]:
                yield f"{name}: enabled and disabled are {both}"
            continue
        disabled = {item.get("valueName"): value(item.find(f"{NS}value"))
                    for item in policy.iterfind(f"{NS}disabledList/{NS}item")}
        for element in templates.elements(name):
            if tag(element) != "list" and disabled.get(element.get("valueName")) != GONE:
                yield f"{name}: Disabled does not delete {element.get('valueName')}"
            if tag(element) == "enum" and element.get("required") != "true":
                yield f"{name}: {element.get('id')} may be left open"
            if tag(element) == "boolean" and None in truth(element):
                yield f"{name}: {element.get('id')} does not write both"


def use(templates):
    """Enabled is the state enabled, Disabled the state disabled."""
    policy = templates.policies["MapiHttp_Use"]
    if (value(policy.find(f"{NS}enabledValue")), value(policy.find(f"{NS}disabledValue"))) != (OFF, ON):
        yield "MapiHttp_Use does not write MapiHttpDisabled 0 when enabled and 1 when disabled"


def keep(templates):
    """What the section Policy of the contract reads, of its types."""
    elements = {element.get("id"): element for element in templates.elements("MapiHttp_Keep")}
    found = {name: (tag(element), element.get("key"), element.get("valueName")) for name, element in elements.items()}
    if found != KEEP_ELEMENTS:
        yield f"the elements are {found}"
        return
    values = [value(item.find(f"{NS}value")) for item in elements["MapiHttp_Keep_State"]]
    if sorted(values) != sorted(("string", state) for state in states()):
        yield f"State is one of {values}"
    both = truth(elements["MapiHttp_Keep_DefaultProfile"])
    if both != [ON, OFF]:
        yield f"DefaultProfile is one of {both}"
    listed = elements["MapiHttp_Keep_Exclude"]
    if listed.get("valuePrefix") != "" or {"explicitValue", "expandable", "additive"} & set(listed.attrib):
        yield "Exclude is not a list of REG_SZ called 1, 2, 3 ... that replaces another"


def references(templates):
    """What is referred to is there, once, and what is there is referred to."""
    for kind, defining in (("parentCategory", "category"), ("supportedOn", "definition")):
        defined = [one.get("name") for one in templates.admx.iter(f"{NS}{defining}")]
        wanted = {one.get("ref") for one in templates.admx.iter(f"{NS}{kind}") if one.get("ref")}
        if sorted(defined) != sorted(wanted):
            yield f"{kind}: {sorted(defined)} are defined, {sorted(wanted)} are wanted"
    for name, policy in templates.policies.items():
        if policy.find(f"{NS}parentCategory") is None or not policy.get("explainText"):
            yield f"{name}: no category, or no explanation"


def presentations(templates):
    """Each element has its control, each control its element."""
    for language, resources in templates.languages.items():
        for name, policy in templates.policies.items():
            wanted = {element.get("id"): CONTROLS[tag(element)] for element in templates.elements(name)}
            shown = resources.presentations.get(policy.get("presentation", "")[len("$(presentation."):-1], ())
            found = {control.get("refId"): tag(control) for control in shown if control.get("refId")}
            if found != wanted or len(found) != sum(control.get("refId") is not None for control in shown):
                yield f"{language}: {name} shows {found}, not {wanted}"


def revisions(templates):
    """The editor takes an ADML that is at least of the revision that the ADMX wants; ours are changed together."""
    wanted = templates.admx.get("revision")
    resources = templates.admx.find(f"{NS}resources")
    if resources.get("minRequiredRevision") != wanted:
        yield f"{ADMX}: minRequiredRevision is not {wanted}"
    if resources.get("fallbackCulture") not in LANGUAGES:
        yield f"{ADMX}: there is no language to fall back to"
    roots = {ADMX: templates.admx, **{adml(one): found.root for one, found in templates.languages.items()}}
    for name, root in roots.items():
        if root.get("revision") != wanted or root.get("schemaVersion") != "1.0":
            yield f"{name}: revision {root.get('revision')}, schemaVersion {root.get('schemaVersion')}"


def intune(templates):
    """What Intune refuses to take in."""
    for element in templates.admx.iter():
        key = f"{element.get('key', '')}\\".lower()
        if key.startswith(FORBIDDEN) and not key.startswith(ALLOWED):
            yield f"an ingested ADMX may not write to {element.get('key')}"
    for name, policy in templates.policies.items():
        if policy.get("class") not in ("User", "Machine"):
            yield f"{name}: its address depends on its class, {policy.get('class')}"
        for element in templates.elements(name):
            if tag(element) not in CONTROLS:
                yield f"{name}: an element {tag(element)}"
    for name, content in templates.files.items():
        if b"]]>" in content or len(content) > LARGEST:
            yield f"{name}: cannot stand in a CDATA section, or is too large"


RULES = (namespace, policies, both_values, use, keep, references, presentations, revisions, intune)
