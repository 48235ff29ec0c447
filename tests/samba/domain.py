# SPDX-License-Identifier: MIT
"""A domain controller in namespaces of its own, and Group Policy objects in its domain."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from support import tool

HERE = Path(__file__).resolve().parent
NAMESPACES = ["--net", "--mount", "--pid"]
NEEDED = ["samba", "smbd", "winbindd", "samba-tool", "samba-gpupdate", "smbclient", "ldbmodify", "wbinfo", "ip",
          "unshare", "nsenter"]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
ADMINISTRATOR, USER, PASSWORD = "Administrator", "ann", "Passw0rd.1"
DC, DOMAIN, BASE = "dc1.contoso.test", "contoso.test", "DC=contoso,DC=test"
URL = f"ldap://{DC}"
STORE = rf"{DOMAIN}\Policies\PolicyDefinitions"

# The extension that applies a Registry.pol, and the tool that edits the user's ([MS-GPREG] 1.9).
REGISTRY = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
EXTENSIONS = f"[{REGISTRY}{{D02B1F73-3407-48AE-BA88-E8213C6761F1}}]"


def why_not():
    """Why no domain controller can be run here; None when one can."""
    if os.geteuid() != 0:
        return "only root can run a domain controller in a network of its own"
    missing = [program for program in NEEDED if not shutil.which(program, path=PATH)]
    if missing:
        return f"not installed: {', '.join(missing)}; tests/setup/samba.sh does it"
    done = subprocess.run(["unshare", *NAMESPACES, "--fork", "true"], capture_output=True, timeout=60, check=False)
    return None if done.returncode == 0 else f"no namespaces here: {done.stderr.decode(errors='replace').strip()}"


class Domain:
    """The domain. All that runs in it ends with stop(), and with the tests however they end: what makes and runs the
    controller gives up at the end of its standard input, and with it go its network, mounts and processes."""

    def __init__(self, folder):
        self.folder, self.count = Path(folder), 0
        self.smb_conf = self.folder / "smb.conf"
        (self.folder / "tmp").mkdir()
        self.env = {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "TMPDIR": str(self.folder / "tmp"),
                    "KRB5_CONFIG": str(self.folder / "krb5.conf"), "KRB5CCNAME": str(self.folder / "ccache"),
                    "PYTHONDONTWRITEBYTECODE": "1"}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", *NAMESPACES, "--mount-proc", "--fork", "--kill-child", "--",
                 "sh", HERE / "machine.sh", self.folder, USER, PASSWORD],
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd="/", env=self.env)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-1500:]

    def wait(self):
        """Until it serves, and knows its user."""
        end = time.monotonic() + tool.TIMEOUT
        while missing := self.what_is_missing():
            try:
                code = self.process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                code = None
            assert code is None, f"no domain controller (exit {code}): {self.log()}"
            assert time.monotonic() < end, f"the domain controller does not serve: {missing}; {self.log()}"

    def what_is_missing(self):
        if "samba version" not in self.log():
            return "not started"
        for done in (self.smb_run("ls"), self.add_user()):
            if done.returncode:
                return done
        return None

    def add_user(self):
        """Puts the user where Linux looks for users."""
        done = self.run("wbinfo", "--name-to-sid", USER)
        if done.returncode == 0:
            done = self.run("wbinfo", "--sid-to-uid", done.stdout.decode().partition(" ")[0])
        if done.returncode == 0:
            with open(self.folder / "passwd", "a", encoding="utf-8") as passwd:
                passwd.write(f"{USER}:x:{int(done.stdout)}:100::/:/bin/false\n")
        return done

    def stop(self):
        """Whether it had to be killed."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
            return False
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=30)
            return True

    def run(self, *command, **options):
        """Runs something within the domain's network."""
        pid = self.process.pid
        inside = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0]
        return subprocess.run(["nsenter", "--target", inside, *NAMESPACES, "--", *map(str, command)],
                              stdin=subprocess.DEVNULL, capture_output=True, env=self.env, timeout=tool.TIMEOUT,
                              check=False, **options)

    def ok(self, *command):
        """What it printed; it must succeed."""
        done = self.run(*command)
        assert done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
        return done.stdout.decode()

    def samba_tool(self, *arguments):
        return self.ok("samba-tool", *arguments, "-H", URL, "-s", self.smb_conf, f"-U{ADMINISTRATOR}%{PASSWORD}")

    def smb_run(self, script):
        return self.run("smbclient", f"//{DC}/sysvol", "-s", self.smb_conf, f"-U{ADMINISTRATOR}%{PASSWORD}",
                        "-c", script)

    def smb(self, script):
        """Has smbclient do it. It exits with 0 after a failed get or put, and says NT_STATUS_."""
        done = self.smb_run(script)
        assert done.returncode == 0 and b"NT_STATUS_" not in done.stdout + done.stderr, (script, done)

    def ldap(self, program, *arguments):
        return self.ok(program, "-H", URL, "--configfile", self.smb_conf, f"-U{ADMINISTRATOR}%{PASSWORD}", *arguments)

    def scratch(self, name="scratch"):
        """A new folder."""
        self.count += 1
        made = self.folder / f"{name}{self.count}"
        made.mkdir()
        return made

    def put(self, path, data):
        """Writes a file into SYSVOL, and makes the folder that it is in."""
        local = self.scratch() / "file"
        local.write_bytes(data)
        parts = path.split("\\")
        folders = ["\\".join(parts[:n]) for n in range(4, len(parts))]  # those above are there
        self.smb_run(";".join(f'mkdir "{folder}"' for folder in folders))
        self.smb(f'put "{local}" "{path}"')

    def get(self, path):
        local = self.scratch() / "file"
        self.smb(f'get "{path}" "{local}"')
        return local.read_bytes()

    def create(self, name):
        """A new, empty Group Policy object."""
        said = self.samba_tool("gpo", "create", name)
        return Gpo(self, name, re.search(r"\{[0-9A-F-]{36}\}", said)[0])

    def resultant_set(self):
        """{object: {key: {value: "type:data"}}} as Samba's client finds it for the user."""
        (self.folder / "var/lib/samba/gpext.conf").write_text(
            f"[{REGISTRY}]\nDllName = {HERE / 'registry_ext.py'}\nProcessGroupPolicy = registry_ext\n"
            "NoMachinePolicy = 1\nNoUserPolicy = 0\n", encoding="utf-8")
        said = self.ok("samba-gpupdate", "-s", self.smb_conf, "--target=User", "--rsop", f"-U{USER}%{PASSWORD}")
        found = {}
        for part in re.split(r"^GPO: ", said, flags=re.M)[1:]:
            keys = found[part.partition("\n")[0]] = {}
            for line in part.splitlines():
                if line.startswith("    Policy Type: "):
                    values = keys[line.partition(": ")[2]] = {}
                elif match := re.match(r" +\[ (.*?) \] = +(.*)$", line):
                    values[match[1]] = match[2]
        return found


class Gpo:
    """One Group Policy object."""

    def __init__(self, domain, name, guid):
        self.domain, self.name, self.guid = domain, name, guid
        self.path = rf"{DOMAIN}\Policies\{guid}"
        self.dn = f"CN={guid},CN=Policies,CN=System,{BASE}"

    def put(self, path, data):
        self.domain.put(rf"{self.path}\{path}", data)

    def get(self, path):
        return self.domain.get(rf"{self.path}\{path}")

    def publish(self, files, extensions=EXTENSIONS, version=1):
        """Does what an editor does: the files, then the user's half of the version, both in SYSVOL and in the
        directory, and there the extensions by which clients know whom to ask."""
        for path, data in files.items():
            self.put(path, data)
        self.put("GPT.INI", b"[General]\r\nVersion=%d\r\n" % (version << 16))
        ldif = self.domain.scratch() / "ldif"
        ldif.write_text(f"dn: {self.dn}\nchangetype: modify\nreplace: versionNumber\nversionNumber: {version << 16}\n"
                        f"-\nreplace: gPCUserExtensionNames\ngPCUserExtensionNames: {extensions}\n", encoding="utf-8")
        self.domain.ldap("ldbmodify", ldif)
        return self

    def link(self):
        """To the whole domain."""
        self.domain.samba_tool("gpo", "setlink", BASE, self.guid)
        return self

    def attribute(self, name):
        """What the directory says; None where it says nothing."""
        said = self.domain.ldap("ldbsearch", "-b", self.dn, "-s", "base", name).replace("\n ", "")
        match = re.search(rf"^{name}: (.*)$", said, flags=re.M)
        return match and match[1]

    def version(self):
        """(in the directory, in SYSVOL)"""
        ini = self.get("GPT.INI").decode()
        return int(self.attribute("versionNumber")), int(re.search(r"^Version=(\d+)\s*$", ini, flags=re.M)[1])

    def fetch(self, verb="fetch"):
        """The folder into which `samba-tool gpo fetch` (or backup) put it."""
        folder = self.domain.scratch(verb)
        self.domain.samba_tool("gpo", verb, self.guid, "--tmpdir", folder)
        return folder / "policy" / self.guid

    def restore(self, backup, name):
        """A new object, of a folder that backup made."""
        # Without a folder of its own it fails in Samba 4.17: the one it makes is gone too early.
        said = self.domain.samba_tool("gpo", "restore", name, backup, "--tmpdir", self.domain.scratch("restore"))
        return Gpo(self.domain, name, re.search(r"created as (\{[0-9A-F-]{36}\})", said)[1])


def parts_of(extensions):
    """[[extension, tool ...] ...] of a gPCUserExtensionNames."""
    assert re.fullmatch(r"(\[(\{[0-9A-Fa-f-]{36}\}){2,}\])+", extensions), extensions
    return [re.findall(r"\{.*?\}", group) for group in re.findall(r"\[(.*?)\]", extensions)]
