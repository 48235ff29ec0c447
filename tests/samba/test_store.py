# SPDX-License-Identifier: MIT
"""The templates in the central store of a domain, where the Group Policy editor looks for them."""

import pytest
from domain import STORE
from support.tool import PROJECT

ADMX = PROJECT / "admx"


def files(top):
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def store(domain):
    """What comes back from the store after the templates were loaded, as {path: bytes}."""
    domain.samba_tool("gpo", "admxload", f"--admx-dir={ADMX}")
    return download(domain)


def download(domain):
    local = domain.scratch("store")
    domain.smb(f'lcd "{local}"; cd "{STORE}"; recurse on; prompt off; mget *')
    return files(local)


def test_every_template_is_there_byte_for_byte(store):
    assert store == files(ADMX)


def test_they_are_where_an_editor_looks(store):
    assert {"mapihttp.admx", "en-US/mapihttp.adml"} <= set(store)


def test_nothing_but_templates_is_loaded(store):
    assert {name.rpartition(".")[2] for name in store} == {"admx", "adml"}


def test_loaded_again_they_are_the_same(domain, store):
    domain.samba_tool("gpo", "admxload", f"--admx-dir={ADMX}")
    assert download(domain) == store


def test_a_newer_template_replaces_the_older(domain, store, tmp_path):
    """And others' stay: a store is shared."""
    (tmp_path / "en-US").mkdir()
    (tmp_path / "contoso.admx").write_bytes(b"one")
    (tmp_path / "en-US" / "contoso.adml").write_bytes(b"one")
    domain.samba_tool("gpo", "admxload", f"--admx-dir={tmp_path}")
    (tmp_path / "contoso.admx").write_bytes(b"another")
    domain.samba_tool("gpo", "admxload", f"--admx-dir={tmp_path}")
    found = download(domain)
    assert (found.pop("contoso.admx"), found.pop("en-US/contoso.adml")) == (b"another", b"one")
    domain.smb(f'cd "{STORE}"; rm contoso.admx; rm en-US\\contoso.adml')
    assert found == store
