# SPDX-License-Identifier: MIT
"""The benchmark: one run, side by side. See run.sh for how it is called."""

import argparse
import datetime
import os
import platform
import shutil
import subprocess
from pathlib import Path

import counted
import dialects
import many
import one_hive
import picture
import timing
import worlds
from report import Report, times

QUICK_COUNTS = (1, 2, 20)
DOCS = worlds.PROJECT / "docs"


def machine(cold, quick):
    """What was measured on, and how."""
    name = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
                 if line.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    kind = subprocess.run(["stat", "-f", "-c", "%T", worlds.WORK], capture_output=True, text=True, check=True).stdout.strip()
    return (f"{platform.system()} {platform.release()}, {many.processors()} processors ({name}), {kind}, "
            f"{datetime.date.today()}; load before the run: {load:.1f}{'; a quick run, whose figures say nothing' if quick else ''}\n\n"
            f"Cold: {cold.how}.")


def aims(report, warm, cold, largest):
    """What is aimed at and what was reached."""
    floor, floors, one, ours = (warm[name][largest] for name in many.OURS)
    reads = max(one_hive.reads(worlds.hive(worlds.NUMBER, size))[0] for size in one_hive.SIZES.values()
                if (worlds.WORK / "made" / f"number{size}.dat").exists())

    def row(what, value, aim, met, shown):
        return [what, shown(value), aim, "yes" if met else "no"]

    to_floor = f"observing {largest:,} profiles in memory, to the floor: both on"
    rows = [row(f"{to_floor} one processor", one / floor, "2x", one / floor <= 2, times),
            row(f"{to_floor} all processors", ours / floors, "2x", ours / floors <= 2, times),
            row("speed-up on all processors, in memory", one / ours, "1.8x", one / ours >= 1.8, times),
            row("speed-up on all processors, cold", cold["mapihttp, one processor"][largest] / cold["mapihttp"][largest], "1.8x",
                cold["mapihttp, one processor"][largest] / cold["mapihttp"][largest] >= 1.8, times),
            row("reads of one hive: one for each level of the path and one for the value", reads, "5", reads <= 5, str)]
    report.table("aims", "What was aimed at", ["", "this run", "aim", "met"], rows)


def windows(report, quick):
    """Under Wine, beside reg.exe: a run of its own script, whose tables become this run's."""
    if quick:
        report.say("windows", "Under Wine: left out of a quick run.")
        return
    done = subprocess.run(["sh", "tests/bench/windows.sh"], cwd=worlds.PROJECT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        report.say("windows", done.stdout)
    else:
        why = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
        report.say("windows", f"Under Wine: skipped, {why}")


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update-docs", action="store_true", help="put the tables and the picture into docs/performance.*")
    parser.add_argument("--update-reference", action="store_true", help="make these instruction counts the reference")
    return parser.parse_args()


def measure(report, drawing, quick, update_reference):
    """All that is measured in folders of our own."""
    cold = timing.Cold(gently=quick)
    report.say("machine", machine(cold, quick))
    sizes = dict(list(one_hive.SIZES.items())[:2 if quick else None])
    one_hive.in_process(report, quick, sizes)
    one_hive.print_reads(report, sizes)
    for temperature in (None, cold):
        one_hive.whole_process(report, drawing, quick, dict(list(sizes.items())[:1]) if quick and temperature else sizes, temperature)
    stores = [worlds.Store(count).make() for count in (QUICK_COUNTS if quick else many.COUNTS)]
    counted.print_instructions(report, stores, update_reference)
    counted.print_calls(report, stores)
    warm, peaks = many.observe(report, drawing, quick, stores, None)
    chilled, _ = many.observe(report, drawing, quick, stores, cold)
    many.growth(report, warm, chilled, peaks)
    dialects.print_dialects(report, quick, [stores[0], stores[-1 if quick else -2]])
    many.change(report, drawing, quick, stores, cold)
    aims(report, warm, chilled, stores[-1].count)


def main():
    chosen = options()
    quick = worlds.QUICK
    docs = Path(os.environ.get("MAPIHTTP_BENCH_DOCS", DOCS))
    report, drawing = Report(), picture.Picture()
    shutil.rmtree(worlds.WORK, ignore_errors=True)
    worlds.WORK.mkdir(parents=True)
    try:
        measure(report, drawing, quick, chosen.update_reference)
    finally:
        shutil.rmtree(worlds.WORK, ignore_errors=True)
    windows(report, quick)
    path = docs / "performance.svg" if chosen.update_docs else worlds.WORK.with_suffix(".svg")
    drawing.draw(path)
    if chosen.update_docs:
        report.update(docs / "performance.md")
    print(f"\nThe picture: {path}")


if __name__ == "__main__":
    main()
