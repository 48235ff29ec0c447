# SPDX-License-Identifier: MIT
"""What is said and shown to people on Windows: the scripts and the task in examples/windows, and the commands in
docs/windows.md. Where the program under test is the Windows one, they are run under Wine; everywhere, what they are
made of is looked at."""

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from support import hives, tool
from support.tool import PROJECT

FOLDER = PROJECT / "examples" / "windows"
SCRIPTS = sorted(FOLDER.glob("*.cmd"))
TASK = FOLDER / "task.xml"
POWERSHELL = FOLDER / "Repair-MapiHttp.ps1"
NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
PAGES = [PROJECT / "docs" / "windows.md", FOLDER / "README.md", PROJECT / "README.md"]
ON_WINE = tool.PROGRAM.suffix == ".exe" and bool(tool.PREFIX)

# Of Windows' task schema what task.xml uses: the same names, types and order, put down from its documentation.
SCHEMA = f"""<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}" xmlns="{NAMESPACE}"
           xmlns:t="{NAMESPACE}" elementFormDefault="qualified">
  <xs:element name="Task">
    <xs:complexType>
      <xs:all>
        <xs:element name="RegistrationInfo"><xs:complexType><xs:all>
          <xs:element name="Author" type="xs:string" minOccurs="0"/>
          <xs:element name="Description" type="xs:string" minOccurs="0"/>
          <xs:element name="URI" type="xs:anyURI" minOccurs="0"/>
        </xs:all></xs:complexType></xs:element>
        <xs:element name="Triggers"><xs:complexType><xs:choice maxOccurs="48">
          <xs:element name="LogonTrigger"><xs:complexType><xs:sequence>
            <xs:group ref="trigger"/>
            <xs:element name="UserId" type="xs:string" minOccurs="0"/>
            <xs:element name="Delay" type="xs:duration" minOccurs="0"/>
          </xs:sequence></xs:complexType></xs:element>
          <xs:element name="CalendarTrigger"><xs:complexType><xs:sequence>
            <xs:group ref="trigger"/>
            <xs:element name="RandomDelay" type="xs:duration" minOccurs="0"/>
            <xs:element name="ScheduleByDay"><xs:complexType><xs:all>
              <xs:element name="DaysInterval"><xs:simpleType><xs:restriction base="xs:unsignedInt">
                <xs:minInclusive value="1"/><xs:maxInclusive value="365"/>
              </xs:restriction></xs:simpleType></xs:element>
            </xs:all></xs:complexType></xs:element>
          </xs:sequence></xs:complexType></xs:element>
        </xs:choice></xs:complexType></xs:element>
        <xs:element name="Principals"><xs:complexType><xs:sequence>
          <xs:element name="Principal"><xs:complexType><xs:all>
            <xs:element name="UserId" type="xs:string"/>
            <xs:element name="RunLevel"><xs:simpleType><xs:restriction base="xs:string">
              <xs:enumeration value="LeastPrivilege"/><xs:enumeration value="HighestAvailable"/>
            </xs:restriction></xs:simpleType></xs:element>
          </xs:all><xs:attribute name="id" type="xs:ID"/></xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element>
        <xs:element name="Settings"><xs:complexType><xs:all>
          <xs:element name="MultipleInstancesPolicy"><xs:simpleType><xs:restriction base="xs:string">
            <xs:enumeration value="Parallel"/><xs:enumeration value="Queue"/>
            <xs:enumeration value="IgnoreNew"/><xs:enumeration value="StopExisting"/>
          </xs:restriction></xs:simpleType></xs:element>
          <xs:element name="DisallowStartIfOnBatteries" type="xs:boolean"/>
          <xs:element name="StopIfGoingOnBatteries" type="xs:boolean"/>
          <xs:element name="AllowHardTerminate" type="xs:boolean"/>
          <xs:element name="StartWhenAvailable" type="xs:boolean"/>
          <xs:element name="RunOnlyIfNetworkAvailable" type="xs:boolean"/>
          <xs:element name="AllowStartOnDemand" type="xs:boolean"/>
          <xs:element name="Enabled" type="xs:boolean"/>
          <xs:element name="Hidden" type="xs:boolean"/>
          <xs:element name="RunOnlyIfIdle" type="xs:boolean"/>
          <xs:element name="WakeToRun" type="xs:boolean"/>
          <xs:element name="ExecutionTimeLimit" type="xs:duration"/>
        </xs:all></xs:complexType></xs:element>
        <xs:element name="Actions"><xs:complexType><xs:sequence>
          <xs:element name="Exec"><xs:complexType><xs:all>
            <xs:element name="Command" type="xs:string"/>
            <xs:element name="Arguments" type="xs:string" minOccurs="0"/>
            <xs:element name="WorkingDirectory" type="xs:string" minOccurs="0"/>
          </xs:all></xs:complexType></xs:element>
        </xs:sequence><xs:attribute name="Context" type="xs:IDREF"/></xs:complexType></xs:element>
      </xs:all>
      <xs:attribute name="version"><xs:simpleType><xs:restriction base="xs:string">
        <xs:pattern value="1\\.[0-9]+"/>
      </xs:restriction></xs:simpleType></xs:attribute>
    </xs:complexType>
  </xs:element>
  <xs:group name="trigger"><xs:sequence>
    <xs:element name="Enabled" type="xs:boolean" minOccurs="0"/>
    <xs:element name="StartBoundary" type="xs:dateTime" minOccurs="0"/>
    <xs:element name="EndBoundary" type="xs:dateTime" minOccurs="0"/>
  </xs:sequence></xs:group>
</xs:schema>
"""


def task_text(*names):
    """The text of the task's one element at that path."""
    found = ElementTree.parse(TASK).getroot().findall("/".join(f"{{{NAMESPACE}}}{name}" for name in names))
    assert len(found) == 1, names
    return found[0].text


def test_the_task_runs_the_policy_as_system():
    assert task_text("Principals", "Principal", "UserId") == "S-1-5-18"
    assert task_text("Principals", "Principal", "RunLevel") == "HighestAvailable"
    assert task_text("Actions", "Exec", "Command") == r'"%ProgramFiles%\mapihttp\mapihttp.exe"'
    assert task_text("Actions", "Exec", "Arguments") == "apply state=policy -o json"


def test_the_task_runs_at_each_logon_and_daily():
    assert re.fullmatch(r"PT\d+S", task_text("Triggers", "LogonTrigger", "Delay"))
    assert task_text("Triggers", "CalendarTrigger", "ScheduleByDay", "DaysInterval") == "1"
    assert task_text("Triggers", "CalendarTrigger", "RandomDelay")
    assert task_text("Settings", "StartWhenAvailable") == "true"
    assert task_text("Settings", "DisallowStartIfOnBatteries") == "false"
    assert task_text("Settings", "StopIfGoingOnBatteries") == "false"


def test_the_task_belongs_to_its_principal():
    root = ElementTree.parse(TASK).getroot()
    assert root.tag == f"{{{NAMESPACE}}}Task" and root.get("version") == "1.2"
    (principal,) = root.iter(f"{{{NAMESPACE}}}Principal")
    (actions,) = root.iter(f"{{{NAMESPACE}}}Actions")
    assert principal.get("id") == actions.get("Context")


def test_the_task_is_ascii_and_names_no_encoding():
    """In which schtasks and PowerShell agree: both read bytes, or text, that says nothing of its encoding."""
    content = TASK.read_bytes()
    assert content.isascii() and content.startswith(b'<?xml version="1.0"?>\n')


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_of_cmd_are_ascii_with_its_line_ends(script):
    content = script.read_bytes()
    assert content.isascii()
    assert content.endswith(b"\r\n") and content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert content.startswith(b"@echo off\r\nrem SPDX-License-Identifier: MIT\r\n")


def test_line_ends_of_scripts_survive_git():
    attributes = (PROJECT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "*.cmd text eol=crlf" in attributes


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_labels_and_parentheses_of_scripts_are_whole(script):
    lines = script.read_text(encoding="ascii").splitlines()
    labels = {line[1:] for line in lines if re.fullmatch(r":\w+", line)}
    assert {target for line in lines for target in re.findall(r"\bgoto (\w+)", line)} == labels
    depth = sum(line.endswith("(") - (line == ")") for line in lines)
    assert depth == 0


def test_the_powershell_script_is_ascii():
    """Windows PowerShell 5.1 takes a script without a byte order mark to be in the machine's code page."""
    assert POWERSHELL.read_bytes().isascii()


def test_the_powershell_script_describes_its_parameters():
    text = POWERSHELL.read_text(encoding="ascii")
    block = text[text.index("\nparam("):text.index("\n)\n")]
    names = re.findall(r"^    \[string(?:\[\])?\] \$(\w+)", block, re.MULTILINE)
    assert names and re.findall(r"^\.PARAMETER (\w+)$", text, re.MULTILINE) == names


def test_the_powershell_script_knows_every_state():
    text = POWERSHELL.read_text(encoding="ascii")
    (states,) = re.findall(r"ValidateSet\(([^)]*)\)", text)
    schema = json.loads((PROJECT / "docs" / "request.schema.json").read_text(encoding="utf-8"))
    known = {state for state in json.dumps(schema["properties"]["state"]).split('"') if state.isalpha()}
    assert set(re.findall(r"'(\w+)'", states)) <= known


def test_the_readme_names_every_file():
    names = {path.name for path in FOLDER.iterdir() if path.is_file() and path.name != "README.md"}
    shown = set(re.findall(r"^\| `([^`]+)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == names


def blocks(page, language):
    """The page's code blocks in a language, without what they are indented by."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [[line.removeprefix(indent) for line in text.splitlines()] for indent, text in found]


def test_the_pages_have_commands():
    assert all(blocks(page, "bat") for page in PAGES)


def run_wine(*command, **options):
    return subprocess.run([*tool.PREFIX, *map(str, command)], capture_output=True, timeout=120, check=False, **options)


def windows_path(path):
    return "Z:" + str(Path(path).resolve()).replace("/", "\\")


@pytest.fixture(scope="module")
def drive():
    """Drive C: of the Windows that the suite has made, with a Default profile in it."""
    where = Path(os.environ["WINEPREFIX"]) / "drive_c"
    # What Wine starts with its first program stays, and would hold that program's output open.
    subprocess.run([*tool.PREFIX, "cmd", "/c", "exit"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True, timeout=120)
    default = where / "users" / "Default"
    assert not default.exists()
    hives.make(default / "NTUSER.DAT", hives.user(hives.dword(0)))
    yield where
    shutil.rmtree(default)


EXCHANGE = r"HKCU\Software\Microsoft\Exchange"


def put(number):
    """Makes the own value so; None: removes it."""
    if number is None:
        run_wine("reg", "delete", EXCHANGE, "/v", hives.NAME, "/f")
    else:
        done = run_wine("reg", "add", EXCHANGE, "/v", hives.NAME, "/t", "REG_DWORD", "/d", number, "/f")
        assert done.returncode == 0, done.stderr


def own():
    found = re.search(rb"REG_DWORD\s+0x(\d+)", run_wine("reg", "query", EXCHANGE, "/v", hives.NAME).stdout)
    return int(found[1]) if found else None


@pytest.fixture
def place(drive, tmp_path):
    """A copy of the examples with the program beside them; the own value is there no more afterwards."""
    where = tmp_path / "a folder"
    shutil.copytree(FOLDER, where)
    shutil.copy(tool.PROGRAM, where / "mapihttp.exe")
    put(None)
    yield where
    put(None)


def cmd(place, script, *arguments):
    return run_wine("cmd", "/c", script, *arguments, cwd=place)


def results(place):
    return [json.loads(path.read_text(encoding="ascii")) for path in sorted((place / "results").glob("*.json"))]


if ON_WINE:
    def test_the_task_keeps_to_the_schema(tmp_path):
        (tmp_path / "task.xsd").write_text(SCHEMA, encoding="utf-8")
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", tmp_path / "task.xsd", TASK],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def test_the_schema_would_see_a_wrong_task(tmp_path):
        (tmp_path / "task.xsd").write_text(SCHEMA, encoding="utf-8")
        wrong = TASK.read_text(encoding="ascii").replace("PT30M", "30 minutes")
        (tmp_path / "task.xml").write_text(wrong, encoding="ascii")
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", tmp_path / "task.xsd",
                               tmp_path / "task.xml"], capture_output=True, text=True, check=False)
        assert done.returncode == 3

    def test_what_the_task_runs_is_a_legal_call(place):
        done = run_wine(place / "mapihttp.exe", *task_text("Actions", "Exec", "Arguments").split())
        assert (done.returncode, done.stderr) == (0, b"")
        assert not json.loads(done.stdout)["changed"]

    @pytest.mark.parametrize(("number", "arguments", "code"), [
        (None, (), 0), (0, (), 0), (1, (), 1), (None, ("state=enabled", "users=current"), 1),
        (0, ("state=enabled", "users=current,default"), 0), (1, ("state=enabled", "users=nobody,current"), 2),
        (1, ("state=wrong",), 2)])
    def test_check_gives_the_exit_code(place, number, arguments, code):
        put(number)
        done = cmd(place, "check.cmd", *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert own() == number and not (place / "results").exists()
        assert (b"something failed" in done.stderr) == (code == 2)

    def test_check_finds_the_program_in_its_folder(place, drive):
        folder = drive / "Program Files" / "mapihttp"
        folder.mkdir()
        shutil.move(place / "mapihttp.exe", folder)
        try:
            assert cmd(place, "check.cmd", "state=absent", "users=current").returncode == 0
        finally:
            shutil.rmtree(folder)
        done = cmd(place, "check.cmd", "state=absent", "users=current")
        assert done.returncode == 2 and b"mapihttp.exe is neither" in done.stderr

    def test_apply_changes_and_keeps_the_result(place):
        put(1)
        done = cmd(place, "apply.cmd")
        assert (done.returncode, done.stderr, own()) == (0, b"", 0)
        (result,) = results(place)
        assert result["changed"] and result["undo"]["restore"][0]["value"] == {"type": "REG_DWORD", "data": 1}

    def test_apply_with_nothing_to_do_keeps_no_result(place):
        put(0)
        assert cmd(place, "apply.cmd").returncode == 0
        assert not (place / "results").exists()

    def test_apply_tells_trouble_and_overwrites_no_result(place):
        put(1)
        for number in (1, 2):
            done = cmd(place, "apply.cmd", "state=enabled", "users=current,nobody")
            assert done.returncode == 2 and b"not_found" in done.stdout
            assert len(results(place)) == number
        assert own() == 0 and results(place)[0]["changed"] and not results(place)[1]["changed"]

    def test_apply_puts_results_where_it_is_told_to(place, tmp_path):
        put(1)
        done = cmd_with(place, {"MAPIHTTP_RESULTS": windows_path(tmp_path / "kept")}, "apply.cmd")
        assert done.returncode == 0 and len(list((tmp_path / "kept").iterdir())) == 1

    def cmd_with(place, variables, script):
        return run_wine("cmd", "/c", script, cwd=place, env={**os.environ, **variables})

    def test_the_undo_of_a_result_is_a_request(place):
        """What Repair-MapiHttp.ps1 cuts out of a result: from `,"undo":` to the last brace."""
        put(1)
        assert cmd(place, "apply.cmd").returncode == 0
        text = (place / "results" / "result-1.json").read_text(encoding="ascii")
        cut = text[text.rindex(',"undo":{') + len(',"undo":'):text.rindex("}")]
        done = run_wine(place / "mapihttp.exe", "apply", "-o", "json", input=cut.encode())
        assert (done.returncode, own()) == (0, 1)

    def test_the_task_is_not_installed_without_the_program(place):
        done = cmd(place, "install-task.cmd")
        assert done.returncode == 2 and b"copy mapihttp.exe to it first" in done.stderr

    # What only Windows has is not run.
    WINDOWS_ONLY = {"install-task.cmd"}
    LEFT = [r"HKLM\SOFTWARE\Policies\MapiHttp", r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\mapihttp"]

    @pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(PROJECT).as_posix())
    def test_the_commands_of_the_page_do_what_they_say(place, drive, page):
        """Each block is one script; its commands must not end with trouble."""
        account = run_wine(place / "mapihttp.exe", "get", "users=current", "-o", "table").stdout.split()[6].decode()
        assert "\\" in account
        store = place / "profiles"
        hives.make(store / "ann.V6" / "NTUSER.DAT", hives.user(hives.dword(1)))
        mandatory = place / "mandatory"
        hives.make(mandatory / "kiosk.V6" / "NTUSER.MAN", hives.user())
        names = {r"\\server\profiles$": windows_path(store), r"\\server\mandatory": windows_path(mandatory),
                 r"V:\Profile\NTUSER.DAT": windows_path(store / "ann.V6" / "NTUSER.DAT"), r"CONTOSO\ann": account}
        put(1)
        try:
            for block in blocks(page, "bat"):
                run_block(place, block, names)
        finally:
            for key in LEFT:
                run_wine("reg", "delete", key, "/f")
            for folder in ("Program Files", "Program Files (x86)"):  # whichever cmd this Wine has
                shutil.rmtree(drive / folder / "mapihttp", ignore_errors=True)

    def run_block(place, block, names):
        lines = ["@echo off"]
        for line in block:
            if line.split()[0] in WINDOWS_ONLY:
                continue
            for name, real in names.items():
                line = line.replace(name, f'"{real}"' if " " in real and "=" not in name else real)
            called = "call " if line.split()[0].endswith(".cmd") else ""
            lines.append(called + line)
            allowed = "1" if re.match(r"(mapihttp|check\.cmd)\b", line) and "check" in line else "0"
            lines += ["set code=%errorlevel%", f"if not %code%==0 if not %code%=={allowed} exit /b 99"]
        (place / "block.cmd").write_bytes("\r\n".join([*lines, "exit /b 0", ""]).encode())
        done = run_wine("cmd", "/c", "block.cmd", cwd=place)
        assert done.returncode == 0, (block, done.stdout, done.stderr)
