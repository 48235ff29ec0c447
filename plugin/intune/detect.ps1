# SPDX-License-Identifier: MIT
# Intune remediation, the detection script: ends with 1 where there is drift. This line is all there is to configure:
$request = 'state=allowed', 'users=all,default'

# What a 32-bit PowerShell is told is the folder of 32-bit programs.
$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = "$programs\mapihttp\mapihttp.exe"
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {
    'failed: mapihttp.exe is not in Program Files\mapihttp'
    exit 1
}
# Whoever starts this may have made an error of any exit code but 0, and an exception of any error.
$ErrorActionPreference = 'Continue'
$PSNativeCommandUseErrorActionPreference = $false
try {
    $answer = @(& $program intune detect $request 2>$null)
    $code = $LASTEXITCODE
}
catch {
    $answer = @("failed: mapihttp.exe cannot be run: $($_.Exception.Message)" -replace '\s+', ' ')
    $code = 1
}
if ($answer.Count -ne 1 -or "$code $answer" -cnotmatch '^(0 (compliant|remediated)|1 (drift|failed)): ') {
    $answer = @("failed: mapihttp.exe gave no result (exit code $code)")
    $code = 1
}
$answer
# Any code but 0 and 1, that of a crash too, is 1 by now: Intune would take it for "nothing to do".
exit $code
