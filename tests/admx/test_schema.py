# SPDX-License-Identifier: MIT
"""The templates are valid by Microsoft's own schema, where it is at hand: MAPIHTTP_ADMX_SCHEMA names its folder."""

import os
import subprocess
from pathlib import Path

import pytest
from templates import ADMX, FILES, FOLDER, Templates

PLACE = os.environ.get("MAPIHTTP_ADMX_SCHEMA", "")
SCHEMA = Path(PLACE, "PolicyDefinitionFiles.xsd").resolve()
REASON = "no schema: MAPIHTTP_ADMX_SCHEMA names no folder that has it"
pytestmark = [pytest.mark.schema, pytest.mark.skipif(not (PLACE and SCHEMA.is_file()), reason=REASON)]


def xmllint(*paths):
    return subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, *paths], capture_output=True, text=True,
                          timeout=60, check=False)


def test_all_files_are_valid():
    done = xmllint(*(FOLDER / name for name in FILES))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [f"{FOLDER / name} validates" for name in FILES]


@pytest.mark.parametrize("change", [
    ('<supportedOn ref="MapiHttp_Supported_Windows" />', ""), ('<decimal value="0" />', '<decimal value="-1" />'),
    ('class="User"', 'class="Person"'), ("<elements>", '<elements><file id="a" />')])
def test_what_is_not_valid_is_refused(tmp_path, change):
    broken = Templates.shipped().changed(ADMX, change)
    (tmp_path / ADMX).write_bytes(broken.files[ADMX])
    assert xmllint(tmp_path / ADMX).returncode != 0
