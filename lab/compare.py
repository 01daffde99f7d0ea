#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How well two runs of the lab agree: compare.py FOLDER FOLDER, copies of build/lab.

Prints how many runs have the same figure, and the largest differences.
"""

import csv
import pathlib
import sys

KEY = ("scenario", "point", "transport", "seed")
FIGURES = ("seconds", "mean", "p50", "p99")
MOST = 10


def runs(folder):
    """{which run: its figures} of all CSV files."""
    found = {}
    for file in sorted(pathlib.Path(folder).glob("*.csv")):
        with open(file, newline="") as lines:
            for line in csv.DictReader(lines):
                found[tuple(line[name] for name in KEY)] = {
                    name: line[name] for name in FIGURES if line.get(name)
                }  # fmt: skip
    return found


def difference(one, other):
    """Of two figures, in shares of the larger one."""
    if one == other:
        return 0.0
    if "never" in (one, other):
        return 1.0
    return abs(float(one) - float(other)) / max(float(one), float(other))


def main():
    one, other = (runs(folder) for folder in sys.argv[1:])
    found = sorted(
        (max((difference(figures[name], other[run][name]) for name in figures), default=0.0), run)
        for run, figures in one.items()
        if run in other
    )
    for limit in (0, 1e-6, 1e-4, 1e-3, 1e-2):
        print(f"{sum(share <= limit for share, _ in found)} of {len(found)} runs differ by {limit:.4%} at the most")
    for share, run in reversed(found[-MOST:]):
        print(f"{share:9.4%}  {': '.join(word for word in run if word)}")


if __name__ == "__main__":
    main()
