# SPDX-License-Identifier: MIT
"""What the program under test renders, and what clients of a domain are to make of it."""

from support import preg, tool

POL = r"User\Registry.pol"
STATES = ["enabled", "disabled", "absent"]
# What Domain.resultant_set() tells of an object that says so.
APPLIED = {"enabled": {preg.KEY: {preg.NAME: "4:0"}}, "disabled": {preg.KEY: {preg.NAME: "4:1"}},
           "absent": {preg.KEY: {f"**del.{preg.NAME}": "1: "}}}


def rendered(form, state, **options):
    """The file that the program under test makes of a state."""
    done = tool.run("render", form, f"state={state}", *(f"{k}={v}" for k, v in options.items()), check_result=False)
    assert (done.code, done.err) == (0, b""), done
    return done.out
