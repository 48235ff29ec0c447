# SPDX-License-Identifier: MIT
"""run.py MINUTES [TARGET ...]: runs the fuzzers of build/fuzz; see tests/fuzz.sh, which builds them first.

--tsv FILE   appends to FILE what tests/setup/tally.py adds up: a line for each target.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path("tests/fuzz")
BUILD = Path("build/fuzz")
LIMITS = ["-rss_limit_mb=2048", "-timeout=60", "-max_len=65536"]
DICTIONARIES = {"fuzz_request": "json.dict", "fuzz_dialect": "json.dict"}
COLUMNS = ["target", "executions", "per second", "coverage", "features", "corpus", "peak MB", "findings"]


def program(target):
    return BUILD / "tests/fuzz" / target


def targets():
    return sorted(path.stem for path in HERE.glob("fuzz_*.c"))


def replay(target, log):
    """The inputs of former findings; those that fail again."""
    found = []
    for case in sorted((HERE / "regressions" / target).glob("*")):
        if subprocess.run([program(target), *LIMITS, case], stdout=log, stderr=log).returncode != 0:
            found.append(case)
    return found


def fuzz(target, seconds, log):
    """A run of its own from the builder's seeds and the corpus of earlier runs; what it found."""
    corpus, findings = BUILD / "corpus" / target, BUILD / "findings" / target
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    known = set(findings.iterdir())
    subprocess.run([BUILD / "tests/mkseeds", target, corpus], check=True)
    options = [f"-max_total_time={seconds}", "-print_final_stats=1", f"-artifact_prefix={findings}/", *LIMITS]
    if target in DICTIONARIES:
        options.append(f"-dict={HERE / DICTIONARIES[target]}")
    code = subprocess.run([program(target), *options, corpus], stdout=log, stderr=log).returncode
    found = sorted(set(findings.iterdir()) - known)
    return found or ([f"exit code {code}"] if code != 0 else [])


def last(pattern, text):
    found = re.findall(pattern, text)
    return found[-1] if found else "-"


def row(target, text, findings):
    return [target, last(r"number_of_executed_units: +(\d+)", text), last(r"average_exec_per_sec: +(\d+)", text),
            last(r"\bcov: (\d+)", text), last(r"\bft: (\d+)", text), last(r"\bcorp: (\d+)", text),
            last(r"peak_rss_mb: +(\d+)", text), str(len(findings))]


def run(target, seconds):
    path = BUILD / f"{target}.log"
    try:
        with path.open("w") as log:
            findings = replay(target, log) + fuzz(target, seconds, log)
    except (OSError, subprocess.CalledProcessError) as error:
        findings = [f"it did not run: {error}"]
    return target, row(target, path.read_text(errors="replace"), findings), findings, path


def print_table(rows):
    widths = [max(len(row[i]) for row in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
    for cells in [COLUMNS, *rows]:
        name, *numbers = [cell.rjust(width) if i else cell.ljust(width)
                          for i, (cell, width) in enumerate(zip(cells, widths))]
        print("  ".join([name, *numbers]))


def main():
    parser = argparse.ArgumentParser(usage="run.py MINUTES [TARGET ...] [--tsv FILE]")
    parser.add_argument("minutes", type=float)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--tsv", type=Path)
    asked = parser.parse_args()
    unknown = set(asked.targets) - set(targets())
    if unknown or not asked.minutes > 0:
        parser.error(f"MINUTES above 0, then any of {' '.join(targets())}")
    seconds = max(1, round(60 * asked.minutes))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        done = list(pool.map(lambda target: run(target, seconds), asked.targets or targets()))
    print_table([row for _, row, _, _ in done])
    for target, _, findings, path in done:
        if findings:
            print(f"\n{target}: {', '.join(map(str, findings))}; the end of {path}:")
            print("\n".join(path.read_text(errors="replace").splitlines()[-40:]))
        if asked.tsv:
            with asked.tsv.open("a") as tsv:
                tsv.write(f"{'failed' if findings else 'passed'}\tfuzz\t{target}\n")
    return 1 if any(findings for _, _, findings, _ in done) else 0


if __name__ == "__main__":
    sys.exit(main())
