# SPDX-License-Identifier: MIT
"""Policy files (PReg), as Group Policy writes them. A record is (key, name, type, bytes)."""

import struct

KEY, NAME = r"Software\Microsoft\Exchange", "MapiHttpDisabled"
OPEN, BETWEEN, CLOSE = (mark.encode("utf-16-le") for mark in "[;]")


def text(what):
    """The bytes of a REG_SZ."""
    return what.encode("utf-16-le") + b"\0\0"


def record(key, name, kind, data):
    parts = text(key), text(name), struct.pack("<I", kind), struct.pack("<I", len(data)), data
    return OPEN + BETWEEN.join(parts) + CLOSE


def pol(*records):
    """A whole file."""
    return b"PReg" + struct.pack("<I", 1) + b"".join(record(*one) for one in records)


OURS = (KEY, NAME, 4, struct.pack("<I", 1))
OTHER = (r"Software\Policies\Contoso", "Colour", 1, text("blue"))
DELETES = (KEY, f"**del.{NAME}", 1, text(" "))
