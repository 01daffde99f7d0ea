# SPDX-License-Identifier: GPL-2.0
"""The network of a run, in the guest: two hosts, and a router for each path.

    client c1 --- a1 path1 b1 --- s1 server
           c2 --- a2 path2 b2 --- s2

Each is a network namespace. The links are the routers' two queues, one for each
direction: a packet that does not fit there is lost in the network, whereas one
that its own host refuses is known to TCP at once, which is no loss.
"""

import contextlib
import os
import pathlib
import subprocess

SERVER = "10.9.0.1"
FRAME = 1514


def client_address(number):
    return f"10.0.{number}.1"


@contextlib.contextmanager
def inside(namespace):
    """The body runs in a namespace; for a process of one thread."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        enter(namespace)
        yield
    finally:
        os.setns(here, os.CLONE_NEWNET)
        os.close(here)


def enter(namespace):
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    os.setns(there, os.CLONE_NEWNET)
    os.close(there)


def sysctl(name, value):
    pathlib.Path("/proc/sys", name.replace(".", "/")).write_text(str(value))


def command(*words):
    subprocess.run(words, check=True)


def batch(lines, *options):
    """One process for many commands of ip."""
    subprocess.run(["ip", *options, "-batch", "-"], input="\n".join(lines), text=True, check=True)


def build(point, scheduler, mptcp):
    """Namespaces, links, addresses, routes and settings for a point."""
    numbers = range(1, len(point.paths) + 1)
    # Bursts pass the virtual links at once, whatever their length.
    sysctl("net.core.netdev_max_backlog", 100000)
    batch(
        [f"netns add {name}" for name in ["client", "server"] + [f"path{n}" for n in numbers]]
        + [
            f"link add {near}{n} netns {host} address {mac(near, n)} type veth "
            f"peer name {far}{n} netns path{n} address {mac(far, n)}"
            for n in numbers
            for host, near, far in (("client", "c", "a"), ("server", "s", "b"))
        ]
    )
    for number in numbers:
        with inside(f"path{number}"):
            router(number)
    with inside("client"):
        host([f"c{n}" for n in numbers], point, scheduler)
        batch(line for n in numbers for line in client_lines(n))
        if mptcp:
            endpoints(point)
    with inside("server"):
        host([f"s{n}" for n in numbers], point, scheduler)
        batch([f"addr add {SERVER}/32 dev lo"] + [line for n in numbers for line in server_lines(n)])
        if mptcp:
            batch([f"mptcp limits set subflows {len(numbers)}"])
    for path in point.paths:
        shape(point, path)


def mac(letter, number):
    return f"02:00:00:00:{number:02x}:{'abcs'.index(letter):02x}"


def link_up(link):
    """A segment of 64 KiB would be one packet to the queue of a link, and one to
    its losses; and all its bytes would arrive when the last one does. So that
    packets are what they are on a real link, neither the hosts nor the links put
    several into one.
    """
    command("ethtool", "-K", link, "tso", "off", "gso", "off", "gro", "off")
    return f"link set {link} up mtu 1500 gso_max_segs 1"


def neighbour(link, address, letter, number):
    """No ARP: what asks for addresses now and then is nobody's traffic."""
    return f"neigh replace {address} lladdr {mac(letter, number)} dev {link} nud permanent"


def quiet():
    """No IPv6, whose hosts talk on links where nobody has anything to say."""
    sysctl("net.ipv6.conf.all.disable_ipv6", 1)


def router(n):
    quiet()
    sysctl("net.ipv4.ip_forward", 1)
    batch([
        link_up(f"a{n}"), f"addr add 10.0.{n}.2/24 dev a{n}", neighbour(f"a{n}", client_address(n), "c", n),
        link_up(f"b{n}"), f"addr add 10.1.{n}.1/24 dev b{n}", neighbour(f"b{n}", f"10.1.{n}.2", "s", n),
        f"route add {SERVER}/32 via 10.1.{n}.2",
    ])  # fmt: skip


def host(links, point, scheduler):
    quiet()
    batch(["link set lo up"] + [link_up(link) for link in links])
    buffer = point.transport.buffer
    settings = {
        # As the kernel's own, but for the largest size.
        "net.ipv4.tcp_rmem": f"4096 {min(131072, buffer)} {buffer}",
        "net.ipv4.tcp_wmem": f"4096 {min(16384, buffer)} {buffer}",
        # A run knows nothing of another one.
        "net.ipv4.tcp_no_metrics_save": 1,
        "net.mptcp.scheduler": scheduler,
    }
    for name, value in (settings | point.sysctl).items():
        sysctl(name, value)


def client_lines(n):
    yield f"addr add {client_address(n)}/24 dev c{n}"
    yield neighbour(f"c{n}", f"10.0.{n}.2", "a", n)
    yield f"rule add from {client_address(n)} table {n}"
    yield f"route add default via 10.0.{n}.2 dev c{n} table {n}"


def server_lines(n):
    yield f"addr add 10.1.{n}.2/24 dev s{n}"
    yield neighbour(f"s{n}", f"10.1.{n}.1", "b", n)
    yield f"route add 10.0.{n}.0/24 via 10.1.{n}.1 src {SERVER}"


def endpoints(point):
    """The client opens a subflow from each of its other addresses."""
    lines = [f"mptcp limits set subflows {len(point.paths)}"]
    for number, path in enumerate(point.paths, 1):
        if path.name != point.transport.first:
            lines.append(f"mptcp endpoint add {client_address(number)} dev c{number} subflow")
    batch(lines)


def shape(point, path, cut=False):
    """Both directions of a path as it is now described.

    netem's limit counts what is on its way, too. Its random numbers begin with a
    seed, so that a run can be repeated. It keeps the order of packets when it has
    a rate: jitter lets them wait for each other, it does not reorder them.
    """
    number = point.paths.index(path) + 1
    limit = path.queue + int(path.rate * (path.delay + path.jitter) / (8 * FRAME))
    for side, link in enumerate((f"a{number}", f"b{number}")):
        seed = (point.run.seed * 100 + number) * 2 + side
        command(
            "tc", "-n", f"path{number}", "qdisc", "replace", "dev", link, "root", "netem",
            "rate", f"{path.rate:.0f}bit", "delay", f"{path.delay * 1e6:.0f}us", f"{path.jitter * 1e6:.0f}us",
            "loss", f"{100 if cut else path.loss * 100:.6g}%", "limit", str(limit), "seed", str(seed),
        )  # fmt: skip


def plug(point, path, there):
    """The client's interface of a path has a carrier, or has none: the host knows at once.

    What the router loses with its link is given to it again.
    """
    n = point.paths.index(path) + 1
    command("ip", "-n", f"path{n}", "link", "set", f"a{n}", "up" if there else "down")
    if there:
        batch([neighbour(f"a{n}", client_address(n), "c", n)], "-n", f"path{n}")
        with inside("client"):
            batch([
                neighbour(f"c{n}", f"10.0.{n}.2", "a", n),
                f"route replace default via 10.0.{n}.2 dev c{n} table {n}",
            ])  # fmt: skip
