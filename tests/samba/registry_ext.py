# SPDX-License-Identifier: MIT
"""What samba-gpupdate loads for Registry.pol of the User folder: Linux has no registry that its own would go to. It
tells what would be applied."""

from samba.gp.gpclass import gp_pol_ext

PLACE = "/User/Registry.pol"


class registry_ext(gp_pol_ext):
    """The name is that of its section in gpext.conf."""

    def process_group_policy(self, deleted_gpo_list, changed_gpo_list):
        pass

    def rsop(self, gpo):
        pol = self.parse(gpo.file_sys_path + PLACE) if gpo.file_sys_path else None
        return {entry.keyname: {entry.valuename: f"{entry.type}:{entry.data}"} for entry in pol.entries} if pol else {}

    def __str__(self):
        return "Registry"
