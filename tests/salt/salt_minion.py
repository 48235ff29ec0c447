# SPDX-License-Identifier: MIT
"""A minion without a master, and what its answers mean."""

import json
import os
import re
import subprocess
from pathlib import Path

from support import tool

VENV = tool.PROJECT / "build" / "venv-salt" / "bin"
PLUGIN = tool.PROJECT / "plugin" / "salt"


def by_person(changes):
    """{folder: (data before, data after)} of what a state tells; None where there is no value."""
    return {re.split(r"[/\\]", id_)[-2]: tuple(change[when] and change[when]["data"] for when in ("old", "new"))
            for id_, change in changes.items()}


class Minion:
    """A folder with a minion's configuration, its states (`roots`), and what it keeps."""

    def __init__(self, folder, **options):
        self.folder = Path(folder)
        self.roots = self.folder / "roots"
        self.roots.mkdir(parents=True)
        for name in ("_modules", "_states"):
            (self.roots / name).symlink_to(PLUGIN / name)
        config = {"id": "minion", "root_dir": str(self.folder), "conf_file": str(self.folder / "minion"),
                  "file_client": "local", "file_roots": {"base": [str(self.roots)]}, "log_level": "quiet",
                  "log_level_logfile": "quiet", "pillar_roots": {"base": [str(self.folder / "pillar")]}, **options}
        (self.folder / "minion").write_text(json.dumps(config), encoding="utf-8")
        self.count, self.process = 0, None

    def salt_call(self, *arguments, **env):
        """(exit code, what it printed, on standard error) of a salt-call of its own."""
        done = subprocess.run(
            [VENV / "salt-call", "--local", f"--config-dir={self.folder}", *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=tool.TIMEOUT, check=False,
            cwd=self.folder, env={**os.environ, "PYTHONWARNINGS": "ignore", **env})
        return done.returncode, done.stdout, done.stderr

    def salt_json(self, *arguments, **env):
        """(exit code, what the function returned)"""
        code, out, err = self.salt_call("--out=json", *arguments, **env)
        assert out.startswith("{"), (code, out, err)
        return code, json.loads(out)["local"]

    def ask(self, fun, *args, **kwargs):
        """{"return": what it returned} or {"error": the message of what it raised}"""
        if self.process is None:
            with open(self.folder / "caller.log", "wb") as log:
                self.process = subprocess.Popen(
                    [VENV / "python", "-W", "ignore", Path(__file__).with_name("caller.py"), self.folder],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8")
            self.call("saltutil.sync_all")
        self.process.stdin.write(json.dumps({"fun": fun, "args": args, "kwargs": kwargs}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, (self.folder / "caller.log").read_text(errors="replace")
        return json.loads(answer)

    def call(self, fun, *args, **kwargs):
        """What an execution function returns."""
        answer = self.ask(fun, *args, **kwargs)
        assert "error" not in answer, answer["error"]
        return answer["return"]

    def apply(self, sls, **options):
        """What state.apply tells of each state, by its name. sls: {ID: {function: [arguments]}}, or text"""
        self.count += 1
        name = f"sls{self.count}"
        text = sls if isinstance(sls, str) else json.dumps(sls, ensure_ascii=False)
        (self.roots / f"{name}.sls").write_text(text, encoding="utf-8")
        answer = self.call("state.apply", name, **options)
        assert isinstance(answer, dict), answer
        assert "Traceback" not in json.dumps(answer)
        return {told["name"]: told for told in answer.values()}

    def state(self, function, fields, **options):
        """What one state of ours returns."""
        return self.apply({"outlook": {f"mapihttp.{function}": [{k: v} for k, v in fields.items()]}},
                          **options)["outlook"]

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(timeout=60)
