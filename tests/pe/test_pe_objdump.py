# SPDX-License-Identifier: MIT
"""How the Windows program lets itself be protected, as another tool reads it than the other tests use: objdump."""

import re
import subprocess

from support.tool import PROGRAM


def objdump(option):
    done = subprocess.run(["objdump", option, "--wide", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_loader_is_asked_for():
    """ASLR, with all the entropy that there is, and DEP; relocations make the first one true."""
    header = objdump("--private-headers")
    listed = re.search(r"^DllCharacteristics.*\n((?:\t+\w.*\n)*)", header, re.MULTILINE)[1].split()
    wanted = {"DYNAMIC_BASE", "NX_COMPAT"} | ({"HIGH_ENTROPY_VA"} if "pei-x86-64" in header else set())
    assert wanted <= set(listed)
    assert "PE File Base Relocations" in header


NOT_IMPORTED = re.compile(
    r"^(CreateProcess\w*|ShellExecute\w*|WinExec|_?w?system|_w?popen|_w?exec\w+|_w?spawn\w+|LoadLibrary[AW]"
    r"|CreateRemoteThread\w*|WriteProcessMemory|VirtualAlloc\w*|CreateService\w*|LogonUser\w*|Impersonate(?!Self)\w+"
    r"|MoveFile\w*|DeleteFile\w*|getenv|_wgetenv|GetEnvironment\w+|gets|strcpy|strcat|sprintf|Internet\w+|WinHttp\w+)$")


def test_it_starts_nothing_and_speaks_to_nobody():
    """No function that starts a program, runs in another process, opens a connection or takes another's identity."""
    header = objdump("--private-headers")
    names = re.findall(r"^\t[0-9a-f]+\t\s*\d+\s+(\w+)$", header, re.MULTILINE)
    assert {"NtCreateFile", "RegLoadKeyW"} <= set(names)
    # The start code of 32-bit programs counts one more user of GCC's library, where that is loaded already: it never is.
    spared = set() if "pei-x86-64" in header else {"LoadLibraryA"}
    assert [name for name in names if NOT_IMPORTED.match(name) and name not in spared] == []
    assert not re.search(r"DLL Name: (ws2_32|wsock32|winhttp|wininet|urlmon|shell32|netapi32)", header, re.IGNORECASE)


def test_code_cannot_be_written():
    code = [line for line in objdump("--section-headers").splitlines() if "CODE" in line]
    assert code and all("READONLY" in line for line in code)
