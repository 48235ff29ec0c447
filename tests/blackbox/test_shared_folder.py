# SPDX-License-Identifier: MIT
"""What one person's profile can do to the look at all: two entries of one folder, a huge value in a table."""

from support import hives
from support.tool import call, run


def twins(tmp_path):
    """A volume on which a second SID has ann's folder."""
    other = f"{hives.PREFIX}-1999"
    root = hives.volume(tmp_path / "v", {"ann": hives.user(hives.dword(1))}, more=[(other, r"C:\\Users\\Ann")])
    return root, other


def test_two_entries_with_one_folder_converge_it_once(tmp_path):
    root, other = twins(tmp_path)
    done = call("apply", {"state": "enabled", "root": str(root)})
    assert (done.code, done.profile(hives.sid("ann"))["outcome"]) == (0, "changed")
    assert done.profile(other)["outcome"] == "skipped"
    assert hives.sid("ann") in done.profile(other)["error"]["message"]


def test_naming_the_second_entry_of_a_folder_fails(tmp_path):
    root, other = twins(tmp_path)
    done = call("check", {"state": "enabled", "root": str(root), "users": [other]})
    assert (done.code, done.kinds) == (2, ["unsupported"])


def test_a_link_in_a_store_is_a_warning(tmp_path):
    store = hives.store(tmp_path / "store", {"ann": hives.user()})
    (store / "link").symlink_to("ann")
    done = call("get", {"store": str(store)})
    assert len(done.result["profiles"]) == 1 and "link" in done.result["warnings"][0]


def test_an_entry_that_cannot_be_read_is_one_failure(tmp_path):
    """A ProfileList key with a name that is no SID is none of ours; a path too long is its entry's failure."""
    broken = f"{hives.PREFIX}-1998"
    root = hives.volume(tmp_path / "v", {"ann": hives.user(hives.dword(1))},
                        more=[("x" * 255, r"C:\\x"), (broken, "C:\\" + "x" * 200000)])
    done = call("apply", {"state": "enabled", "root": str(root)})
    assert done.profile(hives.sid("ann"))["outcome"] == "changed"
    assert done.profile(broken)["outcome"] == "failed"


def test_a_long_value_does_not_widen_the_table(tmp_path):
    store = hives.store(tmp_path / "store", {"ann": hives.user(hives.value("REG_BINARY", {"fill": 200000})),
                                             "bob": hives.user()})
    done = run("get", f"store={store}", "-o", "table")
    assert done.code == 0 and b"(200000 bytes)" in done.out and len(done.out) < 2000
