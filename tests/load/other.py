# SPDX-License-Identifier: MIT
"""Another program that is at the hives of a store while mapihttp works on it: it rewrites, replaces, cuts, removes,
locks and holds them, and moves and swaps the folders they are in.

Before it touches a file it opens it, as programs do, and lets be what it may not have (EWOULDBLOCK: mapihttp has it).
Folders it moves without asking. Each hive it writes has a number of its own in it, so that what is there in the end
can be told from whatever was there before.
"""

import errno
import os
import shutil
import struct
from collections import Counter

import crowd
from support import hives, oracles

MARK = "Mark"
HIVE = "NTUSER.DAT"
GONE = None


def marked(*values, **options):
    """A user's hive with a number of its own."""
    spec = hives.user(*values, **options)
    spec["root"]["keys"].append({"name": MARK, "values": [hives.dword(0, MARK)]})
    return spec


SHAPES = [marked(keys=hives.KEY), marked(hives.dword(0)), marked(hives.dword(1)), marked(hives.value("REG_SZ", "0")),
          marked(hives.dword(1), size=60000), marked(hives.value("REG_SZ", "1"), size=60000, free=20)]


class Version:
    """One hive as it was written: its tree but for its number, its number, its bytes."""

    def __init__(self, templates, trees, spec, number):
        files, places = templates.get(spec)
        data = bytearray(files[HIVE])
        struct.pack_into("<I", data, places[MARK]["value"][MARK]["vk"] + 8, number)
        self.tree, self.number, self.data = trees[id(spec)], number, bytes(data)


class Other:
    """Does one thing at a time to the profiles `names` of the store `top`; knows what ought to be there."""

    def __init__(self, top, names, templates, dice):
        self.top, self.names, self.templates, self.dice = top, names, templates, dice
        self.aside, self.outside = top.parent / "aside", top.parent / "outside"
        self.aside.mkdir()
        hives.make(self.outside / HIVE, SHAPES[2])
        self.written, self.tally = 0, Counter()
        plain = [hives.make(top.parent / "plain" / str(i), spec) for i, spec in enumerate(SHAPES)]
        self.trees = {id(spec): oracles.bare(oracles.hivex_dump(path)) for spec, path in zip(SHAPES, plain)}
        self.there = {name: GONE for name in names}  # GONE, a Version, or the bytes that are left of one
        self.moved = set()                           # whose folder is aside, with a link in its place
        self.kept = []                               # descriptors to be closed some time
        often = {self.rewrite: 3, self.replace: 3, self.make: 4, self.swap: 2, self.unlink: 3, self.let_go: 2}
        seldom = [self.cut, self.remove, self.remove_folder, self.link, self.keep]
        self.does = [deed for deed, times in often.items() for _ in range(times)] + seldom
        for name in names:
            self.make(name)

    def path(self, name):
        return self.top / name / HIVE

    def version(self):
        self.written += 1
        return Version(self.templates, self.trees, self.dice.choice(SHAPES), self.written)

    def step(self):
        """One deed to one profile."""
        do, name = self.dice.choice(self.does), self.dice.choice(self.names)
        self.tally[do.__name__ if do(name) else "let be"] += 1

    def ask(self, name):
        """The hive, opened as by anybody who wants to write it; None when it is not there or not to be had."""
        if name in self.moved or self.there[name] is GONE:
            return None
        try:
            return os.open(self.path(name), os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.EWOULDBLOCK, error
            return None

    def rewrite(self, name):
        """In place, in pieces."""
        fd = self.ask(name)
        if fd is None:
            return False
        new = self.version()
        half = len(new.data) // 2
        for at in (0, half):
            os.pwrite(fd, new.data[at:at + half + 1], at)
        os.ftruncate(fd, len(new.data))
        os.close(fd)
        self.there[name] = new
        return True

    def replace(self, name):
        """By another file, put in its place."""
        fd = self.ask(name)
        if fd is None:
            return False
        new = self.version()
        beside = self.path(name).with_name("theirs")
        beside.write_bytes(new.data)
        os.rename(beside, self.path(name))
        os.close(fd)
        self.there[name] = new
        return True

    def make(self, name):
        """Where there is none."""
        if name in self.moved or self.there[name] is not GONE:
            return False
        new = self.version()
        self.path(name).parent.mkdir(exist_ok=True)
        beside = self.path(name).with_name("theirs")
        beside.write_bytes(new.data)
        os.rename(beside, self.path(name))
        self.there[name] = new
        return True

    def cut(self, name):
        """To any length; what is left is all there is."""
        fd = self.ask(name)
        if fd is None:
            return False
        os.ftruncate(fd, self.dice.randrange(os.fstat(fd).st_size or 1))
        self.there[name] = os.pread(fd, 1 << 20, 0)
        os.close(fd)
        return True

    def remove(self, name):
        fd = self.ask(name)
        if fd is None:
            return False
        os.unlink(self.path(name))
        os.close(fd)
        self.there[name] = GONE
        return True

    def remove_folder(self, name):
        """Until it is gone: mapihttp may just be putting something into it."""
        if name in self.moved:
            return False
        while self.path(name).parent.exists():
            shutil.rmtree(self.path(name).parent, ignore_errors=True)
        self.there[name] = GONE
        return True

    def swap(self, name):
        """Two folders get each other's name."""
        second = self.dice.choice(self.names)
        if second == name or {name, second} & self.moved:
            return False
        for one in (name, second):
            (self.top / one).mkdir(exist_ok=True)
        os.rename(self.top / name, self.aside / "swapped")
        os.rename(self.top / second, self.top / name)
        os.rename(self.aside / "swapped", self.top / second)
        self.there[name], self.there[second] = self.there[second], self.there[name]
        return True

    def link(self, name):
        """In place of the folder a link out of the store."""
        if name in self.moved or not (self.top / name).exists():
            return False
        os.rename(self.top / name, self.aside / name)
        (self.top / name).symlink_to(self.outside)
        self.moved.add(name)
        return True

    def unlink(self, name):
        """The folder comes back."""
        if name not in self.moved:
            return False
        os.unlink(self.top / name)
        os.rename(self.aside / name, self.top / name)
        self.moved.remove(name)
        return True

    def keep(self, name):
        """Opens, locks or leases it, and does not let go."""
        if len(self.kept) > 2 or name in self.moved or self.there[name] is GONE:
            return False
        try:
            self.kept.append(crowd.hold(self.dice.choice(list(crowd.HELD)), self.path(name)))
        except BlockingIOError:
            return False
        return True

    def let_go(self, _=None):
        if not self.kept:
            return False
        os.close(self.kept.pop())
        return True

    def finish(self):
        """Lets go of everything, and puts back what is aside."""
        while self.let_go():
            pass
        for name in sorted(self.moved):
            self.unlink(name)

    def hold_against(self, values):
        """What is there is what was put there last, whole, but for our value, which may be one of `values`."""
        whole = [self.path(name) for name, there in self.there.items() if isinstance(there, Version)]
        hives.check_all(whole)
        for name, there in self.there.items():
            path = self.path(name)
            if isinstance(there, Version):
                is_kept(path, there, values)
            else:
                assert (path.read_bytes() if path.exists() else GONE) == there, path


def is_kept(path, version, values):
    """Fails when the hive is not that version, but for our value."""
    tree = oracles.bare(oracles.hivex_dump(path))
    mark = ((MARK, 4, struct.pack("<I", version.number)),)
    assert tree[(MARK,)] == mark, (path, "another one was written last", version.number, tree[(MARK,)])
    whole = {**version.tree, (MARK,): mark}
    keys = {key: oracles.Key(found, 0) for key, found in whole.items()}
    could_be = [whole, *(oracles.bare(oracles.changed(keys, hives.KEY, hives.NAME, value)) for value in values)]
    assert tree in could_be, (path, oracles.difference(whole, tree))
