@echo off
rem SPDX-License-Identifier: MIT
rem Says whether the profiles of this machine are as they should be. Writes nothing.
rem
rem   check.cmd [KEY=VALUE ...]     state=allowed users=all,default without any
rem
rem Exit code: 0 compliant, 1 drift, 2 trouble.
setlocal
set "arguments=%*"
if not defined arguments set "arguments=state=allowed users=all,default"

set "folder=%ProgramFiles%"
rem What a 32-bit program is told is the folder of 32-bit programs.
if defined ProgramW6432 set "folder=%ProgramW6432%"
set "program=%~dp0mapihttp.exe"
if not exist "%program%" set "program=%folder%\mapihttp\mapihttp.exe"
if not exist "%program%" (
    echo check: mapihttp.exe is neither beside this file nor in "%folder%\mapihttp" 1>&2
    exit /b 2
)

"%program%" check %arguments% -o table
set "code=%errorlevel%"
rem "if errorlevel 1" is true for 2 as well, and not for a program that crashed: compare the number itself.
if %code%==0 echo check: nothing to do
if %code%==1 echo check: not as it should be; apply.cmd changes it
if not %code%==0 if not %code%==1 set "code=2"
if %code%==2 echo check: something failed; the table says what 1>&2
exit /b %code%
