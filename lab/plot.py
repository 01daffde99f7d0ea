# SPDX-License-Identifier: GPL-2.0
"""Plots of a scenario, as SVG: who needs how long how often, goodput by path over
time, and how long what arrived waited for what was missing.
"""

import io
import math
import re

import matplotlib

matplotlib.use("svg")
# pylint: disable=wrong-import-position
from matplotlib import pyplot  # noqa: E402

# The same results make the same file.
pyplot.rcParams.update({"svg.hashsalt": "heddle", "svg.fonttype": "none", "font.size": 8, "axes.grid": True, "grid.alpha": 0.3})
# Panels of a plot, and steps of a curve: more would not be seen.
PANELS, STEPS = 6, 100
WIDTH, HEIGHT = 3.2, 2.2


def draw(table, folder):
    for old in folder.glob(f"{table.name}.*.svg"):
        old.unlink()
    labels = some(table.labels)
    if len(table.labels) > PANELS:
        relative(table, folder / f"{table.name}.times.svg")
    else:
        distribution(table, labels, folder / f"{table.name}.times.svg")
    # The last point: as a rule, the longest transfer.
    goodput(table, labels[-1:], folder / f"{table.name}.goodput.svg")
    waits(table, labels, folder / f"{table.name}.waits.svg")


def some(labels):
    """Points from all over the grid, the first and the last among them."""
    if len(labels) <= PANELS:
        return labels
    return [labels[round(n * (len(labels) - 1) / (PANELS - 1))] for n in range(PANELS)]


def panels(number, columns=3):
    columns = min(columns, number)
    rows = math.ceil(number / columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(WIDTH * columns, HEIGHT * rows), squeeze=False)
    flat = [axis for line in axes for axis in line]
    for axis in flat[number:]:
        axis.axis("off")
    return figure, flat[:number]


def save(figure, file):
    figure.tight_layout()
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    # A hundredth of a point is enough, and makes files half as large.
    file.write_text(re.sub(r"(\d\.\d\d)\d+", r"\1", text.getvalue()))


def curve(values):
    """The share of the values up to each, as a line of few steps."""
    values = sorted(value for value in values if not math.isinf(value))
    if not values:
        return [], []
    if len(values) == 1:
        return [values[0], values[0]], [0, 1]
    at = sorted({round(n * (len(values) - 1) / STEPS) for n in range(STEPS + 1)})
    return [values[n] for n in at], [(n + 1) / len(values) for n in at]


def distribution(table, labels, file):
    figure, axes = panels(len(labels))
    factor = 1000 if table.unit == "ms" else 1
    for axis, label in zip(axes, labels):
        for column in table.tcp + table.schedulers:
            values = [value * factor for one in table.of(label, column) for value in (one.result or {}).get("samples", [])]
            axis.step(*curve(values), where="post", label=column, linestyle=":" if column in table.tcp else "-")
        axis.set_title(label or table.name, fontsize=8)
        axis.set_xlabel(f"time, {table.unit}")
        axis.set_ylim(0, 1.02)
        if table.unit == "ms":
            axis.set_xscale("log")
    axes[0].set_ylabel("share of all")
    axes[0].legend(fontsize=6)
    save(figure, file)


def relative(table, file):
    """Over all points: how many times as long as TCP on the best path."""
    figure, axes = panels(1)
    for column in table.schedulers:
        values = [1 / row["cells"][column]["gain"] for row in table.rows if row["cells"][column]["gain"]]
        axes[0].step(*curve(values), where="post", label=column)
    axes[0].axvline(1, color="black", linewidth=0.5)
    axes[0].set_xlabel("time, TCP on the best path = 1")
    axes[0].set_ylabel("share of the points")
    axes[0].legend(fontsize=6)
    save(figure, file)


def recorded(table, label, column):
    return next((one for one in table.of(label, column) if (one.result or {}).get("packets")), None)


def goodput(table, labels, file):
    """Each row a point, each column a scheduler; lines are events."""
    found = [[recorded(table, label, column) for column in table.schedulers] for label in labels]
    if not any(one for row in found for one in row):
        return
    figure, axes = pyplot.subplots(
        len(found), len(table.schedulers), squeeze=False, sharex="row", sharey="row",
        figsize=(WIDTH * len(table.schedulers), HEIGHT * len(found)),
    )  # fmt: skip
    for row, label, line in zip(found, labels, axes):
        for one, column, axis in zip(row, table.schedulers, line):
            axis.set_title(f"{column}: {label}" if label else column, fontsize=7)
            if one:
                stack(axis, one)
        line[0].set_ylabel("Mbit/s")
    axes[0][0].legend(fontsize=6)
    save(figure, file)


def stack(axis, one):
    packets = one.result["packets"]
    end = max(packet[0] for packet in packets)
    step = max(end / STEPS, 0.02)
    times = [n * step for n in range(int(end / step) + 2)]
    series = []
    for number in range(1, len(one.point.paths) + 1):
        bins = [0.0] * len(times)
        for when, link, _, length in packets:
            if link[1:] == str(number):
                bins[int(when / step)] += length * 8 / 1e6 / step
        series.append(bins)
    axis.stackplot(times, series, labels=[path.name for path in one.point.paths], step="post")
    for event in one.point.events:
        axis.axvline(event.at, color="black", linewidth=0.5)
    axis.set_xlabel("s")


def waits(table, labels, file):
    found = {(label, column): recorded(table, label, column) for label in labels for column in table.schedulers}
    found = {key: one.result["waits"] for key, one in found.items() if one and one.result.get("waits")}
    if not found:
        return
    figure, axes = panels(len(labels))
    for axis, label in zip(axes, labels):
        for column in table.schedulers:
            values = [value * 1000 for value in found.get((label, column), [])]
            axis.step(*curve(values), where="post", label=column)
        axis.set_title(label or table.name, fontsize=8)
        axis.set_xlabel("out-of-order delay, ms")
        axis.set_xscale("symlog", linthresh=1)
        axis.set_ylim(0, 1.02)
    axes[0].set_ylabel("share of packets")
    axes[0].legend(fontsize=6)
    save(figure, file)
