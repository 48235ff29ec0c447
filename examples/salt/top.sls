# SPDX-License-Identifier: MIT
base:
  'kernel:Windows':
    - match: grain
    - outlook
