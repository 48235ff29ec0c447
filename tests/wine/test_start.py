# SPDX-License-Identifier: MIT
"""What it takes to start: a tool that is run on every machine at every logon must not bring half of Windows along."""

import os
import re
import subprocess

import pytest
from support.tool import command

HEAVY = {"user32.dll", "gdi32.dll", "crypt32.dll", "bcrypt.dll", "rsaenh.dll", "ole32.dll", "shell32.dll", "rpcrt4.dll",
         "ws2_32.dll", "version.dll"}


@pytest.mark.parametrize("arguments", [("version",), ("check", "state=absent", "users=current")], ids=" ".join)
def test_no_dll_of_windows_and_drawing_is_loaded(machine, arguments):
    done = subprocess.run(command(*arguments), env={**os.environ, "WINEDEBUG": "+loaddll"}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=60)
    loaded = {name.lower().decode() for name in re.findall(rb'Loaded L".*?([^\\"]+)" at', done.stderr)}
    assert done.returncode == 0 and "kernel32.dll" in loaded
    assert not loaded & HEAVY
