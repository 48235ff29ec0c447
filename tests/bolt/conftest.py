# SPDX-License-Identifier: MIT
"""The module as it is staged, and the stand-in for Bolt (bolt.rb) upon Puppet's own library."""

import json
import subprocess

import pytest
from bolt_module import HERE, PUPPET, stage
from support import tool


@pytest.fixture(scope="session")
def puppet():
    """The command that runs Puppet's programs."""
    if not (PUPPET / "bin" / "puppet").is_file():
        pytest.skip("no Puppet: tests/setup/bolt.sh puts it into build/puppet")
    return ["ruby", f"-I{PUPPET}/lib/ruby/vendor_ruby"]


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    """A module path with the module in it, which holds the program under test."""
    return stage(tmp_path_factory.mktemp("modules"), tool.PROGRAM)


@pytest.fixture(scope="session")
def empty_modules(tmp_path_factory):
    """The same with no program in the module."""
    return stage(tmp_path_factory.mktemp("modules"))


@pytest.fixture(scope="session")
def bolt(puppet, modules):
    """Asks the stand-in: bolt(do=..., ...)."""
    def ask(path=None, **wanted):
        done = subprocess.run([*puppet, HERE / "bolt.rb", f"{HERE / 'modules'}:{path or modules}"],
                              input=json.dumps(wanted), capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask
