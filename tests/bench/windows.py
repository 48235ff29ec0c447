# SPDX-License-Identifier: MIT
"""The benchmark of mapihttp.exe: one loaded profile beside reg.exe, many beside one, registry calls counted."""

import os
import platform
import re
import statistics
import subprocess
import time
from pathlib import Path

from support import tool, wine

ROUNDS = int(os.environ.get("MAPIHTTP_BENCH_ROUNDS", "61"))
MANY = int(os.environ.get("MAPIHTTP_BENCH_PROFILES", "500"))
BUILDS = tool.PROGRAM.parent.parent


def once(command):
    """The wall time and the processor time of a program, in milliseconds."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = 0
    return wall * 1000, (used.ru_utime + used.ru_stime) * 1000


def compare(commands, rounds):
    """{name: (wall, processor)}, medians; the commands take turns, so that what disturbs one disturbs all."""
    times = {name: [] for name in commands}
    for name, command in commands.items():
        once(command)
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(once(command))
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in times.items()}


def calls(machine, command):
    """How many functions of the registry a run calls, as Wine's tracing of advapi32 tells."""
    key = rf"HKU\{machine.own}\Software\Wine\Debug"
    machine.set(key, "RelayInclude", (1, wine.text("advapi32.*")))
    done = subprocess.run(command, env={**os.environ, "WINEDEBUG": "+relay"}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    machine.hands.ask("wipe", key)
    return len(re.findall(rb"Call advapi32\.Reg\w+\(", done.stderr))


def print_one(wine64):
    commands = {
        "reg.exe query": [*wine64, "reg.exe", "query", r"HKCU\Software\Microsoft\Exchange", "/v", "MapiHttpDisabled"],
        "mapihttp.exe check": [*wine64, str(tool.PROGRAM), "check", "state=enabled", "users=current"],
    }
    times = compare(commands, ROUNDS)
    (reg_wall, reg_cpu), (our_wall, our_cpu) = times["reg.exe query"], times["mapihttp.exe check"]
    print(f"\nOne loaded profile: milliseconds, process start included, median of {ROUNDS}\n\n"
          "| | reg.exe query | mapihttp.exe check | ratio | aim |\n|---|---|---|---|---|\n"
          f"| wall | {reg_wall:.1f} | {our_wall:.1f} | {our_wall / reg_wall:.2f}x | 1.15x |\n"
          f"| user+sys | {reg_cpu:.1f} | {our_cpu:.1f} | {our_cpu / reg_cpu:.2f}x | 1.1x |")
    return commands["mapihttp.exe check"]


def print_many(machine, one, wine64):
    alone = calls(machine, one)
    machine.many_loaded(MANY, [wine.ON, wine.OFF, wine.ABSENT])
    many = [*wine64, str(tool.PROGRAM), "check", "state=enabled", "users=loaded"]
    per_profile = (calls(machine, many) - alone) / MANY
    machine.clear()
    before = compare({"one": one}, ROUNDS // 2)["one"][0]
    machine.many_loaded(MANY, [wine.ON, wine.OFF, wine.ABSENT])
    after = compare({"many": many}, ROUNDS // 2)["many"][0]
    print(f"\n{MANY} loaded profiles, each with its _Classes: milliseconds, process start included\n\n"
          f"| one | {MANY} | ratio | aim | registry calls per profile (aim: 6) |\n|---|---|---|---|---|\n"
          f"| {before:.1f} | {after:.1f} | {after / before:.1f}x | 3x | {per_profile:.2f} |")


def print_sizes():
    print("\nThe programs: bytes\n\n| | size | aim |\n|---|---|---|")
    wide = (BUILDS / "windows" / "mapihttp.exe").stat().st_size
    for preset, aim in (("windows", 250 * 1024), ("windows32", wide)):
        print(f"| build/{preset}/mapihttp.exe | {(BUILDS / preset / 'mapihttp.exe').stat().st_size} | {aim} |")


def main():
    version = subprocess.run(["wine", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, {version}, {time.strftime('%Y-%m-%d')}")
    wine64 = wine.loader(tool.PROGRAM, tool.PREFIX)
    tool.PREFIX = wine64
    machine = wine.Machine(Path(os.environ["WINEPREFIX"]), tool.PROGRAM.parent / "tests" / "machine.exe")
    try:
        machine.clear()
        machine.put(machine.own, wine.ON)
        one = print_one(wine64)
        print_many(machine, one, wine64)
    finally:
        machine.clear()
        machine.hands.close()
    print_sizes()


main()
