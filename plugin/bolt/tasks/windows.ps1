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
$places += @(Get-Command -Name mapihttp.exe -CommandType Application -ErrorAction SilentlyContinue |
        ForEach-Object { $_.Definition })
$places += "$programs\mapihttp\mapihttp.exe"
$program = $places | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Select-Object -First 1
if (-not $program) {
    '{"_error":{"msg":"mapihttp.exe is neither in the module (files/windows/mapihttp.exe) nor in the PATH nor in' +
    ' Program Files\\mapihttp of the target","kind":"mapihttp/not_installed","details":{}}}'
    exit 1
}
& $program bolt
exit $LASTEXITCODE
