# SPDX-License-Identifier: MIT
"""Writes what came of each task on each host into the file that MAPIHTTP_RECORD names: one JSON object a line."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Keeps results for the tests
description: Keeps results for the tests.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _keep(self, how, result):
        # Not every ansible-core leaves "failed" in the result of a task that did.
        outcome = {**result._result, "failed": how == "failed"}
        line = {"host": result._host.get_name(), "task": result._task.get_name(), "how": how, "result": outcome}
        with open(os.environ["MAPIHTTP_RECORD"], "a", encoding="utf-8") as out:
            out.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result):
        self._keep("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._keep("failed", result)

    def v2_runner_on_skipped(self, result):
        self._keep("skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._keep("unreachable", result)
