@echo off
rem SPDX-License-Identifier: MIT
rem Registers task.xml, which is beside this file, with the Task Scheduler. Run it elevated.
rem
rem   install-task.cmd              registers the task "mapihttp", in place of one that is there
rem   schtasks /Delete /TN mapihttp removes it
rem
rem Exit code: 0 registered, 2 trouble.
setlocal
set "folder=%ProgramFiles%"
rem What a 32-bit program is told is the folder of 32-bit programs.
if defined ProgramW6432 set "folder=%ProgramW6432%"
if not exist "%folder%\mapihttp\mapihttp.exe" (
    echo install-task: "%folder%\mapihttp\mapihttp.exe" is not there: copy mapihttp.exe to it first 1>&2
    exit /b 2
)
schtasks /Create /TN mapihttp /XML "%~dp0task.xml" /F
if not %errorlevel%==0 (
    echo install-task: not registered; this takes an elevated administrator 1>&2
    exit /b 2
)
reg query "HKLM\SOFTWARE\Policies\MapiHttp" /v State >nul 2>&1
if not %errorlevel%==0 (
    echo install-task: the policy that the task goes by is not there yet; till it is, the task does nothing:
    echo install-task:   reg add HKLM\SOFTWARE\Policies\MapiHttp /v State /d allowed
)
echo install-task: registered; "schtasks /Run /TN mapihttp" runs it now
exit /b 0
