# SPDX-License-Identifier: MIT
"""What the editors of Group Policy write for a policy of an ADMX, and what Windows then makes of it in the registry.
A record is (key, name, type, bytes), as in preg. A registry is {(key, name), both in lower case: record}."""

import struct

from lxml import etree

from support.preg import text

SZ, DWORD = 1, 4
NS = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
ENABLED, DISABLED, NOT_CONFIGURED = "enabled", "disabled", "not configured"
# The keys that Windows empties before it applies policies anew; what is elsewhere stays.
OF_POLICIES = ("software\\policies\\", "software\\microsoft\\windows\\currentversion\\policies\\")


class Misuse(ValueError):
    """What an editor would not let somebody set."""


def tag(element):
    return etree.QName(element).localname


def removed(key, name):
    return key, f"**del.{name}", SZ, text(" ")


def emptied(key):
    return key, "**delvals.", SZ, text(" ")


def written(key, name, value):
    """The record of a value element: <enabledValue>, <value> and so on."""
    (what,) = value
    if tag(what) == "delete":
        return removed(key, name)
    if tag(what) == "decimal":
        return key, name, DWORD, struct.pack("<I", int(what.get("value")))
    return key, name, SZ, text(what.text)


def listed(policy, which):
    """The records of an <enabledList> or <disabledList>."""
    found = policy.find(f"{NS}{which}List")
    for item in () if found is None else found:
        key = item.get("key") or found.get("defaultKey") or policy.get("key")
        yield written(key, item.get("valueName"), item.find(f"{NS}value"))


def enum(element, key, choice):
    """`choice`: the text or the number that the chosen item stands for."""
    for item in element.iterfind(f"{NS}item"):
        (what,) = item.find(f"{NS}value")
        if choice is not None and choice in (what.text, what.get("value")):
            yield written(key, element.get("valueName"), item.find(f"{NS}value"))
            return
    if choice is not None or element.get("required") == "true":
        raise Misuse(f"{element.get('id')}: {choice!r} cannot be chosen")


def boolean(element, key, choice):
    yield written(key, element.get("valueName"), element.find(f"{NS}{'true' if choice else 'false'}Value"))


def list_(element, key, choice):
    """Values called 1, 2, 3 ... after a prefix, without one as their data; what another object listed goes."""
    prefix = element.get("valuePrefix")
    if element.get("additive") != "true":
        yield emptied(key)
    for number, one in enumerate(choice or (), start=1):
        yield key, one if prefix is None else f"{prefix}{number}", SZ, text(one)


KINDS = {"enum": enum, "boolean": boolean, "list": list_}


def find(admx, name):
    root = etree.parse(str(admx), etree.XMLParser(remove_comments=True)).getroot()
    for policy in root.iter(f"{NS}policy"):
        if policy.get("name") == name:
            return policy
    raise Misuse(f"there is no policy {name}")


def enabled(policy, elements):
    if policy.get("valueName"):
        yield written(policy.get("key"), policy.get("valueName"), policy.find(f"{NS}enabledValue"))
    yield from listed(policy, "enabled")
    for element in policy.iterfind(f"{NS}elements/*"):
        key = element.get("key") or policy.get("key")
        yield from KINDS[tag(element)](element, key, elements.get(element.get("id")))


def disabled(policy):
    if policy.get("valueName"):
        yield written(policy.get("key"), policy.get("valueName"), policy.find(f"{NS}disabledValue"))
    yield from listed(policy, "disabled")
    for element in policy.iterfind(f"{NS}elements/*"):
        key = element.get("key") or policy.get("key")
        yield emptied(key) if tag(element) == "list" else removed(key, element.get("valueName"))


def records(admx, name, setting, **elements):
    """The records of one policy, each once. `elements`: what is chosen, by the element's id."""
    policy = find(admx, name)
    unknown = set(elements) - {element.get("id") for element in policy.iterfind(f"{NS}elements/*")}
    if unknown or (elements and setting != ENABLED):
        raise Misuse(f"{name}, {setting}: {sorted(unknown or elements)} cannot be set")
    made = {ENABLED: lambda: enabled(policy, elements), DISABLED: lambda: disabled(policy), NOT_CONFIGURED: list}
    return list(dict.fromkeys(made[setting]()))


def policy_class(admx, name):
    return find(admx, name).get("class")


def applied(*objects, registry=()):
    """A registry after Windows applied the Group Policy objects (each a list of records), the one that counts most
    last."""
    kept = {where: record for where, record in dict(registry).items() if not f"{where[0]}\\".startswith(OF_POLICIES)}
    for record in (one for each in objects for one in each):
        key, name = record[0].lower(), record[1].lower()
        if name == "**delvals.":
            kept = {where: one for where, one in kept.items() if where[0] != key}
        elif name.startswith("**del."):
            kept.pop((key, name[len("**del."):]), None)
        else:
            kept[key, name] = record
    return kept


def values(registry, key):
    """The values of a key as the builder of hives takes them."""
    found = [record for (where, _), record in registry.items() if where == key.lower()]
    return [{"name": name, "type": "REG_DWORD", "data": struct.unpack("<I", data)[0]} if kind == DWORD else
            {"name": name, "type": "REG_SZ", "data": data.decode("utf-16-le").rstrip("\0")}
            for _, name, kind, data in found]
