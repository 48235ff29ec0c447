# SPDX-License-Identifier: MIT
"""Policy files (PReg), as Group Policy writes them."""

import struct

KEY, NAME = r"Software\Microsoft\Exchange", "MapiHttpDisabled"


def record(key, value, kind, data):
    """One record: kind is the type's number, data its bytes."""
    def text(what):
        return what.encode("utf-16-le") + b"\0\0"
    bracket, semicolon = "[".encode("utf-16-le"), ";".encode("utf-16-le")
    return (bracket + text(key) + semicolon + text(value) + semicolon + struct.pack("<I", kind) + semicolon
            + struct.pack("<I", len(data)) + semicolon + data + "]".encode("utf-16-le"))


def pol(*records):
    """A whole file."""
    return b"PReg" + struct.pack("<I", 1) + b"".join(records)


OURS = record(KEY, NAME, 4, struct.pack("<I", 1))
OTHER = record(r"Software\Policies\Contoso", "Colour", 1, "blue\0".encode("utf-16-le"))
DELETES = record(KEY, f"**del.{NAME}", 1, " \0".encode("utf-16-le"))
