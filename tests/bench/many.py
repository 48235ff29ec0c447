# SPDX-License-Identifier: MIT
"""Stores of many profiles: mapihttp beside the floor, on one processor and on all, beside the other tools, and how the
cost grows."""

import os
import shlex
import statistics
import subprocess

import peers
import timing
import worlds
from report import milliseconds, times

COUNTS = (1, 10, 100, 1000, 10000)
FLOOR = worlds.BUILD / "tests" / "floor"
LOOP = 'while read -r hive; do {} >/dev/null 2>&1 || [ $? -le 2 ] || exit 9; done'
COLD_CHANGES = {"mapihttp, in place": 10000, "mapihttp, new image": 1000}
SERVERS = (1, 10, 100, 1000)
ALL = 1_000_000


def processors():
    return len(os.sched_getaffinity(0))


def on_one(command):
    return ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]


def loop(command):
    """A shell that runs the command for each name on standard input, which stands where HIVE does."""
    return ["sh", "-c", LOOP.format(" ".join('"$hive"' if c == "HIVE" else shlex.quote(str(c)) for c in command))]


def observers(store):
    """{name: (command, most profiles it is run for)}; all but mapihttp take the hives' names from standard input."""
    check = [worlds.PROGRAM, "check", "state=allowed", f"store={store.path}"]
    works = {"floor": (on_one([FLOOR, 1]), ALL), "floor, all processors": ([FLOOR, processors()], ALL),
             "mapihttp, one processor": (on_one(check), ALL), "mapihttp": (check, ALL),
             "libhivex in C": ([worlds.BUILD / "tests" / "bench", "hivex", "read", 1, "-"], 10000)}
    for peer in peers.all_peers():
        if isinstance(peer, peers.Regipy) and not peer.why_not:
            works[peer.name] = ([*peer.observe("-")], 1000)
        elif not isinstance(peer, (peers.Nothing, peers.Mapihttp)) and not peer.why_not:
            works[peer.name] = (loop(peer.observe("HIVE")), 10 if isinstance(peer, peers.Hivexregedit) else 1000)
    return works


def observe(report, picture, quick, stores, cold):
    """Returns {name: {count: seconds}} and {count: peak kilobytes}."""
    kind = "cold" if cold else "warm"
    took, peaks = {}, {}
    for store in stores:
        works = {name: (lambda command=command: timing.run(command, names=store.names, codes=(0, 1)))
                 for name, (command, most) in observers(store).items()
                 if store.count <= (most if name in OURS else min(most, 2 if quick else 100 if cold else most))}
        before = (lambda name: cold.drop(store.hives, warm_up(name))) if cold else (lambda name: None)
        runs = {}
        # Who is held against the floor takes turns with it alone: the others take so long that few would be left.
        for names, most, seconds in ((OURS, 5 if cold else 25, 15), (works.keys() - set(OURS), 3, 3)):
            some = {name: works[name] for name in works if name in names}
            runs |= timing.take_turns(some, 1 if quick else most, seconds, before)
        for name, done in runs.items():
            took.setdefault(name, {})[store.count] = timing.median(done, cold)
            picture.add(f"{kind}-store", name, store.count, timing.median(done, cold))
        peaks[store.count] = timing.peak(observers(store)["mapihttp"][0])
    print_ours(report, kind, took, peaks)
    print_others(report, kind, took)
    return took, peaks


OURS = ("floor", "floor, all processors", "mapihttp, one processor", "mapihttp")


def warm_up(name):
    """What brings a tool's programs back into memory, but no hive."""
    other = worlds.hive(worlds.NUMBER, 256 << 10)
    commands = {peer.name: peer.observe(other) for peer in peers.all_peers() if not peer.why_not}
    ours = [on_one([FLOOR, 1]), on_one([worlds.PROGRAM, "get", f"hives={other}"])]
    return ours if name in OURS else [commands.get(name, [worlds.BUILD / "tests" / "bench", "hivex", "read", 1, other]), ["sh", "-c", ":"]]


def print_ours(report, kind, took, peaks):
    rows = []
    for count in peaks:
        floor, floors, one, ours = (took[name][count] for name in OURS)
        rows.append([f"{count:,}", milliseconds(floor), milliseconds(floors), milliseconds(one), milliseconds(ours),
                     times(one / floor), times(ours / floors), times(one / ours), times(floor / floors), f"{peaks[count] / 1024:.1f}"])
    report.table(f"store-{kind}", f"A store of profiles of 256 KB, {'cold' if kind == 'cold' else 'in memory'}: milliseconds of the "
                 f"whole process; {processors()} processors",
                 ["profiles", "floor, one processor", "floor, all", "mapihttp, one processor", "mapihttp, all",
                  "to the floor, one processor (aim: 2x)", "to the floor, all (aim: 2x)", "speed-up of mapihttp (aim: 1.8x)",
                  "speed-up of the floor",
                  "peak memory, MB"], rows)


def print_others(report, kind, took):
    names = [name for name in took if name not in OURS]
    rows = [[f"{count:,}", milliseconds(ours), *(
        f"{milliseconds(took[name][count])} ({times(took[name][count] / ours)})" if count in took[name] else "-" for name in names)]
            for count, ours in took["mapihttp"].items()]
    report.table(f"store-peers-{kind}", f"The same beside other tools, {'cold' if kind == 'cold' else 'in memory'}: milliseconds (and "
                 "how many times mapihttp's)", ["profiles", "mapihttp", *names], rows,
                 "-: not run for so many. libhivex and regipy are one process, the others one for each profile.")


def changers(store):
    """{name: (command of round i, most profiles it is run for)}."""
    def apply(*states):
        return lambda i: [worlds.PROGRAM, "apply", f"state={states[i % 2]}", f"store={store.path}"]

    works = {"mapihttp, in place": (apply("enabled", "disabled"), ALL), "mapihttp, new image": (apply("absent", "disabled"), ALL),
             "libhivex in C, flushed": (lambda i: [worlds.BUILD / "tests" / "bench", "hivex-flush", "patch", 1, "-"], 1000)}
    for peer in peers.all_peers():
        if not peer.why_not and not isinstance(peer, (peers.Nothing, peers.Mapihttp)) and peer.change("HIVE"):
            works[peer.name] = ((lambda i, peer=peer: loop(peer.change("HIVE"))), 10 if isinstance(peer, peers.Hivexregedit) else 100)
    return works


def change(report, picture, quick, stores, cold):
    """Whatever is changed is changed in every profile of the store."""
    took = {}
    for store in stores:
        for name, (command, most) in changers(store).items():
            for kind in ("", ", cold"):
                if kind:
                    most = COLD_CHANGES.get(name, 0)
                if store.count > (2 if quick else most):
                    continue
                rounds = 2 if quick or store.count > 100 else 6
                subprocess.run([worlds.PROGRAM, "apply", "state=disabled", f"store={store.path}"], check=True, capture_output=True)
                runs = []
                for i in range(rounds):
                    if kind:
                        cold.drop(store.hives, warm_up("mapihttp"))
                    runs.append(timing.run(command(i), names=store.names))
                took.setdefault(name + kind, {})[store.count] = timing.median(runs, cold)
                picture.add("change-store", name + kind, store.count, timing.median(runs, cold))
    rows = [[f"{store.count:,}", *(milliseconds(took[name][store.count]) if store.count in took[name] else "-" for name in took)]
            for store in stores]
    report.table("store-change", "Changing every profile of a store: milliseconds of the whole process", ["profiles", *took], rows,
                 "-: not run for so many. hivexsh, hivexregedit and reged do not flush what they write.")


def fit(points):
    """What one more profile costs and what the rest costs, by least squares over {count: cost}; None for one point."""
    if len(points) < 2:
        return None
    line = statistics.linear_regression(list(points), list(points.values()))
    return line.slope, line.intercept


def growth(report, warm, cold, peaks):
    """The slopes, and what follows for a million profiles."""
    rows, slopes = [], {}
    for name, points in (("floor, in memory", warm["floor"]), ("mapihttp, in memory, one processor", warm["mapihttp, one processor"]),
                         ("mapihttp, in memory", warm["mapihttp"]), ("floor, cold", cold["floor"]), ("mapihttp, cold", cold["mapihttp"])):
        slopes[name], rest = fit(points)
        rows.append([name, f"{slopes[name] * 1e6:.2f}", f"{rest * 1000:.2f}"])
    each, rest = fit(peaks)
    report.table("slope", f"What one more profile costs: a straight line through {min(peaks):,} to {max(peaks):,} profiles",
                 ["", "microseconds for each profile", "milliseconds besides"], rows,
                 f"Peak memory: {each * 1024:.0f} bytes for each profile, and {rest / 1024:.1f} MB besides.")
    rows = [[f"{servers:,}", f"{ALL // servers:,}", *(f"{slopes[name] * ALL / servers:.2f}" for name in ("mapihttp, in memory", "mapihttp, cold")),
             f"{(each * ALL / servers + rest) / 1024:.0f}"] for servers in SERVERS]
    report.table("million", f"{ALL:,} profiles on so many file servers like this machine, each checking its own: by these slopes",
                 ["servers", "profiles on each", "seconds, in memory", "seconds, cold", "MB of memory on each"], rows)
