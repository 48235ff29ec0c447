# SPDX-License-Identifier: MIT
"""Runs one scene again and again, each time failed by the system at another place, and holds what came of it
against what comes of it undisturbed."""

import mmap
import os
import re
import struct
import subprocess
import weakref
from dataclasses import dataclass
from pathlib import Path

from files import tracing
from support.tool import BUILD, TIMEOUT, command

PRELOADED = BUILD / "tests" / "libstage.so"
FIELDS = struct.Struct("=7Q")  # struct stage of stage.c
FOR_EVER = (1 << 64) - 1
WORKERS = max(2, len(os.sched_getaffinity(0)))
TEMPORARY = re.compile(r"^(.*)\.mapihttp-new(/|$)")


@dataclass(frozen=True)
class Done:
    """What came of one run. `state`: every file and folder there is afterwards."""

    code: int
    out: bytes
    err: bytes
    state: tuple
    allocations: int
    failed: int


def read_state(folder):
    """{name: (mode, bytes)} of all that is below a folder; bytes None: a folder."""
    state = {}
    waiting = [os.fspath(folder)]
    skip = len(waiting[0]) + 1
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    state[entry.path[skip:]] = (mode, None)
                else:
                    with open(entry.path, "rb") as file:
                        state[entry.path[skip:]] = (mode, file.read())
    return state


def frozen(state):
    return tuple(sorted(state.items()))


class Theatre:
    """A folder to run in, with the file through which stage.c is told what to do."""

    def __init__(self, folder):
        self.folder = Path(folder) / "scene"
        self.folder.mkdir(parents=True)
        self.control = Path(folder) / "stage"
        self.control.write_bytes(bytes(FIELDS.size))
        self.log = Path(folder) / "strace.log"
        self.input = Path(folder) / "in"
        self.out, self.err = (os.open(Path(folder) / name, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
                              for name in ("out", "err"))
        with open(self.control, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), FIELDS.size)
        self.state = {}
        self.finish = weakref.finalize(self, lambda fds: [os.close(fd) for fd in fds], (self.out, self.err))
        self.env = {"MAPIHTTP_STAGE": str(self.control), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}

    def put(self, wanted):
        """Makes the folder hold this, and nothing else."""
        here = self.state
        for name in sorted(here.keys() - wanted.keys(), reverse=True):
            path = self.folder / name
            if here[name][1] is None:
                path.rmdir()
            else:
                path.unlink()
        for name in sorted(wanted):
            if here.get(name) != wanted[name]:
                mode, content = wanted[name]
                path = self.folder / name
                if content is None:
                    path.mkdir(exist_ok=True)
                else:
                    path.write_bytes(content)
                path.chmod(mode & 0o7777)
        self.state = wanted

    def run(self, scene, inject=(), first=0, last=0, piece=0, processors=1, close_error=0, wrapper=(), stdout=None,
            endless=False):
        """Runs the program. inject: strace's expressions. first, last: the allocations that fail. piece, processors,
        close_error: see struct stage. endless: zeros without an end are standard input."""
        self.shared[:] = FIELDS.pack(first, last, piece, processors, close_error, 0, 0)
        before, env = list(wrapper), {**self.env, "LD_PRELOAD": str(PRELOADED)}
        if inject:
            names = ",".join(sorted({one.split(":")[0] for one in inject}))
            # The library is for the program, not for strace, which knows of no signals where it filters calls.
            quick = [] if "signal=" in "".join(inject) else ["--seccomp-bpf"]
            before += ["strace", "-f", "-qq", *quick, "-o", self.log, "-E", f"LD_PRELOAD={PRELOADED}",
                       "-e", f"trace={names}", *(word for one in inject for word in ("-e", f"inject={one}"))]
            env = self.env
        for told in (self.out, self.err):
            os.ftruncate(told, 0)
        self.input.write_bytes(scene.stdin)
        with open("/dev/zero" if endless else self.input, "rb") as stdin:
            process = subprocess.Popen([*map(str, before), *command(*scene.arguments)], stdin=stdin,
                                       stdout=self.out if stdout is None else stdout, stderr=self.err,
                                       cwd=self.folder, env=env, close_fds=False)
            try:
                code = process.wait(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        self.state = read_state(self.folder)
        *_, allocations, failed = FIELDS.unpack(self.shared[:])
        out, err = (os.pread(told, os.fstat(told).st_size, 0) for told in (self.out, self.err))
        return Done(code, out, err, frozen(self.state), allocations, failed)

    def was_injected(self):
        """Whether a call of the last run failed because strace made it."""
        return b"(INJECTED)" in self.log.read_bytes()

    def trace(self, scene, piece):
        """The calls of an undisturbed run after its start-up, each with its number among those of its name."""
        tracing.need()
        self.shared[:] = FIELDS.pack(0, 0, piece, 1, 0, 0, 0)
        self.input.write_bytes(scene.stdin)
        with open(self.input, "rb") as stdin:
            subprocess.run(["strace", "-f", "-y", "-s", "16", "-o", self.log, "-E", f"LD_PRELOAD={PRELOADED}",
                            *command(*scene.arguments)], stdin=stdin, stdout=self.out,
                           stderr=self.err, cwd=self.folder, env=self.env, timeout=TIMEOUT, check=False)
        self.state = read_state(self.folder)
        calls = tracing.parse(self.log)
        start = max(i for i, call in enumerate(calls) if call.name == "close" and str(self.control) in call.arguments)
        return calls[start + 1:]
