#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The kernel's own selftests of MPTCP, as scripts/kselftests starts them.

Every script of the suite runs unchanged, once with each scheduler, and once with our
path manager, each time in a guest of the lab of its own. What is expected to fail is in
the file "expected".

A combination is written SCHEDULER, or SCHEDULER+MANAGER with a path manager other than
the in-kernel one.
"""

import argparse
import collections
import csv
import dataclasses
import fnmatch
import os
import pathlib
import re
import shlex
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "lab"))

import guests  # noqa: E402 (it is in another folder)

# The kernel's own scheduler: what the others are compared with.
REFERENCE = "default"
# The kernel's own path manager, and ours.
KERNELS, OURS = "kernel", "heddle"
# The one that leaves every connection to one of the others.
CHOOSER = "heddle"
# Exit status of a script that cannot run here.
SKIPPED = 4
# Scripts that do not work in virtual time, and why: they run at native speed.
REALTIME = {
    "diag": "it looks for times that are not 0, and takes it for granted that what it starts first is ready first",
}
# Scripts of which what failed unexpectedly is run again at native speed, which then counts, and why.
AGAIN = {
    "mptcp_join": "it takes it for granted that a transfer takes longer than to open a subflow, or a listener",
}
# Scripts that choose a path manager themselves for all of their connections.
OWN_MANAGER = ("userspace_pm",)
# As in selftests/run: what a kernel says when something is wrong with it.
TROUBLE = re.compile(
    r"WARNING|\bBUG\b|Oops|INFO: |general protection|rcu: .*stall|sleeping function|refcount_t"
    r"|list_(add|del) corruption|hung task|leaked|Call Trace|Kernel panic|heddle: cannot"
)
SUBTEST = re.compile(r"^(ok|not ok) \d+ - [^:]+: (.*?)(?: # (.*))?$", re.MULTILINE)
PLAN = re.compile(r"^1\.\.(\d+)$", re.MULTILINE)


def main():
    args = parse_arguments()
    scripts = sorted(file.stem for file in args.suite.glob("*.sh") if file.stem != "mptcp_lib")
    scripts = [name for name in scripts if re.search(args.script, name)]
    if not scripts:
        return complain(f"T={args.script}: no script of the suite has such a name.")
    try:
        schedulers = choose_schedulers(args)
        rules = read_expected(HERE / "expected")
    except (ValueError, guests.GuestFailed) as error:
        return complain(error)
    runs = [Run(scheduler, script) for scheduler in schedulers for script in scripts]
    run_all(args, runs, rules)
    write_csv(args.output / "results.csv", runs)
    print(table(runs, schedulers, scripts))
    return tell(args, runs, rules)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True, help="the program that is User-Mode Linux")
    parser.add_argument("--module", required=True, help="heddle.ko")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="a folder for results")
    parser.add_argument("--suite", required=True, type=pathlib.Path, help="the folder of the scripts, compiled")
    parser.add_argument("--scheduler", default="", help="names; none are all")
    parser.add_argument("--script", default="", help="a pattern; none are all")
    return parser.parse_args()


def complain(error):
    print(f"heddle: {error}", file=sys.stderr)
    return 1


def choose_schedulers(args):
    """Those that were asked for, or all that a guest with the module knows; the reference first."""
    folder = args.output / "schedulers"
    shutil.rmtree(folder, ignore_errors=True)
    guest = guests.Guest(args.kernel, folder, {"module": args.module})
    while not guest.poll():
        time.sleep(0.05)
    there = guest.result() + [f"{REFERENCE}+{OURS}"]
    chosen = args.scheduler.split() or there
    for name in chosen:
        if name.removesuffix(f"+{OURS}") not in there:
            raise ValueError(f"SCHED: {name!r} is not there; there are {', '.join(there)}.")
    return sorted(chosen, key=lambda name: name != REFERENCE)


@dataclasses.dataclass
class Rule:
    """A line of the file "expected"."""

    scheduler: str
    script: str
    must: bool
    subtest: str
    reason: str
    used: bool = False

    def matches(self, run, subtest):
        # What is in brackets is no subtest of the script: it has to be named.
        if subtest.startswith("(") and not self.subtest.startswith("("):
            return False
        pairs = ((run.scheduler, self.scheduler), (run.script, self.script), (subtest, self.subtest))
        return all(fnmatch.fnmatchcase(name, pattern) for name, pattern in pairs)


def read_expected(file):
    rules = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = [word.strip() for word in line.split("|", 4)]
        if len(words) != 5 or words[2] not in ("must", "may") or not words[4]:
            raise ValueError(f"{file}, line {number}: not SCHEDULER | SCRIPT | must or may | SUBTEST | REASON")
        rules.append(Rule(words[0], words[1], words[2] == "must", words[3], words[4]))
    return rules


@dataclasses.dataclass
class Subtest:
    """One line of a script's TAP, or what this program found out itself."""

    name: str
    # "passed", "failed", "skipped", or "flaky": it failed, and the script says that it may.
    result: str
    rule: Rule | None = None

    @property
    def unexpected(self):
        if self.result == "failed":
            return self.rule is None
        return self.result == "passed" and self.rule is not None and self.rule.must


@dataclasses.dataclass
class Run:
    """A script with a scheduler, and what came of it."""

    scheduler: str
    script: str
    subtests: list = dataclasses.field(default_factory=list)
    # Of the guest's clock.
    seconds: int = 0
    decisions: int = 0
    detail: str = ""
    # Names of subtests that are run again.
    again: list = dataclasses.field(default_factory=list)
    # Seconds that its guest took.
    took: float = 0

    @property
    def parts(self):
        """Scheduler and path manager."""
        scheduler, _, manager = self.scheduler.partition("+")
        return scheduler, manager or KERNELS

    def named(self, result):
        return [subtest for subtest in self.subtests if subtest.result == result]

    @property
    def unexpected(self):
        return [subtest for subtest in self.subtests if subtest.unexpected]

    def cell(self):
        counts = [len(self.named(result)) for result in ("passed", "failed", "skipped")]
        flaky = len(self.named("flaky"))
        return "/".join(map(str, counts)) + (f"+{flaky}" if flaky else "") + f" {self.seconds}s"

    def judge(self, guest, rules):
        """Reads what a guest left."""
        folder = guest.folder
        status, text = number_in(folder / "status"), read(folder / "output")
        self.seconds = number_in(folder / "seconds") or 0
        self.subtests = subtests_of(text)
        self.judge_end(status, text, guest)
        self.judge_kernel(read(folder / "dmesg") if status is not None else read(folder / "log"))
        self.judge_evidence(read(folder / "evidence"))
        for subtest in self.subtests:
            matching = [rule for rule in rules if rule.matches(self, subtest.name)]
            subtest.rule = matching[0] if matching else None
            for rule in matching:
                rule.used = True
        if self.script in AGAIN:
            self.again = [one.name for one in self.unexpected if not one.name.startswith("(")]

    def judge_again(self, guest):
        """Reads what a guest left in which some subtests were run again."""
        again = {one.name: one.result for one in subtests_of(read(guest.folder / "output"))}
        for subtest in self.subtests:
            if subtest.name in self.again:
                subtest.result = again.get(subtest.name, "failed")
                self.detail += f"again at native speed, {subtest.result}: {subtest.name}\n"
        log = guest.folder / "dmesg"
        self.judge_kernel(read(log if log.exists() else guest.folder / "log"))

    def add(self, name, result, detail=""):
        self.subtests.append(Subtest(name, result))
        self.detail += detail

    def judge_end(self, status, text, guest):
        plans = PLAN.findall(text)
        if status is None:
            self.add("(the guest)", "failed", f"it ended without a verdict:\n{guest.log()}\n")
        elif status == SKIPPED and not self.subtests:
            self.add("(the script)", "skipped", last_lines(text))
        elif not plans or int(plans[-1]) != len(self.subtests):
            self.add("(the script)", "failed", f"it did not come to its end:\n{last_lines(text)}")
        elif status != 0 and not self.named("failed"):
            self.add("(the script)", "failed", f"exit status {status}:\n{last_lines(text)}")

    def judge_kernel(self, log):
        lines = [line for line in log.splitlines() if TROUBLE.search(line)]
        if lines:
            self.add("(the kernel's log)", "failed", "".join(f"   | {line}\n" for line in lines[:20]))

    def judge_evidence(self, text):
        """Did the scheduler decide, and nobody else, wherever a namespace had MPTCP connections?

        And were they given the path manager, unless a script chose another one?
        """
        sends, connections, managed, others = 0, 0, 0, set()
        scheduler, manager = self.parts
        for part in text.split("namespace ")[1:]:
            name, _, lines = part.partition("\n")
            counters = pairs_of(lines)
            if name.strip() != scheduler:
                others.add(name.strip())
            connections += counters["MPTcpExt.MPCapableSYNTX"] + counters["MPTcpExt.MPCapableACKRX"]
            managed += counters["Heddle.PmConnections"]
            for counter, value in counters.items():
                if not value or not counter.startswith("Heddle.") or not counter.endswith("Sends"):
                    continue
                sent_by = counter.removeprefix("Heddle.").removesuffix("Sends").lower()
                if sent_by == scheduler or scheduler == CHOOSER:
                    sends += value
                else:
                    others.add(sent_by)
        self.decisions = sends
        if others:
            self.add("(the scheduler)", "failed", f"others decided, too: {', '.join(sorted(others))}\n")
        elif connections and not sends and scheduler != REFERENCE:
            self.add("(the scheduler)", "failed", f"{connections} connections, and it decided nothing\n")
        if bool(managed) != bool(connections and manager == OURS and self.script not in OWN_MANAGER):
            self.add("(the path manager)", "failed", f"{connections} connections, {managed} with {OURS}\n")


def subtests_of(text):
    """What a script's TAP says of its subtests."""
    subtests = []
    for verdict, name, comment in SUBTEST.findall(text):
        result = "passed" if verdict == "ok" else "failed"
        if comment.startswith("SKIP"):
            result = "skipped"
        elif "IGNORE Flaky" in comment:
            result = "flaky"
        subtests.append(Subtest(name, result))
    return subtests


def pairs_of(lines):
    """{group.name: value} of pairs of lines as in /proc/net/netstat."""
    found = collections.Counter()
    lines = lines.splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        group, *names = names.split()
        for name, value in zip(names, values.split()[1:]):
            found[group.removesuffix(":") + "." + name] = int(value)
    return found


class Script(guests.Guest):
    """A guest that runs a script, or what of it is to be run again."""

    patience = 5400

    def __init__(self, args, run):
        folder = args.output / run.scheduler / (f"{run.script}-again" if run.again else run.script)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        words = [HERE / "guest", folder, args.module, args.suite, run.script, *run.parts, *run.again]
        is_virtual = run.script not in REALTIME and not run.again
        self.start(args.kernel, folder, shlex.join(map(str, words)), is_virtual)


def run_all(args, runs, rules):
    """As many at a time as there are CPUs; prints KTAP."""
    print(f"KTAP version 1\n1..{len(runs)}", flush=True)
    waiting, running, done = list(runs), {}, 0
    try:
        while waiting or running:
            while waiting and len(running) < len(os.sched_getaffinity(0)):
                run = waiting.pop(0)
                running[Script(args, run)] = run
            time.sleep(0.05)
            for guest in [guest for guest in running if guest.poll()]:
                run = running.pop(guest)
                if run.again:
                    run.judge_again(guest)
                else:
                    run.took = time.monotonic() - guest.begin
                    run.judge(guest, rules)
                    if run.again:
                        running[Script(args, run)] = run
                        continue
                done += 1
                print_run(run, done)
    finally:
        for guest in running:
            guest.kill()


def print_run(run, number):
    for subtest in run.subtests:
        if subtest.result in ("failed", "flaky", "skipped") or subtest.unexpected:
            why = f" (expected: {subtest.rule.reason})" if subtest.rule and not subtest.unexpected else ""
            why = why or (" (expected to fail)" if subtest.rule else "")
            print(f"# {subtest.result}: {subtest.name}{why}")
    for line in run.detail.splitlines():
        print(f"# {line}")
    counts = collections.Counter(subtest.result for subtest in run.subtests)
    words = [f"{counts[result]} {result}" for result in ("passed", "failed", "skipped", "flaky") if counts[result]]
    words += [f"{run.decisions} decisions"] if run.decisions else []
    verdict = "not ok" if run.unexpected else "ok"
    print(f"{verdict} {number} {run.scheduler} {run.script} # {', '.join(words)}, {run.seconds} s, took {run.took:.0f} s")
    sys.stdout.flush()


def table(runs, schedulers, scripts):
    cells = {(run.scheduler, run.script): run.cell() for run in runs}
    rows = [["passed/failed/skipped"] + schedulers]
    rows += [[script] + [cells[scheduler, script] for scheduler in schedulers] for script in scripts]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n" + "\n".join(lines) + "\n"


def tell(args, runs, rules):
    """What was not as expected; the exit status."""
    reference = {run.script: run for run in runs if run.scheduler == REFERENCE}
    bad = 0
    for run in runs:
        for subtest in run.unexpected:
            bad += 1
            if subtest.result == "passed":
                print(f"PASSED, though it must fail: {run.scheduler} {run.script}: {subtest.name}")
                continue
            too = ""
            if run.scheduler != REFERENCE and run.script in reference:
                same = [one for one in reference[run.script].subtests if one.name == subtest.name]
                too = f" ({REFERENCE}: {same[0].result if same else 'not seen'})"
            print(f"FAILED {run.scheduler} {run.script}: {subtest.name}{too}")
    counts = collections.Counter(subtest.result for run in runs for subtest in run.subtests)
    schedulers, scripts = {run.scheduler for run in runs}, {run.script for run in runs}
    for rule in rules:
        ran = any(fnmatch.fnmatchcase(name, rule.scheduler) for name in schedulers) and any(
            fnmatch.fnmatchcase(name, rule.script) for name in scripts
        )
        if ran and not rule.used:
            bad += 1
            print(f"EXPECTED, but there is no such subtest: {rule.scheduler} {rule.script}: {rule.subtest}")
    print(
        f"kselftests: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped,"
        f" {counts['flaky']} failed that the suite calls flaky; {bad} not as expected; logs are in {args.output}"
    )
    return 1 if bad else 0


def write_csv(file, runs):
    with open(file, "w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["scheduler", "script", "subtest", "result", "as expected"])
        for run in runs:
            for one in run.subtests:
                lines.writerow([run.scheduler, run.script, one.name, one.result, "no" if one.unexpected else "yes"])


def read(file):
    try:
        return file.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def number_in(file):
    try:
        return int(read(file))
    except ValueError:
        return None


def last_lines(text, number=15):
    return "".join(f"   | {line}\n" for line in text.splitlines()[-number:])


if __name__ == "__main__":
    sys.exit(main())
