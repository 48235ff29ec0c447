# SPDX-License-Identifier: MIT
# ConfigMgr configuration item, the remediation script. This line is all there is to configure, as in discover.ps1:
$request = 'state=allowed', 'users=all,default'

# What a 32-bit PowerShell is told is the folder of 32-bit programs.
$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = "$programs\mapihttp\mapihttp.exe"
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {
    throw 'failed: mapihttp.exe is not in Program Files\mapihttp'
}
$line = & $program intune remediate $request 2>$null
$code = $LASTEXITCODE
# ConfigMgr does not look at the exit code of a remediation; an exception it reports.
if ($code -ne 0) {
    throw "$line (mapihttp.exe ended with code $code)"
}
$line
