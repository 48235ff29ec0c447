#!/bin/sh
# SPDX-License-Identifier: MIT
# Standard input is mapihttp's alone, so `_installdir`, which stands there, is not read here: the place of this file
# says it too. A task that came without files lies in a folder of its own below /tmp, where `..` is anybody's.
run() {
    answer=$("$1" bolt)
    code=$?
    case $answer in
    '{"changed":'*'}') ;;
    *)
        # Bolt takes whatever ends with 0 for done. Of any other code it makes an error itself, with what was said
        # on standard error.
        [ $code -eq 0 ] || exit $code
        echo '{"_error":{"msg":"mapihttp gave no result (exit code 0)","kind":"mapihttp/no_result","details":{}}}'
        exit 1
        ;;
    esac
    printf '%s\n' "$answer"
    exit $code
}

folder=$(dirname "$0")
case $folder in
*/mapihttp/tasks)
    program=${folder%/tasks}/files/linux/mapihttp
    if [ -f "$program" ]; then
        # How it was copied here is the transport's affair.
        [ -x "$program" ] || chmod u+x "$program"
        run "$program"
    fi
    ;;
esac
# An empty part of PATH would be the folder that this happens to run in.
PATH=${PATH:+$PATH:}/usr/local/bin
program=$(command -v mapihttp)
case $program in
/*) run "$program" ;;
esac
echo '{"_error":{"msg":"mapihttp is neither in the module (files/linux/mapihttp) nor in the PATH of the target",' \
    '"kind":"mapihttp/not_installed","details":{}}}'
exit 1
