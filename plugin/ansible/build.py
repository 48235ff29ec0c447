#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the collection's tarball, as `ansible-galaxy collection build` does, but without Ansible, and the same bytes
from the same files.

    build.py --version 0.1.0 --linux PROGRAM --windows PROGRAM.exe --stage FOLDER --out FOLDER

--linux is linked statically. What is packed is left in --stage, with its galaxy.yml.
"""

import argparse
import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
SHIPPED = ["README.md", "CHANGELOG.md", "changelogs", "meta", "plugins", "roles", "tests"]
# All keys that ansible-galaxy writes, with what it writes where galaxy.yml has none.
INFO = {"namespace": None, "name": None, "version": None, "authors": [], "readme": None, "tags": [],
        "description": None, "license": [], "license_file": None, "dependencies": {}, "repository": None,
        "documentation": None, "homepage": None, "issues": None}
FORMAT = 1
# What `ansible-test sanity` of each ansible-core from 2.14 on passes over is the same.
MINORS = range(14, 23)


def stage(options):
    """The collection as a folder."""
    top = options.stage
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir(parents=True)
    for name in SHIPPED:
        if (HERE / name).is_dir():
            shutil.copytree(HERE / name, top / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copyfile(HERE / name, top / name)
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(PROJECT / name, top / name)
    modules = top / "plugins" / "modules"
    shutil.copyfile(options.linux, modules / "mapihttp_offline")
    shutil.copyfile(options.windows, modules / "win_mapihttp.exe")
    ignored = (top / "tests" / "sanity" / "ignore.txt").rename(top / "tests" / "sanity" / f"ignore-2.{MINORS[0]}.txt")
    for minor in MINORS[1:]:
        shutil.copyfile(ignored, ignored.with_name(f"ignore-2.{minor}.txt"))
    text = (HERE / "galaxy.yml.in").read_text(encoding="utf-8").replace("@VERSION@", options.version)
    (top / "galaxy.yml").write_text(text, encoding="utf-8")
    return text


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def entry(name, kind, digest=None):
    return {"name": name, "ftype": kind, "chksum_type": digest and "sha256", "chksum_sha256": digest, "format": FORMAT}


def as_json(value):
    return json.dumps(value, indent=True).encode()


def pack(top, galaxy):
    """The tar, in memory: the two manifests, then everything in the order of its names."""
    given = dict(line.split(": ", 1) for line in galaxy.splitlines() if ": " in line and not line.startswith("#"))
    info = {key: json.loads(given[key]) if key in given else empty for key, empty in INFO.items()}
    paths = sorted(path for path in top.rglob("*") if path.name != "galaxy.yml")
    names = {path: path.relative_to(top).as_posix() for path in paths}
    files = [entry(".", "dir")]
    files += [entry(names[path], "dir") if path.is_dir() else entry(names[path], "file", sha256(path.read_bytes()))
              for path in paths]
    listed = as_json({"files": files, "format": FORMAT})
    manifest = as_json({"collection_info": info, "file_manifest_file": entry("FILES.json", "file", sha256(listed)),
                        "format": FORMAT})
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        add(tar, "MANIFEST.json", manifest)
        add(tar, "FILES.json", listed)
        for path in paths:
            add(tar, names[path], None if path.is_dir() else path.read_bytes())
    return f"{info['namespace']}-{info['name']}-{info['version']}.tar.gz", out.getvalue()


def add(tar, name, data):
    """A file, or a folder where there are no data; nobody's, and of no time."""
    item = tarfile.TarInfo(name)
    item.type, item.mode = (tarfile.DIRTYPE, 0o755) if data is None else (tarfile.REGTYPE, 0o644)
    item.size = len(data or b"")
    tar.addfile(item, io.BytesIO(data or b""))


def main():
    parser = argparse.ArgumentParser(description="Makes the Ansible collection mapihttp.outlook.")
    parser.add_argument("--version", required=True)
    parser.add_argument("--linux", type=Path, required=True)
    parser.add_argument("--windows", type=Path, required=True)
    parser.add_argument("--stage", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for program in (options.linux, options.windows):
        if not program.is_file():
            sys.exit(f"{program} is not built")
    name, tar = pack(options.stage, stage(options))
    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / name, "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as packed:
        packed.write(tar)
    print(options.out / name)


if __name__ == "__main__":
    main()
