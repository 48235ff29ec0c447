# SPDX-License-Identifier: MIT
"""What the run says: tables as they come, each also between its marks in docs/performance.md where that is asked for."""

import re


class Report:
    def __init__(self):
        self.blocks = {}

    def say(self, name, text):
        """Prints a block; `name` is that of its marks."""
        self.blocks[name] = text.strip("\n")
        print(f"\n{self.blocks[name]}", flush=True)

    def table(self, name, title, head, rows, note=""):
        lines = [title, "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
        self.say(name, "\n".join(lines) + (f"\n\n{note}" if note else ""))

    def update(self, path):
        """Puts the blocks where their marks are. A mark without a block, or the other way round, is a mistake."""
        text = path.read_text(encoding="utf-8")
        marks = re.findall(r"<!-- bench:([\w-]+) -->", text)
        if sorted(marks) != sorted(self.blocks):
            raise SystemExit(f"{path} has the marks {sorted(marks)}, the run has {sorted(self.blocks)}")
        for name, block in self.blocks.items():
            text = re.sub(rf"(<!-- bench:{name} -->\n).*?(<!-- /bench:{name} -->)",
                          lambda found, block=block: f"{found[1]}\n{block}\n\n{found[2]}", text, flags=re.S)
        path.write_text(text, encoding="utf-8")


def times(ratio):
    """A ratio as it is read: 0.97x, 3.1x, 41x."""
    return f"{ratio:.2f}x" if ratio < 1 else f"{ratio:.1f}x" if ratio < 10 else f"{ratio:.0f}x"


def milliseconds(seconds):
    return f"{seconds * 1000:.2f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"
