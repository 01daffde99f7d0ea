#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The lab, as scripts/lab starts it: runs scenarios in guests, and tells of it.

Every point of every scenario is run with plain TCP on each of its paths, and with
each scheduler; what comes out is a table, build/lab/*.csv, *.json and *.svg.
"""

import argparse
import csv
import dataclasses
import json
import math
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time

import guests
import measure
import plot
import report
import scenario

HERE = pathlib.Path(__file__).resolve().parent


def main():
    args = parse_arguments()
    args.output.mkdir(parents=True, exist_ok=True)
    if args.command:
        return run_command(args)
    lab = Lab(args)
    try:
        scenarios = find_scenarios(args.scenario)
        schedulers = choose_schedulers(args.scheduler, lab.schedulers())
    except (scenario.ScenarioError, guests.GuestFailed) as error:
        print(f"heddle: {error}", file=sys.stderr)
        return 1
    outcomes = lab.run(scenarios, schedulers)
    failed = [outcome for outcome in outcomes if outcome.problems]
    for name in scenarios:
        table = report.Table(name, [outcome for outcome in outcomes if outcome.point.scenario == name])
        table.save(args.output)
        write_csv(args.output / f"{name}.csv", table.outcomes)
        plot.draw(table, args.output)
        print(table.text(colour=sys.stdout.isatty()))
    if args.report:
        report.write(HERE, args.output, HERE / "REPORT.md")
    for outcome in failed:
        print(f"FAILED {outcome.name}: " + "\n".join(outcome.problems))
    print(f"figures and plots are in {args.output}")
    print(f"lab: {len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True, help="the program that is User-Mode Linux")
    parser.add_argument("--module", required=True, help="heddle.ko")
    parser.add_argument("--tool", required=True, help="the command heddle")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="a folder for results")
    parser.add_argument("--scenario", default="", help="names of files in lab/scenarios/, or paths of others")
    parser.add_argument("--scheduler", default="", help="names; none are all")
    parser.add_argument("--command", default="", help="run this in a guest instead")
    parser.add_argument("--realtime", action="store_true", help="the command, at native speed")
    parser.add_argument("--memory", default="1G", help="what the command's guest has")
    parser.add_argument("--report", action="store_true", help="write lab/REPORT.md")
    parser.add_argument("--keep", action="store_true", help="keep what every guest wrote")
    return parser.parse_args()


def run_command(args):
    """A command of the user's in a guest; its exit status."""
    folder = args.output / "command"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    script = folder / "run"
    script.write_text(f"insmod {shlex.quote(args.module)} || exit\n{args.command}\n")
    subprocess.run(
        guests.command_line(args.kernel, folder, f"sh {script}", not args.realtime, quiet=True, memory=args.memory),
        env=guests.environment(), stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    try:
        return int((folder / "status").read_text())
    except (OSError, ValueError):
        print("heddle: the guest ended without a verdict", file=sys.stderr)
        return 1


def find_scenarios(names):
    """{name: points}, of the shipped ones if none are named."""
    files = [pathlib.Path(name) if "/" in name else HERE / "scenarios" / f"{name}.toml" for name in names.split()]
    files = files or sorted((HERE / "scenarios").glob("*.toml"))
    return {file.stem: scenario.load(file) for file in files}


def choose_schedulers(names, there):
    chosen = names.split() or [name for name in there if name != measure.CHOOSER]
    for name in chosen:
        if name not in there:
            raise scenario.ScenarioError(f"SCHED: {name!r} is not there; there are {', '.join(there)}")
    return chosen


@dataclasses.dataclass
class Outcome:
    """A run, and what came of it."""

    point: scenario.Point
    transport: dict
    record: bool
    result: dict | None = None
    figures: dict = dataclasses.field(default_factory=dict)
    problems: list = dataclasses.field(default_factory=list)

    @property
    def column(self):
        return self.transport.get("scheduler") or f"TCP {self.transport['path']}"

    @property
    def name(self):
        parts = [self.point.scenario, self.point.label, self.column, f"seed {self.point.run.seed}"]
        return ": ".join(part for part in parts if part)

    def key(self):
        """What decides the result: of TCP on one path, the others are no part."""
        point = dataclasses.asdict(self.point)
        if "path" in self.transport:
            path = self.transport["path"]
            point["paths"] = [one if one["name"] == path else None for one in point["paths"]]
            point["events"] = [event for event in point["events"] if event["path"] == path]
            point["transport"].pop("first")
        for words in ("scenario", "title", "label"):
            point.pop(words)
        return json.dumps([point, self.transport, self.record])


class Lab:
    def __init__(self, args):
        self.args = args
        self.folder = args.output / "guests"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.started = 0

    def guest(self, job):
        self.started += 1
        return guests.Guest(self.args.kernel, self.folder / f"{self.started}", job | {"module": self.args.module, "tool": self.args.tool})

    def schedulers(self):
        guest = self.guest({})
        while not guest.poll():
            time.sleep(0.05)
        return guest.result()

    def run(self, scenarios, schedulers):
        """All runs, as many at a time as there are CPUs."""
        outcomes = list(plan(scenarios, schedulers))
        groups = {}
        for outcome in outcomes:
            groups.setdefault(outcome.key(), []).append(outcome)
        waiting, running, progress = list(groups.values()), {}, Progress(len(groups))
        try:
            while waiting or running:
                while waiting and len(running) < len(os.sched_getaffinity(0)):
                    group = waiting.pop(0)
                    one = group[0]
                    job = {"point": dataclasses.asdict(one.point), "transport": one.transport, "record": one.record}
                    running[self.guest(job)] = group
                    progress.show(one.name)
                time.sleep(0.02)
                for guest in [guest for guest in running if guest.poll()]:
                    self.collect(guest, running.pop(guest))
                    progress.done += 1
        finally:
            for guest in running:
                guest.kill()
        progress.end()
        return outcomes

    def collect(self, guest, group):
        for outcome in group:
            try:
                outcome.result = guest.result()
                outcome.figures = measure.figures(outcome.point, outcome.result)
                outcome.problems = list(measure.problems(outcome.point, outcome.transport, outcome.result))
            except guests.GuestFailed as error:
                outcome.problems = [str(error)]
        if not self.args.keep and not any(outcome.problems for outcome in group):
            shutil.rmtree(guest.folder)


def plan(scenarios, schedulers):
    """The runs; the packets of the first repeat of each are recorded."""
    for points in scenarios.values():
        for point in points:
            transports = [{"path": path.name} for path in point.paths] + [{"scheduler": name} for name in schedulers]
            for transport in transports:
                for repeat in range(point.run.repeats):
                    run = dataclasses.replace(point.run, seed=point.run.seed + repeat)
                    yield Outcome(dataclasses.replace(point, run=run), transport, record=repeat == 0)


class Progress:
    """A line that says how far it is; where there is no terminal, one now and then."""

    EVERY = 30

    def __init__(self, total):
        self.total, self.done = total, 0
        self.begin = self.last = time.monotonic()

    def show(self, what):
        now = time.monotonic()
        text = f"== lab: {self.done} of {self.total}, {now - self.begin:.0f} s: {what}"
        if sys.stderr.isatty():
            print(f"\r{text[: shutil.get_terminal_size().columns - 1]}\033[K", end="", file=sys.stderr, flush=True)
        elif now - self.last > self.EVERY:
            self.last = now
            print(text, file=sys.stderr, flush=True)

    def end(self):
        start = "\r\033[K" if sys.stderr.isatty() else ""
        seconds = time.monotonic() - self.begin
        print(f"{start}== lab: {self.total} guests, {seconds:.0f} s", file=sys.stderr)


def write_csv(file, outcomes):
    """A line for each run."""
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome.figures))
    with open(file, "w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["scenario", "point", "transport", "seed", "limit"] + names)
        for one in outcomes:
            limit = measure.limit_of(one.point, one.transport)
            lines.writerow(
                [one.point.scenario, one.point.label, one.column, one.point.run.seed, cell(limit)]
                + [cell(one.figures.get(name, "")) for name in names]
            )


def cell(value):
    if isinstance(value, float):
        return "never" if math.isinf(value) else f"{value:.6g}"
    return value


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("heddle: interrupted")
