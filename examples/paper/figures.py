# SPDX-License-Identifier: BSD-3-Clause
"""SVG figures that can be read on light and on dark pages: no background, grey text, colours between."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import matplotlib
import numpy as np

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

GREY = "#808890"
#: Distinct to the colour-blind too (after Okabe and Ito), each with a contrast above 3 on white and on black.
COLORS = ("#0e84c5", "#d5601b", "#1a9a6c", "#c0609a", "#a08000", "#7a6fd0", "#808890", "#b04848")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

#: Without its ends, which vanish on black and on white.
EARLY_TO_LATE = matplotlib.colors.ListedColormap(matplotlib.colormaps["plasma"](np.linspace(0.2, 0.85, 128)))

plt.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "anisograd", "font.family": "sans-serif", "font.size": 9,
    "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none", "legend.frameon": False,
    "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY, "axes.titlecolor": GREY, "xtick.color": GREY,
    "ytick.color": GREY, "grid.color": GREY, "grid.alpha": 0.25, "axes.grid": True, "axes.titlesize": 9,
    "lines.linewidth": 1.5, "lines.markersize": 3.5,
})

Curve = Sequence["tuple[float, float, float]"]
Panel = "tuple[str, Sequence[tuple[str, Curve]]]"


def save(figure: Any, path: Path) -> None:
    # No date, so that the same numbers give the same file.
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight", dpi=130)
    plt.close(figure)


def panels(count: int, height: float = 2.6, columns: int = 4) -> tuple[Any, list[Any]]:
    """A figure and its axes, in rows of at most so many."""
    columns = min(count, columns)
    rows = -(-count // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(2.6 * columns + 0.6, height * rows), squeeze=False,
                                constrained_layout=True)
    flat = list(axes.flat)
    for unused in flat[count:]:
        unused.set_visible(False)
    return figure, flat[:count]


def curves(path: Path, shown: Sequence[tuple[str, Sequence[tuple[str, Curve]]]], x_label: str, y_label: str, title: str,
           columns: int = 4, scales: tuple[str, str] = ("log", "log")) -> None:
    """A panel for each (name, curves), a curve of (x, mean, standard deviation) for each label. scales: of x and y, log or
    linear."""
    figure, axes = panels(len(shown), columns=columns)
    labels = list(dict.fromkeys(label for _, curves_ in shown for label, _ in curves_))
    handles: dict[str, Any] = {}
    for axis, (name, curves_) in zip(axes, shown):
        for label, curve in curves_:
            lap, number = divmod(labels.index(label), len(COLORS))
            x, mean, spread = (np.array(column, float) for column in zip(*curve))
            handles[label], = axis.plot(x, mean, color=COLORS[number], marker=MARKERS[number], label=label,
                                        **({"linestyle": "--", "markerfacecolor": "none"} if lap else {}))
            if spread.any():
                axis.fill_between(x, np.maximum(mean - spread, mean / 10), mean + spread, color=COLORS[number],
                                  alpha=0.25, linewidth=0)
        axis.set(xscale=scales[0], yscale=scales[1], title=name, xlabel=x_label)
        axis.minorticks_off()
    for axis in axes[::columns]:
        axis.set_ylabel(y_label)
    figure.suptitle(title, fontsize=10, color=GREY)
    # Below the axes, a quarter of an inch for each line.
    lines = -(-len(handles) // 3)
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncol=min(len(handles), 3),
                  bbox_to_anchor=(0.5, -0.25 * lines / figure.get_figheight()))
    save(figure, path)


def clouds(path: Path, shown: Sequence[tuple[str, Any, Any, Any, Any]], x_label: str, y_label: str, color_label: str,
           title: str) -> None:
    """A panel for each (name, x, y, color, line): points by their colour, rasterized, and a line of points (x, y) over
    them; logarithmic axes."""
    figure, axes = panels(len(shown), height=3.0, columns=2)
    points = None
    for axis, (name, x, y, color, line) in zip(axes, shown):
        points = axis.scatter(x, y, c=color, s=2, cmap=EARLY_TO_LATE, vmin=0, linewidths=0, rasterized=True)
        if line is not None:
            axis.plot(*line, color=COLORS[2], label="median fit")
            axis.legend(loc="upper left")
        axis.set(xscale="log", yscale="log", title=name, xlabel=x_label)
    for axis in axes[::2]:
        axis.set_ylabel(y_label)
    figure.colorbar(points, ax=axes, label=color_label)
    figure.suptitle(title, fontsize=10, color=GREY)
    save(figure, path)


def ratios(path: Path, points: Sequence[tuple[str, float, float, float]], x_label: str, y_label: str,
           series: tuple[str, str]) -> None:
    """What was predicted against what was seen, of each (name, predicted, seen, seen), and the line where they agree."""
    figure, axis = plt.subplots(figsize=(5.2, 4), constrained_layout=True)
    names = list(dict.fromkeys(name.split(",")[0] for name, *_ in points))
    for name, predicted, *seen in points:
        number = names.index(name.split(",")[0])
        for filled, value in zip((True, False), seen):
            if value > 0:
                axis.scatter(predicted, value, s=28, marker=MARKERS[number], edgecolors=COLORS[number],
                             facecolors=COLORS[number] if filled else "none")
    for number, name in enumerate(names):
        axis.scatter([], [], color=COLORS[number], marker=MARKERS[number], label=name)
    for filled, name in zip((True, False), series):
        axis.scatter([], [], edgecolors=GREY, facecolors=GREY if filled else "none", label=name)
    low, high = min(axis.get_xlim()[0], 0.5), axis.get_xlim()[1]
    axis.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label)
    axis.plot([low, high], [low, high], color=GREY, linewidth=0.8, label="as predicted")
    axis.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    axis.axvline(1, color=GREY, linewidth=0.8, linestyle=":")
    axis.legend(loc="best", fontsize=8)
    save(figure, path)
