# -*- coding: utf-8 -*-
# SPDX-License-Identifier: MIT
"""The options and attributes that both modules have; they hand them to the same program as they are."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):
    DOCUMENTATION = r"""
options:
  state:
    description:
      - The desired state of the value.
      - C(enabled) is REG_DWORD 0, C(disabled) is REG_DWORD 1, C(absent) means that the value is not there. These
        three are exact, in type and data.
      - C(allowed) is the value absent or REG_DWORD 0; both are left as they are, and anything else becomes
        REG_DWORD 0. It touches the fewest profiles.
      - C(policy) is what the machine declares in C(HKLM\Software\Policies\MapiHttp); only for a running Windows and
        with C(root).
      - Required, unless C(restore) is given. The two exclude each other.
    type: str
    choices: [enabled, disabled, absent, allowed, policy]
  users:
    description:
      - Selectors of profiles. They are compared without regard to case.
      - C(all) is every person's profile, never a service account. C(default) is the Default profile, from which new
        profiles are made; C(all) does not contain it. C(current) and C(loaded) are known only in a running Windows.
      - Any other is a SID, an account (C(CONTOSO\\ann); only in a running Windows) or the name of a profile's folder,
        also with C(*) and C(?), or the C(profiles[].id) of a profile.
      - One without a wildcard that means nothing is a failed entry in the result.
      - A list, or one string with commas.
    type: list
    elements: str
    default: [all]
  exclude:
    description:
      - Selectors of profiles that are left out.
      - A list, or one string with commas.
    type: list
    elements: str
    default: []
  root:
    description:
      - The folder on the host where a Windows volume is mounted that no Windows is running from. Its profiles are
        those in its own list of profiles.
      - At most one of C(root), C(store) and C(hives) may be given.
    type: path
  store:
    description:
      - A folder on the host with a folder for each roaming or mandatory profile.
    type: path
  hives:
    description:
      - Hive files on the host; each is one profile.
      - A list, or one string with commas.
    type: list
    elements: path
  restore:
    description:
      - Values to put back, as they are in C(undo.restore) of an earlier run. Give the same C(root), C(store) or
        C(hives) as then.
      - Excludes C(state), C(users) and C(exclude).
    type: list
    elements: dict
    suboptions:
      id:
        description: The profile.
        type: str
        required: true
      value:
        description:
          - The value, as C(profiles[].before) has it. Must be given; null removes the value.
        type: dict
        suboptions:
          type:
            description: The registry type, as C(REG_DWORD).
            type: str
            required: true
          data:
            description: The data. What it may be depends on the type.
            type: raw
            required: true
  check:
    description:
      - Write nothing, and tell what would be changed, as in check mode.
    type: bool
    default: false
attributes:
  check_mode:
    description: Writes nothing, mounts nothing, and tells what would be changed.
    support: full
  diff_mode:
    description: One difference for each profile that is changed, or in check mode would be.
    support: full
  idempotent:
    description: A second run finds nothing to change and writes nothing.
    support: full
notes:
  - This is a program, not a script. It needs neither Python nor any other thing on the host.
  - A path is taken as it is. C(~) and variables in it are not expanded, so give full paths.
  - An option that is null is as if it were not given. An unknown option is refused before anything is touched.
  - Outlook reads the value when it starts. It is never closed; C(restart_required) tells where it runs.
"""
