# SPDX-License-Identifier: MIT
"""What the tests of hostile surroundings share: strace's helpers of tests/files."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "files"))
