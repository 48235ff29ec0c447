# SPDX-License-Identifier: MIT
"""What the engine reads of a hive (hivedump), as the same dict as the oracles': see support/oracles.py."""

import subprocess

from support import oracles
from support.tool import BUILD

HIVEDUMP = BUILD / "tests" / "hivedump"


class Dump:
    """One hive as the engine reads it: `tree` {path: values}, `recovered`, and the kind it was refused with.

    Of a value whose data the engine does not give (`withheld`), the size stands in their place.
    """

    def __init__(self, path):
        done = subprocess.run([HIVEDUMP, str(path)], capture_output=True, timeout=120, check=False)
        assert done.returncode in (0, 1), done.stderr.decode()
        self.tree, self.recovered, self.kind, self.message, self.withheld = {}, False, None, "", []
        self._names, self._paths = {}, {}
        for line in done.stdout.decode().splitlines():
            what, _, rest = line.partition(" ")
            if what:
                getattr(self, f"_{what}")(rest)
        assert (self.kind is None) == (done.returncode == 0), done.stdout[-200:]
        self.tree = {path: tuple(sorted(values)) for path, values in self.tree.items()}

    @property
    def values(self):
        return sum(map(len, self.tree.values()))

    def _recovered(self, rest):
        self.recovered = rest == "1"

    def _key(self, rest):
        cell, parent, latin1, name = rest.split(" ")
        text = oracles.regipy_name(bytes.fromhex(name), latin1 == "1")
        above = self._paths.get(parent)
        self._here = () if above is None else (*above, oracles.named(self._names.setdefault(parent, set()), text))
        self._paths[cell] = self._here
        self.tree[self._here] = []

    def _value(self, rest):
        latin1, name, type_, size, data = rest.split(" ")
        text = oracles.regipy_name(bytes.fromhex(name), latin1 == "1")
        if data == "?":
            self.withheld.append((self._here, text))
        self.tree[self._here].append((text, int(type_), int(size) if data == "?" else bytes.fromhex(data)))
        assert data == "?" or len(data) == 2 * int(size), (self._here, text)

    def _error(self, rest):
        self.kind, _, self.message = rest.partition(" ")
