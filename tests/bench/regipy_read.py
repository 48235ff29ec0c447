# SPDX-License-Identifier: MIT
"""regipy_read.py HIVE | -: reads the value with regipy, of one hive or of each that standard input names."""

import sys

from regipy.registry import RegistryHive


def read(path):
    key = RegistryHive(path).get_key(r"\Software\Microsoft\Exchange")
    print(key.get_value("MapiHttpDisabled"))


for name in (line.rstrip("\n") for line in sys.stdin) if sys.argv[1] == "-" else sys.argv[1:]:
    read(name)
