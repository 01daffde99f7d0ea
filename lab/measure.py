# SPDX-License-Identifier: GPL-2.0
"""From what a guest saw to figures, and to what is wrong with a run."""

import bisect
import itertools
import math

import limit

# The figure that a kind of workload is about, and its unit; less is better.
FIGURES = {
    "bulk": ("seconds", "s"),
    "objects": ("seconds", "s"),
    "chunks": ("mean", "s"),
    "request": ("p99", "ms"),
    "stream": ("p99", "ms"),
}
# Of both hosts together.
COUNTERS = {
    "reinjected": "MPTcpExt.MPTCPRetrans",
    "retransmitted": "Tcp.RetransSegs",
    "timeouts": "TcpExt.TCPTimeouts",
    "outside": "MPTcpExt.NoDSSInWindow",
}
# This scheduler chooses among the others and decides nothing itself.
CHOOSER = "heddle"
# A path carries again when it carries half of what it carried before it was cut,
# in a tenth of a second, compared with so many seconds before.
BIN, BEFORE = 0.1, 2.0
FRAME = 1514


def percentile(values, percent):
    """The smallest value that so many percent of the values do not exceed."""
    if not values:
        return math.inf
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def mean(values):
    return sum(values) / len(values) if values else math.inf


def figures(point, result):
    """The named figures of a run."""
    kind, work = point.workload.kind, point.workload
    found = {"finished": result["finished"]}
    samples = result["samples"] = list(times(point, result))
    if kind == "bulk":
        found["seconds"] = samples[0]
        found["mbit_per_s"] = work.size * 8 / samples[0] / 1e6
    elif kind == "objects":
        found["seconds"] = result["received"].get("end", math.inf)
        found |= {"mean": mean(samples), "p99": percentile(samples, 99)}
    elif kind == "chunks":
        found |= {"mean": mean(samples), "max": max(samples, default=math.inf)}
        found["mbit_per_s"] = work.size * 8 / found["mean"] / 1e6
        found["restarts"] = result["sent"].get("restarts", 0)
    else:
        found |= {name: percentile(samples, percent) for name, percent in (("p50", 50), ("p99", 99), ("max", 100))}
    if not result["finished"]:
        found[FIGURES[kind][0]] = math.inf
    if point.events:
        found["stall"] = stall(point, result)
    for name, number in result["carried"].items():
        found[f"bytes {name}"] = number
    counters = result["counters"]
    for name, key in COUNTERS.items():
        found[name] = sum(counters[host].get(key, 0) for host in counters)
    if result.get("packets"):
        found |= of_packets(point, result)
    return found


def times(point, result):
    """What is waited for: a file, a part, an answer, a block; seconds each."""
    kind, received = point.workload.kind, result["received"]
    reads = received.get("reads", [])
    if kind == "bulk":
        yield reads[-1][0] if reads and reads[-1][1] >= point.workload.size else math.inf
    elif kind in ("objects", "chunks"):
        yield from received.get("times", [])
    else:
        due = result["sent"].get("due") or received.get("due", [])
        totals = [total for _, total in reads]
        for number, when in enumerate(due, 1):
            at = bisect.bisect_left(totals, number * point.workload.size)
            yield reads[at][0] - when if at < len(reads) else math.inf


def stall(point, result):
    """The longest time without a byte to read, from the first event on."""
    first = point.events[0].at
    reads = [when for when, _ in result["received"].get("reads", [])]
    if not result["finished"]:
        return math.inf
    return max((now - max(last, first) for last, now in zip(reads, reads[1:]) if now > first), default=0.0)


def of_packets(point, result):
    """Figures that need every packet."""
    found, names = {}, link_names(point)
    packets = result["packets"]
    waits = result["waits"] = list(out_of_order(result)) if point.workload.connections == 1 else []
    if waits:
        found |= {"ofo_mean": mean(waits), "ofo_p99": percentile(waits, 99), "ofo_max": max(waits)}
        known = [packet for packet in packets if packet[2] is not None]
        found["duplicated"] = sum(packet[3] for packet in known) - distinct(known)
    for name, number in over_caps(point, packets).items():
        found[f"over cap {name}"] = number
    for event in point.events:
        if event.action in ("restore", "plug"):
            number = [path.name for path in point.paths].index(event.path) + 1
            mine = [packet for packet in packets if names[packet[1]] == number]
            cut = max((other.at for other in point.events if other.path == event.path and other.at < event.at), default=0)
            seconds = back(mine, cut, event.at)
            if seconds is not None:
                found[f"back {event.path}"] = seconds
    return found


def over_caps(point, packets):
    """{path: bytes of the stream that it carried beyond its cap}, of those that have one."""
    names = link_names(point)
    carried = {number: 0 for number in names.values()}
    for _, link, _, length in packets:
        carried[names[link]] += length
    return {path.name: max(0, carried[n] - path.cap) for n, path in enumerate(point.paths, 1) if path.cap is not None}


def link_names(point):
    return {f"{host}{n}": n for n in range(1, len(point.paths) + 1) for host in "cs"}


def out_of_order(result):
    """Of each packet, seconds from its arrival until its last byte could be read."""
    reads = result["received"].get("reads", [])
    totals = [total for _, total in reads]
    for when, _, offset, length in result["packets"]:
        if offset is None:
            continue
        at = bisect.bisect_left(totals, offset + length)
        if at < len(reads):
            # What came twice could be read before.
            yield max(0.0, reads[at][0] - when)


def distinct(packets):
    """Bytes of the stream that some packets hold, each counted once."""
    total, end = 0, 0
    for _, _, offset, length in sorted(packets, key=lambda packet: packet[2]):
        total += max(0, offset + length - max(end, offset))
        end = max(end, offset + length)
    return total


def back(packets, cut, restored):
    """Seconds until a restored path carries again, or infinity; None if it never did."""

    packets = sorted(packets, key=lambda packet: packet[0])
    times = [when for when, *_ in packets]
    totals = list(itertools.accumulate((length for *_, length in packets), initial=0))

    def bytes_between(begin, end):
        return totals[bisect.bisect_left(times, end)] - totals[bisect.bisect_left(times, begin)]

    wanted = bytes_between(cut - BEFORE, cut) / BEFORE * BIN / 2
    if not wanted:
        return None
    for when, *_ in packets:
        if when >= restored and bytes_between(when, when + BIN) >= wanted:
            return when - restored
    return math.inf


def limit_of(point, transport):
    """The limit of the figure that figures() gives."""
    if point.workload.kind != "stream" or not point.events:
        return limit.of(point, transport)
    work = point.workload
    return percentile([limit.stream(point, transport, n * work.every) for n in range(work.count)], 99)


def problems(point, transport, result):
    """What makes a run worth nothing, in sentences."""
    yield from result["failed"]
    scheduler = transport.get("scheduler")
    lone = len(point.paths) == 1 or scheduler is None
    # One path alone may be too slow, or cut; that is no fault.
    if not result["finished"] and scheduler is not None:
        yield f"it did not end within {point.run.timeout:g} s of the guest's time"
    if scheduler is None:
        return
    counters = result["counters"]
    sender = "client" if point.workload.direction == "up" else "server"
    yield from wrong_scheduler(scheduler, counters[sender])
    # The kernel's knows nothing of caps, but the path manager can.
    if scheduler != "default" or point.sysctl.get("net.heddle.pm.capped", "ignore") != "ignore":
        yield from beyond_caps(point, result)
    for host, counted in counters.items():
        for key in counted:
            if "Fallback" in key and key.startswith("MPTcpExt."):
                yield f"MPTCP fell back to TCP: {host} counted {key}"
    joined = counters["server"].get("MPTcpExt.MPJoinAckRx", 0)
    wanted = (len(point.paths) - 1) * point.workload.connections
    last = result["received"].get("reads") or [[0, 0]]
    slowest = max(path.delay for path in point.paths)
    # A short transfer is over before its subflows are there; one whose first
    # packet was lost is repeated after a second or more.
    if not lone and joined < wanted and last[-1][0] > 8 * slowest + (8 if any(path.loss for path in point.paths) else 0.5):
        yield f"{joined} of {wanted} subflows were opened"


def beyond_caps(point, result):
    """A path stops at its cap, but for what was given to it before: a window of it."""
    for name, number in over_caps(point, result.get("packets", [])).items():
        path = point.path(name)
        window = path.rate / 8 * 2 * path.delay + path.queue * FRAME
        if number > window:
            yield f"{name} carried {number} bytes more than its cap, and a window of it is {window:.0f}"


def wrong_scheduler(scheduler, counted):
    """The module counts for each of its schedulers how often it was asked."""
    asked = {key.split(".")[1] for key in counted if key.startswith("Heddle.") and key.endswith("Sends")}
    if scheduler == "default":
        if asked:
            yield f"the kernel's scheduler was wanted, and asked were {', '.join(sorted(asked))}"
    elif scheduler == CHOOSER:
        if not asked:
            yield f"{scheduler} chose nobody"
    elif scheduler.replace("-", "").replace("_", "") + "sends" not in {name.lower() for name in asked}:
        yield f"{scheduler} was never asked, but {', '.join(sorted(asked)) or 'none of the module'}"
