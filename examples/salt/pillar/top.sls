# SPDX-License-Identifier: MIT
base:
  '*':
    - outlook
