# SPDX-License-Identifier: MIT
"""The administrative templates in admx/, read. A rule is a function that takes them and yields what is wrong."""

import re
from functools import cached_property
from types import SimpleNamespace

from lxml import etree
from support.tool import PROJECT

FOLDER = PROJECT / "admx"
ADMX = "mapihttp.admx"
ENGLISH = "en-US"
LANGUAGES = (ENGLISH, "de-DE", "es-ES", "fr-FR", "ja-JP", "pt-BR", "vi-VN", "zh-CN")
NS = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
REFERENCE = re.compile(r"\$\((string|presentation)\.([^)]*)\)")


def adml(language):
    return f"{language}/mapihttp.adml"


FILES = (ADMX, *map(adml, LANGUAGES))


class Templates:
    """`files`: the name of each file below admx/, and its bytes."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def shipped(cls):
        return cls({path.relative_to(FOLDER).as_posix(): path.read_bytes()
                    for path in sorted(FOLDER.rglob("*")) if path.is_file()})

    def changed(self, name, *changes):
        """The same with one file changed: (old, new) texts, of which the old one must be there."""
        text = self.files[name].decode()
        for old, new in changes:
            assert old in text, (name, old)
            text = text.replace(old, new)
        return Templates({**self.files, name: text.encode()})

    def root(self, name):
        return etree.fromstring(self.files[name], etree.XMLParser(remove_comments=True, resolve_entities=False))

    @cached_property
    def admx(self):
        return self.root(ADMX)

    @cached_property
    def policies(self):
        """name -> policy element."""
        return {policy.get("name"): policy for policy in self.admx.iter(f"{NS}policy")}

    @cached_property
    def languages(self):
        """language -> root, strings (id -> text), presentations (id -> element), texts (where -> text)."""
        return {language: self.language(self.root(adml(language))) for language in LANGUAGES}

    @staticmethod
    def language(root):
        strings = {string.get("id"): string.text or "" for string in root.iter(f"{NS}string")}
        presentations = {one.get("id"): one for one in root.iter(f"{NS}presentation")}
        texts = {name: root.findtext(f"{NS}{name}") or "" for name in ("displayName", "description")}
        texts |= strings
        for name, presentation in presentations.items():
            for number, control in enumerate(presentation):
                texts[f"{name}/{number}"] = control.text or ""
        return SimpleNamespace(root=root, strings=strings, presentations=presentations, texts=texts)

    def references(self, kind):
        """Every $(string.ID) or $(presentation.ID) in the ADMX."""
        return [name for element in self.admx.iter() for value in element.attrib.values()
                for found, name in REFERENCE.findall(value) if found == kind]

    def elements(self, policy):
        found = self.policies[policy].find(f"{NS}elements")
        return [] if found is None else list(found)


def tag(element):
    return etree.QName(element).localname


def value(parent):
    """What a value element says: ("decimal", "0"), ("string", "allowed"), ("delete", None); None when there is none."""
    if parent is None or len(parent) != 1:
        return None
    (inner,) = parent
    return tag(inner), inner.text if tag(inner) == "string" else inner.get("value")
