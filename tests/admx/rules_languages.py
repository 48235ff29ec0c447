# SPDX-License-Identifier: MIT
"""All languages say the same, each in its own words."""

import re
from collections import Counter

from templates import ENGLISH, NS, tag

# The limit of an explanation in the older ADM files, which editors still have; names had 255.
EXPLANATION, NAME, LABEL = 4095, 255, 80
# What is the same in every language: keys, commands, the names of programs and updates.
FIXED = re.compile(r'HKEY_[\w\\]+|KB\d+|"mapihttp apply state=\w+"|state=\w+|"managed_by": "group_policy"|RPC/HTTP'
                   r"|MapiHttpDisabled|CONTOSO\\ann|\bmapihttp\b|SYSTEM|\bSID\b|Default\b|Exchange Online"
                   r"|[*?](?=\W)", re.ASCII)
# The editor's own words for Not Configured and Enabled.
EDITOR = {
    "en-US": ("Not Configured", "Enabled"), "de-DE": ('"Nicht konfiguriert"', '"Aktiviert"'),
    "es-ES": ('"No configurada"', '"Habilitada"'), "fr-FR": ("«\xa0Non configuré\xa0»", "«\xa0Activé\xa0»"),
    "ja-JP": ("[未構成]", "[有効]"), "pt-BR": ('"Não Configurado"', '"Habilitado"'),
    "vi-VN": ('"Chưa cấu hình" (Not Configured)', '"Đã bật" (Enabled)'), "zh-CN": ("“未配置”", "“已启用”"),
}
# Letters without which no explanation in that language can do, and the language is not that of another.
LETTERS = {"de-DE": "äöüß", "es-ES": "áéíóúñ", "fr-FR": "àéèê", "ja-JP": "のをに", "pt-BR": "ãçõê", "vi-VN": "ạđểườ",
           "zh-CN": "的则将"}
STATES = {f"MapiHttp_State_{state}": state.lower() for state in ("Allowed", "Enabled", "Disabled", "Absent")}


def others(templates):
    english = templates.languages[ENGLISH]
    for language, resources in templates.languages.items():
        if language != ENGLISH:
            yield language, resources, english


def identifiers(templates):
    """The same strings and presentations, in the same order, none twice."""
    for language, resources, english in others(templates):
        for kind in ("string", "presentation"):
            mine, theirs = ([one.get("id") for one in each.root.iter(f"{NS}{kind}")] for each in (resources, english))
            if mine != theirs:
                yield f"{language}: {kind}s {sorted(set(mine) ^ set(theirs)) or 'in another order, or twice'}"


def used(templates):
    """Every string and presentation is referred to, and is there."""
    for language, resources in templates.languages.items():
        for kind, there in (("string", resources.strings), ("presentation", resources.presentations)):
            wanted = set(templates.references(kind))
            for name in wanted - set(there):
                yield f"{language}: {kind} {name} is missing"
            for name in set(there) - wanted:
                yield f"{language}: {kind} {name} is not used"


def controls(templates):
    """What a presentation shows does not depend on the language."""
    def shape(resources):
        return {name: [(tag(control), dict(control.attrib)) for control in one]
                for name, one in resources.presentations.items()}
    for language, resources, english in others(templates):
        if shape(resources) != shape(english):
            yield f"{language}: other controls"


def filled(templates):
    for language, resources in templates.languages.items():
        for where, text in resources.texts.items():
            if not text.strip() or text != text.strip() or "  " in text or "$(" in text:
                yield f"{language}: {where}: {text[:40]!r}"


def lengths(templates):
    for language, resources in templates.languages.items():
        for where, text in resources.texts.items():
            most = EXPLANATION if where.endswith("_Help") else LABEL if "/" in where or where in STATES else NAME
            if len(text) > most:
                yield f"{language}: {where}: {len(text)} characters, of {most}"
            if not where.endswith("_Help") and "\n" in text:
                yield f"{language}: {where}: several lines"


def paragraphs(templates):
    """Line by line the same kinds: text, item of a list, nothing."""
    def kinds(text):
        return [line[:2] == "- " if line else None for line in text.split("\n")]
    for language, resources, english in others(templates):
        for where in english.texts.keys() & resources.texts.keys():
            if kinds(resources.texts[where]) != kinds(english.texts[where]):
                yield f"{language}: {where}: other paragraphs"


def fixed(templates):
    """The technical words of each text."""
    for language, resources, english in others(templates):
        for where in english.texts.keys() & resources.texts.keys():
            mine, theirs = (Counter(FIXED.findall(each.texts[where])) for each in (resources, english))
            if mine != theirs:
                yield f"{language}: {where}: {dict(mine - theirs)} more, {dict(theirs - mine)} fewer"


def numbers(templates):
    for language, resources, english in others(templates):
        for where in english.texts.keys() & resources.texts.keys():
            mine, theirs = (Counter(re.findall(r"\d+", each.texts[where])) for each in (resources, english))
            if mine != theirs:
                yield f"{language}: {where}: numbers {dict(mine - theirs)} more, {dict(theirs - mine)} fewer"


def translated(templates):
    for language, resources, english in others(templates):
        for where, text in resources.texts.items():
            if text == english.texts.get(where):
                yield f"{language}: {where}: is English"
        for where in ("MapiHttp_Use_Help", "MapiHttp_Keep_Help"):
            if not any(letter in resources.texts.get(where, "") for letter in LETTERS[language]):
                yield f"{language}: {where}: is no text of that language"
        explained = english.texts["MapiHttp_Use_Help"].split("\n") + english.texts["MapiHttp_Keep_Help"].split("\n")
        mine = {line for where, text in resources.texts.items() if where.endswith("_Help") for line in text.split("\n")}
        for line in mine & set(explained) - {""}:
            yield f"{language}: is English: {line[:60]}"


def words(templates):
    """What the editor and mapihttp call things is what the texts call them."""
    for language, resources in templates.languages.items():
        texts = resources.texts
        for term in EDITOR[language]:
            if term not in texts.get("MapiHttp_Use_Help", ""):
                yield f"{language}: MapiHttp_Use_Help: the editor says {term}"
        for mine, other in (("MapiHttp_Use", "MapiHttp_Keep"), ("MapiHttp_Keep", "MapiHttp_Use")):
            if texts.get(other, "-") not in texts.get(f"{mine}_Help", ""):
                yield f"{language}: {mine}_Help does not name {other}"
        for where, state in STATES.items():
            label = texts.get(where, "")
            if state not in label.lower():
                yield f"{language}: {where} does not say {state}"
            if f"\n- {re.split('[(:]', label)[0].strip()}" not in texts.get("MapiHttp_Keep_Help", ""):
                yield f"{language}: MapiHttp_Keep_Help does not explain {where}"


RULES = (identifiers, used, controls, filled, lengths, paragraphs, fixed, numbers, translated, words)
