# SPDX-License-Identifier: MIT
"""The picture: time by size of a hive, and by number of profiles. The same figures give the same bytes."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "mapihttp", "svg.fonttype": "none", "font.size": 8})

from matplotlib import pyplot  # noqa: E402 (after the settings)

PANELS = (
    ("warm-observe", "Observing one hive, in memory", "bytes"),
    ("cold-observe", "Observing one hive, cold", "bytes"),
    ("warm-patch", "Changing one hive in place, in memory", "bytes"),
    ("warm-image", "Changing one hive by a new image, in memory", "bytes"),
    ("warm-store", "Observing a store, in memory", "profiles"),
    ("cold-store", "Observing a store, cold", "profiles"),
    ("change-store", "Changing every profile of a store", "profiles"),
    ("cold-image", "Changing one hive by a new image, cold", "bytes"),
)
COLOURS = {"mapihttp": "tab:red", "mapihttp, one processor": "tab:orange", "floor": "black", "floor, all processors": "grey",
           "nothing (true)": "black", "libhivex in C": "tab:blue", "hivexsh": "tab:cyan", "hivexregedit": "tab:green",
           "reged": "tab:purple", "regipy": "tab:brown", "libhivex in C, flushed": "tab:blue",
           "mapihttp, in place": "tab:red", "mapihttp, in place, cold": "tab:red",
           "mapihttp, new image": "tab:orange", "mapihttp, new image, cold": "tab:orange"}


class Picture:
    def __init__(self):
        self.lines = {}  # panel: {name: [(x, seconds)]}

    def add(self, panel, name, x, seconds):
        if seconds is not None:
            self.lines.setdefault(panel, {}).setdefault(name, []).append((x, seconds))

    def draw(self, path):
        figure, axes = pyplot.subplots(4, 2, figsize=(10, 14), layout="constrained")
        for (panel, title, unit), axis in zip(PANELS, axes.flat):
            for name, points in self.lines.get(panel, {}).items():
                axis.plot(*zip(*points), marker="o", markersize=3, label=name, color=COLOURS.get(name),
                          linestyle="dashed" if name.endswith(", cold") else "solid")
            axis.set(title=title, xlabel=unit, ylabel="seconds", xscale="log", yscale="log")
            axis.grid(True, which="major", linewidth=0.3)
            axis.legend(fontsize=6)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
