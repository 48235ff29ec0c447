# SPDX-License-Identifier: MIT
"""The same check as each tool asks for it."""

import json

import timing
import worlds

AIM = 1.1


def dialect_calls(store):
    """{name: (arguments, what is on standard input)}, the native call first."""
    request = {"state": "allowed", "store": str(store.path)}
    arguments = worlds.WORK / "arguments.json"
    arguments.write_text(json.dumps({**request, "_ansible_check_mode": True, "_ansible_diff": False}))
    text = json.dumps(request).encode()
    noop = json.dumps({**request, "_noop": True, "_task": "mapihttp"}).encode()
    return {"native": (["check"], text), "ansible": ([str(arguments)], None), "salt": (["salt", "check"], text),
            "bolt": ([], noop), "dsc": (["dsc", "test"], text), "intune": (["intune", "detect"], text)}


def print_dialects(report, quick, stores):
    rows = []
    for store in stores:
        works = {name: (lambda arguments=arguments, text=text: timing.run([worlds.PROGRAM, *arguments], text=text, codes=(0, 1)))
                 for name, (arguments, text) in dialect_calls(store).items()}
        runs = timing.take_turns(works, 1 if quick else 201 if store.count == 1 else 41, 10)
        medians = {name: timing.median(done) for name, done in runs.items()}
        native = medians.pop("native")
        rows.append([f"{store.count:,}", f"{native * 1000:.2f}",
                     *(f"{m * 1000:.2f} ({m / native:.2f}x)" for m in medians.values())])
    report.table("dialects", f"The same check as each tool asks for it: milliseconds, and how much of the native one (aim: {AIM}x)",
                 ["profiles", "native", "ansible", "salt", "bolt", "dsc", "intune"], rows)
