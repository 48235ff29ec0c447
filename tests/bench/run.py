# SPDX-License-Identifier: MIT
"""The benchmark: one hive by size beside libhivex, reads counted by strace, a store of many profiles, the
dialects beside the native call."""

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build" / "bench" / "linux"
WORK = PROJECT / "build" / "bench" / "work"
SIZES = {"256 KB": (256 << 10, 4000), "1.3 MB": (1300 << 10, 4000), "6.5 MB": (6500 << 10, 1000),
         "64 MB": (64 << 20, 200)}
WANTED = {"256 KB": 3, "1.3 MB": 9, "6.5 MB": 30, "64 MB": 500}
PROFILES = int(os.environ.get("MAPIHTTP_BENCH_PROFILES", "10000"))


def spec(number, size):
    """A user's hive with the value, its other keys as many as fill the size."""
    microsoft = [{"name": "Exchange", "values": [
        {"name": "MapiHttpDisabled", "type": "REG_DWORD", "data": number}]}]
    microsoft += [{"name": f"Product {i:03d}"} for i in range(150)]
    software = [{"name": "Microsoft", "keys": microsoft}] + [{"name": f"Vendor {i:02d}"} for i in range(30)]
    return {"size": size, "root": {"keys": [{"name": "Software", "keys": software}, {"name": "Environment"},
                                            {"name": "Control Panel"}, {"name": "Console"}]}}


def build(jobs):
    for _, out in jobs:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([{"spec": s, "out": str(out)} for s, out in jobs])
    subprocess.run([BUILD / "tests" / "mkhive", "-"], input=text.encode(), check=True)


def bench(engine, count, hive):
    done = subprocess.run([BUILD / "tests" / "bench", engine, str(count), str(hive)], capture_output=True, check=True)
    return float(done.stdout) / 1000


def reads(hive):
    """How many times, and how many bytes, one observation reads the hive."""
    done = subprocess.run(["strace", "-y", "-e", "trace=pread64,read", BUILD / "mapihttp", "get", f"hives={hive}"],
                          capture_output=True, check=True)
    got = re.findall(rf"<{re.escape(str(hive))}>.* = (\d+)$", done.stderr.decode(), re.M)
    return len(got), sum(map(int, got))


def one_hive():
    print("\nObserving one profile, in process, warm: microseconds, median of nine runs\n")
    print("| hive | mapihttp | libhivex | ratio | aim | reads (aim: 32) | bytes read (aim: 12 KB) |\n"
          "|---|---|---|---|---|---|---|")
    for name, (size, count) in SIZES.items():
        hive = WORK / f"{size}.dat"
        build([(spec(1, size), hive)])
        ours = bench("mapihttp", count, hive)
        theirs = bench("hivex", max(3, count // 100), hive)
        times, count_bytes = reads(hive)
        print(f"| {name} | {ours:.1f} | {theirs:.1f} | {theirs / ours:.0f}x | {WANTED[name]}x | {times} | {count_bytes} |")


def wall(arguments, **options):
    start = time.perf_counter()
    subprocess.run(arguments, check=False, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


def peak_memory(store):
    done = subprocess.run(["/usr/bin/time", "-f", "%M", BUILD / "mapihttp", "check", "state=allowed", f"store={store}"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return int(done.stderr.split()[-1]) / 1024


def many_profiles():
    print("\nA store of many profiles of 256 KB, warm: seconds, median of seven\n")
    print("| profiles | floor (open, read 8 KB, close) | mapihttp check | ratio (aim: 4x) | peak memory, MB (aim: 64) |\n"
          "|---|---|---|---|---|")
    for count in (PROFILES // 100, PROFILES // 10, PROFILES):
        store = WORK / f"store{count}"
        if not store.is_dir():
            build([(spec(i % 2, 256 << 10), store / f"user{i:05d}" / "NTUSER.DAT") for i in range(count)])
        names = "\n".join(str(p) for p in sorted(store.glob("*/NTUSER.DAT"))).encode()
        check = [BUILD / "mapihttp", "check", "state=allowed", f"store={store}"]
        rounds = [(wall([BUILD / "tests" / "floor"], input=names), wall(check)) for _ in range(8)][1:]
        floor = statistics.median(r[0] for r in rounds)
        ours = statistics.median(r[1] for r in rounds)
        print(f"| {count} | {floor:.3f} | {ours:.3f} | {ours / floor:.1f}x | {peak_memory(store):.1f} |")


def dialect_calls(store):
    """{name: (arguments, what is on standard input)} of the same check, first as it is, then as each tool asks for it."""
    request = {"state": "allowed", "store": str(store)}
    arguments = WORK / "arguments.json"
    arguments.write_text(json.dumps({**request, "_ansible_check_mode": True, "_ansible_diff": False}))
    text = json.dumps(request).encode()
    noop = json.dumps({**request, "_noop": True, "_task": "mapihttp"}).encode()
    return {"native": (["check"], text), "ansible": ([str(arguments)], b""), "salt": (["salt", "check"], text),
            "bolt": ([], noop), "dsc": (["dsc", "test"], text), "intune": (["intune", "detect"], text)}


def dialects():
    """The commands take turns, so that what disturbs one disturbs all."""
    print("\nThe same check as each tool asks for it: seconds, median of 41 (of one profile: 401), and how much of the native one "
          "(aim: 1.1x)\n")
    print("| profiles | native | ansible | salt | bolt | dsc | intune |\n|---|---|---|---|---|---|---|")
    for count, rounds in ((1, 401), (PROFILES // 10, 41)):
        store = WORK / f"spoken{count}"
        build([(spec(i % 2, 256 << 10), store / f"user{i:05d}" / "NTUSER.DAT") for i in range(count)])
        calls = dialect_calls(store)
        times = {name: [] for name in calls}
        order = list(calls)
        for _ in range(rounds):
            order.append(order.pop(0))
            for name in order:
                arguments, text = calls[name]
                times[name].append(wall([BUILD / "mapihttp", *arguments], input=text))
        medians = {name: statistics.median(all_) for name, all_ in times.items()}
        native = medians.pop("native")
        print(f"| {count} | {native:.4f} | " + " | ".join(f"{m:.4f} ({m / native:.2f}x)" for m in medians.values()) + " |")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}")
    one_hive()
    many_profiles()
    dialects()
    shutil.rmtree(WORK, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
