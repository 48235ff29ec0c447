# SPDX-License-Identifier: MIT
"""Runs within Salt's own Python: a minion without a master that answers calls, one JSON line each.

    caller.py CONFIG_FOLDER     {"fun": name, "args": [...], "kwargs": {...}} -> {"return": ...} or {"error": text}

It is what `salt-call --local` does, without the two seconds that each start of it takes.
"""

import json
import os
import sys

import salt.client
import salt.config
from salt.exceptions import SaltException


def main(folder):
    # What anything else prints is not an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    caller = salt.client.Caller(mopts=salt.config.minion_config(os.path.join(folder, "minion")))
    for line in sys.stdin:
        call = json.loads(line)
        try:
            answer = {"return": caller.cmd(call["fun"], *call["args"], **call["kwargs"])}
        except SaltException as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
