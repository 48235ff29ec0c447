# SPDX-License-Identifier: MIT
"""Policy files: what `render` writes, as Samba and others read it; and what the program reads, and refuses."""

import subprocess

import pytest
from expected import STATES
from samba.dcerpc import preg as samba_preg
from samba.ndr import ndr_pack, ndr_unpack
from support import hives, preg
from support.tool import PROJECT, run

SETS = {state: (preg.NAME, 4, number) for state, number in STATES.items() if number is not None}
RECORD = {**SETS, "absent": (f"**del.{preg.NAME}", 1, " ")}
LISTER = """
import sys
from registrypol.policy import RegistryPolicy
for one in RegistryPolicy.from_bytes(sys.stdin.buffer.read()).values:
    print(one.key.rstrip(chr(0)), one.value.rstrip(chr(0)), one.type, one.size, one.data.hex(), sep="|")
"""


@pytest.mark.parametrize("state", STATES)
def test_samba_reads_it(state, rendered):
    content = rendered("pol", state)
    pol = ndr_unpack(samba_preg.file, content)
    assert (pol.header.signature, pol.header.version, pol.num_entries) == ("PReg", 1, 1)
    (entry,) = pol.entries
    assert (entry.keyname, (entry.valuename, entry.type, entry.data)) == (preg.KEY, RECORD[state])
    assert ndr_pack(pol) == content


@pytest.mark.parametrize(("state", "line"), [
    ("enabled", f"{preg.KEY}|{preg.NAME}|4|4|00000000"), ("disabled", f"{preg.KEY}|{preg.NAME}|4|4|01000000"),
    ("absent", f"{preg.KEY}|**del.{preg.NAME}|1|4|20000000")])
def test_registrypol_reads_it(state, line, rendered):
    python = PROJECT / "build/venv-render/bin/python"
    done = subprocess.run([python, "-c", LISTER], input=rendered("pol", state), capture_output=True, check=True,
                          timeout=60)
    assert done.stdout.decode().splitlines() == [line]


@pytest.fixture
def seen(tmp_path):
    """seen(content): what `get` says of a profile that has it as its ntuser.pol: managed_by, and the warnings."""
    store = hives.store(tmp_path / "store", {"ann": hives.user()})

    def look(content):
        (store / "ann" / "ntuser.pol").write_bytes(content)
        done = run("get", f"store={store}")
        assert done.code == 0
        return done.result["profiles"][0]["managed_by"], done.result["warnings"]
    return look


@pytest.mark.parametrize("state", STATES)
def test_the_program_reads_what_it_writes(state, rendered, seen):
    assert seen(rendered("pol", state)) == ("group_policy", [])


def is_refused(found):
    managed, warnings = found
    return managed is None and len(warnings) == 1 and "at byte " in warnings[0]


MALFORMED = {
    "nothing": (b"", 0), "a header in another case": (b"preg\1\0\0\0", 0), "half a header": (b"PReg\1\0", 0),
    "version 2": (b"PReg\2\0\0\0", 4), "no bracket": (b"PReg\1\0\0\0K\0", 8), "text": (b"Windows Registry Editor", 0),
    "a key without end": (b"PReg\1\0\0\0[\0K\0", 10), "behind the last record": (preg.pol(preg.OURS) + b"]\0", 122),
    "a size beyond the file": (preg.pol(preg.OURS)[:-1], 120)}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_with_its_offset(name, seen):
    content, offset = MALFORMED[name]
    managed, warnings = seen(content)
    assert managed is None and len(warnings) == 1 and f"at byte {offset}:" in warnings[0], warnings


def samples(folder):
    """(name, bytes) of those that say they are policy files."""
    found = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.pol"))]
    assert any(content.startswith(b"PReg") for _, content in found)
    return [one for one in found if one[1].startswith(b"PReg")]


@pytest.mark.pol
def test_every_sample_is_read(pol_samples, seen):
    for name, content in samples(pol_samples):
        assert ndr_unpack(samba_preg.file, content).num_entries > 0
        assert seen(content) == (None, []), name


@pytest.mark.pol
def test_what_does_not_say_so_is_refused(pol_samples, seen):
    for path in pol_samples.glob("*.pol"):
        content = path.read_bytes()
        assert content.startswith(b"PReg") or "at byte 0:" in seen(content)[1][0], path.name


@pytest.mark.pol
def test_every_sample_cut_short_is_refused(pol_samples, seen):
    """At places all over it; the file is whole where a record ends, as after its header."""
    for name, content in samples(pol_samples):
        cuts = sorted({len(content) * part // 60 for part in range(60)} | {1, 7, len(content) - 1})
        for cut in cuts:
            whole = content[:cut].endswith(b"]\0") or cut == 8
            assert whole or is_refused(seen(content[:cut])), (name, cut)


@pytest.mark.pol
def test_a_sample_that_sets_our_value_too(pol_samples, seen, rendered):
    record = rendered("pol", "enabled")[8:]
    for name, content in samples(pol_samples):
        for place in (content + record, content[:8] + record + content[8:]):
            assert seen(place) == ("group_policy", []), name
