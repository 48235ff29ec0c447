# SPDX-License-Identifier: MIT
"""Runs tasks here, and takes modules that are .exe, under Wine: a Windows host as far as modules are concerned."""

import os
import re

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: wine
short_description: Modules that are .exe, under Wine
description: Modules that are .exe, under Wine.
options: {}
"""
CALL = re.compile(r"'(/\S*/AnsiballZ_\w+\.exe) (/\S*/args)")


class Connection(LocalConnection):
    transport = "wine"
    # As the connections to Windows have it.
    module_implementation_preferences = (".ps1", ".exe", "")

    def exec_command(self, cmd, in_data=None, sudoable=True):
        def call(found):
            arguments = found.group(2).replace("/", "\\\\")  # the shell takes every other one away
            return f"'{os.environ['MAPIHTTP_LOADER']} {found.group(1)} Z:{arguments}"

        return super().exec_command(CALL.sub(call, cmd), in_data=in_data, sudoable=sudoable)
