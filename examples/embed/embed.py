#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The library from Python, by ctypes: checks a store of profiles, and prints who is turned off.

    python3 embed.py /srv/profiles [libmapihttp.so]
"""

import ctypes
import json
import sys


class MapiHttp:
    """mapihttp_call of include/mapihttp/mapihttp.h."""

    def __init__(self, library="libmapihttp.so.0"):
        self._library = ctypes.CDLL(library)
        self._library.mapihttp_call.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t,
                                                ctypes.POINTER(ctypes.c_void_p)]
        self._library.mapihttp_call.restype = ctypes.c_int
        self._library.mapihttp_free.argtypes = [ctypes.c_void_p]
        self._library.mapihttp_free.restype = None

    def call(self, verb, **request):
        """Returns (exit code, result)."""
        text = json.dumps(request).encode()
        result = ctypes.c_void_p()
        code = self._library.mapihttp_call(verb.encode(), text, len(text), ctypes.byref(result))
        if not result:
            raise MemoryError("mapihttp_call")
        try:
            return code, json.loads(ctypes.string_at(result))
        finally:
            self._library.mapihttp_free(result)


def main(store, *library):
    code, result = MapiHttp(*library).call("check", state="allowed", store=store)
    for profile in result["profiles"]:
        if profile["outcome"] == "changed":
            print(profile["id"], "is", profile["state"])
    print(result["msg"])
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
