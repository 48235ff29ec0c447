# SPDX-License-Identifier: MIT
# Intune remediation, the detection script: ends with 1 where there is drift. This line is all there is to configure:
$request = 'state=allowed', 'users=all,default'

# What a 32-bit PowerShell is told is the folder of 32-bit programs.
$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = "$programs\mapihttp\mapihttp.exe", "$PSScriptRoot\mapihttp.exe" |
    Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Select-Object -First 1
if (-not $program) {
    'failed: mapihttp.exe is neither in Program Files\mapihttp nor beside the script'
    exit 1
}
$line = $null
$code = $null
try {
    $line = & $program intune detect $request 2>$null
    $code = $LASTEXITCODE
}
catch {
    $line = "failed: mapihttp.exe cannot be run: $($_.Exception.Message)" -replace '\s+', ' '
}
if (-not $line) {
    $line = "failed: mapihttp.exe ended with code $code and said nothing"
}
$line
# Intune takes any code but 1, that of a crash too, for "nothing to do".
if ($code -ne 0) {
    exit 1
}
exit 0
