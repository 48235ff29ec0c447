@echo off
rem SPDX-License-Identifier: MIT
rem Removes what install.cmd has installed. The profiles stay as they are.
setlocal
set "programs=%ProgramW6432%"
if not defined programs set "programs=%ProgramFiles%"
if exist "%programs%\mapihttp\mapihttp.exe" del /q "%programs%\mapihttp\mapihttp.exe"
if exist "%programs%\mapihttp\mapihttp.exe" exit /b 1
rd "%programs%\mapihttp" 2>nul
exit /b 0
