# SPDX-License-Identifier: MIT
"""Adds up what the suites left in a folder: TAP of the unit tests, JUnit XML of pytest, suites.tsv of run.sh."""

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def from_tap(path):
    """A program that died counts as one more failure: what it did not get to run is unknown."""
    lines = path.read_text(errors="replace").splitlines()
    planned = sum(int(line[3:].split()[0]) for line in lines if line.startswith("1.."))
    told = sum(line.startswith(("ok ", "not ok ")) for line in lines)
    if told < planned and "exit 0" in lines:
        yield "failed", path.stem, f"it ended after {told} of {planned} tests"
    why = "no reason given"
    for line in lines:
        if line.startswith("# because: "):
            why = line.partition(": ")[2]
        if line.startswith(("ok ", "not ok ")) and "# SKIP" in line:  # cmocka spells it the second way
            yield "skipped", path.stem, f"{line.partition('# SKIP ')[2]}, {why}"
        elif line.startswith("ok "):
            yield "passed", path.stem, line
        elif line.startswith("not ok "):
            yield "failed", path.stem, line
        elif line.startswith("exit ") and line != "exit 0":
            yield "failed", path.stem, line


def from_junit(path):
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            yield "failed", path.stem, name
        elif case.find("skipped") is not None:
            yield "skipped", path.stem, f"{name}: {case.find('skipped').get('message')}"
        else:
            yield "passed", path.stem, name


def from_record(path):
    for line in path.read_text().splitlines():
        yield tuple(line.split("\t", 2))


def main(folder):
    readers = {".tap": from_tap, ".xml": from_junit, ".tsv": from_record}
    outcomes = [outcome for path in sorted(Path(folder).iterdir()) if path.suffix in readers
                for outcome in readers[path.suffix](path)]
    reasons = Counter(f"{suite}: {text.split(': ', 1)[-1]}" for kind, suite, text in outcomes if kind == "skipped")
    for reason, number in sorted(reasons.items()):
        print(f"skipped: {number} x {reason}")
    for kind, suite, text in outcomes:
        if kind == "failed":
            print(f"FAILED: {suite}: {text}")
    count = Counter(kind for kind, _, _ in outcomes)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
