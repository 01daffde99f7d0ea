#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of "make bench": table.py BENCH.JSON"""

import json
import sys

# Times the kernel's own scheduler that a decision may take: median of the ratios.
GOALS = {"minrtt": 1.0, "roundrobin": 1.0, "weighted": 1.0, "ecf": 1.5, "blest": 1.5}


# Times the choice among 4 listeners that the one among 4,096 may take.
HEIRS_GOAL = 2.0
CONSTANT = ("hash", "newest", "shortest")


def heirs(rows):
    print("\nns of the choice of an heir, among 4 listeners and among 4,096, in turn; and the ratio")
    print(f"{'':20}{'min':>9}{'median':>9}{'p90':>9}{'min':>11}{'median':>9}{'p90':>9}{'times':>8}  goal")
    for row in rows:
        times = row["many_median"] / max(row["median"], 0.1)
        verdict = f"{HEIRS_GOAL:.1f} {'met' if times <= HEIRS_GOAL else 'not met'}" if row["policy"] in CONSTANT else ""
        print(
            f"{row['policy']:20}{row['min']:9.1f}{row['median']:9.1f}{row['p90']:9.1f}"
            f"{row['many_min']:11.1f}{row['many_median']:9.1f}{row['many_p90']:9.1f}{times:8.2f}  {verdict}"
        )


def schedulers(rows):
    print("ns of a decision: minimum, median, 90th percentile; and how many times the kernel's own, called in turn")
    for full in (False, True):
        print("\nthe first subflow has no room" if full else "\nall subflows have room")
        print(f"{'':12}{'subflows':>9}{'min':>9}{'median':>9}{'p90':>9}{'default':>9}{'times':>8}  goal")
        for row in (row for row in rows if row["full"] == full):
            times = row["median"] / max(row["default_median"], 0.1)
            goal = GOALS.get(row["scheduler"])
            verdict = "" if goal is None else f"{goal:.1f} {'met' if times <= goal else 'not met'}"
            print(
                f"{row['scheduler']:12}{row['subflows']:9}{row['min']:9.1f}{row['median']:9.1f}{row['p90']:9.1f}"
                f"{row['default_median']:9.1f}{times:8.2f}  {verdict}"
            )


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        results = json.load(file)
    schedulers(results["schedulers"])
    heirs(results["heirs"])


if __name__ == "__main__":
    main()
