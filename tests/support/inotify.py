# SPDX-License-Identifier: MIT
"""Tells when a file is opened, whoever opens it: what must happen between two looks of a program can so be done."""

import ctypes
import os
import select
import struct
import threading

IN_OPEN = 0x20
EVENT = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


class Openings:
    """Calls `react(path)` at the first opening of each path, in a thread, until the block is left."""

    def __init__(self, paths, react):
        self.react, self.paths, self.failure = react, {}, None
        self.fd = _libc.inotify_init1(os.O_CLOEXEC)
        assert self.fd >= 0, os.strerror(ctypes.get_errno())
        for path in paths:
            watch = _libc.inotify_add_watch(self.fd, os.fsencode(path), IN_OPEN)
            assert watch >= 0, (path, os.strerror(ctypes.get_errno()))
            self.paths[watch] = path
        self.seen = []
        self.wake, self.waker = os.pipe()
        self.thread = threading.Thread(target=self._follow)

    def _follow(self):
        while True:
            ready, _, _ = select.select([self.fd, self.wake], [], [])
            if self.wake in ready:
                return
            data = os.read(self.fd, 65536)
            while data:
                watch, _, _, length = EVENT.unpack_from(data)
                data = data[EVENT.size + length:]
                path = self.paths.get(watch)
                if path is not None and path not in self.seen:
                    self.seen.append(path)
                    try:
                        self.react(path)
                    except Exception as error:  # told to the test, which runs in another thread
                        self.failure = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.write(self.waker, b"x")
        self.thread.join()
        for fd in (self.fd, self.wake, self.waker):
            os.close(fd)
        assert self.failure is None, self.failure
