# SPDX-License-Identifier: GPL-2.0
"""Tables: for the terminal, and lab/REPORT.md."""

import json
import math
import shutil

import measure
import scenario

# Slower than TCP on the best path by more than this is a failure; MPTCP's own
# option costs 1.7 % of each packet.
TOLERANCE = 0.025
# What tells two runs of one seed apart is far less: see Documentation/lab.md.
NOISE = 0.005
RED, BOLD_RED, PLAIN = "\033[31m", "\033[1;31m", "\033[0m"
MARKS = {"slow": "<", "slower": "<<"}
DETAILS = (
    "p50", "max", "mean", "restarts", "stall", "ofo_mean", "ofo_p99",
    "duplicated", "reinjected", "retransmitted", "timeouts",
)  # fmt: skip
# Of those, what is told on the terminal.
EXTRAS = ("restarts", "stall")
IN_MS = ("p50", "p99", "max", "ofo_mean", "ofo_p99", "ofo_max")


class Table:
    """The outcomes of a scenario, by point and transport."""

    def __init__(self, name, outcomes):
        self.name = name
        self.outcomes = outcomes
        self.title = outcomes[0].point.title
        kind = outcomes[0].point.workload.kind
        self.figure, self.unit = measure.FIGURES[kind]
        self.kind = kind
        self.labels = list(dict.fromkeys(one.point.label for one in outcomes))
        columns = list(dict.fromkeys(one.column for one in outcomes))
        self.tcp = [column for column in columns if column.startswith("TCP ")]
        self.schedulers = [column for column in columns if column not in self.tcp]
        self.rows = [self.row(label) for label in self.labels]

    def of(self, label, column):
        return [one for one in self.outcomes if one.point.label == label and one.column == column]

    def row(self, label):
        """{column: cell}; a cell is a mean over the repeats and what it is compared with."""
        cells = {}
        for column in self.tcp + self.schedulers:
            found = self.of(label, column)
            if not found:
                continue
            values = [one.figures.get(self.figure, math.inf) for one in found]
            limit = measure.limit_of(found[0].point, found[0].transport)
            value = measure.mean(values)
            cells[column] = {
                "value": value, "least": min(values), "most": max(values), "limit": limit,
                "percent": 100 * limit / value if value and not math.isinf(value) else 0.0,
                "failed": any(one.problems for one in found),
                "details": details(found),
            }  # fmt: skip
        tcp = [cells[column]["value"] for column in self.tcp if column in cells]
        best = min(tcp, default=math.inf)
        for column in self.schedulers:
            if column in cells:
                cell = cells[column]
                cell["gain"] = best / cell["value"] if cell["value"] and not math.isinf(best) else 0.0
                cell["verdict"] = verdict(cell["value"], best)
        return {"label": label, "best": best, "cells": cells}

    def show(self, value):
        if math.isinf(value):
            return "never"
        return f"{value * 1000:.1f}" if self.unit == "ms" else f"{value:.3f}"

    def cell(self, cell):
        if cell["failed"]:
            return "FAILED"
        mark = MARKS.get(cell.get("verdict"), "")
        return f"{self.show(cell['value'])} {cell['percent']:.0f}%{mark}"

    def heads(self):
        return ["", f"limit, {self.unit}", "best TCP"] + self.schedulers

    def lines(self):
        """Texts of each row, each with its verdict."""
        for row in self.rows:
            cells = row["cells"]
            limits = [cells[column]["limit"] for column in self.schedulers if column in cells]
            best = min((cells[column] for column in self.tcp), key=lambda cell: cell["value"], default=None)
            yield [
                (row["label"] or self.name, None),
                (self.show(limits[0]) if limits else "", None),
                (self.cell(best) if best else "", None),
            ] + [(self.cell(cells[column]), cells[column].get("verdict")) for column in self.schedulers]

    def text(self, colour):
        """For a terminal."""
        lines = [[(head, None) for head in self.heads()]] + list(self.lines())
        widths = [max(len(line[column][0]) for line in lines) for column in range(len(lines[0]))]
        text = [f"\n{self.name}: {self.title} ({self.figure_text()})"]
        for line in lines:
            words = []
            for column, ((word, how), width) in enumerate(zip(line, widths)):
                word = word.ljust(width) if column == 0 else word.rjust(width)
                if colour and how:
                    word = (BOLD_RED if how == "slower" else RED) + word + PLAIN
                words.append(word)
            text.append("  ".join(words).rstrip())
        return "\n".join(text + list(self.extras()) + list(self.summary()))

    def figure_text(self):
        return {
            "bulk": "seconds to the last byte", "objects": "seconds until all files are there",
            "chunks": "mean seconds for a chunk", "request": "99th percentile of the time to an answer, ms",
            "stream": "99th percentile of the time to arrive, ms",
        }[self.kind]  # fmt: skip

    def extras(self):
        """Lines of what a scenario is about besides its figure."""
        for row in self.rows:
            cells = row["cells"]
            for name in dict.fromkeys(name for cell in cells.values() for name in cell["details"]):
                if name in EXTRAS or name.startswith(("back ", "over cap ")):
                    having = {column: cell["details"] for column, cell in cells.items() if name in cell["details"]}
                    words = [f"{column} {detail(name, found[name])}" for column, found in having.items()]
                    yield f"{row['label'] or self.name}: {unit_of(name)}: {', '.join(words)}"

    def summary(self):
        slow = {"slow": 0, "slower": 0}
        for row in self.rows:
            for cell in row["cells"].values():
                if cell.get("verdict"):
                    slow[cell["verdict"]] += 1
        if any(slow.values()):
            more = f"{slow['slower']} by more than {TOLERANCE:.1%}, marked <<"
            yield f"slower than TCP on the best path: {slow['slow']} marked <; {more}"

    def save(self, folder):
        keys = ("name", "title", "kind", "figure", "unit", "tcp", "schedulers", "rows")
        table = {key: getattr(self, key) for key in keys}
        (folder / f"{self.name}.json").write_text(json.dumps(table, indent=1))


def verdict(value, best):
    if value > best * (1 + TOLERANCE):
        return "slower"
    return "slow" if value > best * (1 + NOISE) else None


def details(outcomes):
    """Other figures, from the first repeat that has them."""
    found = {}
    for name in dict.fromkeys(name for one in outcomes for name in one.figures):
        if name in DETAILS or name.startswith(("back ", "bytes ", "over cap ")):
            values = [one.figures[name] for one in outcomes if name in one.figures]
            found[name] = measure.mean(values)
    return found


# ---------------------------------------------------------------------------
# The report

HEAD = """# What the lab measured

`make lab REPORT=1` writes this file and its plots; [Documentation/lab.md](../Documentation/lab.md) says how the figures
come about, and how well they can be repeated.

Each table has the limit, what no sender can do better than on those links with MPTCP; TCP on the best of the paths
alone; and MPTCP with each scheduler. A cell is the figure and the percent of the possible. MPTCP that is slower than TCP
on the best path is marked **<**, by more than 2.5 % **<<**.
"""


class Saved(Table):
    """A table as save() left it."""

    def __init__(self, file):  # pylint: disable=super-init-not-called
        self.__dict__.update(json.loads(file.read_text()))


def write(lab, folder, target):
    """The report, of the latest results of each scenario there is a file of."""
    plots = lab / "plots"
    plots.mkdir(exist_ok=True)
    text = [HEAD]
    tables = []
    for file in sorted((lab / "scenarios").glob("*.toml")):
        saved = folder / f"{file.stem}.json"
        if not saved.exists():
            continue
        table = Saved(saved)
        tables.append(table)
        text.append(f"## {table.name}: {table.title}\n\nFigure: {table.figure_text()}.\n")
        heads = table.heads()
        text.append("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
        for line in table.lines():
            text.append("| " + " | ".join(f"**{word}**" if how else word for word, how in line) + " |")
        text += ["", *table.summary(), ""]
        remark = scenario.remark(file)
        text += [remark, ""] if remark else []
        text += detail_table(table)
        for plot in sorted(folder.glob(f"{table.name}.*.svg")):
            shutil.copy(plot, plots / plot.name)
            text.append(f"![{plot.stem}](plots/{plot.name})\n")
    text += candidate_section(tables)
    target.write_text("\n".join(text))


# What claims to be as good as any other, on every network; and what it is
# measured by: it is to be at most so much behind the best of the others in each
# cell, and so much quicker than the kernel's own on paths that differ.
CANDIDATE, REFERENCE = "auto", "default"
BEHIND, QUICKER = 0.03, 0.15


def candidate_section(tables):
    """Cell by cell, where the candidate is behind the best of the others."""
    lines, cells, quicker = [], 0, 0
    for table in tables:
        for row in table.rows:
            found = row["cells"]
            others = {name: found[name]["value"] for name in table.schedulers if name in found and name != CANDIDATE}
            if CANDIDATE not in found or not others:
                continue
            cells += 1
            own = found[CANDIDATE]
            best = min(others, key=others.get)
            quicker += own["value"] <= others.get(REFERENCE, 0) * (1 - QUICKER)
            behind = own["value"] / others[best] - 1 if others[best] else 0.0
            if behind > BEHIND:
                spread = f"{table.show(own['least'])} to {table.show(own['most'])}"
                tcp = f"{own['value'] / row['best'] - 1:+.1%}" if not math.isinf(row["best"]) else ""
                lines.append(
                    f"| {table.name}: {row['label']} | {table.show(own['value'])} | {spread} "
                    f"| {best} {table.show(others[best])} | {behind:+.1%} | {tcp} |"
                )
    if not cells:
        return []
    heads = f"| cell | {CANDIDATE} | least to most | best of the others | behind it | against TCP |"
    return [
        f"## {CANDIDATE} beside the best of the others\n",
        f"Of {cells} cells, {CANDIDATE} is at most {BEHIND:.0%} behind the best of the others in {cells - len(lines)}, and "
        f"takes at least {QUICKER:.0%} less than {REFERENCE}, the kernel's own, in {quicker}. The others, with the spread of "
        "the repeats; the remarks above say why:\n",
        heads, "|" + "---|" * 6, *lines, "",
    ]  # fmt: skip


def detail_table(table, most=12):
    """What else was measured, where that is not too much to read."""
    if len(table.rows) > most:
        return [f"Other figures of the {len(table.rows)} points are in build/lab/{table.name}.csv.\n"]
    names = list(dict.fromkeys(n for row in table.rows for c in row["cells"].values() for n in c["details"]))
    text = ["| point | transport | " + " | ".join(unit_of(name) for name in names) + " |", "|" + "---|" * (len(names) + 2)]
    for row in table.rows:
        for column, cell in row["cells"].items():
            values = [detail(name, cell["details"].get(name)) for name in names]
            text.append(f"| {row['label']} | {column} | " + " | ".join(values) + " |")
    return ["<details><summary>other figures</summary>\n", *text, "\n</details>\n"]


def unit_of(name):
    if name in IN_MS:
        return f"{name}, ms"
    return f"{name}, s" if name in ("mean", "stall") or name.startswith("back ") else name


def detail(name, value):
    if value is None:
        return ""
    if math.isinf(value):
        return "never"
    if name in IN_MS:
        return f"{value * 1000:.1f}"
    return f"{value:.3f}" if unit_of(name) != name else f"{value:.0f}"
