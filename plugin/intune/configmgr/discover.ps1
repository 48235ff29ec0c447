# SPDX-License-Identifier: MIT
# ConfigMgr configuration item, the discovery script: says `compliant`, which the rule asks for, or what is not. This
# line is all there is to configure:
$request = 'state=allowed', 'users=all,default'

# What a 32-bit PowerShell is told is the folder of 32-bit programs.
$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = "$programs\mapihttp\mapihttp.exe"
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {
    'failed: mapihttp.exe is not in Program Files\mapihttp'
    exit 0
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
if ($code -eq 0) {
    $line = 'compliant'
}
elseif (-not $line) {
    $line = "failed: mapihttp.exe ended with code $code and said nothing"
}
$line
# What is not compliant is found out all the same: another code would say that the discovery failed.
exit 0
