# SPDX-License-Identifier: MIT
"""What Salt's lgpo makes of the templates, beside a large ADMX of somebody else."""

import pytest
from salt_lgpo import HEADER, SOURCES, SaltInvocationError, lgpo
from support import preg
from support.admx_writer import DISABLED, ENABLED, records
from templates import ADMX, ENGLISH, FOLDER, LANGUAGES, NS, Templates, adml

# pylint: disable=protected-access,redefined-outer-name
KEYS = {"MapiHttp_Use": r"software\microsoft\exchange", "MapiHttp_Keep": r"software\policies\mapihttp"}
CLASSES = {"MapiHttp_Use": "User", "MapiHttp_Keep": "Machine"}
NAMESPACE = "MapiHttp.Policies.Outlook"
# Salt makes these of what a text has in it.
PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})
VENDOR_POLICIES = 400

pytestmark = pytest.mark.skipif(not SOURCES, reason="there is no Salt in build/venv-salt; tests/setup/salt.sh makes it")


def vendor():
    """A large ADMX of somebody else, as they are found beside ours, and its one ADML."""
    head = f'<?xml version="1.0" encoding="utf-8"?>\r\n<{{}} xmlns="{NS[1:-1]}" revision="2.0" schemaVersion="1.0">\r\n'
    policies = "".join(
        f'<policy name="Colour_{n}" class="{"User" if n % 2 else "Machine"}" displayName="$(string.Colour_{n})" '
        f'explainText="$(string.Colour_Help)" presentation="$(presentation.Colour_{n})" '
        f'key="Software\\Policies\\Contoso\\Colours" valueName="Colour{n}">\r\n<parentCategory ref="Colours" />'
        f'<supportedOn ref="SUPPORTED_Colours" /><elements><enum id="Colour_{n}_State" valueName="State{n}">'
        '<item displayName="$(string.Enabled)"><value><decimal value="1" /></value></item></enum></elements>'
        "</policy>\r\n"
        for n in range(VENDOR_POLICIES))
    strings = "".join(f'<string id="Colour_{n}">Use colour {n} in Outlook</string>\r\n' for n in range(VENDOR_POLICIES))
    shown = "".join(f'<presentation id="Colour_{n}"><dropdownList refId="Colour_{n}_State">State:</dropdownList>'
                    "</presentation>\r\n" for n in range(VENDOR_POLICIES))
    return (
        head.format("policyDefinitions") +
        '<policyNamespaces><target prefix="contoso" namespace="Contoso.Policies.Colours" /></policyNamespaces>\r\n'
        '<resources minRequiredRevision="2.0" /><supportedOn><definitions><definition name="SUPPORTED_Colours" '
        'displayName="$(string.Supported)" /></definitions></supportedOn>\r\n<categories><category name="Contoso" '
        'displayName="$(string.Contoso)" /><category name="Colours" displayName="$(string.Colours)">'
        f'<parentCategory ref="Contoso" /></category></categories>\r\n<policies>{policies}</policies>'
        "</policyDefinitions>\r\n",
        head.format("policyDefinitionResources") +
        "<displayName>Colours</displayName><description>Colours</description><resources><stringTable>\r\n"
        '<string id="Contoso">Contoso</string><string id="Colours">Colours</string><string id="Supported">All</string>'
        '<string id="Enabled">On</string><string id="Colour_Help">Use MAPI over HTTP? It has no colour.</string>\r\n'
        f"{strings}</stringTable><presentationTable>\r\n{shown}</presentationTable></resources>"
        "</policyDefinitionResources>\r\n")


def lay_out(folder, templates):
    """A folder of templates, as C:\\Windows\\PolicyDefinitions is."""
    files = dict(templates.files)
    files["contoso.admx"], files["en-US/contoso.adml"] = (text.encode() for text in vendor())
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def shipped():
    return Templates.shipped()


@pytest.fixture(scope="module")
def definitions(tmp_path_factory, shipped):
    return lay_out(tmp_path_factory.mktemp("definitions"), shipped)


@pytest.fixture(scope="module")
def salt(definitions, tmp_path_factory):
    """Salt's functions by language."""
    cache = tmp_path_factory.mktemp("cache")
    return {language: lgpo(definitions, cache, language) for language in (*LANGUAGES, "it-IT")}


def look_up(functions, name, class_, language=ENGLISH):
    found, policy, names, message = functions._lookup_admin_template(name, class_, language)
    assert found, message
    return policy, names


def explained(functions, policy):
    return functions._getAdmlDisplayName(functions._get_policy_resources(), policy.get("explainText"))


def parsed(text):
    return text.translate(PLAIN)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_policy_is_found_by_its_name_its_title_and_its_path(salt, shipped, name, language):
    texts = shipped.languages[language].strings
    path = f"{texts['MapiHttp_Category']}\\{texts[name]}"
    for given in map(parsed, (name, texts[name], path)):
        policy, names = look_up(salt[language], given, CLASSES[name], language)
        assert policy.get("name") == name
        assert {parsed(texts[name]), parsed(path)} <= set(names)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_explanation_is_that_of_the_language(salt, shipped, name, language):
    policy, _ = look_up(salt[language], name, CLASSES[name], language)
    assert explained(salt[language], policy) == parsed(shipped.languages[language].strings[f"{name}_Help"])


@pytest.mark.parametrize("name", KEYS)
def test_its_keys_are_in_lower_case(salt, name):
    policy, _ = look_up(salt[ENGLISH], name, CLASSES[name])
    keys = {element.get("key") for element in policy.iter() if element.get("key")}
    assert policy.get("key") == KEYS[name]
    assert keys <= {KEYS[name], KEYS[name] + r"\exclude"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_elements_have_the_names_that_an_editor_shows(salt, shipped, language):
    functions = salt[language]
    policy, _ = look_up(functions, "MapiHttp_Keep", "Machine", language)
    controls = shipped.languages[language].presentations["MapiHttp_Keep"]
    shown = {control.get("refId"): control.text for control in controls}
    for element in policy.iter():
        if element.get("id"):
            name = functions._getFullPolicyName(element, element.get("id"), True, language)
            assert name == parsed(shown[element.get("id")]).rstrip(":").strip()


@pytest.mark.parametrize("name", KEYS)
def test_a_policy_is_not_of_the_other_class(salt, name):
    other = {"User": "Machine", "Machine": "User"}[CLASSES[name]]
    assert not salt[ENGLISH]._lookup_admin_template(name, other)[0]


def test_a_language_that_is_not_there_is_english(salt, shipped):
    policy, names = look_up(salt["it-IT"], "MapiHttp_Use", "User", "it-IT")
    assert shipped.languages[ENGLISH].strings["MapiHttp_Use"] in names
    assert explained(salt["it-IT"], policy) == shipped.languages[ENGLISH].strings["MapiHttp_Use_Help"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_neighbour_is_found_too(salt, language):
    policy, names = look_up(salt[language], "Colour_399", "User", language)
    assert policy.get("key") == r"software\policies\contoso\colours"
    assert r"Contoso\Colours\Use colour 399 in Outlook" in names


def test_without_an_adml_all_of_lgpo_ends(tmp_path, shipped):
    kept = {name: content for name, content in shipped.files.items() if name == ADMX or name == adml("de-DE")}
    with pytest.raises(SaltInvocationError):
        lgpo(lay_out(tmp_path / "definitions", Templates(kept)), tmp_path, "fr-FR")


def test_the_ends_of_lines_matter(tmp_path, shipped):
    """Why the templates have CRLF: of LF alone Salt lowers the first key of the file."""
    broken = shipped.changed(ADMX, ("\r\n", "\n"))
    policy, _ = look_up(lgpo(lay_out(tmp_path / "definitions", broken), tmp_path), "MapiHttp_Keep", "Machine")
    assert policy.get("key") == r"Software\Policies\MapiHttp"


def test_nothing_was_written_beside_the_templates(definitions, shipped, salt):
    assert salt
    there = {path.relative_to(definitions).as_posix() for path in definitions.rglob("*") if path.is_file()}
    assert there == {*shipped.files, "contoso.admx", "en-US/contoso.adml"}
    assert FOLDER != definitions


# Registry.pol, which Salt writes and reads by a template: it must be what an editor writes, but for the case of keys,
# and but for the record that empties a list, which Salt does not write, and reads as one more item.

CHOSEN = {"State": "absent", "DefaultProfile": False, "Exclude": ["ann", r"CONTOSO\svc-*"]}
SETTINGS = [
    ("MapiHttp_Use", ENABLED, {}), ("MapiHttp_Use", DISABLED, {}), ("MapiHttp_Keep", DISABLED, {}),
    ("MapiHttp_Keep", ENABLED, CHOSEN), ("MapiHttp_Keep", ENABLED, {**CHOSEN, "DefaultProfile": True}),
    *(("MapiHttp_Keep", ENABLED, {**CHOSEN, "State": state}) for state in ("allowed", "enabled", "disabled")),
]


def editors(name, setting, chosen):
    """What an editor writes."""
    given = {f"{name}_{element}": what for element, what in chosen.items()}
    return [(key.lower(), value.lower(), kind, data) for key, value, kind, data in
            records(FOLDER / ADMX, name, setting, **given)]


def salts(shipped, name, setting, chosen):
    """The same as Salt is told it: what is chosen by the text that is shown."""
    if not chosen:
        return setting.capitalize()
    state = shipped.languages[ENGLISH].strings[f"MapiHttp_State_{chosen['State'].capitalize()}"]
    return {f"{name}_{element}": state if element == "State" else what for element, what in chosen.items()}


def same_case(content):
    """The records of a Registry.pol, in lower case and in an order of their own: Salt's is another."""
    return sorted(content[len(HEADER):].lower().split("]".encode("utf-16-le")))


@pytest.mark.parametrize(("name", "setting", "chosen"), SETTINGS)
def test_it_writes_what_an_editor_writes(salt, shipped, name, setting, chosen):
    functions = salt[ENGLISH]
    functions.files.clear()
    told = {NAMESPACE: {name: salts(shipped, name, setting, chosen)}}
    assert functions._writeAdminTemplateRegPolFile(told, ENGLISH, CLASSES[name])
    wanted = [one for one in editors(name, setting, chosen) if setting == DISABLED or one[1] != "**delvals."]
    assert same_case(functions.files[CLASSES[name]]) == same_case(preg.pol(*wanted))


@pytest.mark.parametrize(("name", "setting", "chosen"), SETTINGS)
def test_it_reads_what_an_editor_wrote(salt, shipped, name, setting, chosen):
    functions = salt[ENGLISH]
    functions.files.clear()
    functions.files[CLASSES[name]] = preg.pol(*editors(name, setting, chosen))
    read = functions._checkAllAdmxPolicies(CLASSES[name], ENGLISH)
    if chosen:
        listed = read[NAMESPACE][name]["MapiHttp_Keep_Exclude"]
        read[NAMESPACE][name]["MapiHttp_Keep_Exclude"] = [one for one in listed if one.strip()]
    assert read == {NAMESPACE: {name: salts(shipped, name, setting, chosen)}}


@pytest.mark.parametrize("class_", ["User", "Machine"])
def test_it_reads_nothing_where_nothing_is_configured(salt, class_):
    functions = salt[ENGLISH]
    functions.files.clear()
    functions.files[class_] = preg.pol(preg.OTHER)
    assert not functions._checkAllAdmxPolicies(class_, ENGLISH)


def test_it_misses_a_key_that_is_not_in_lower_case(tmp_path, shipped):
    """Why the templates have CRLF, and one key per line."""
    functions = lgpo(lay_out(tmp_path / "definitions", shipped.changed(ADMX, ("\r\n", "\n"))), tmp_path)
    functions.files["Machine"] = preg.pol(*editors("MapiHttp_Keep", ENABLED, CHOSEN))
    assert not functions._checkAllAdmxPolicies("Machine", ENGLISH)
