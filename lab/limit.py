# SPDX-License-Identifier: GPL-2.0
"""The limit: what no sender can do better than on these links.

Documentation/lab.md derives the formulas. In short: a link carries payload at
its rate times payload/frame, less what it loses. TCP begins with ten packets and
doubles them each round trip until the link is full; a subflow can be used when
its handshake is over. The ideal sender knows everything beforehand, so that all
bytes arrive in order, and with the last one every link becomes idle.
"""

import dataclasses
import math

# Ethernet 14, IP 20, TCP 20 and its timestamps 12.
HEADERS = 14 + 20 + 20 + 12
PACKET = 1514
# MPTCP's DSS as Linux writes it: the mapping with an acknowledgment of 4 bytes, or
# of 8 as soon as the other end has sent data.
DSS_UP, DSS_DOWN = 24, 28
INITIAL_WINDOW = 10
# Bytes that ask for a file.
REQUEST = 100


def frame(payload, overhead):
    """Bytes on the wire for some bytes of payload."""
    packets = max(1, math.ceil(payload / (PACKET - HEADERS - overhead)))
    return payload + packets * (HEADERS + overhead)


@dataclasses.dataclass
class Link:
    """A path as the ideal sender sees it; "use" is when it may be used first."""

    path: object
    events: list
    overhead: int
    use: float = 0.0
    # Most bytes it may carry.
    cap: float = math.inf

    @property
    def payload(self):
        return PACKET - HEADERS - self.overhead

    def goodput(self, path, cut):
        """Bytes of payload a second."""
        return 0 if cut else path.rate / 8 * self.payload / PACKET * (1 - path.loss)

    def pieces(self):
        """(from, until, goodput) of the times between events."""
        path, cut, since = self.path, False, -math.inf
        for event in self.events:
            if event.path != path.name:
                continue
            yield since, event.at, self.goodput(path, cut)
            changed = {key: getattr(event, key) for key in ("rate", "loss") if getattr(event, key) is not None}
            path, since = dataclasses.replace(path, **changed), event.at
            cut = event.action in ("cut", "unplug") or (cut and event.action not in ("restore", "plug"))
        yield since, math.inf, self.goodput(path, cut)

    def capacity(self, begin, end):
        """Bytes of payload that fit on the link between two times."""
        return sum(
            goodput * max(0, min(end, until) - max(begin, since))
            for since, until, goodput in self.pieces()
        )  # fmt: skip

    def is_up(self, when):
        return next(goodput for _, until, goodput in self.pieces() if when < until) > 0

    def delivered(self, when, windows=1):
        """Bytes that can have arrived; some connections begin with a window each."""
        return min(self.cap, self.uncapped(when, windows))

    def uncapped(self, when, windows):
        delay = self.path.delay
        until, at, window, total = when - delay, self.use, windows * INITIAL_WINDOW * self.payload, 0
        while delay and window < self.capacity(at, at + 2 * delay):
            if until <= at + 2 * delay:
                return total + min(window, self.capacity(at, max(at, until)))
            total, at, window = total + window, at + 2 * delay, 2 * window
        return total + self.capacity(at, max(at, until))


def links(point, transport):
    """The links of a transport: {"path": NAME} for TCP, {"scheduler": NAME} for MPTCP."""
    down = point.workload.direction == "down"
    if "path" in transport:
        first = point.path(transport["path"])
        # SYN, SYN+ACK, and a request with the third packet.
        return [Link(first, point.events, 0, (3 if down else 2) * first.delay)]
    overhead = DSS_DOWN if down else DSS_UP
    first = point.path(point.transport.first)
    found = [Link(first, point.events, overhead, (3 if down else 2) * first.delay, cap_of(first))]
    for path in point.paths:
        if path is not first:
            # The client joins when the first data is acknowledged to it; it may use the
            # subflow after the fourth packet, the server after the third.
            use = 4 * first.delay + (3 if down else 4) * path.delay
            found.append(Link(path, point.events, overhead, use, cap_of(path)))
    return found


def cap_of(path):
    """Bytes that a path may carry."""
    return math.inf if path.cap is None else path.cap


def window_rate(found, window):
    """Bytes a second that a window of the receiver allows, with the best choice of paths.

    Data that travels on a slow path is missing as long as it travels; all that
    arrives in the meantime, and what was acknowledged but is not yet known to be,
    has to fit into the window.
    """
    found = sorted(found, key=lambda link: link.path.delay)
    best, total = 0, 0
    for link in found:
        total += link.goodput(link.path, False)
        wait = link.path.delay + found[0].path.delay
        best = max(best, min(total, window / wait) if wait else total)
    return best


def first_time(enough, horizon):
    """The first time at which something becomes true, or infinity."""
    low, high = 0.0, horizon
    if not enough(high):
        return math.inf
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def bulk(point, transport, size=None, windows=1):
    """Seconds until the last byte has arrived, from the start of the connection."""
    found = links(point, transport)
    size = size or point.workload.size
    most, begin = window_rate(found, point.transport.buffer), min(link.use + link.path.delay for link in found)

    def enough(when):
        arrived = sum(link.delivered(when, windows) for link in found)
        return arrived >= size and (point.events or most * (when - begin) >= size)

    return first_time(enough, point.run.timeout)


def objects(point, transport):
    """Seconds until all files have arrived, each connection being asked for one at a time."""
    work = point.workload
    found = links(point, transport)
    rounds = math.ceil(work.count / work.connections)
    asking = found[0].use + min(link.path.delay for link in found)
    asking += (rounds - 1) * 2 * min(link.path.delay for link in found)
    return max(asking, bulk(point, transport, work.size * work.count, work.connections))


def chunks(point, transport):
    """Seconds from asking for a part to having it, on links that are warm."""
    found = links(point, transport)
    asking = min(link.path.delay + frame(REQUEST, link.overhead) * 8 / link.path.rate for link in found)

    def enough(when):
        arrived = sum(link.goodput(link.path, False) * max(0, when - asking - link.path.delay) for link in found)
        return arrived >= point.workload.size

    return first_time(enough, point.run.timeout)


def one_way(link, size):
    return link.path.delay + frame(size, link.overhead) * 8 / link.path.rate


def request(point, transport):
    """Seconds from a question to its answer."""
    return 2 * min(one_way(link, point.workload.size) for link in links(point, transport))


def stream(point, transport, when=None):
    """Seconds from sending a block to its arrival; at a time, with the links that are up then."""
    found = [link for link in links(point, transport) if when is None or link.is_up(when)]
    return min((one_way(link, point.workload.size) for link in found), default=math.inf)


def of(point, transport):
    """The limit of what measure.py takes for the figure of a run."""
    return {"bulk": bulk, "objects": objects, "chunks": chunks, "request": request, "stream": stream}[
        point.workload.kind
    ](point, transport)
