# SPDX-License-Identifier: MIT
"""The templates keep every rule, and each rule finds what breaks it."""

import pytest
import rules_definitions
import rules_form
import rules_languages
from templates import ADMX, Templates, adml

ALL = {f"{module.__name__[len('rules_'):]} {rule.__name__}": rule
       for module in (rules_form, rules_definitions, rules_languages) for rule in module.RULES}
DE, EN, FR, JA = adml("de-DE"), adml("en-US"), adml("fr-FR"), adml("ja-JP")
ELEMENT = '<boolean id="MapiHttp_Keep_DefaultProfile" valueName="DefaultProfile">'
ENABLED, DISABLED = '<decimal value="0" />\r\n      </enabledValue>', '<decimal value="1" />\r\n      </disabledValue>'
WITHOUT_DISABLED = [(f"<disabledValue>\r\n        {DISABLED}", "")]
NOT_CONFIGURED = "Nicht konfiguriert"

# What breaks a rule: the rule, the file, the changes to it.
BREAKERS = [
    ("form utf8", ADMX, [('encoding="utf-8"', 'encoding="utf-16"')]),
    ("form utf8", DE, [("<?xml version", "\ufeff<?xml version")]),
    ("form lines", ADMX, [("\r\n", "\n")]),
    ("form lines", JA, [("  <resources>\r\n", "  <resources>\n")]),
    ("form lines", ADMX, [("</policyDefinitions>\r\n", "</policyDefinitions>")]),
    ("form lines", ADMX, [("<policies>", "<policies> ")]),
    ("form lines", ADMX, [("    <policy ", "\t<policy ")]),
    ("form quotes", ADMX, [('key="Software\\Policies\\MapiHttp">', "key='Software\\Policies\\MapiHttp'>")]),
    ("form quotes", ADMX, [('name="MapiHttp_Use"', 'name = "MapiHttp_Use"')]),
    ("form keys", ADMX, [('<item valueName="State">', '<item key="A" valueName="State"><x key="B" />')]),
    ("form keys", ADMX, [("<disabledList>", '<disabledList defaultKey="Software\\Policies\\MapiHttp">')]),
    ("form keys", ADMX, [('key="Software\\Microsoft', 'key="HKEY_CURRENT_USER\\Software\\Microsoft')]),
    ("form keys", ADMX, [('key="Software\\Microsoft\\Exchange"', 'key="Software\\Microsoft\\Exchange\\"')]),
    ("form identifiers", ADMX, [("MapiHttp_Use", "MapiHttp.Use")]),
    ("form identifiers", ADMX, [('name="MapiHttp_Use"', 'name="Use"')]),
    ("form identifiers", ADMX, [("$(string.MapiHttp_Use)", "$(string.MapiHttp-Use)")]),
    ("form identifiers", EN, [('id="MapiHttp_Use"', 'id="MapiHttp Use"')]),
    ("definitions namespace", ADMX, [("MapiHttp.Policies.Outlook", "Microsoft.Policies.Outlook")]),
    ("definitions namespace", ADMX, [("</policyNamespaces>", '<using prefix="w" namespace="W" /></policyNamespaces>')]),
    ("definitions policies", ADMX, [('class="User"', 'class="Both"')]),
    ("definitions policies", ADMX, [('valueName="MapiHttpDisabled"', 'valueName="MapiHttpDisable"')]),
    ("definitions policies", ADMX, [
        ("</policies>", '<policy name="MapiHttp_Use" class="User" key="Software\\Microsoft\\Exchange" '
                        'valueName="MapiHttpDisabled" /></policies>')]),
    ("definitions both_values", ADMX, WITHOUT_DISABLED),
    ("definitions both_values", ADMX, [('<decimal value="1" />', '<decimal value="0" />')]),
    ("definitions both_values", ADMX, [('<item valueName="State">', '<item valueName="States">')]),
    ("definitions both_values", ADMX, [("<delete />", '<decimal value="0" />')]),
    ("definitions both_values", ADMX, [(' required="true"', "")]),
    ("definitions both_values", ADMX, [("falseValue", "other")]),
    ("definitions use", ADMX, [(DISABLED, DISABLED.replace("1", "2"))]),
    ("definitions use", ADMX, [(ENABLED, "<string>0</string></enabledValue>")]),
    ("definitions keep", ADMX, [("<string>absent</string>", "<string>Absent</string>")]),
    ("definitions keep", ADMX, [("<string>absent</string>", "<string>policy</string>")]),
    ("definitions keep", ADMX, [("<trueValue>", "<a>"), ("</trueValue>", "</a>"), ("falseValue", "trueValue")]),
    ("definitions keep", ADMX, [(ELEMENT, ELEMENT.replace('"DefaultProfile"', '"Default"'))]),
    ("definitions keep", ADMX, [('valuePrefix="" ', "")]),
    ("definitions keep", ADMX, [('valuePrefix="" ', 'valuePrefix="" additive="true" ')]),
    ("definitions keep", ADMX, [("MapiHttp\\Exclude", "MapiHttp\\Excluded")]),
    ("definitions references", ADMX, [('<parentCategory ref="MapiHttp" />', '<parentCategory ref="MapiHttps" />')]),
    ("definitions references", ADMX, [('<supportedOn ref="MapiHttp_Supported_Windows" />', "")]),
    ("definitions references", ADMX, [('explainText="$(string.MapiHttp_Keep_Help)"', "")]),
    ("definitions presentations", DE, [('refId="MapiHttp_Keep_State"', 'refId="MapiHttp_State"')]),
    ("definitions presentations", DE, [("checkBox", "textBox")]),
    ("definitions presentations", ADMX, [('presentation="$(presentation.MapiHttp_Keep)"', "")]),
    ("definitions revisions", ADMX, [('minRequiredRevision="1.0"', 'minRequiredRevision="1.1"')]),
    ("definitions revisions", ADMX, [('fallbackCulture="en-US"', 'fallbackCulture="it-IT"')]),
    ("definitions revisions", DE, [('revision="1.0"', 'revision="0.9"')]),
    ("definitions intune", ADMX, [("Software\\Microsoft\\Exchange", "Software\\Microsoft\\Exchanges")]),
    ("definitions intune", ADMX, [("Software\\Policies\\MapiHttp", "SYSTEM\\MapiHttp")]),
    ("definitions intune", ADMX, [('class="Machine"', 'class="Both"')]),
    ("definitions intune", ADMX, [("<!-- valuePrefix", "<!-- ]]> valuePrefix")]),
    ("definitions intune", ADMX, [(ELEMENT, '<text id="MapiHttp_Keep_Text" />' + ELEMENT)]),
    ("languages identifiers", DE, [('id="MapiHttp_State_Absent"', 'id="MapiHttp_State_Gone"')]),
    ("languages identifiers", DE, [("<stringTable>", '<stringTable><string id="MapiHttp_Use">a</string>')]),
    ("languages used", DE, [("</stringTable>", '<string id="MapiHttp_More">mehr</string></stringTable>')]),
    ("languages used", DE, [('presentation id="MapiHttp_Keep"', 'presentation id="MapiHttp_Kept"')]),
    ("languages used", ADMX, [("$(string.MapiHttp_State_Absent)", "$(string.MapiHttp_State_Gone)")]),
    ("languages controls", DE, [('defaultItem="0"', 'defaultItem="1"')]),
    ("languages controls", DE, [(' defaultChecked="true"', "")]),
    ("languages filled", DE, [("MAPI über HTTP in Outlook verwenden</string>", "</string>")]),
    ("languages filled", DE, [(">Gewünschter", "> Gewünschter")]),
    ("languages lengths", DE, [("Mit dieser", "Mit dieser " + "x" * 4095)]),
    ("languages lengths", DE, [("Outlook: MAPI", "Outlook: " + "x" * 255)]),
    ("languages lengths", DE, [("Gewünschter", "x" * 80)]),
    ("languages lengths", DE, [("Gewünschter ", "Gewünschter\r\n")]),
    ("languages paragraphs", DE, [("- Erlaubt:", "Erlaubt:")]),
    ("languages paragraphs", DE, [("Wert nur beim Start:", "Wert\r\n\r\nnur beim Start:")]),
    ("languages fixed", DE, [("KB2956191", "KB2956192")]),
    ("languages fixed", DE, [("state=absent", "Zustand=absent")]),
    ("languages fixed", JA, [('"managed_by": "group_policy"', "managed_by")]),
    ("languages fixed", FR, [("HKEY_LOCAL_MACHINE\\Software", "HKEY_LOCAL_MACHINE\\Logiciel")]),
    ("languages numbers", DE, [("2013 SP1", "2013 SP2")]),
    ("languages numbers", JA, [("値は 0 になり", "値は 1 になり")]),
    ("languages translated", DE, [("MAPI über HTTP in Outlook verwenden", "Use MAPI over HTTP in Outlook")]),
    ("languages translated", DE, [
        ("Wenn Sie diese Richtlinieneinstellung aktivieren, ist der Wert 0: Outlook darf MAPI über HTTP verwenden.",
         "If you enable this policy setting, the value is 0: Outlook may use MAPI over HTTP.")]),
    ("languages words", DE, [(NOT_CONFIGURED, "Nicht festgelegt")]),
    ("languages words", DE, [(">MAPI über HTTP in Outlook verwenden<", ">MAPI über HTTP in Outlook benutzen<")]),
    ("languages words", DE, [("Erlaubt (allowed)", "Erlaubt")]),
    ("languages words", DE, [("- Erlaubt:", "- Gestattet:")]),
]


@pytest.fixture(scope="module")
def shipped():
    return Templates.shipped()


@pytest.mark.parametrize("rule", ALL)
def test_the_templates_keep_the_rule(shipped, rule):
    assert not list(ALL[rule](shipped))


@pytest.mark.parametrize(("rule", "name", "changes"), BREAKERS, ids=[f"{one[0]} {number}" for number, one
                                                                     in enumerate(BREAKERS)])
def test_the_rule_finds_what_breaks_it(shipped, rule, name, changes):
    assert list(ALL[rule](shipped.changed(name, *changes)))


@pytest.mark.parametrize("change", [{"it-IT/mapihttp.adml": b""}, {"de-DE/mapihttp.adml": None}, {"read.txt": b""}])
def test_a_file_too_many_or_too_few_is_found(shipped, change):
    files = {name: content for name, content in {**shipped.files, **change}.items() if content is not None}
    assert list(rules_form.files(Templates(files)))


def test_what_is_not_utf_8_is_found(shipped):
    broken = {**shipped.files, DE: shipped.files[DE].decode().encode("latin-1")}
    assert list(rules_form.utf8(Templates(broken)))


def test_every_rule_has_a_breaker():
    assert {rule for rule, _, _ in BREAKERS} == set(ALL) - {"form files"}
