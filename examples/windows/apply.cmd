@echo off
rem SPDX-License-Identifier: MIT
rem Changes the profiles of this machine that are not as they should be. Run it elevated.
rem
rem   apply.cmd [KEY=VALUE ...]     state=allowed users=all,default without any
rem
rem A result is kept where something may have changed, in the folder that MAPIHTTP_RESULTS names, else in
rem "results" beside this file: it holds the undo, which "Repair-MapiHttp.ps1 -Undo FILE" takes.
rem
rem Exit code: 0 all is as it should be now, 2 trouble.
setlocal
set "arguments=%*"
if not defined arguments set "arguments=state=allowed users=all,default"

set "folder=%ProgramFiles%"
rem What a 32-bit program is told is the folder of 32-bit programs.
if defined ProgramW6432 set "folder=%ProgramW6432%"
set "program=%~dp0mapihttp.exe"
if not exist "%program%" set "program=%folder%\mapihttp\mapihttp.exe"
if not exist "%program%" (
    echo apply: mapihttp.exe is neither beside this file nor in "%folder%\mapihttp" 1>&2
    exit /b 2
)

"%program%" check %arguments% -o json >nul
if %errorlevel%==0 (
    echo apply: nothing to do
    exit /b 0
)

if not defined MAPIHTTP_RESULTS set "MAPIHTTP_RESULTS=%~dp0results"
if not exist "%MAPIHTTP_RESULTS%\" mkdir "%MAPIHTTP_RESULTS%"
if not exist "%MAPIHTTP_RESULTS%\" (
    echo apply: "%MAPIHTTP_RESULTS%" cannot be made: nothing was changed 1>&2
    exit /b 2
)
set "number=0"
:next
set /a number+=1
set "result=%MAPIHTTP_RESULTS%\result-%number%.json"
if exist "%result%" goto next

"%program%" apply %arguments% -o json > "%result%"
set "code=%errorlevel%"
echo apply: the result is "%result%"
if %code%==0 (
    echo apply: all is as it should be now
    exit /b 0
)
echo apply: something failed; this is how it is now: 1>&2
"%program%" check %arguments% -o table
exit /b 2
