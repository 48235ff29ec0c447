# SPDX-License-Identifier: MIT
"""How long commands take, by turns, with the files in memory or not."""

import os
import subprocess
import statistics
import time

DROP = "/proc/sys/vm/drop_caches"


def run(command, names=None, codes=(0,), text=None):
    """Runs a command and returns its seconds; what it prints is thrown away. `names`: a file that is its standard input."""
    with open(names or os.devnull, "rb") as source:
        start = time.perf_counter()
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE if text else source,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if text:
            process.stdin.write(text)
            process.stdin.close()
        code = process.wait()
        seconds = time.perf_counter() - start
    if code not in codes:
        raise RuntimeError(f"exit code {code}: {' '.join(str(c) for c in command)}")
    return seconds


def peak(command):
    """The most memory that it has at a time, in kilobytes. `time` is between, for a new process begins with what its
    parent has."""
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    return int(done.stderr.split()[-1])


def take_turns(works, most, seconds, before=lambda name: None):
    """{name: [seconds]} of works {name: function}: they take turns, so that what disturbs one disturbs all. At most `most`
    times each, and not again once so many seconds are over. `before` is not measured."""
    runs = {name: [] for name in works}
    order = list(works)
    end = time.monotonic() + seconds
    for i in range(most):
        if i > 0 and time.monotonic() > end:
            break
        for name in order:
            before(name)
            runs[name].append(works[name]())
        order = order[1:] + order[:1]
    return runs


def median(runs, cold=None):
    """The median; the first of several runs warms up and does not count, unless each is cold."""
    return statistics.median(runs if cold or len(runs) < 3 else runs[1:])


class Cold:
    """Puts files out of memory: all of them where root may say so, else those that are named, one by one. `gently`: only
    those, whoever may say what, for it slows whatever else runs here."""

    def __init__(self, gently):
        self.all = False
        self.how = "each hive put out of memory before each run (posix_fadvise)"
        if gently:
            return
        try:
            self._drop_all()
            self.all = True
            self.how = f"everything put out of memory before each run ({DROP})"
        except OSError as why:
            self.how += f", for {DROP} cannot be used: {why.strerror}"

    @staticmethod
    def _drop_all():
        os.sync()
        with open(DROP, "w", encoding="ascii") as file:
            file.write("3\n")

    def drop(self, files, warm=()):
        """`warm`: commands whose programs are to be in memory all the same."""
        if self.all:
            self._drop_all()
        for path in () if self.all else files:
            fd = os.open(path, os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)
        for command in warm:
            subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
