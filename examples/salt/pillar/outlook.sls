# SPDX-License-Identifier: MIT
# What the state `outlook` makes of a machine. Every field but `state` is one of a request; see docs/salt.md.
outlook:
  state: allowed
  users: [all, default]
  exclude: ['S-1-5-21-*-500']
