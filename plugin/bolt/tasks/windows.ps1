# SPDX-License-Identifier: MIT
# PowerShell leaves standard input alone as long as a script does not name its variable for it: mapihttp.exe
# inherits it as it is.
# What a 32-bit PowerShell is told is the folder of 32-bit programs.
$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$places = @()
# A task that came without files lies in a folder of its own below Temp, where `..` may be anybody's.
if (($PSScriptRoot -replace '/', '\') -like '*\mapihttp\tasks') {
    $places += "$PSScriptRoot\..\files\windows\mapihttp.exe"
}
# Before the folders of the PATH, which more people may be able to write to.
$places += "$programs\mapihttp\mapihttp.exe"
$places += @(Get-Command -Name mapihttp.exe -CommandType Application -ErrorAction SilentlyContinue |
        ForEach-Object { $_.Definition })
$program = $places | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Select-Object -First 1
if (-not $program) {
    '{"_error":{"msg":"mapihttp.exe is neither in the module (files/windows/mapihttp.exe) nor in' +
    ' Program Files\\mapihttp nor in the PATH of the target","kind":"mapihttp/not_installed","details":{}}}'
    exit 1
}
# Whoever starts this may have made an error of any exit code but 0, and an exception of any error.
$ErrorActionPreference = 'Continue'
$PSNativeCommandUseErrorActionPreference = $false
$why = ''
$code = 'none'
$answer = @()
try {
    $answer = @(& $program bolt 2>$null)
    $code = $LASTEXITCODE
}
catch {
    # Only what stands for itself in JSON, in any code page.
    $why = ': ' + $_.Exception.Message -replace '[^ !#-\[\]-~]+', ' '
}
# Bolt takes whatever ends with 0 for done.
if ($answer.Count -ne 1 -or "$code $answer" -cnotmatch '^[01] \{"changed":.*\}$') {
    '{"_error":{"msg":"mapihttp.exe cannot be run, or gave no result (exit code ' + $code + ')' + $why +
    '","kind":"mapihttp/no_result","details":{}}}'
    exit 1
}
$answer
exit $code
