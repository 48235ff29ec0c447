# SPDX-License-Identifier: MIT
"""Hives made by the builder (tests/builder), the checker, and what belongs to a Windows volume or a store."""

import hashlib
import json
import os
import struct
import subprocess
from pathlib import Path

from support.tool import BUILD

MKHIVE = BUILD / "tests" / "mkhive"
HIVECHECK = BUILD / "tests" / "hivecheck"
KEY = ("Software", "Microsoft", "Exchange")
NAME = "MapiHttpDisabled"


def dword(number, name=NAME, **more):
    return {"name": name, "type": "REG_DWORD", "data": number, **more}


def value(type_, data=None, name=NAME, **more):
    return {"name": name, "type": type_, **({} if data is None else {"data": data}), **more}


def tree(*values, keys=KEY, beside=True, name="ROOT"):
    """A user's root key: `values` in Exchange. keys=(): the path's keys that are there. beside: neighbours."""
    node = None
    for depth, key in reversed(list(enumerate(keys))):
        here = {"name": key, "keys": [node] if node else [], "values": list(values) if depth == 2 else []}
        if beside and depth == 1:
            here["keys"] += [{"name": "Windows"}, {"name": "Office", "keys": [{"name": "16.0"}]}]
        node = here
    keys_ = [node] if node else []
    if beside:
        keys_.append({"name": "Environment", "values": [{"name": "TEMP", "type": "REG_SZ", "data": "%T%"}]})
    return {"name": name, "keys": keys_}


def user(*values, keys=KEY, beside=True, **options):
    """The builder's spec of a user's hive."""
    return {"root": tree(*values, keys=keys, beside=beside), **options}


def software(profiles=(), policy=None, default=r"%SystemDrive%\Users\Default", exclude=(), folders=None, **options):
    """The spec of a SOFTWARE hive. profiles: (SID, ProfileImagePath). policy: values of Policies\\MapiHttp.
    folders: what ProfileList says of others, {name: path}."""
    listed = [{"name": sid, "values": [] if path is None else [
        {"name": "ProfileImagePath", "type": "REG_EXPAND_SZ", "data": path}]} for sid, path in profiles]
    others = {"ProfilesDirectory": r"%SystemDrive%\Users", **(folders or {})}
    values = [{"name": name, "type": "REG_EXPAND_SZ", "data": path} for name, path in others.items()]
    if default is not None:
        values.append({"name": "Default", "type": "REG_EXPAND_SZ", "data": default})
    version = {"name": "CurrentVersion",
               "values": [{"name": "SystemRoot", "type": "REG_SZ", "data": r"C:\Windows"}],
               "keys": [{"name": "ProfileList", "values": values, "keys": listed}]}
    keys = [{"name": "Microsoft", "keys": [{"name": "Windows NT", "keys": [version]}]}]
    if policy is not None:
        inner = [{"name": "Exclude", "values": [
            {"name": str(i), "type": "REG_SZ", "data": text} for i, text in enumerate(exclude)]}]
        keys.append({"name": "Policies", "keys": [{"name": "MapiHttp", "values": policy, "keys": inner}]})
    return {"root": {"name": "ROOT", "keys": keys}, **options}


def make(path, spec):
    """Makes one hive (and its logs, when the spec has any)."""
    make_all([(path, spec)])
    return Path(path)


def make_all(pairs):
    """Makes many hives in one call of the builder: (path, spec)."""
    for path, _ in pairs:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    jobs = json.dumps([{"spec": spec, "out": str(path)} for path, spec in pairs])
    subprocess.run([MKHIVE, "-"], input=jobs.encode(), check=True, timeout=300)


def offsets(spec, path):
    """Where the parts of the hive stand (mkhive --map), making it at `path`."""
    done = subprocess.run([MKHIVE, "--map", "-", str(path)], input=json.dumps(spec).encode(), check=True,
                          capture_output=True, timeout=300)
    return json.loads(done.stdout)


def check(path, *options):
    """Holds a hive against the format; fails with what the checker found."""
    check_all([path], *options)


def check_all(paths, *options):
    """The same for many at once."""
    done = subprocess.run([HIVECHECK, *options, *map(str, paths)], capture_output=True, timeout=300, check=False)
    assert done.returncode == 0 or not paths, done.stdout[:4000].decode(errors="replace")


def counts(path, *options):
    """The checker's figures of a hive: leaks, keys, values ..."""
    done = subprocess.run([HIVECHECK, "--counts", *options, str(path)], capture_output=True, timeout=120,
                          check=False)
    return json.loads(done.stdout.decode().splitlines()[-1])


PEOPLE = {"ann": 1001, "bob": 1002, "cai": 1003}
PREFIX = "S-1-5-21-1004336348-1177238915-682003330"


def sid(name):
    return f"{PREFIX}-{PEOPLE[name]}"


def volume(root, hives, policy=None, exclude=(), more=(), default=None, software_options=None):
    """A Windows volume. hives: person -> spec; more: further ProfileList entries; default: its spec."""
    root = Path(root)
    listed = [(sid(name), rf"C:\Users\{name}") for name in hives] + list(more)
    pairs = [(root / "Users" / name / "NTUSER.DAT", spec) for name, spec in hives.items()]
    if default is not None:
        pairs.append((root / "Users" / "Default" / "NTUSER.DAT", default))
    pairs.append((root / "Windows" / "System32" / "config" / "SOFTWARE",
                  software(listed, policy, exclude=exclude, **(software_options or {}))))
    make_all(pairs)
    return root


def store(folder, hives):
    """A store of profiles. hives: folder's name -> spec."""
    make_all([(Path(folder) / name / "NTUSER.DAT", spec) for name, spec in hives.items()])
    return Path(folder)


def snapshot(top):
    """Every file below `top`: its bytes' hash, size, mtime, mode and inode. Equal means untouched."""
    top = Path(top)
    seen = {}
    for path in [top] if top.is_file() else sorted(top.rglob("*")):
        stat = os.lstat(path)
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        seen[str(path)] = (content, stat.st_size, stat.st_mtime_ns, stat.st_mode, stat.st_ino)
    return seen


def contents(top):
    """Every file's bytes below `top`, by hash."""
    return {name: entry[0] for name, entry in snapshot(top).items()}


def make_recovered(path, spec):
    """Makes a dirty hive with its logs, and returns beside it what recovery makes of it."""
    out = Path(path).with_name("recovered")
    subprocess.run([MKHIVE, "--recovered", out, "-", path], input=json.dumps(spec).encode(), check=True,
                   timeout=300)
    return out


def patch(path, *changes, seal=True):
    """Puts bytes into a file: (offset, bytes). seal: the base block's checksum is made right again."""
    data = bytearray(Path(path).read_bytes())
    for offset, new in changes:
        data[offset:offset + len(new)] = new
    if seal:
        total = 0
        for number in struct.unpack_from("<127I", data):
            total ^= number
        struct.pack_into("<I", data, 508, {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total))
    Path(path).write_bytes(data)
