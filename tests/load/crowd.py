# SPDX-License-Identifier: MIT
"""A store of very many profiles: whole ones of several shapes, and broken ones, 1 % of each kind.

A profile's folder is called KIND@NUMBER. Everything belongs to whoever runs the program: NOBODY where the tests are
root, for whom no right would be missing else.
"""

import fcntl
import hashlib
import os
import random
import shutil
import signal
import socket
import stat
import struct
from pathlib import Path

from support import hives

NOBODY = 65534
AS_ROOT = os.geteuid() == 0
NIL, FAR, SYMLINK = 0xFFFFFFFF, 0x7FFFFFF8, 0x10
SOFTWARE, EXCHANGE = "Software", r"Software\Microsoft\Exchange"
DISABLED = hives.user(hives.dword(1))
NO_VALUE = hives.user(keys=hives.KEY)
DEEPER = {"root": {"name": "ROOT", "keys": [{"name": "Software", "keys": [{"name": "Microsoft", "keys": [
    {"name": "Exchange", "keys": [{"name": "Inner"}]}]}]}]}}
LOGGED = {**hives.user(hives.value("REG_SZ", "0")), "log": {"root": hives.user(hives.dword(1))["root"]}}
LOG = "NTUSER.DAT.LOG1"

# What is to become REG_DWORD 0: in place, by a new image, with its logs replayed, or not at all.
WHOLE = {
    "disabled": DISABLED,
    "no-value": NO_VALUE,
    "no-key": hives.user(keys=hives.KEY[:1]),
    "text": hives.user(hives.value("REG_SZ", "0")),
    "old": hives.user(hives.dword(1), minor=3, lists="lf"),
    "dirty-with-log": LOGGED,
    "dirty-with-old-log": {**LOGGED, "minor": 3, "log": {**LOGGED["log"], "format": "dirt"}},
    "enabled": hives.user(hives.dword(0)),
}


class Templates:
    """Each hive is made once, and then copied: {name of file: bytes}, and where its parts stand."""

    def __init__(self, folder):
        self.folder, self.made = Path(folder), {}

    def get(self, spec):
        key = id(spec)
        if key not in self.made:
            here = self.folder / str(len(self.made))
            here.mkdir()
            places = hives.offsets(spec, here / "NTUSER.DAT")
            files = {path.name: path.read_bytes() for path in here.iterdir()}
            self.made[key] = files, places, spec
        return self.made[key][:2]

    def bytes(self, spec):
        return self.get(spec)[0]["NTUSER.DAT"]


def put(folder, files):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def sealed(data):
    """The bytes with the checksum of the base block made right."""
    total = 0
    for number in struct.unpack_from("<127I", data):
        total ^= number
    struct.pack_into("<I", data, 508, {0: 1, NIL: NIL - 1}.get(total, total))
    return bytes(data)


def damaged(spec, change):
    """A kind: the hive of `spec` with numbers changed. change(places, get) gives (offset, number)."""
    def make(folder, templates):
        files, places = templates.get(spec)
        data = bytearray(files["NTUSER.DAT"])
        at, number = change(places, lambda offset: struct.unpack_from("<I", data, offset)[0])
        struct.pack_into("<I", data, at, number & NIL)
        put(folder, {"NTUSER.DAT": sealed(data) if at != 508 else bytes(data)})
    return make


def cell(at):
    """The number by which a hive names the cell at a file offset."""
    return at - 4 - 4096


def content(give):
    """A kind: what give(templates) says, in place of the hive."""
    return lambda folder, templates: put(folder, {"NTUSER.DAT": give(templates)})


def logged(change):
    """A kind: a dirty hive; change(path of its log, bytes of its log)."""
    def make(folder, templates):
        files, _ = templates.get(LOGGED)
        put(folder, files)
        change(folder / LOG, files[LOG])
    return make


def in_place_of_the_hive(place):
    """A kind: place(path, bytes of a hive) puts something else where the hive would be."""
    def make(folder, templates):
        folder.mkdir()
        place(folder / "NTUSER.DAT", templates.bytes(DISABLED))
    return make


def beside(place):
    """A kind: a hive that has to change, and place(path) does something to it or beside it."""
    def make(folder, templates):
        put(folder, templates.get(NO_VALUE)[0])
        place(folder / "NTUSER.DAT")
    return make


def outside(path):
    """A hive that is nobody's profile, where links lead."""
    there = path.parent.parent.parent / "outside"
    there.mkdir(exist_ok=True)
    return there / path.parent.name


def link(path, data):
    outside(path).write_bytes(data)
    path.symlink_to(outside(path))


def second_name(path, data):
    outside(path).write_bytes(data)
    os.link(outside(path), path)


def unix_socket(path, _):
    with socket.socket(socket.AF_UNIX) as unix:
        here = os.open(".", os.O_RDONLY)
        os.chdir(path.parent)
        try:
            unix.bind(path.name)
        finally:
            os.fchdir(here)
            os.close(here)


def log_is_a_link(log, data):
    log.rename(log.with_name("elsewhere"))
    log.symlink_to("elsewhere")
    assert data


def two_names(path):
    path.rename(path.with_name("ntuser.dat"))
    shutil.copy(path.with_name("ntuser.dat"), path.with_name("NtUser.dat"))


def no_utf8(path):
    os.rename(path.parent, os.fsencode(path.parent) + b"\xff")


# What is broken: how it is made, and the kind that apply reports it by.
BROKEN = {
    "truncated": (content(lambda t: t.bytes(DISABLED)[:4096 + 700]), "corrupt"),
    "empty": (content(lambda _: b""), "corrupt"),
    "garbage": (content(lambda _: random.Random(1).randbytes(8192)), "corrupt"),
    "no-hive": (content(lambda _: b"This is no hive.\n" * 500), "corrupt"),
    "log-as-hive": (content(lambda t: t.get(LOGGED)[0][LOG]), "corrupt"),
    "wrong-checksum": (damaged(DISABLED, lambda p, get: (508, get(508) ^ 1)), "corrupt"),
    "list-leads-nowhere": (damaged(DISABLED, lambda p, get: (p[SOFTWARE]["list"] + 4, FAR)), "corrupt"),
    "list-leads-to-itself": (damaged(DISABLED, lambda p, get: (
        p[SOFTWARE]["list"] + 4, cell(p[SOFTWARE]["list"]))), "corrupt"),
    "keys-in-a-circle": (damaged(DEEPER, lambda p, get: (
        p[EXCHANGE]["nk"] + 28, cell(p[SOFTWARE]["list"]))), "corrupt"),
    "cell-of-no-size": (damaged(NO_VALUE, lambda p, get: (p["Environment"]["nk"] - 4, 0)), "corrupt"),
    "dirty-without-log": (logged(lambda log, data: log.unlink()), "dirty"),
    "dirty-with-empty-log": (logged(lambda log, data: log.write_bytes(b"")), "dirty"),
    "dirty-with-torn-log": (logged(lambda log, data: log.write_bytes(data[:1500])), "dirty"),
    "dirty-with-linked-log": (logged(log_is_a_link), "unsupported"),
    "transactions-pending": (damaged(NO_VALUE, lambda p, get: (144, 1)), "dirty"),
    "version-1.2": (damaged(DISABLED, lambda p, get: (24, 2)), "unsupported"),
    "version-1.7": (damaged(DISABLED, lambda p, get: (24, 7)), "unsupported"),
    "version-1.6": (damaged(NO_VALUE, lambda p, get: (24, 6)), "unsupported"),
    "key-is-a-link": (damaged(DISABLED, lambda p, get: (
        p[EXCHANGE]["nk"], get(p[EXCHANGE]["nk"]) | SYMLINK << 16)), "unsupported"),
    "link": (in_place_of_the_hive(link), "unsupported"),
    "hard-link": (in_place_of_the_hive(second_name), "unsupported"),
    "fifo": (in_place_of_the_hive(lambda path, _: os.mkfifo(path)), "unsupported"),
    "socket": (in_place_of_the_hive(unix_socket), "unsupported"),
    "folder": (in_place_of_the_hive(lambda path, _: path.mkdir()), "unsupported"),
    "two-names": (beside(two_names), "unsupported"),
    "no-utf8": (beside(no_utf8), "unsupported"),
    "unreadable": (beside(lambda path: path.chmod(0)), "access_denied"),
    "read-only": (beside(lambda path: path.chmod(0o444)), "access_denied"),
    "folder-not-to-be-read": (beside(lambda path: path.parent.chmod(0)), "access_denied"),
    "folder-not-to-be-written": (beside(lambda path: path.parent.chmod(0o555)), "access_denied"),
    # No profile at all; asked for by name it is missing.
    "no-hive-in-it": (lambda folder, _: folder.mkdir(), "not_found"),
}
MISSING = "no-hive-in-it"
if AS_ROOT:
    BROKEN["device"] = (in_place_of_the_hive(
        lambda path, _: os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))), "unsupported")
# Whole, but another process is at it; the kind until it lets go.
HELD = {"open": 0.34, "locked": 0.33, "leased": 0.33}


def hold(kind, path):
    """Opens, locks or leases a hive: the descriptor, to be closed by who wants it no more. BlockingIOError when
    another process has it."""
    fd = os.open(path, (os.O_RDONLY if kind == "open" else os.O_RDWR) | os.O_NONBLOCK)
    try:
        if kind == "locked":
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if kind == "leased":
            fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)  # who comes for it would kill us else
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError:
        os.close(fd)
        raise
    return fd


def give(top):
    """Makes all of it the property of whoever will run the program."""
    if not AS_ROOT:
        return
    for folder, folders, files in os.walk(os.fsencode(top)):
        for name in (b".", *folders, *files):
            os.lchown(os.path.join(folder, name), NOBODY, NOBODY)


class Crowd:
    """A store of `count` profiles below `folder`: self.top, and the folders by kind."""

    def __init__(self, folder, count):
        folder = Path(folder)
        self.top, self.count = folder / "store", count
        self.folders, self.descriptors = {}, []
        templates = folder / "templates"
        templates.mkdir()
        self.top.mkdir()
        self.templates = Templates(templates)
        self.each = max(1, count // 100)
        for kind, (make, _) in BROKEN.items():
            self._add(kind, self.each, make)
        for kind, part in HELD.items():
            self._add(kind, max(1, round(self.each * part)), self._copies(NO_VALUE))
        left = count - sum(map(len, self.folders.values()))
        for number, (kind, spec) in enumerate(WHOLE.items()):
            self._add(kind, left // len(WHOLE) + (number < left % len(WHOLE)), self._copies(spec))
        give(folder)

    @staticmethod
    def _copies(spec):
        return lambda folder, templates: put(folder, templates.get(spec)[0])

    def _add(self, kind, count, make):
        self.folders[kind] = [self.top / f"{kind}@{number:05}" for number in range(count)]
        for folder in self.folders[kind]:
            make(folder, self.templates)

    def hold(self):
        for kind in HELD:
            self.descriptors += [hold(kind, folder / "NTUSER.DAT") for folder in self.folders[kind]]

    def let_go(self):
        while self.descriptors:
            os.close(self.descriptors.pop())

    def number_of(self, kinds):
        return sum(len(self.folders[kind]) for kind in kinds)

    @property
    def missing(self):
        """The selectors that find nobody."""
        return [folder.name for folder in self.folders[MISSING]]


def kind_of(profile):
    """Which kind of profile an entry of a result is about."""
    name = profile["id"] if "/" not in profile["id"] else profile["id"].rsplit("/", 2)[1]
    return name.partition("@")[0]


def look(path):
    """What must not change: type, rights, size, times, inode and bytes (their digest: there are many of them)."""
    seen = os.lstat(path)
    data = None
    if stat.S_ISREG(seen.st_mode):
        try:
            data = hashlib.sha256(Path(os.fsdecode(path)).read_bytes()).digest()
        except PermissionError:
            data = "not to be read"
    return seen.st_mode, seen.st_uid, seen.st_size, seen.st_mtime_ns, seen.st_ino, data


def snapshot(top, kinds=None):
    """{path: look} of everything below, or below the folders of some kinds."""
    seen = {}
    top = os.fsencode(top)
    for name in os.listdir(top):
        if kinds is not None and os.fsdecode(name).partition("@")[0] not in kinds:
            continue
        for folder, folders, files in os.walk(os.path.join(top, name)):
            for one in (folder, *(os.path.join(folder, n) for n in (*folders, *files))):
                seen[one] = look(one)
    return seen
