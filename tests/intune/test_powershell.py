# SPDX-License-Identifier: MIT
"""The PowerShell scripts that are shipped. There is no PowerShell here to run them: their syntax is held against
tree-sitter's grammar, what they would do is read off their trees, and the command line that they put together is
given to the program itself."""

import json
import re
import subprocess

import pytest
from support import hives, tool
from support.hives import dword

pytestmark = pytest.mark.linux
PLUGIN = tool.PROJECT / "plugin"
PYTHON = tool.PROJECT / "build" / "venv-powershell" / "bin" / "python"
DUMP = tool.PROJECT / "tests" / "intune" / "dump_powershell.py"
TASK = PLUGIN / "bolt" / "tasks" / "windows.ps1"
VERBS = {"detect.ps1": "detect", "remediate.ps1": "remediate", "configmgr/discover.ps1": "detect",
         "configmgr/remediate.ps1": "remediate"}
INTUNE = [PLUGIN / "intune" / name for name in VERBS]
OURS = [TASK, *INTUNE]
ALL = sorted({*OURS, *(tool.PROJECT / "examples").rglob("*.ps1"), *PLUGIN.rglob("*.ps1")})
CMDLETS = {"Where-Object", "ForEach-Object", "Select-Object", "Test-Path", "Get-Command"}
AUTOMATIC = {"$_", "$null", "$false", "$PSScriptRoot", "$LASTEXITCODE", "$env:ProgramW6432", "$env:ProgramFiles"}


def called(path):
    return path.relative_to(tool.PROJECT).as_posix()


def dump(*paths):
    if not PYTHON.is_file():
        pytest.skip("no grammar of PowerShell: tests/setup/intune.sh puts it into build/venv-powershell")
    done = subprocess.run([PYTHON, DUMP, *paths], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def trees():
    return dump(*ALL)


@pytest.fixture
def tree(trees):
    return lambda path: trees[str(path)]


def nodes(node, *kinds):
    """Every node of these kinds, (text, node)."""
    if node[0] in kinds:
        yield node[1], node
    for child in node[4]:
        yield from nodes(child, *kinds)


def wrong(node):
    here = [(node[2], node[1])] if node[3] else []
    return here + [found for child in node[4] for found in wrong(child)]


@pytest.mark.parametrize("path", ALL, ids=called)
def test_the_syntax_is_powershells(tree, path):
    assert wrong(tree(path)) == []


@pytest.mark.parametrize("text", ["if ($a) { 'b'", "'a' | | 'b'", "$a = ", "foreach ($a) { 'a' }", "& $a 'b"])
def test_the_grammar_would_see_what_is_none(tmp_path, text):
    (tmp_path / "a.ps1").write_text(text + "\n")
    assert wrong(dump(tmp_path / "a.ps1")[str(tmp_path / "a.ps1")])


@pytest.mark.parametrize("path", OURS, ids=called)
def test_they_are_ascii_without_a_mark(path):
    """Which every code page agrees on, and a signature demands."""
    content = path.read_bytes()
    assert content.isascii() and b"\r" not in content and len(content) < 200 * 1024


@pytest.mark.parametrize("path", OURS, ids=called)
def test_they_call_nothing_but_what_every_powershell_has(tree, path):
    names = {text for text, _ in nodes(tree(path), "command_name")}
    assert names <= CMDLETS
    assert not re.search(r"Write-|Out-|\[Console\]", path.read_text())


@pytest.mark.parametrize("path", OURS, ids=called)
def test_they_read_no_variable_that_is_not_set(tree, path):
    made = {text for _, left in nodes(tree(path), "left_assignment_expression") for text, _ in nodes(left, "variable")}
    read = {text for text, _ in nodes(tree(path), "variable")}
    assert read <= made | AUTOMATIC


@pytest.mark.parametrize("path", OURS, ids=called)
def test_they_start_one_program_once(tree, path):
    started = [text for text, _ in nodes(tree(path), "command") if text.startswith("&")]
    verb = VERBS.get(str(path.relative_to(PLUGIN / "intune"))) if path in INTUNE else None
    assert started == [f"& $program {'bolt' if path == TASK else f'intune {verb} $request'} 2>$null"]


def request(tree, path):
    (found,) = [node for text, node in nodes(tree(path), "assignment_expression") if text.startswith("$request = ")]
    return [text.strip("'") for text, _ in nodes(found, "verbatim_string_characters")]


def test_their_one_line_to_configure_is_the_same(tree):
    assert {tuple(request(tree, path)) for path in INTUNE} == {("state=allowed", "users=all,default")}


@pytest.mark.parametrize("path", INTUNE, ids=called)
def test_the_line_to_configure_comes_first(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0].startswith("$request = ")


@pytest.mark.parametrize("path", INTUNE, ids=called)
def test_the_program_takes_the_command_line_that_they_put_together(tree, path, tmp_path):
    """With a volume in place of the running Windows."""
    volume = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))}, default=hives.user())
    (command,) = [text for text, _ in nodes(tree(path), "command") if text.startswith("&")]
    words = [word for word in command.split()[2:] if word not in ("$request", "2>$null")]
    done = tool.run(*words, *request(tree, path), f"root={volume}", check_result=False)
    detects = words == ["intune", "detect"]
    assert (done.code, done.err) == (1 if detects else 0, b"")
    assert done.out.startswith(b"drift: 2 profiles" if detects else b"remediated: 2 profiles")


def told(path):
    """What stands in a script between the search for the program and what is made of its answer."""
    text = path.read_text()
    first = text.index("# Whoever starts this")
    return text[first:text.index("\n}\n", text.index("gave no result")) + 3]


def test_how_they_run_the_program_is_the_same():
    """Each is deployed as one file, so there is no place but each of them for it."""
    assert len({told(path).replace(" remediate ", " detect ") for path in INTUNE}) == 1


def pattern(tree, path):
    """What "CODE LINES" must match, by PowerShell's `-cnotmatch`; these patterns mean the same to Python."""
    ((text, _),) = [found for found in nodes(tree(path), "comparison_expression") if "-cnotmatch" in found[0]]
    assert '"$code $answer" -cnotmatch \'' in text
    return re.compile(text.split("-cnotmatch '")[1].rstrip("'"))


SAID = {"0 compliant: 3 profiles": True, "0 remediated: 3 profiles": True, "1 drift: 3 profiles": True,
        "1 failed: 3 profiles": True, "0 ": False, "0 done": False, "1 done": False, "1 ": False, " ": False,
        "0 failed: 3 profiles": False, "0 drift: 3 profiles": False, "1 compliant: 3 profiles": False,
        "-1073741819 compliant: 3 profiles": False, "2 failed: 3 profiles": False, "10 compliant: 3 profiles": False,
        "0 Compliant: 3 profiles": False, "0 compliant": False, "0 not compliant: 3 profiles": False,
        " compliant: 3 profiles": False}


@pytest.mark.parametrize("path", INTUNE, ids=called)
@pytest.mark.parametrize(("said", "is_taken"), SAID.items(), ids=SAID)
def test_they_take_only_what_the_program_says_with_its_code(tree, path, said, is_taken):
    assert bool(pattern(tree, path).search(said)) == is_taken


@pytest.mark.parametrize("path", OURS, ids=called)
def test_they_take_one_line_only(tree, path):
    (place,) = [text for text, _ in nodes(tree(path), "if_statement") if "-cnotmatch" in text]
    assert place.startswith('if ($answer.Count -ne 1 -or "$code $answer" -cnotmatch ')
    assert f"$answer = @({[text for text, _ in nodes(tree(path), 'command') if text.startswith('&')][0]})" in told(path)


@pytest.mark.parametrize("path", INTUNE, ids=called)
def test_what_is_no_result_is_said_with_the_exit_code_of_a_failure(tree, path):
    (place,) = [node for text, node in nodes(tree(path), "if_statement") if "-cnotmatch" in text]
    (block,) = [text for text, _ in nodes(place, "statement_block")]
    assert [line.strip() for line in block.splitlines()[1:-1]] == [
        '$answer = @("failed: mapihttp.exe gave no result (exit code $code)")', "$code = 1"]


@pytest.mark.parametrize("path", OURS, ids=called)
def test_they_catch_what_cannot_be_run(tree, path):
    (place,) = [node for _, node in nodes(tree(path), "try_statement")]
    tried, caught = [text.strip("{} \n") for text, _ in nodes(place, "statement_block")]
    assert [line.strip().split(" = ")[0] for line in tried.splitlines()] == ["$answer", "$code"]
    assert tried.endswith("$code = $LASTEXITCODE") and "$_.Exception.Message" in caught
    assert path == TASK or caught.endswith("$code = 1")


@pytest.mark.parametrize("path", OURS, ids=called)
def test_an_exit_code_or_a_word_on_standard_error_is_no_exception_of_theirs(tree, path):
    """`Stop` would make one in 5.1 of redirected errors, and since 7.4 the other variable one of an exit code."""
    before = told(path).split("try {")[0]
    assert "$ErrorActionPreference = 'Continue'\n$PSNativeCommandUseErrorActionPreference = $false\n" in before


@pytest.mark.parametrize("name", ["detect.ps1", "remediate.ps1"])
def test_for_intune_they_end_with_0_or_1_and_throw_nothing(tree, name):
    """`$code` is one of them by then: what else the program ends with is no result."""
    flows = [text for text, _ in nodes(tree(PLUGIN / "intune" / name), "flow_control_statement")]
    assert flows == ["exit 1", "exit $code"]
    codes = {said.split(" ")[0] for said, is_taken in SAID.items() if is_taken}
    assert codes == {"0", "1"} and (PLUGIN / "intune" / name).read_text().count("$code = ") == 3


def test_a_discovery_never_fails(tree):
    """What it found is what it printed."""
    flows = [text for text, _ in nodes(tree(PLUGIN / "intune" / "configmgr" / "discover.ps1"),
                                       "flow_control_statement")]
    assert set(flows) == {"exit 0"}


def test_a_remediation_of_configmgr_throws(tree):
    path = PLUGIN / "intune" / "configmgr" / "remediate.ps1"
    flows = [text for text, _ in nodes(tree(path), "flow_control_statement")]
    assert [text.split()[0] for text in flows] == ["throw", "throw"]
    assert "if ($code -ne 0) {\n    throw $answer[0]\n}" in path.read_text()


def test_the_word_of_the_rule_is_printed_for_that_answer_alone(tree):
    path = PLUGIN / "intune" / "configmgr" / "discover.ps1"
    assert [text for text, _ in nodes(tree(path), "verbatim_string_characters")].count("'compliant'") == 1
    after = path.read_text().split(told(path))[1]
    assert after.startswith("if ($answer[0] -clike 'compliant: *') {\n    $answer = 'compliant'\n}\n$answer\n")


def test_the_task_of_bolt_leaves_its_input_to_the_program(tree):
    """PowerShell reads standard input itself as soon as a script names `$input`."""
    text = TASK.read_text().lower()
    assert "$input" not in text and "readtoend" not in text
    assert [text for text, _ in nodes(tree(TASK), "flow_control_statement")] == [
        "exit 1", "exit 1", "exit $code"]


def test_the_task_of_bolt_says_json_when_there_is_no_program(tree):
    (place,) = [node for text, node in nodes(tree(TASK), "if_statement") if text.startswith("if (-not $program)")]
    text = "".join(text[1:-1] for text, _ in nodes(place, "verbatim_string_characters"))
    error = json.loads(text)["_error"]
    assert error["kind"] == "mapihttp/not_installed" and "files/windows/mapihttp.exe" in error["msg"]


RESULTS = {'0 {"changed":false,"failed":false}': True, '1 {"changed":true,"_error":{}}': True, "0 ": False,
           "0 done": False, '0 {"version":"0.1.0"}': False, '3 {"changed":false}': False, '{"changed":false}': False,
           'none {"changed":false}': False, '-1073741819 {"changed":false}': False, '0 {"changed":fal': False,
           '0 [{"changed":false}]': False, '0 done {"changed":false}': False}


@pytest.mark.parametrize(("said", "is_taken"), RESULTS.items(), ids=RESULTS)
def test_the_task_of_bolt_takes_only_a_result(tree, said, is_taken):
    assert bool(pattern(tree, TASK).search(said)) == is_taken


def test_the_task_of_bolt_takes_what_the_program_says(tree, tmp_path):
    for request in (b'{"state":"on"}', b"{}", f'{{"state":"allowed","store":"{tmp_path}"}}'.encode()):
        done = tool.run("bolt", stdin=request, check_result=False)
        assert pattern(tree, TASK).search(f"{done.code} {done.out.decode().rstrip()}")


@pytest.mark.parametrize("message", [
    "", "blocked by group policy", 'a "quote", a \\ and a\nline', "[brackets] {} $x %s", "\x00\x1b[31m\x7f", "bloqué",
    "\u2028\ud83d"])
def test_the_task_of_bolt_says_json_when_there_is_no_result(tree, message):
    """Whatever PowerShell has said: it may be in any language, with paths and quotes."""
    ((caught, node),) = [found for found in nodes(tree(TASK), "catch_clause")]
    first, kept, blank = [text.strip("'") for text, _ in nodes(node, "verbatim_string_characters")]
    assert " + $_.Exception.Message -replace '" in caught
    (place,) = [node for text, node in nodes(tree(TASK), "if_statement") if "-cnotmatch" in text]
    (block,) = [node for _, node in nodes(place, "statement_block")]
    one, two, three = [text[1:-1] for text, _ in nodes(block, "verbatim_string_characters")]
    assert "' + $code + '" in block[1] and "' + $why +" in block[1]
    said = (one + "none" + two + re.sub(kept, blank, first + message) + three)
    error = json.loads(said)["_error"]
    assert said.isascii() and (error["kind"], error["details"]) == ("mapihttp/no_result", {})
    assert "exit code none): " in error["msg"]


def test_the_task_of_bolt_trusts_its_neighbours_only_in_a_module():
    """Elsewhere `..` is a folder for temporary files."""
    lines = TASK.read_text().splitlines()
    (use,) = [i for i, line in enumerate(lines) if "$PSScriptRoot\\.." in line]
    assert lines[use - 1] == "if (($PSScriptRoot -replace '/', '\\') -like '*\\mapihttp\\tasks') {"
