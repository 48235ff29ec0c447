# SPDX-License-Identifier: MIT
"""What the program is asked to do while the system fails it: each scene is a folder of files and one call."""

import json
from dataclasses import dataclass

from support import hives, preg

POLICY = [hives.value("REG_SZ", "enabled", name="State"), hives.dword(1, name="DefaultProfile")]
DIRTY = {**hives.user(hives.dword(0)),
         "log": {"root": hives.user(hives.dword(1))["root"], "entries": 2, "files": 2}}
PATCH, NEW, BARE, DONE = (hives.user(hives.dword(1)), hives.user(hives.value("REG_SZ", "1")), hives.user(keys=()),
                          hives.user(hives.dword(0)))
ONE = "h/NTUSER.DAT"


def one(spec):
    """A folder with one hive."""
    return lambda folder: hives.make(folder / ONE, spec)


def store(folder):
    """A profile for each way of changing a hive, and one that is as it is to be."""
    hives.store(folder / "s", {"ann": PATCH, "bob": NEW, "cai": DIRTY, "dan": DONE, "eve": BARE})
    (folder / "s" / "dan" / "ntuser.pol").write_bytes(preg.pol(preg.OURS))


def named(folder):
    """Folders whose names say whose they are: a service's, a person's and the Default profile."""
    hives.store(folder / "s", {"S-1-5-18": PATCH, hives.sid("ann"): PATCH, "Default": PATCH})
    (folder / "s" / "Default" / "ntuser.pol").write_bytes(preg.pol(preg.OURS))


def volume(folder):
    """The same on a Windows volume, with a policy that declares the state."""
    hives.volume(folder / "v", {"ann": PATCH, "bob": NEW, "cai": DONE}, policy=POLICY, default=BARE)
    (folder / "v" / "Users" / "cai" / "ntuser.pol").write_bytes(preg.pol(preg.OURS))
    newer = folder / "v" / "ProgramData" / "Microsoft" / "GroupPolicy" / "Users" / hives.sid("ann")
    newer.mkdir(parents=True)
    (newer / "ntuser.pol").write_bytes(preg.pol(preg.OURS))
    hives.make(folder / "v" / "Users" / "stray" / "NTUSER.DAT", DONE)


def arguments_file(folder):
    """What Ansible starts a module with."""
    one(NEW)(folder)
    request = {"state": "enabled", "hives": [ONE], "_ansible_check_mode": False, "_ansible_diff": True}
    (folder / "arguments").write_text(json.dumps(request), encoding="utf-8")


def nothing(folder):
    """The call needs no files."""


@dataclass(frozen=True)
class Scene:
    """One call. `trouble`: the exit code that says trouble in the words of the tool that is spoken to; None: any
    but 0. `answer`: what standard output holds: a native result, JSON of another shape, or text."""

    name: str
    arguments: tuple
    make: object = nothing
    stdin: bytes = b""
    trouble: int | None = 2
    answer: str = "native"
    silent: bool = False  # says nothing on standard error, whatever happens
    value: tuple | None = (4, bytes(4))  # what a hive holds that it changed: type, data

    def __str__(self):
        return self.name


def scene(name, arguments, make=nothing, stdin=None, **more):
    return Scene(name, tuple(arguments.split()), make, b"" if stdin is None else json.dumps(stdin).encode(), **more)


HIVES = f"hives={ONE}"
UNDO = {"hives": [ONE], "restore": [{"id": ONE, "value": {"type": "REG_MULTI_SZ", "data": ["a", "b"]}}]}
LOOKS = [
    scene("get", f"get {HIVES}", one(PATCH)),
    scene("check", f"check state=enabled {HIVES}", one(PATCH)),
    scene("get-dirty", f"get {HIVES}", one(DIRTY)),
    scene("get-store", "get store=s users=*", store),
    scene("get-named", "get store=s users=*,default", named),
    scene("check-volume", "check state=policy root=v", volume),
]
CHANGES = [
    scene("patch", f"apply state=enabled {HIVES}", one(PATCH)),
    scene("new-image", f"apply state=enabled {HIVES}", one(NEW)),
    scene("new-keys", f"apply state=enabled {HIVES}", one(BARE)),
    scene("remove", f"apply state=absent {HIVES}", one(PATCH), value=None),
    scene("dirty", f"apply state=enabled {HIVES}", one(DIRTY)),
    scene("restore", "apply", one(PATCH), UNDO, value=(7, "a\0b\0\0".encode("utf-16-le"))),
    scene("store", "apply state=enabled store=s users=*", store),
    scene("volume", "apply state=policy root=v", volume),
]
DIALECTS = [
    scene("ansible", "ansible arguments", arguments_file, trouble=1),
    scene("salt", "salt apply", one(NEW), {"state": "enabled", "hives": [ONE], "name": "x"}, trouble=1,
          answer="salt"),
    scene("salt-test", "salt check", one(NEW), {"state": "enabled", "hives": [ONE]}, trouble=1, answer="salt"),
    scene("bolt", "bolt", one(NEW), {"state": "enabled", "hives": [ONE], "_task": "mapihttp"}, trouble=1),
    scene("dsc-get", "dsc get", one(PATCH), {"hives": [ONE]}, trouble=None, answer="json"),
    scene("dsc-set", "dsc set", one(NEW), {"state": "enabled", "hives": [ONE]}, trouble=None, answer="lines"),
    scene("dsc-test", "dsc test", one(NEW), {"state": "enabled", "hives": [ONE]}, trouble=None, answer="json"),
    scene("dsc-whatif", "dsc whatif", one(NEW), {"state": "enabled", "hives": [ONE]}, trouble=None, answer="json"),
    scene("dsc-export", "dsc export", store, {"store": "s", "users": ["*"]}, trouble=None, answer="lines"),
    scene("intune-detect", f"intune detect state=enabled {HIVES}", one(DONE), trouble=1, answer="line", silent=True),
    scene("intune-remediate", f"intune remediate state=enabled {HIVES}", one(NEW), trouble=1, answer="line",
          silent=True),
    scene("table", "apply state=enabled store=s users=* -o table", store, answer="text"),
    scene("table-refused", "check state=enabled store=nowhere -o table", answer="text"),
]
# Those that are put to the failing system too; the others differ in what they say only.
SPOKEN = [one for one in DIALECTS if one.name in ("ansible", "bolt")]
RENDERS = [
    *(scene(f"render-{name}", f"render {name} state=enabled", answer="file")
      for name in ("reg", "pol", "gpp", "lgpo", "samba", "intune")),
    scene("render-backup", "render backup state=enabled out=b", answer="json"),
]
WORDS = [
    scene("help", "help", answer="text"),
    scene("version", "version", answer="json"),
    scene("schema-request", "schema request", answer="json"),
    scene("schema-result", "schema result -o table", answer="json-text"),
]
REFUSED = [
    scene("unknown-field", "check state=enabled colour=blue"),
    scene("no-arguments-match", "apply state"),
    scene("unknown-verb", "paint"),
    scene("bad-schema", "schema paint"),
    scene("two-keys", "check", stdin=None),
    scene("render-refused", "render reg state=allowed"),
    scene("dsc-refused", "dsc get", stdin={"colour": "blue"}, trouble=None, answer="json"),
    scene("salt-refused", "salt apply", stdin={"state": "purple"}, trouble=1, answer="salt"),
    scene("no-such-store", "get store=nowhere"),
]
# Its request has no end.
ENDLESS = scene("endless", "check")
# Several sheets of profiles, each with an error to be written down.
ABSENT = scene("absent", "get", stdin={"hives": [f"h/{i}" for i in range(600)]})
