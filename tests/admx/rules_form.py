# SPDX-License-Identifier: MIT
"""How the files are written: what the editors of Group Policy, Salt's lgpo and Intune can all read."""

import re

from templates import ADMX, FILES

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
TAG = re.compile(r"<[^!?/][^<>]*>")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
WORD = re.compile(r"[A-Za-z0-9_]+")
# What others refer to by name, and what refers to it.
NAMING = ("name", "id", "refId", "ref")


def texts(templates):
    for name, content in templates.files.items():
        yield name, content.decode("utf-8", errors="replace")


def files(templates):
    """One ADML for each language, called as the ADMX, and nothing else."""
    for name in set(FILES) ^ set(templates.files):
        yield f"{name}: {'is no template' if name in templates.files else 'is missing'}"


def utf8(templates):
    """No byte order mark: who pastes the file into a JSON or SyncML payload would carry it along."""
    for name, content in templates.files.items():
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            yield f"{name}: {error}"
            continue
        if "\ufeff" in text:
            yield f"{name}: has a byte order mark"
        elif not text.startswith(DECLARATION + "\r\n"):
            yield f"{name}: does not begin with {DECLARATION}"


def lines(templates):
    """CRLF: Salt knows no other end of a line, and lowers one key per line."""
    for name, text in texts(templates):
        if re.search(r"(?<!\r)\n|\r(?!\n)", text):
            yield f"{name}: a line does not end with CRLF"
        if not text.endswith(">\r\n"):
            yield f"{name}: the last line has no end"
        if re.search(r"[ \t]\r\n|\t", text):
            yield f"{name}: a blank at the end of a line, or a tab"


def quotes(templates):
    for name, text in texts(templates):
        for found in TAG.findall(COMMENT.sub("", text)):
            if re.search(r"=\s*'|\s=|=\s", re.sub(r'"[^"]*"', '""', found)):
                yield f"{name}: not attribute=\"value\": {found}"


def keys(templates):
    """Salt makes the first key="..." of a line lower case, and finds by that only."""
    text = templates.files[ADMX].decode()
    for line in text.split("\r\n"):
        if line.count('key="') > 1:
            yield f"two keys in one line: {line.strip()}"
    if 'defaultKey="' in text:
        yield "a defaultKey is not found by Salt"
    if re.search(r'key="(?:\\|[^"]*(?:\\"|/|\\\\|HKEY))', text):
        yield "a key begins or ends with a backslash, or is none"


def identifiers(templates):
    """All begin alike: Salt looks names up in the texts of all templates at once."""
    for name in (file for file in FILES if file in templates.files):
        for element in templates.root(name).iter():
            for attribute in NAMING:
                found = element.get(attribute)
                if found is not None and not (WORD.fullmatch(found) and found.startswith("MapiHttp")):
                    yield f"{name}: {attribute}=\"{found}\""
    for kind in ("string", "presentation"):
        for found in templates.references(kind):
            if not WORD.fullmatch(found):
                yield f"{ADMX}: $({kind}.{found})"


RULES = (files, utf8, lines, quotes, keys, identifiers)
