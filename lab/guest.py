#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One run, in the guest: guest.py FOLDER reads job.json there, writes result.json.

A job names a point, a transport (a scheduler, or a path for plain TCP), the
module and the command heddle, and whether every packet is to be recorded. A job
without a point asks which schedulers there are.
"""

import json
import os
import pathlib
import select
import signal
import sys
import time
import traceback

import capture
import network
import scenario
import traffic

# Seconds for what is done at once.
AHEAD = 1.0
# What the seed of a repeat adds to them: where no random number is drawn, repeats
# differ in how the connection's beginning meets the ticks of the kernel's clock.
SHIFT = 0.00037


def main():
    folder = pathlib.Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    network.command("insmod", job["module"])
    if "point" in job:
        result = Run(job).result()
    else:
        result = pathlib.Path("/proc/sys/net/mptcp/available_schedulers").read_text().split()
    (folder / "result.json").write_text(json.dumps(result))


class Process:
    """A function in a process of its own, in a namespace; its result comes by a pipe."""

    def __init__(self, namespace, function):
        self.output, write = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(write)
            return
        # Whatever happens, this process does not return to its caller's code.
        try:
            network.enter(namespace)
            with os.fdopen(write, "w") as file:
                try:
                    json.dump(function(), file)
                except Exception:  # the parent's to judge
                    json.dump({"error": traceback.format_exc()}, file)
        finally:
            os._exit(0)

    def result(self, deadline):
        """Its result, or None after the deadline."""
        text = b""
        while select.select([self.output], [], [], max(0, deadline - time.monotonic()))[0]:
            part = os.read(self.output, 1 << 20)
            if not part:
                return json.loads(text)
            text += part
        os.kill(self.pid, signal.SIGKILL)
        return None


class Run:
    def __init__(self, job):
        self.job = job
        self.point = scenario.point_of(job["point"])
        self.scheduler = job["transport"].get("scheduler")
        self.mptcp = self.scheduler is not None
        first = self.point.transport.first if self.mptcp else job["transport"]["path"]
        self.first = [path.name for path in self.point.paths].index(first) + 1

    def result(self):
        point = self.point
        begin = time.monotonic() + AHEAD + (point.run.seed - 1) * SHIFT
        network.build(point, self.scheduler or "default", self.mptcp)
        up = point.workload.direction == "up"
        receiver, sender = ("server", "client") if up else ("client", "server")
        if self.mptcp:
            self.tell_paths(sender)
        recorder = None
        if self.job["record"]:
            with network.inside(receiver):
                sock = capture.listen()
            recorder = Process(receiver, lambda: capture.record(sock, begin))
        server = self.serve(begin)
        client = Process("client", lambda: self.client(begin))
        events = Process("client", lambda: self.events(begin))

        deadline = begin + point.run.timeout
        ends = {"client": client.result(deadline), "server": server.result(deadline + 1)}
        failed = [end["error"] for end in ends.values() if end and "error" in end]
        os.kill(events.pid, signal.SIGKILL)
        result = {
            # Whoever is interrupted by the deadline had nothing wrong.
            "finished": None not in ends.values(),
            "failed": failed,
            "sent": ends[sender] or {},
            "received": ends[receiver] or {},
            "counters": {name: counters(name) for name in ("client", "server")},
            "carried": self.carried(receiver),
        }
        if recorder:
            os.kill(recorder.pid, signal.SIGTERM)
            packets = recorder.result(time.monotonic() + AHEAD)
            if isinstance(packets, list):
                result["packets"] = packets
            else:
                result["failed"].append(f"the packets were not recorded: {packets}")
        return result

    def tell_paths(self, sender):
        """What the sender's administrator says of the paths."""
        with network.inside(sender):
            for number, path in enumerate(self.point.paths, 1):
                words = [str(word) for setting in path.settings().items() for word in setting]
                if words:
                    network.command(self.job["tool"], "path", "add", "dev", f"{sender[0]}{number}", *words)

    def serve(self, begin):
        """The server; returns once it listens."""
        waits, tells = os.pipe()
        server = Process(
            "server",
            lambda: traffic.Server(self.point.workload, self.mptcp, begin).serve(lambda: os.write(tells, b".")),
        )
        os.close(tells)
        if os.read(waits, 1) != b".":
            raise RuntimeError(server.result(time.monotonic() + AHEAD))
        return server

    def client(self, begin):
        return traffic.Client(self.point.workload, self.mptcp, begin).fetch(network.client_address(self.first))

    def events(self, begin):
        cut = set()
        for event in self.point.events:
            time.sleep(max(0, begin + event.at - time.monotonic()))
            path = self.point.path(event.path)
            for key in ("rate", "delay", "jitter", "loss"):
                if getattr(event, key) is not None:
                    setattr(path, key, getattr(event, key))
            if event.action in ("unplug", "plug"):
                network.plug(self.point, path, event.action == "plug")
                continue
            if event.action == "cut":
                cut.add(path.name)
            if event.action == "restore":
                cut.discard(path.name)
            network.shape(self.point, path, path.name in cut)

    def carried(self, receiver):
        """Bytes that arrived by each path, with all headers."""
        with network.inside(receiver):
            lines = pathlib.Path("/proc/net/dev").read_text().splitlines()[2:]
        received = {line.split(":")[0].strip(): int(line.split()[1]) for line in lines}
        return {path.name: received[f"{receiver[0]}{n}"] for n, path in enumerate(self.point.paths, 1)}


def counters(namespace):
    """What the kernel and the module counted in a namespace, if it is not 0."""
    found = {}
    with network.inside(namespace):
        for name in ("netstat", "snmp", "heddle"):
            lines = pathlib.Path("/proc/net", name).read_text().splitlines()
            for names, values in zip(lines[::2], lines[1::2]):
                group, *names = names.split()
                for key, value in zip(names, values.split()[1:]):
                    if int(value):
                        found[group.removesuffix(":") + "." + key] = int(value)
    return found


if __name__ == "__main__":
    main()
