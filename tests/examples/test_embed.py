# SPDX-License-Identifier: MIT
"""The library as it is installed: from C by pkg-config and by CMake, and from Python by ctypes."""

import json
import os
import subprocess

import pytest

from support import hives
from support.tool import BUILD, PROJECT

EMBED = PROJECT / "examples" / "embed"


def succeed(*arguments, **options):
    done = subprocess.run([*map(str, arguments)], capture_output=True, timeout=300, check=False, **options)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The build, installed into a folder of its own."""
    prefix = tmp_path_factory.mktemp("installed")
    succeed("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix


@pytest.fixture
def store(tmp_path):
    """Two profiles, one of them turned off."""
    return hives.store(tmp_path / "store", {"ann": hives.user(hives.dword(1)), "bob": hives.user()})


def library_path(prefix):
    return next(prefix.rglob("libmapihttp.so.0")).parent


def embed(program, store, **env):
    done = subprocess.run([program, store], capture_output=True, timeout=60, check=False,
                          env={**os.environ, **env})
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["counts"]["changed"] == 1


def test_installs_only_the_public_header(installed):
    assert [p.name for p in (installed / "include").rglob("*.h")] == ["mapihttp.h"]


def test_pkg_config_builds_against_the_installed_library(installed, store, tmp_path):
    pkg = {**os.environ, "PKG_CONFIG_PATH": str(library_path(installed) / "pkgconfig")}
    flags = succeed("pkg-config", "--cflags", "--libs", "mapihttp", env=pkg).split()
    succeed("cc", EMBED / "embed.c", *flags, "-o", tmp_path / "embed")
    embed(tmp_path / "embed", store, LD_LIBRARY_PATH=str(library_path(installed)))


@pytest.mark.parametrize("program", ["embed", "embed_static"])
def test_cmake_package_builds_against_both_libraries(installed, store, tmp_path, program):
    succeed("cmake", "-S", EMBED, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={installed}")
    succeed("cmake", "--build", tmp_path / "b")
    embed(tmp_path / "b" / program, store, LD_LIBRARY_PATH=str(library_path(installed)))


def test_python_finds_who_is_turned_off(installed, store):
    done = subprocess.run(["/usr/bin/python3", EMBED / "embed.py", store, library_path(installed) / "libmapihttp.so.0"],
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [f"{store}/ann/NTUSER.DAT is disabled",
                                                 "1 of 2 profiles would change"]


def test_public_header_compiles_alone_in_older_and_newer_c(tmp_path):
    source = tmp_path / "alone.c"
    source.write_text("#include <mapihttp/mapihttp.h>\nint unused;\n")
    for compiler in (["cc", "-std=c99"], ["cc", "-std=c2x"]):
        succeed(*compiler, "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{PROJECT / 'include'}",
                "-fsyntax-only", source)
