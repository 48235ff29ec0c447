# SPDX-License-Identifier: MIT
"""What installs the program as a Win32 app of Intune: run by cmd, under Wine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import tool

FOLDER = tool.PROJECT / "plugin" / "intune" / "win32app"
ON_WINE = tool.WINDOWS and bool(tool.PREFIX)


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.cmd")), ids=lambda path: path.name)
def test_scripts_of_cmd_are_ascii_with_its_line_ends(script):
    content = script.read_bytes()
    assert content.isascii() and content.startswith(b"@echo off\r\nrem SPDX-License-Identifier: MIT\r\n")
    assert content.endswith(b"\r\n") and content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")


if ON_WINE:
    @pytest.fixture
    def installed():
        """Where it is installed to; not there before and afterwards."""
        where = Path(os.environ["WINEPREFIX"]) / "drive_c" / "Program Files" / "mapihttp"
        shutil.rmtree(where, ignore_errors=True)
        yield where
        shutil.rmtree(where, ignore_errors=True)

    @pytest.fixture
    def package(tmp_path):
        folder = tmp_path / "a package"
        shutil.copytree(FOLDER, folder)
        shutil.copy(tool.PROGRAM, folder / "mapihttp.exe")
        return folder

    def cmd(package, script):
        # As Intune starts it: a 32-bit process, which is told another ProgramFiles.
        other = {**os.environ, "ProgramFiles": r"C:\Program Files (x86)", "ProgramW6432": r"C:\Program Files"}
        return subprocess.run([*tool.PREFIX, "cmd", "/c", script], cwd=package, stdin=subprocess.DEVNULL, env=other,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                              timeout=120).returncode

    def test_it_installs_and_installs_again(package, installed):
        assert cmd(package, "install.cmd") == 0 and cmd(package, "install.cmd") == 0
        assert (installed / "mapihttp.exe").read_bytes() == tool.PROGRAM.read_bytes()

    def test_without_the_program_it_fails(package, installed):
        (package / "mapihttp.exe").unlink()
        assert cmd(package, "install.cmd") == 1

    def test_it_uninstalls_and_uninstalls_again(package, installed):
        cmd(package, "install.cmd")
        assert cmd(package, "uninstall.cmd") == 0 and cmd(package, "uninstall.cmd") == 0
        assert not installed.exists()

    def test_what_others_laid_there_stays(package, installed):
        cmd(package, "install.cmd")
        (installed / "result.json").write_text("{}")
        assert cmd(package, "uninstall.cmd") == 0
        assert [path.name for path in installed.iterdir()] == ["result.json"]
