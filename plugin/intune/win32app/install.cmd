@echo off
rem SPDX-License-Identifier: MIT
rem Installs mapihttp.exe, which lies beside this file, for the scripts of the remediation to find.
setlocal
rem What a 32-bit process is told, as Intune starts it, is the folder of 32-bit programs.
set "programs=%ProgramW6432%"
if not defined programs set "programs=%ProgramFiles%"
if not exist "%programs%\mapihttp" mkdir "%programs%\mapihttp"
copy /y "%~dp0mapihttp.exe" "%programs%\mapihttp\mapihttp.exe" >nul
if errorlevel 1 exit /b 1
exit /b 0
