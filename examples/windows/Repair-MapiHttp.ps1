# SPDX-License-Identifier: MIT
#Requires -Version 5.1
<#
.SYNOPSIS
    Converges the value MapiHttpDisabled in the profiles of this machine, with mapihttp.exe.

.DESCRIPTION
    Runs mapihttp.exe with a request as JSON, and gives back one object for each profile, as docs/contract.md
    describes it. Warnings of mapihttp are warnings here. Nothing is read out of text that is meant for people.

    Exit code: 0 as desired, 1 drift (only with -WhatIf), 2 trouble.

    With -WhatIf nothing is written: mapihttp checks. Without, it applies; run it elevated then.

.PARAMETER State
    The desired state: enabled, disabled, absent, allowed or policy.

.PARAMETER Users
    Whose profiles: all, default, current, loaded, SIDs, accounts, names of folders, with * and ?.

.PARAMETER Exclude
    Whose profiles not.

.PARAMETER UndoFile
    Where to put the request that takes the change back. It is there afterwards only if something was changed. A
    file that is there already is never overwritten: nothing is changed then.

.PARAMETER Undo
    A file that -UndoFile has written, or a whole result of mapihttp: takes that change back.

.PARAMETER Path
    mapihttp.exe. Without it: beside this script, else in Program Files\mapihttp.

.EXAMPLE
    .\Repair-MapiHttp.ps1 -WhatIf | Format-Table id, state, outcome

    What would be changed.

.EXAMPLE
    .\Repair-MapiHttp.ps1 -State enabled -Exclude 'CONTOSO\kiosk' -UndoFile C:\Undo\1.json

    Changes it, and keeps how to go back.

.EXAMPLE
    .\Repair-MapiHttp.ps1 -Undo C:\Undo\1.json

    Goes back.
#>
[CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Converge')]
param(
    [Parameter(ParameterSetName = 'Converge')]
    [ValidateSet('enabled', 'disabled', 'absent', 'allowed', 'policy')]
    [string] $State = 'allowed',

    [Parameter(ParameterSetName = 'Converge')]
    [ValidateNotNullOrEmpty()]
    [string[]] $Users = @('all', 'default'),

    [Parameter(ParameterSetName = 'Converge')]
    [string[]] $Exclude = @(),

    [Parameter(ParameterSetName = 'Converge')]
    [string] $UndoFile,

    [Parameter(ParameterSetName = 'Undo', Mandatory = $true)]
    [string] $Undo,

    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Find-Program {
    if ($Path) {
        return (Resolve-Path -LiteralPath $Path).ProviderPath
    }
    # What a 32-bit PowerShell is told is the folder of 32-bit programs.
    $programs = $env:ProgramFiles
    if ($env:ProgramW6432) {
        $programs = $env:ProgramW6432
    }
    foreach ($folder in @($PSScriptRoot, (Join-Path $programs 'mapihttp'))) {
        $program = Join-Path $folder 'mapihttp.exe'
        if (Test-Path -LiteralPath $program -PathType Leaf) {
            return $program
        }
    }
    throw 'mapihttp.exe is neither beside this script nor in Program Files\mapihttp; name it with -Path'
}

# ASCII, so that no code page is in the way: other characters as \uXXXX.
function ConvertTo-Ascii([string] $Json) {
    return [regex]::Replace($Json, '[^\x00-\x7F]', {
            param($Match)
            '\u{0:x4}' -f [int][char]$Match.Value
        })
}

# Runs mapihttp with a request on its standard input; gives back its exit code and what it wrote.
function Invoke-Program([string] $Program, [string] $Verb, [string] $Request) {
    # Where the console's code page is UTF-8, Windows PowerShell 5.1 sends a byte order mark first, which no JSON has.
    if ([Console]::InputEncoding.GetPreamble().Length -gt 0) {
        [Console]::InputEncoding = New-Object System.Text.UTF8Encoding $false
    }
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $Program
    $start.Arguments = "$Verb -o json"
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = [System.Text.Encoding]::ASCII
    $start.StandardErrorEncoding = [System.Text.Encoding]::UTF8
    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $errors = $process.StandardError.ReadToEndAsync()
        $bytes = [System.Text.Encoding]::ASCII.GetBytes((ConvertTo-Ascii $Request))
        $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        return [pscustomobject]@{
            Code   = $process.ExitCode
            Output = $output
            Errors = $errors.Result
        }
    }
    finally {
        $process.Dispose()
    }
}

# The undo of a result exactly as it was written: what PowerShell makes of JSON and back need not be the same (a
# text that looks like a date is none any more). It is the last member; that it is JSON by itself proves the cut.
function Get-UndoText([string] $Text) {
    $begin = $Text.LastIndexOf(',"undo":{', [System.StringComparison]::Ordinal)
    $end = $Text.LastIndexOf('}', [System.StringComparison]::Ordinal)
    if ($begin -lt 0 -or $end -le $begin) {
        throw 'there is no undo in it'
    }
    $begin += ',"undo":'.Length
    $undoText = $Text.Substring($begin, $end - $begin)
    $null = ConvertFrom-Json -InputObject $undoText
    return $undoText
}

function Get-UndoRequest([string] $File) {
    $text = [System.IO.File]::ReadAllText((Resolve-Path -LiteralPath $File).ProviderPath)
    $object = ConvertFrom-Json -InputObject $text
    if ($object.PSObject.Properties['restore']) {
        return $text
    }
    return Get-UndoText $text
}

$undoStream = $null
try {
    $program = Find-Program
    if ($PSCmdlet.ParameterSetName -eq 'Undo') {
        $request = Get-UndoRequest $Undo
        $what = "put back what $Undo says"
    }
    else {
        $fields = @{ state = $State; users = @($Users); exclude = @($Exclude) }
        $request = ConvertTo-Json -InputObject $fields -Depth 5 -Compress
        $what = "converge MapiHttpDisabled to '$State'"
    }

    $verb = 'check'
    if ($PSCmdlet.ShouldProcess("the profiles of $env:COMPUTERNAME", $what)) {
        $verb = 'apply'
    }
    # Made before anything is changed: a change whose undo has no place is not begun.
    if ($UndoFile -and $verb -eq 'apply') {
        $undoPath = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($UndoFile)
        $undoStream = New-Object System.IO.FileStream $undoPath, 'CreateNew'
    }
    $done = Invoke-Program $program $verb $request
    if ($done.Errors) {
        Write-Warning $done.Errors.Trim()
    }
    $result = ConvertFrom-Json -InputObject $done.Output
    if ($undoStream -and $result.PSObject.Properties['undo']) {
        $bytes = [System.Text.Encoding]::ASCII.GetBytes((Get-UndoText $done.Output))
        $undoStream.Write($bytes, 0, $bytes.Length)
    }
}
catch {
    Write-Warning "Repair-MapiHttp: $($_.Exception.Message)"
    exit 2
}
finally {
    if ($undoStream) {
        $isEmpty = $undoStream.Length -eq 0
        $undoStream.Dispose()
        if ($isEmpty) {
            [System.IO.File]::Delete($undoPath)
        }
    }
}

foreach ($warning in $result.warnings) {
    Write-Warning $warning
}
if ($result.PSObject.Properties['error']) {
    Write-Warning $result.msg
}
if ($result.restart_required) {
    Write-Warning 'Outlook runs for a user whose value changes: it must be restarted.'
}
Write-Verbose $result.msg
$result.profiles

# 0, 1 or 2; anything else is how Windows ends a program that crashed.
if ($done.Code -ne 0 -and $done.Code -ne 1) {
    exit 2
}
exit $done.Code
