#!/bin/sh
# SPDX-License-Identifier: MIT
# Standard input is mapihttp's alone, so `_installdir`, which stands there, is not read here: the place of this file
# says it too. A task that came without files lies in a folder of its own below /tmp, where `..` is anybody's.
folder=$(dirname "$0")
case $folder in
*/mapihttp/tasks)
    program=${folder%/tasks}/files/linux/mapihttp
    if [ -f "$program" ]; then
        # How it was copied here is the transport's affair.
        [ -x "$program" ] || chmod u+x "$program"
        exec "$program" bolt
    fi
    ;;
esac
PATH=$PATH:/usr/local/bin
if command -v mapihttp >/dev/null; then exec mapihttp bolt; fi
echo '{"_error":{"msg":"mapihttp is neither in the module (files/linux/mapihttp) nor in the PATH of the target",' \
    '"kind":"mapihttp/not_installed","details":{}}}'
exit 1
