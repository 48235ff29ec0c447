# SPDX-License-Identifier: MIT
"""What the tests share: the program, hives made by the builder, Windows volumes and stores made of them."""
