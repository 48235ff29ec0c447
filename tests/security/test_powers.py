# SPDX-License-Identifier: MIT
"""What the process does with its rights: the functions it can call (nm), and the system calls and files of whole runs
of every verb and dialect (strace). docs/security.md has the same lists."""

import re
import subprocess

import pytest
import tracing
from grounds import IN_PLACE, NEW_IMAGE
from support import hives
from support.tool import BUILD, run

pytestmark = pytest.mark.linux

# By what they do: other programs, other code, the network, the environment, other identities, other processes, and
# what writes beyond its buffer.
NOT_CALLED = re.compile(
    r"^(exec\w*|fork|vfork|posix_spawn\w*|system|popen|dlopen|dlmopen|dlsym|socket|connect|bind|listen|accept4?|send\w*"
    r"|recv\w*|getaddrinfo|gethostby\w*|getpwn?\w*|getgr\w*|getenv|secure_getenv|environ|__environ|setenv|putenv"
    r"|set\w*[ug]ids?|initgroups|cap_\w+|chroot|mount|umount2?|ptrace|prctl|kill|tgkill|signal|sigaction|mmap|mprotect"
    r"|gets|strcpy|strcat|sprintf|vsprintf|scanf|sscanf|fscanf|alloca|tmpnam|mktemp|tempnam|chmod|chown|lchown|rename"
    r"|unlink|rmdir|link|symlink|openlog|syslog)(@.*)?$")
START = {"execve", "brk", "arch_prctl", "mmap", "munmap", "mprotect", "access", "pread64", "set_tid_address",
         "set_robust_list", "rseq", "prlimit64", "getrandom", "exit_group", "read", "newfstatat", "fstat", "openat",
         "close", "futex", "readlink", "readlinkat"}
THREADS = {"clone", "clone3", "exit", "madvise", "rt_sigprocmask", "rt_sigaction", "sched_getaffinity"}
LOOKING = {"open", "openat2", "getdents64", "lseek", "ioctl", "write", "getpid", "stat", "lstat", "nanosleep",
           "clock_nanosleep", "mremap", "gettimeofday", "time"}
CHANGING = {"fcntl", "flock", "pwrite64", "fdatasync", "unlinkat", "renameat", "fsync", "fchown", "fchmod",
            "flistxattr", "fgetxattr", "fsetxattr", "fremovexattr"}
MAKING = {"mkdirat"}  # render backup
# The loader's, and the random number that spreads JSON's keys.
SYSTEM_FILES = re.compile(r"^(/etc/ld\.so\.(cache|preload)|/(usr/)?lib[\w/.+-]*|/dev/urandom|/proc/self/exe)$")


@pytest.mark.parametrize("options", [["-D", "mapihttp"], ["-D", "libmapihttp.so"], ["libmapihttp.a"]],
                         ids=["program", "shared library", "static library"])
def test_what_is_not_called(options):
    """Neither a process is started nor a socket opened, because nothing of the kind is linked in."""
    *flags, name = options
    done = subprocess.run(["nm", "--undefined-only", *flags, BUILD / name], capture_output=True, text=True, check=True)
    called = [line.split()[-1] for line in done.stdout.splitlines() if line.strip() and not line.endswith(":")]
    assert len(called) > 50
    assert [one for one in called if NOT_CALLED.match(one)] == []


@pytest.fixture(name="place")
def store_of_three(tmp_path):
    """Hives that are changed in place, by a new image, and one that is dirty."""
    log = {"root": NEW_IMAGE["root"]}
    return hives.store(tmp_path / "store", {"al": IN_PLACE, "ann": NEW_IMAGE, "bob": {**IN_PLACE, "log": log}})


def calls_of(tmp_path, program, *arguments, stdin=b""):
    tracing.need()
    log = tmp_path / "powers.log"
    done = run(*arguments, stdin=stdin, wrapper=["strace", "-f", "-o", log], check_result=False, program=program)
    # A call that another thread interrupts is in two lines; its name and arguments are in the first.
    found = re.findall(r"^\d+ +(\w+)\((.*)", log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    assert found
    return done, found


def opened(calls):
    """Paths and flags of all that is opened but folders below a folder: those have no "/" in front."""
    for name, arguments in calls:
        found = re.match(r'(?:AT_FDCWD|\d+), "([^"]*)", (.*)', arguments) if name in ("openat", "openat2") else None
        if found:
            yield found[1], found[2]


REQUEST = {"state": "enabled"}
RUNS = {
    "get": (["get", "store={store}"], None, LOOKING), "check": (["check", "state=enabled", "store={store}"], None, LOOKING),
    "table": (["get", "store={store}", "-o", "table"], None, LOOKING),
    "apply": (["apply", "state=enabled", "store={store}"], None, LOOKING | CHANGING),
    "salt": (["salt", "check"], REQUEST, LOOKING), "bolt": (["bolt"], {**REQUEST, "_noop": True}, LOOKING),
    "dsc": (["dsc", "test"], REQUEST, LOOKING), "intune": (["intune", "detect", "state=enabled", "store={store}"], None,
                                                          LOOKING),
    "schema": (["schema", "request"], None, LOOKING), "refused": (["get", "x=1"], None, LOOKING),
    "render": (["render", "reg", "state=enabled"], None, LOOKING),
    "render backup": (["render", "backup", "state=enabled", "out={out}"], None, LOOKING | CHANGING | MAKING),
}


@pytest.mark.parametrize("program", ["mapihttp", "mapihttp-static"])
@pytest.mark.parametrize("name", RUNS)
def test_the_system_calls_of_a_whole_run(tmp_path, place, name, program):
    """No socket, no other program, no other identity: only what is in the lists above. New threads are no processes."""
    if not (BUILD / program).exists():
        pytest.skip(f"{program} is not built: what it is made of is not installed")
    arguments, request, allowed = RUNS[name]
    made = [part.format(store=place, out=tmp_path / "out") for part in arguments]
    stdin = {**request, "store": str(place)} if request else b""
    _, calls = calls_of(tmp_path, BUILD / program, *made, stdin=stdin)
    # Whether a descriptor is open may be asked by any; what else fcntl does is for those who change.
    assert {one for one, text in calls if not (one == "fcntl" and "F_GETFD" in text)} <= START | THREADS | allowed
    assert [one for one, _ in calls].count("execve") == 1
    assert not [text for one, text in calls if one.startswith("clone") and "CLONE_THREAD" not in text]
    strange = [path for path, flags in opened(calls) if path.startswith("/")
               and not SYSTEM_FILES.match(path) and not path.startswith(str(tmp_path))]
    assert strange == []


def test_what_is_opened_for_writing(tmp_path, place):
    """The hives that change, and the new file beside one: nothing else, and never by a path that could lead away."""
    _, calls = calls_of(tmp_path, BUILD / "mapihttp", "apply", "state=enabled", f"store={place}")
    writing = {path for path, flags in opened(calls) if re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", flags)}
    assert writing == {"al/NTUSER.DAT", "ann/NTUSER.DAT", "bob/NTUSER.DAT", "NTUSER.DAT.mapihttp-new"}
    assert not [one for one in opened(calls) if "NTUSER" in one[0]
                and not ("RESOLVE_NO_SYMLINKS" in one[1] or "O_EXCL" in one[1])]
