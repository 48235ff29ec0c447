# SPDX-License-Identifier: MIT
"""A Windows machine made within a Wine prefix: its people, their hives, what is installed, who runs what.

What is put there and read back goes through machine.exe (tests/wine), which shares nothing with mapihttp.
Whatever a test adds is taken away again by `Machine.clear`.
"""

import os
import shutil
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from support import hives, tool
from support.preg import text

PROFILE_LIST = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\ProfileList"
POLICY = r"HKLM\Software\Policies\MapiHttp"
HIVE_LIST = r"HKLM\System\CurrentControlSet\Control\hivelist"
OFFICE = r"HKLM\Software\Microsoft\Office"
OFFICE32 = r"HKLM\Software\Wow6432Node\Microsoft\Office"
EXCHANGE = r"Software\Microsoft\Exchange"
NAME = hives.NAME
DOMAIN = "S-1-5-21-1-2-3"
REG_SZ, REG_EXPAND_SZ, REG_DWORD = 1, 2, 4
NOT_FOUND = 2
MOUNT = "mapihttp-"
WITHIN = 30


@dataclass(frozen=True)
class Value:
    """A value as it is in the registry (type's number, bytes), as a result shows it, and the state it is."""

    name: str
    raw: tuple | None
    shown: dict | None
    state: str


VALUES = [
    Value("absent", None, None, "absent"),
    Value("0", (4, b"\0\0\0\0"), {"type": "REG_DWORD", "data": 0}, "enabled"),
    Value("1", (4, b"\1\0\0\0"), {"type": "REG_DWORD", "data": 1}, "disabled"),
    Value("2", (4, b"\2\0\0\0"), {"type": "REG_DWORD", "data": 2}, "other"),
    Value("REG_SZ 0", (1, b"0\0\0\0"), {"type": "REG_SZ", "data": "0"}, "other"),
    Value("REG_SZ without its end", (1, b"0\0"), {"type": "REG_SZ", "data": {"hex": "3000"}}, "other"),
    Value("REG_EXPAND_SZ", (2, b"1\0\0\0"), {"type": "REG_EXPAND_SZ", "data": "1"}, "other"),
    Value("REG_MULTI_SZ", (7, "a\0b\0\0".encode("utf-16-le")), {"type": "REG_MULTI_SZ", "data": ["a", "b"]}, "other"),
    Value("REG_QWORD 1", (11, b"\1" + bytes(7)), {"type": "REG_QWORD", "data": 1}, "other"),
    Value("REG_DWORD of 8 bytes", (4, b"\1" + bytes(7)), {"type": "REG_DWORD", "data": "0100000000000000"}, "other"),
    Value("REG_BINARY", (3, b"\0\0\0\0"), {"type": "REG_BINARY", "data": "00000000"}, "other"),
    Value("a type without a name", (0x1234, b"\xfe"), {"type": "0x00001234", "data": "FE"}, "other"),
]
VALUE = {value.name: value for value in VALUES}
ABSENT, ON, OFF = VALUE["absent"], VALUE["0"], VALUE["1"]


def user(value):
    """The builder's spec of a user's hive that holds the value."""
    if value.raw is None:
        return hives.user()
    return hives.user({"name": NAME, "type": value.raw[0], "hex": value.raw[1].hex()})


def text_hive(value):
    """A user's hive in Wine's own format, the only one that its RegLoadKey takes. Only REG_DWORD and absent."""
    lines = ["WINE REGISTRY Version 2", ";; All keys relative to REGISTRY\\\\User\\\\S-1-5-21-1", "", "#arch=win64",
             "", "[Environment] 1700000000", "#time=1da16f0c0000000", '"TEMP"="%T%"', ""]
    if value.raw is not None:
        assert value.raw[0] == REG_DWORD and len(value.raw[1]) == 4
        number = struct.unpack("<I", value.raw[1])[0]
        lines += ["[Software\\\\Microsoft\\\\Exchange] 1700000000", "#time=1da16f0c0000000",
                  f'"{NAME}"=dword:{number:08x}', ""]
    return "\n".join(lines).encode()


def until(condition, what, within=WITHIN):
    """Waits till `condition()` is true; returns what it gave."""
    end = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {within} s"
        time.sleep(0.005)


def loader(program, prefix):
    """What is to stand before a program in place of `prefix`, so that the process which is started is that program.

    Debian's `wine` is the loader of 32-bit programs where there is one: given a program of 64 bits, it starts that
    as another process, and to stop or kill the one does nothing to the other.
    """
    header = Path(program).read_bytes()[:4096]
    machine = struct.unpack_from("<H", header, struct.unpack_from("<I", header, 60)[0] + 4)[0]
    wide = shutil.which("wine64") or "/usr/lib/wine/wine64"
    known = prefix[-1:] == ["wine"] and machine == 0x8664 and os.access(wide, os.X_OK)
    return [*prefix[:-1], wide] if known else prefix


class Refused(Exception):
    """machine.exe could not; the Win32 error."""


class Hands:
    """One running machine.exe: commands in, answers out."""

    def __init__(self, program):
        self.process = subprocess.Popen([*loader(program, tool.PREFIX), str(program)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask_all(self, commands):
        """The answers' fields, in order; a list may be long."""
        commands, answers = list(commands), []
        for start in range(0, len(commands), 50):
            part = commands[start:start + 50]
            lines = ["\t".join(str(field) for field in command) for command in part]
            assert not any("\n" in line for line in lines)
            self.process.stdin.write(("\n".join(lines) + "\n").encode())
            self.process.stdin.flush()
            for line in lines:
                answer = self.process.stdout.readline().decode().rstrip("\n").split("\t")
                if answer[0] != "ok":
                    answers.append(Refused(int(answer[1]), line))
                else:
                    answers.append(answer[1:])
        return answers

    def ask(self, *command):
        answer = self.ask_all([command])[0]
        if isinstance(answer, Refused):
            raise answer
        return answer

    def do(self, commands):
        """All of them must succeed."""
        for answer in self.ask_all(commands):
            if isinstance(answer, Refused):
                raise answer

    @property
    def pid(self):
        return self.process.pid

    def close(self):
        """Ends it by itself: it leaves when there are no more commands."""
        self.process.stdin.close()
        try:
            self.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()


class Machine:
    """The machine. A person is called by a name; `sid(name)` says which SID is theirs."""

    def __init__(self, prefix, program):
        self.program, self.drive = Path(program), Path(prefix) / "drive_c"
        self.hands = Hands(program)
        self.own = self.hands.ask("sid")[0]
        self.account = self.hands.ask("account")[0]
        self.own_entry = self._values(rf"{PROFILE_LIST}\{self.own}")
        self.list_values = self._values(PROFILE_LIST)
        self.users = self.hands.ask("keys", "HKU")
        self.folders = {path.name for path in (self.drive / "users").iterdir()}
        self.people, self.started, self.links = {}, [], []

    # What is there.

    def names(self, which, key):
        """The names of the "keys" or "values" of a key; none where it is not there."""
        try:
            return self.hands.ask(which, key)
        except Refused as refused:
            assert refused.args[0] == NOT_FOUND, refused
            return []

    def _values(self, key):
        return {name: self.value(key, name) for name in self.names("values", key)}

    def value(self, key, name):
        """(type, bytes), None when the value or its key is not there."""
        try:
            type_, data = self.hands.ask("value", key, name)
        except Refused as refused:
            assert refused.args[0] == NOT_FOUND, refused
            return None
        return int(type_), bytes.fromhex(data)

    def of(self, who):
        """The value that all is about, of a loaded hive: by a person's name, or the name below HKEY_USERS."""
        return self.value(rf"HKU\{self.people.get(who, who)}\{EXCHANGE}", NAME)

    def values_of(self, whom):
        """The same of many, in their order; read in one go."""
        asked = [("value", rf"HKU\{self.people.get(who, who)}\{EXCHANGE}", NAME) for who in whom]
        answers = self.hands.ask_all(asked)
        return [None if isinstance(answer, Refused) else (int(answer[0]), bytes.fromhex(answer[1]))
                for answer in answers]

    def mounts(self):
        """What of mapihttp's is mounted."""
        return [name for name in self.hands.ask("keys", "HKU") if name.lower().startswith(MOUNT)]

    def sid(self, name):
        return self.people[name]

    def folder(self, name):
        return self.drive / "users" / name

    def hive(self, name, file="NTUSER.DAT"):
        return self.folder(name) / file

    # Making.

    def set(self, key, name, raw):
        self.hands.ask("set", key, name, raw[0], raw[1].hex())

    def put(self, who, value):
        """Makes the value so in a loaded hive."""
        key = rf"HKU\{self.people.get(who, who)}\{EXCHANGE}"
        if value.raw is not None:
            self.set(key, NAME, value.raw)
        elif self.value(key, NAME) is not None:
            self.hands.ask("unset", key, NAME)

    def entry(self, key, path, type_=REG_EXPAND_SZ, **more):
        """An entry of ProfileList. more: further values, each a REG_DWORD."""
        self.hands.ask("key", rf"{PROFILE_LIST}\{key}")
        if path is not None:
            self.set(rf"{PROFILE_LIST}\{key}", "ProfileImagePath", (type_, text(path)))
        for name, number in more.items():
            self.set(rf"{PROFILE_LIST}\{key}", name, (REG_DWORD, struct.pack("<I", number)))

    def default(self, value=None, path=r"%SystemDrive%\users\Default"):
        """The Default profile, with a hive where a value is given."""
        self.set(PROFILE_LIST, "Default", (REG_EXPAND_SZ, text(path)))
        if value is not None:
            hives.make(self.hive("Default"), user(value))

    def name(self, name, sid=None):
        """A person's SID: the next one, or the one that is given."""
        self.people[name] = sid or f"{DOMAIN}-{1001 + len(self.people)}"
        return self.people[name]

    def loaded(self, name, value=ABSENT, sid=None, classes=True, key=True):
        """A person who is logged on. key=False: the key that the value is in is not there either."""
        who = self.name(name, sid)
        self.entry(who, rf"%SystemDrive%\users\{name}")
        self.folder(name).mkdir(exist_ok=True)
        self.load(who, value, classes, key)
        return who

    def load(self, who, value=ABSENT, classes=False, key=True):
        """A hive below HKEY_USERS."""
        self.hands.ask("key", rf"HKU\{who}\{EXCHANGE}" if key else rf"HKU\{who}\Environment")
        if classes:
            self.hands.ask("key", rf"HKU\{who}_Classes\{EXCHANGE}")
        if value.raw is not None:
            self.put(who, value)

    def unloaded(self, name, value=ABSENT, sid=None, file="NTUSER.DAT", spec=None):
        """A person who is not logged on, with a hive in Windows' format."""
        who = self.name(name, sid)
        self.entry(who, rf"%SystemDrive%\users\{name}")
        hives.make(self.hive(name, file), spec or user(value))
        return who

    def many_loaded(self, count, values):
        """People p0001 ...; values go round. Returns their names."""
        names = [f"p{number:04}" for number in range(count)]
        commands = []
        for number, name in enumerate(names):
            who, value = self.name(name), values[number % len(values)]
            commands += [("set", rf"{PROFILE_LIST}\{who}", "ProfileImagePath", REG_EXPAND_SZ,
                          text(rf"%SystemDrive%\users\{name}").hex()),
                         ("key", rf"HKU\{who}\{EXCHANGE}"), ("key", rf"HKU\{who}_Classes")]
            if value.raw is not None:
                commands.append(("set", rf"HKU\{who}\{EXCHANGE}", NAME, value.raw[0], value.raw[1].hex()))
            self.folder(name).mkdir()
        self.hands.do(commands)
        return names

    def link(self, key, target):
        """A symbolic link in the registry, to a key below HKEY_USERS."""
        self.hands.ask("link", key, rf"\REGISTRY\USER\{target}")
        self.links.append(key)

    def start(self, name="OUTLOOK.EXE", folder="fake"):
        """Starts a program of that name, which does nothing till the test ends; it is Hands, too."""
        place = self.drive / folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.program, place)
        running = Hands(place)
        self.started.append(running)
        assert running.ask("sid") == [self.own]
        return running

    def stop(self, running):
        self.started.remove(running)
        running.close()

    # Taking away.

    def clear(self):
        for running in list(self.started):
            self.stop(running)
        self.hands.ask("release")
        gone = [("unlink", key) for key in self.links] + [("unload", name) for name in self.mounts()]
        gone += [("wipe", rf"HKU\{name}") for name in self.hands.ask("keys", "HKU") if name not in self.users]
        gone += [("wipe", rf"{PROFILE_LIST}\{name}") for name in self.hands.ask("keys", PROFILE_LIST)]
        gone += [("wipe", key) for key in (POLICY, OFFICE, OFFICE32, rf"HKU\{self.own}\{EXCHANGE}")]
        gone += [("unset", key, name) for key in (PROFILE_LIST, HIVE_LIST) for name in self.names("values", key)]
        self.hands.ask_all(gone)
        for name, raw in self.list_values.items():
            self.set(PROFILE_LIST, name, raw)
        for name, raw in self.own_entry.items():
            self.set(rf"{PROFILE_LIST}\{self.own}", name, raw)
        for path in (self.drive / "users").iterdir():
            if path.name not in self.folders:
                remove(path)
        for path in (self.drive / "fake", self.drive / "elsewhere", self.drive / "ProgramData/Microsoft/GroupPolicy"):
            remove(path)
        self.people, self.links = {}, []


def remove(path):
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def versioned(program, place, version):
    """A copy of a program whose version resource says `version`: what an installed OUTLOOK.EXE looks like."""
    numbers = [int(part) for part in version.split(".")]
    data = bytearray(Path(program).read_bytes())
    here = data.index(struct.pack("<II", 0xFEEF04BD, 0x10000))
    assert data.find(struct.pack("<II", 0xFEEF04BD, 0x10000), here + 1) < 0
    fixed = struct.pack("<II", numbers[0] << 16 | numbers[1], numbers[2] << 16 | numbers[3])
    data[here + 8:here + 24] = fixed * 2
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place


def windows_path(path):
    """A file of this system as Wine's programs call it."""
    return "Z:" + os.fspath(Path(path).resolve()).replace("/", "\\")
