#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the module as Bolt takes it: sh plugin/bolt/stage.sh FOLDER [PROGRAM...]
#
#   FOLDER    what Bolt's modulepath is to name; the module becomes FOLDER/mapihttp
#   PROGRAM   a mapihttp for Linux or a mapihttp.exe, to be sent to the targets along with the task
set -eu
if [ $# -lt 1 ]; then
    echo 'usage: stage.sh FOLDER [PROGRAM...]' >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
module=$1/mapihttp
shift
for program in "$@"; do
    if ! [ -f "$program" ]; then
        echo "stage.sh: there is no $program" >&2
        exit 1
    fi
done
rm -rf "$module"
# Both folders are there, empty or not: Puppet refuses a task that names what is missing.
mkdir -p "$module/files/linux" "$module/files/windows"
cp -R "$here/metadata.json" "$here/README.md" "$here/tasks" "$here/plans" "$here/../../LICENSE" "$module"
for program in "$@"; do
    case $program in
    *.exe) target=files/windows/mapihttp.exe ;;
    *) target=files/linux/mapihttp ;;
    esac
    cp "$program" "$module/$target"
    chmod 755 "$module/$target"
done
