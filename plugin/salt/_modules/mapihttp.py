# SPDX-License-Identifier: MIT
"""
Keep Outlook on MAPI over HTTP, in every user profile, with the program ``mapihttp``

Arguments are the fields of a request: ``state``, ``users``, ``exclude``, ``root``, ``store``, ``hives``, ``restore``.
The program alone judges them. It is looked for at:

1. ``mapihttp:binary`` of the configuration (a path, or a ``salt://`` address), and nowhere else where that is set
2. the folders of ``PATH``
3. ``%ProgramFiles%\\mapihttp\\mapihttp.exe``, on Windows
4. ``salt://mapihttp/mapihttp.exe`` on Windows, ``salt://mapihttp/mapihttp`` elsewhere: run from the minion's cache
"""

import contextlib
import json
import os
import stat

import salt.utils.args
import salt.utils.platform
from salt.exceptions import CommandExecutionError

__func_alias__ = {"apply_": "apply"}

# What an answer must be made of.
RETURN = {"name": str, "result": (bool, type(None)), "changes": dict, "comment": str}
RESULT = {"changed": bool, "failed": bool, "msg": str, "profiles": list}


def _is_program(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _from_master(address):
    """The path of the minion's copy of a file of the file server, made executable; None where there is none."""
    path = __salt__["cp.cache_file"](address)
    if path and not os.access(path, os.X_OK):
        with contextlib.suppress(OSError):
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path or None


def _program():
    told = __salt__["config.get"]("mapihttp:binary", __opts__.get("mapihttp:binary"))
    if told:
        path = _from_master(told) if str(told).startswith("salt://") else os.path.abspath(str(told))
        if path and _is_program(path):
            return path
        raise CommandExecutionError(f"mapihttp:binary is {told}, which is no program")
    name = "mapihttp.exe" if salt.utils.platform.is_windows() else "mapihttp"
    # By hand: Python's own search looks into the current folder first, on Windows.
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    if salt.utils.platform.is_windows():
        # What a 32-bit Python is told by the other name is the folder of 32-bit programs.
        programs = os.environ.get("ProgramW6432") or os.environ.get("ProgramFiles", r"C:\Program Files")
        folders.append(os.path.join(programs, "mapihttp"))
    for folder in folders:
        if _is_program(os.path.join(folder, name)):
            return os.path.join(folder, name)
    path = _from_master(f"salt://mapihttp/{name}")
    if path:
        return path
    raise CommandExecutionError(
        f"{name} is not found: put it into PATH or to salt://mapihttp/{name}, or set mapihttp:binary")


def _run(*arguments, stdin=""):
    """What the program answers: its exit code, and the JSON object that it printed."""
    program = _program()
    try:
        # Raw, or Salt makes a line end of the \n in "C:\\new". Here, or relative paths begin at the home folder.
        done = __salt__["cmd.run_all"](
            [program, *arguments], cwd=os.getcwd(), stdin=stdin, stdin_raw_newlines=True, python_shell=False,
            ignore_retcode=True, output_encoding="utf-8")
    except (CommandExecutionError, OSError) as error:
        raise CommandExecutionError(f"{program} cannot be run: {str(error).rpartition('reason: ')[2]}") from None
    code, told = done["retcode"], done["stderr"] or done["stdout"]
    try:
        answer = json.loads(done["stdout"])
    except (ValueError, RecursionError):
        answer = None
    if code not in (0, 1, 2) or not isinstance(answer, dict):
        raise CommandExecutionError(f"{program} gave no result (exit code {code}): {told[:200] or 'it said nothing'}")
    return code, answer


def _ask(verb, request, shape):
    try:
        stdin = json.dumps(salt.utils.args.clean_kwargs(**request))
    except (TypeError, ValueError) as error:
        raise CommandExecutionError(f"the request cannot be written as JSON: {error}") from None
    code, answer = _run("salt", verb, stdin=stdin)
    known = all(name in answer and isinstance(answer[name], kind) for name, kind in shape.items())
    # An answer and an exit code that contradict each other are of no program of ours.
    if not known or (code != 0) != (answer.get("result", not answer.get("failed")) is False):
        raise CommandExecutionError(f"mapihttp gave no result that Salt knows: {json.dumps(answer)[:200]}")
    if code:
        __context__["retcode"] = code
    return answer


def get(**request):
    """
    Observe: every profile, its value, what it means. Changes nothing

    CLI Example:

    .. code-block:: bash

        salt '*' mapihttp.get users=all,default
    """
    return _ask("get", request, RESULT)


def check(**request):
    """
    Compare with a desired state; write nothing. ``result`` is null where something would change, and then
    ``changes`` says what

    CLI Example:

    .. code-block:: bash

        salt '*' mapihttp.check state=allowed users=all,default
    """
    return _ask("check", request, RETURN)


def apply_(**request):
    """
    Converge to a desired state, or put values back with ``restore``. With ``test=True``, or ``test: True`` in the
    minion's configuration, the same as ``check``

    CLI Example:

    .. code-block:: bash

        salt '*' mapihttp.apply state=allowed users=all,default
        salt '*' mapihttp.apply state=allowed users=all,default test=True
        salt pc1 mapihttp.apply restore='[{"id": "default", "value": {"type": "REG_DWORD", "data": 1}}]'
    """
    if request.get("test") is None:
        request["test"] = bool(__opts__.get("test"))
    return _ask("apply", request, RETURN)


def version():
    """
    The program's version

    CLI Example:

    .. code-block:: bash

        salt '*' mapihttp.version
    """
    told = _run("version")[1].get("version")
    if not isinstance(told, str):
        raise CommandExecutionError("mapihttp did not tell its version")
    return told
