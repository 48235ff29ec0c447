# SPDX-License-Identifier: MIT
"""One hive, by its size: reading the value and changing it, in process beside libhivex, as a whole process beside the
other tools, with the hive in memory and not."""

import re
import subprocess

import peers
import timing
import worlds
from report import milliseconds, times

SIZES = {"256 KB": 256 << 10, "1.3 MB": 1300 << 10, "6.5 MB": 6500 << 10, "64 MB": 64 << 20}
# Reading; another REG_DWORD, which mapihttp writes in place; a REG_DWORD for a REG_SZ, which needs a new image.
JOBS = {"observe": "Observing", "patch": "Changing in place (another REG_DWORD)",
        "image": "Changing by a new image (a REG_DWORD for a REG_SZ)"}


def in_process(report, quick, sizes):
    rows = []
    for name, size in sizes.items():
        hive = worlds.WORK / "in-process.dat"
        worlds.copy(worlds.hive(worlds.NUMBER, size), hive)
        count = 100 if quick else 2000
        large = max(1, (20 if quick else 2000 * (256 << 10) // size) // 10)
        ours = peers.in_process("mapihttp", "read", count, hive)
        theirs = peers.in_process("hivex", "read", large, hive)
        row = [name, f"{ours:.1f}", f"{theirs:.1f}", times(theirs / ours)]
        for job in ("patch", "image"):
            many = 2 if quick or size > 8 << 20 else 10
            ours, plain, flushed = (peers.in_process(engine, job, many, hive) / 1000
                                    for engine in ("mapihttp", "hivex", "hivex-flush"))
            row += [f"{ours:.2f}", f"{plain:.2f}", f"{flushed:.2f}", times(flushed / ours)]
        rows.append(row)
    report.table("in-process", "In process, in C, in memory: microseconds to observe, milliseconds to change; median of nine runs",
                 ["hive", "observe: mapihttp", "libhivex", "ratio", "in place: mapihttp", "libhivex", "libhivex, flushed", "ratio",
                  "new image: mapihttp", "libhivex", "libhivex, flushed", "ratio"], rows,
                 "A ratio is how many times as long libhivex takes, flushed where there is something to flush.")


def reads(hive):
    """How many times, and how many bytes, one observation reads the hive."""
    done = subprocess.run(["strace", "-y", "-e", "trace=pread64,read", worlds.PROGRAM, "get", f"hives={hive}"],
                          capture_output=True, check=True)
    got = re.findall(rf"<{re.escape(str(hive))}>.* = (\d+)$", done.stderr.decode(), re.M)
    return len(got), sum(map(int, got))


def print_reads(report, sizes):
    rows = [[name, *reads(worlds.hive(worlds.NUMBER, size))] for name, size in sizes.items()]
    report.table("reads", "What observing one hive reads (as strace counts it)",
                 ["hive", "reads (aim: 5)", "bytes (aim: 20 KB)"], rows)


def measure(peer, job, size, cold, most, seconds):
    """Median seconds of a tool for a job on a hive of that size; None where it cannot do that, or does not."""
    source = worlds.hive(worlds.TEXT if job == "image" else worlds.NUMBER, size)
    hive, other = worlds.WORK / "one.dat", worlds.WORK / "other.dat"
    command_for = peer.observe if job == "observe" else peer.change
    command = command_for(hive)
    if command is None:
        return None
    worlds.copy(source, hive)

    def before(_):
        if job != "observe":
            worlds.copy(source, hive)
        if cold:
            worlds.copy(source, other)
            cold.drop([hive], [command_for(other)])

    runs = timing.take_turns({"": lambda: timing.run(command, codes=peer.codes)}, most, seconds, before)[""]
    changed = job == "observe" or isinstance(peer, peers.Nothing) or peers.holds_zero(hive)
    if not changed and isinstance(peer, peers.Mapihttp):
        raise RuntimeError(f"{hive} was not changed")
    if not changed:  # as reged, which does not make a REG_DWORD of a REG_SZ, and says that it succeeded
        return None
    return timing.median(runs, cold)


def whole_process(report, picture, quick, sizes, cold):
    """One table for each job, with the hives in memory or not."""
    tools = peers.all_peers()
    most, seconds = (1, 0) if quick else (3, 3) if cold else (11, 2)
    kind = "cold" if cold else "warm"
    for job, title in JOBS.items():
        rows = []
        for name, size in sizes.items():
            row, ours = [name], None
            for peer in tools:
                if peer.why_not:
                    row.append("-")
                    continue
                took = measure(peer, job, size, cold, most, seconds)
                ours = took if isinstance(peer, peers.Mapihttp) else ours
                shown = "cannot" if took is None else milliseconds(took)
                row.append(f"{shown} ({times(took / ours)})" if took and ours and took is not ours else shown)
                picture.add(f"{kind}-{job}", peer.name, size, took)
            rows.append(row)
        missing = "; ".join(p.why_not for p in tools if p.why_not)
        report.table(f"{job}-{kind}", f"{title}, whole process, {'cold' if cold else 'in memory'}: milliseconds (and how many times "
                     "mapihttp's); cannot: the tool has no way to do that, or does not do it",
                     ["hive", *(p.name for p in tools)], rows, f"-: {missing}." if missing else "")
