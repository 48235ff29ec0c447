# SPDX-License-Identifier: MIT
"""What holds on a busy machine too: instructions, counted by callgrind, against the reference that is in the project, and
system calls, counted by strace."""

import json
import re
import subprocess

import many
import worlds

REFERENCE = worlds.PROJECT / "tests" / "bench" / "instructions.json"
STORE = 1000


def instructions(command):
    done = subprocess.run(many.on_one(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]),
                          capture_output=True, check=False)
    return int(re.search(rb"Collected : (\d+)", done.stderr)[1])


def counted(stores):
    """{what: instructions}"""
    hive = worlds.WORK / "counted.dat"

    def of_hive(value, *arguments):
        worlds.copy(worlds.hive(value, 256 << 10), hive)
        return instructions([worlds.PROGRAM, *arguments, f"hives={hive}"])

    result = {"no profile (version)": instructions([worlds.PROGRAM, "version"]),
              "observe one": of_hive(worlds.NUMBER, "get"),
              "change one in place": of_hive(worlds.NUMBER, "apply", "state=enabled"),
              "change one by a new image": of_hive(worlds.TEXT, "apply", "state=enabled")}
    for store in stores:
        if store.count == STORE:
            result[f"check a store of {STORE:,}"] = instructions(
                [worlds.PROGRAM, "check", "state=allowed", f"store={store.path}"])
    return result


def print_instructions(report, stores, update):
    now = counted(stores)
    if update:
        REFERENCE.write_text(json.dumps(now, indent=2) + "\n", encoding="ascii")
    reference = json.loads(REFERENCE.read_text(encoding="ascii"))
    rows = [[name, f"{count:,}", f"{reference[name]:,}", f"{count / reference[name]:.3f}x"] for name, count in now.items()]
    report.table("instructions", "Instructions of the whole process, on one processor (as callgrind counts them)",
                 ["", "now", "reference", "ratio"], rows,
                 "The reference is what tests/bench/instructions.json holds; another compiler, libc or jansson gives other numbers, "
                 "so that only a ratio far from 1 says something.")


def calls(store):
    """{system call: how often} of a check, on one processor, so that there is one thread."""
    done = subprocess.run(many.on_one(["strace", "-f", "-c", "-U", "name,calls", worlds.PROGRAM, "check", "state=allowed",
                                       f"store={store.path}"]), capture_output=True, check=False, text=True)
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", done.stderr, re.M) if name != "total"}


def print_calls(report, stores):
    few, more = stores[1], stores[2]
    before, after = calls(few), calls(more)
    each = {name: (count - before.get(name, 0)) / (more.count - few.count) for name, count in after.items()}
    shown = {name: count for name, count in sorted(each.items(), key=lambda item: -item[1]) if count >= 0.1}
    report.table("calls", "System calls for one more profile in a store (as strace counts them; the floor's are three)",
                 [*shown, "together"], [[f"{count:.1f}" for count in [*shown.values(), sum(shown.values())]]])
