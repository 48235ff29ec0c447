# SPDX-License-Identifier: MIT
"""docs/security.md names the tests that show what it says, and the system calls that test_powers.py allows: both are
as they are."""

import re

import pytest
from support.tool import PROJECT
from test_powers import CHANGING, MAKING

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", PAGE))))
def test_the_test_is_there(name):
    sources = [path.read_text(encoding="utf-8") for path in (PROJECT / "tests").glob("*/test_*.*")]
    assert any(re.search(rf"(def|static void) {name}\(", source) for source in sources)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:tests/[\w/]+/)?test_\w+\.(?:py|c))`", PAGE))))
def test_the_file_is_there(name):
    assert list((PROJECT / "tests").glob(f"*/{name.rsplit('/', 1)[-1]}"))


@pytest.mark.parametrize("name", sorted(CHANGING | MAKING | {"openat2", "getdents64"}))
def test_the_system_call_is_named(name):
    assert f"`{name}`" in PAGE
