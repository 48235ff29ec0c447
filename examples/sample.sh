#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a sample Windows volume in the folder $1, of real hive files, with the tests' hive builder:
#   ann   turned off (REG_DWORD 1)      bob   never touched (no value)
#   Chau  turned off, its hive dirty: the value is still in the transaction log
#   dave  the wrong type (REG_SZ "0")   Default  as Windows ships it
set -eu
root=$1
builder=$(dirname "$0")/../build/linux/tests/mkhive
sid=S-1-5-21-1004336348-1177238915-682003330
mkdir -p "$root/Windows/System32/config"
for name in ann bob Chau dave Default; do mkdir -p "$root/Users/$name"; done

# A user's root key; $1: the values of Software\Microsoft\Exchange.
user() {
    printf '{"keys":[{"name":"Environment"},{"name":"Software","keys":[{"name":"Microsoft","keys":[
        {"name":"Exchange","values":[%s]},{"name":"Office"},{"name":"Windows"}]}]}]}' "$1"
}
value() { printf '{"name":"MapiHttpDisabled","type":"%s","data":%s}' "$1" "$2"; }
entry() {
    printf '{"name":"%s","values":[{"name":"ProfileImagePath","type":"REG_EXPAND_SZ","data":"%s"}]}' "$1" "$2"
}

"$builder" - <<END
[
 {"out":"$root/Users/ann/NTUSER.DAT","spec":{"root":$(user "$(value REG_DWORD 1)")}},
 {"out":"$root/Users/bob/NTUSER.DAT","spec":{"root":$(user "")}},
 {"out":"$root/Users/Chau/NTUSER.DAT","spec":{"root":$(user ""),
    "log":{"format":"hvle","root":$(user "$(value REG_DWORD 1)")}}},
 {"out":"$root/Users/dave/NTUSER.DAT","spec":{"minor":3,"root":$(user "$(value REG_SZ '"0"')")}},
 {"out":"$root/Users/Default/NTUSER.DAT","spec":{"root":$(user "")}},
 {"out":"$root/Windows/System32/config/SOFTWARE","spec":{"root":{"keys":[
   {"name":"Microsoft","keys":[{"name":"Windows NT","keys":[{"name":"CurrentVersion",
     "values":[{"name":"SystemRoot","type":"REG_SZ","data":"C:\\\\Windows"}],
     "keys":[{"name":"ProfileList",
       "values":[{"name":"Default","type":"REG_EXPAND_SZ","data":"%SystemDrive%\\\\Users\\\\Default"},
                 {"name":"ProfilesDirectory","type":"REG_EXPAND_SZ","data":"%SystemDrive%\\\\Users"}],
       "keys":[$(entry S-1-5-18 '%systemroot%\\system32\\config\\systemprofile'),
               $(entry $sid-1001 'C:\\Users\\ann'),
               $(entry $sid-1002 'C:\\Users\\bob'),
               $(entry $sid-1003 'C:\\Users\\chau'),
               $(entry $sid-1004 'C:\\Users\\dave')]}]}]}]}]}}}
]
END
