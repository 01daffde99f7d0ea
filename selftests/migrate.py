#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Connections whose listener closes, in every state in which one can be.

The cases are those of the kernel's own test of request migration, which a BPF
program drives there: connections in the accept queue, those that came with
Fast Open and whose handshake is not over, and requests whose SYN+ACK timer
fires or whose last ACK comes after their listener closed. Four listeners get
connections, a fifth one opens, the four close one after another; what counts is
how many connections the fifth one accepts, and that each of them works.

Runs in the namespace of the test, on loopback. The last ACK of a handshake is
held back by nftables.
"""

import argparse
import contextlib
import ctypes
import os
import select
import socket
import struct
import subprocess
import sys
import time

IPPROTO_MPTCP = 262
SOL_MPTCP = 284
MPTCP_INFO = 1
TCP_FASTOPEN = 23
TCP_SAVE_SYN = 27
TCP_MD5SIG = 14
TCP_AO_ADD_KEY = 38
SO_ATTACH_REUSEPORT_EBPF = 52
SO_COOKIE = 57
IPV6_TCLASS = 67
NR_BPF = 321
BPF_PROG_TYPE_SK_REUSEPORT = 21
BPF_SK_REUSEPORT_SELECT_OR_MIGRATE = 40
CLIENTS = 25
# Loopback is quick, but an emulated machine is not.
PATIENCE = 30


class Wrong(Exception):
    """Something that must hold does not."""


def must(holds, what):
    """Say what must hold, unless it does."""
    if not holds:
        raise Wrong(what)


def wait_for(what, holds):
    """Until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        must(time.monotonic() < deadline, f"still not: {what()}")
        time.sleep(0.02)


def counted(name):
    """A counter of Heddle's, or one of the kernel's."""
    for path in ("/proc/net/heddle", "/proc/net/snmp", "/proc/net/netstat"):
        with open(path, encoding="ascii") as file:
            lines = file.read().splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            found = dict(zip(names.split(), values.split()))
            if name in found:
                return int(found[name])
    raise Wrong(f"there is no counter {name}")


def migrated():
    """Requests that were given to another listener so far."""
    return counted("TCPMigrateReqSuccess")


def in_state(state, port):
    """Number of sockets at a port that are in a state."""
    shown = subprocess.run(
        ["ss", "-Htan", "state", state, "sport", "=", f":{port}"],
        check=True, capture_output=True, text=True)
    return len(shown.stdout.splitlines())


@contextlib.contextmanager
def held(port, path=""):
    """Hold back the last packets of handshakes."""
    rule = f"{path} tcp dport {port} tcp flags & (syn | ack | rst) == ack drop"
    chain = f"chain in {{ type filter hook input priority 0; {rule}; }}"
    subprocess.run(["nft", f"table inet held {{ {chain}; }}"], check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete table inet held"], check=True)


class Group:
    """Listeners that share an address, and the clients that connect to it."""

    def __init__(self, how):
        self.how = how
        # Both families, where addresses are not those of loopback.
        is_dual = how.case in ("subflows", "join")
        self.family = socket.AF_INET6 if how.ipv6 or is_dual else socket.AF_INET
        self.address = ("::1" if how.ipv6 else "127.0.0.1", how.port)
        self.listeners = []
        self.clients = []

    def bind(self, prepare=None):
        """A socket that does not listen yet."""
        sock = socket.socket(self.family, socket.SOCK_STREAM,
                             IPPROTO_MPTCP if self.how.mptcp else 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if prepare:
            prepare(sock)
        sock.bind(self.address)
        sock.setblocking(False)
        return sock

    def listen(self, sock, backlog=CLIENTS):
        """Open one."""
        if self.how.fastopen:
            sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, CLIENTS)
        sock.listen(backlog)

    def open(self, number, prepare=None, backlog=CLIENTS):
        """Open several more."""
        for _ in range(number):
            sock = self.bind(prepare)
            self.listen(sock, backlog)
            self.listeners.append(sock)
        return self.listeners[-number:]

    def connect(self, number=CLIENTS, prepare=None):
        """Connect clients; they say which one they are."""
        for index in range(number):
            sock = socket.socket(self.family, socket.SOCK_STREAM,
                                 IPPROTO_MPTCP if self.how.mptcp else 0)
            sock.settimeout(PATIENCE)
            if prepare:
                prepare(sock)
            if self.how.fastopen:
                sock.sendto(bytes([index]), socket.MSG_FASTOPEN, self.address)
            else:
                sock.connect(self.address)
            self.clients.append(sock)

    def speak(self):
        """Each client says its number, if it has not done so."""
        if not self.how.fastopen:
            for index, sock in enumerate(self.clients):
                sock.sendall(bytes([index]))

    def accept(self, sock, number=CLIENTS):
        """Accept all connections at a listener, woken by it, and use each in both directions."""
        poll = select.epoll()
        poll.register(sock, select.EPOLLIN)
        seen = set()
        for _ in range(number):
            must(poll.poll(PATIENCE), f"{len(seen)} of {number} accepted, and no more came")
            child, _ = sock.accept()
            child.settimeout(PATIENCE)
            data = child.recv(1)
            must(len(data) == 1 and data[0] not in seen, f"a client said {data!r}")
            if self.how.mptcp:
                child.getsockopt(SOL_MPTCP, MPTCP_INFO, 64)
            child.sendall(b"reply" + data)
            must(self.clients[data[0]].recv(6) == b"reply" + data, "another reply")
            seen.add(data[0])
            child.close()
        poll.close()
        must(not select.select([sock], [], [], 0)[0], "there are more than there should be")

    def are_reset(self):
        """The clients have no server any more."""
        for sock in self.clients:
            try:
                must(sock.recv(1) == b"", "data")
            except ConnectionResetError:
                pass

    def close(self):
        """Close everything."""
        for sock in self.clients + self.listeners:
            sock.close()


def shut(sock):
    """Stop listening. It can listen again."""
    sock.shutdown(socket.SHUT_RDWR)


def one_inherits(group, four, *settings):
    """Shut four listeners where a fifth is open; that, and what had migrated before."""
    fifth, = group.open(1, *settings)
    before = migrated()
    for sock in four:
        shut(sock)
    return fifth, before


def there_and_back(group, four):
    """Queues go to a fifth listener, to the second, and back: both listen once more."""
    fifth, before = one_inherits(group, four)
    must(migrated() - before >= CLIENTS, "some did not migrate")
    group.listen(four[1])
    shut(fifth)
    group.listen(fifth)
    shut(four[1])
    must(migrated() - before >= 3 * CLIENTS, "some did not come back")
    return fifth


def case_established(group):
    """Connections in the accept queues."""
    four = group.open(4)
    group.connect()
    group.speak()
    group.accept(there_and_back(group, four))


def case_fastopen(group):
    """Connections in the accept queues, whose handshake is not over."""
    four = group.open(4)
    with held(group.how.port):
        group.connect()
        must(in_state("syn-recv", group.how.port) == CLIENTS, "these are no Fast Open")
        fifth = there_and_back(group, four)
    group.accept(fifth)


def case_timer(group):
    """Requests whose SYN+ACK timer fires."""
    four = group.open(4)
    with held(group.how.port):
        group.connect()
        fifth, before = one_inherits(group, four)
        must(migrated() == before, "no timer was due")
        wait_for(lambda: f"{migrated() - before} migrated", lambda: migrated() - before >= CLIENTS)
    group.speak()
    group.accept(fifth)


def case_ack(group):
    """Requests whose last ACK comes, before the timer."""
    four = group.open(4)
    with held(group.how.port):
        group.connect()
        fifth, before = one_inherits(group, four)
    group.speak()
    wait_for(lambda: f"{migrated() - before} migrated", lambda: migrated() - before >= CLIENTS)
    must(migrated() - before == CLIENTS, f"{migrated() - before} migrated")
    group.accept(fifth)


def case_last(group):
    """Nobody is there to inherit, so the connections are reset."""
    only, = group.open(1)
    group.connect()
    before = counted("MigrateNoMember")
    shut(only)
    group.are_reset()
    must(counted("MigrateNoMember") - before == CLIENTS, "they were not counted")


def case_refused(group):
    """Requests that the kernel cannot clone: they are reset, and nobody inherits."""
    four = group.open(4)
    with held(group.how.port):
        group.connect()
        fifth, before = one_inherits(group, four)
    group.speak()
    group.are_reset()
    must(migrated() == before, f"{migrated() - before} migrated")
    must(not select.select([fifth], [], [], 0)[0], "there is something to accept")


def case_cookies(group):
    """There are no requests, and any listener takes the last ACK."""
    four = group.open(4)
    with held(group.how.port):
        group.connect()
        fifth, before = one_inherits(group, four)
    group.speak()
    group.accept(fifth)
    must(migrated() == before, f"{migrated() - before} migrated")


def case_defer(group):
    """Requests whose last ACK has come, but no data yet."""
    def defer(sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, PATIENCE)

    four = group.open(4, defer)
    group.connect()
    must(in_state("syn-recv", group.how.port) == CLIENTS, "they are not deferred")
    fifth, before = one_inherits(group, four, defer)
    must(migrated() == before, "some were not deferred")
    group.speak()
    group.accept(fifth)
    must(migrated() - before == CLIENTS, f"{migrated() - before} migrated")


def other_end(group):
    """A struct sockaddr of the address at which both ends are."""
    host = socket.inet_pton(group.family, group.address[0])
    if group.how.ipv6:
        return struct.pack("=HHI16sI", group.family, 0, 0, host, 0)
    return struct.pack("=HH4s", group.family, 0, host)


def md5(group):
    """What gives a socket a key for the other end."""
    key = struct.pack("=128sBBHI80s", other_end(group), 0, 0, 6, 0, b"secret")
    return lambda sock: sock.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, key)


def ao(group):
    """The same for TCP-AO (RFC 5925): struct tcp_ao_add of the kernel."""
    bits = 128 if group.how.ipv6 else 32
    id_, mac, secret = 100, 12, b"secret"
    key = struct.pack("=128s64siIHBBBBBB80s", other_end(group), b"hmac(sha1)", 0, 0, 0, bits,
                      id_, id_, mac, 0, len(secret), secret)
    return lambda sock: sock.setsockopt(socket.IPPROTO_TCP, TCP_AO_ADD_KEY, key)


def case_md5(group):
    """Connections and requests whose packets are signed with TCP MD5."""
    signed(group, md5(group))


def case_ao(group):
    """And with TCP-AO."""
    signed(group, ao(group))


def signed(group, key):
    """Connections in the accept queue, and requests."""
    four = group.open(4, key)
    group.connect(CLIENTS // 2, key)
    with held(group.how.port):
        group.connect(CLIENTS - CLIENTS // 2, key)
        fifth, _ = one_inherits(group, four, key)
    group.speak()
    group.accept(fifth)


SETTINGS = {
    "TCP_SAVE_SYN": lambda sock: sock.setsockopt(socket.IPPROTO_TCP, TCP_SAVE_SYN, 1),
    "TCP_DEFER_ACCEPT": lambda sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 9),
    "TCP_FASTOPEN": lambda sock: sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 5),
    "SO_RCVBUF": lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100000),
    "TCP_CONGESTION": lambda sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno"),
    "SO_PRIORITY": lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 3),
    "SO_MARK": lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 3),
    "IP_TOS": lambda sock: sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 8),
    "IP_TRANSPARENT": lambda sock: sock.setsockopt(socket.IPPROTO_IP, 19, 1),
}


def case_settings(group):
    """The guard leaves out listeners that differ, in whatever setting."""
    settings = dict(SETTINGS, TCP_MD5SIG=md5(group))
    if group.how.ipv6:
        settings["IP_TOS"] = lambda sock: sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TCLASS, 8)
    for name, setting in settings.items():
        group = Group(group.how)
        first, = group.open(1)
        group.connect(5)
        same, = group.open(1)
        other, = group.open(1, setting)
        shut(first)
        group.speak()
        heir = {"same": same, "other": other}[group.how.expect]
        try:
            group.accept(heir, 5)
        except Wrong as wrong:
            raise Wrong(f"{name}: {wrong}") from wrong
        finally:
            group.close()


def case_nobody(group):
    """All listeners differ, so the guard resets the connections."""
    first, = group.open(1)
    group.connect()
    group.open(2, SETTINGS["TCP_SAVE_SYN"])
    before = counted("MigrateGuard")
    shut(first)
    group.are_reset()
    must(counted("MigrateGuard") - before == CLIENTS, "they were not counted")


def queued(sock):
    """Connections in the accept queue."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    # tcpi_unacked is that of a listener.
    return struct.unpack_from("=I", info, 24)[0]


def case_backlog(group):
    """The heir has room for 4; there is another one with room for all."""
    first, = group.open(1)
    group.connect()
    group.speak()
    large, = group.open(1, backlog=CLIENTS)
    small, = group.open(1, backlog=3)
    shut(first)
    must(queued(small) + queued(large) == CLIENTS, f"{queued(small)} and {queued(large)}")
    if group.how.expect == "small":
        must(queued(small) == CLIENTS, f"{queued(small)} in the queue of the heir")
    else:
        must(queued(small) == 4, f"{queued(small)} in the queue of the heir")
    before = counted("MigrateHeirFull")
    if group.how.expect != "small":
        shut(large)
        must(counted("MigrateHeirFull") - before == CLIENTS - 4, "they were not counted")
        must(queued(small) == 4, f"{queued(small)} in the queue of the heir")


def program(verdict):
    """A program that says what becomes of requests: 0 is to drop, 1 to pass."""
    code = struct.pack("=BBhi", 0xb7, 0, 0, verdict) + struct.pack("=BBhi", 0x95, 0, 0, 0)
    libc = ctypes.CDLL(None, use_errno=True)
    instructions = ctypes.create_string_buffer(code, len(code))
    license_ = ctypes.create_string_buffer(b"GPL")
    attributes = struct.pack("=IIQQIIQII16sII", BPF_PROG_TYPE_SK_REUSEPORT, len(code) // 8,
                             ctypes.addressof(instructions), ctypes.addressof(license_),
                             0, 0, 0, 0, 0, b"heddle", 0, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE)
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    found = libc.syscall(NR_BPF, 5, buffer, len(attributes))
    must(found >= 0, f"bpf(): {os.strerror(ctypes.get_errno())}")
    return found


def case_program(group):
    """A program of the group decides, whatever the policy is."""
    passes = group.how.expect == "pass"
    first, = group.open(1)
    group.connect()
    group.speak()
    first.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, program(int(passes)))
    heir, = group.open(1)
    before = counted("MigrateForbidden")
    shut(first)
    if passes:
        group.accept(heir)
    else:
        group.are_reset()
        must(counted("MigrateForbidden") - before == CLIENTS, "they were not counted")


def case_balance(group):
    """The longest accept queue has at most twice as many connections as the mean."""
    first, = group.open(1, backlog=512)
    group.connect(8 * CLIENTS)
    heirs = group.open(4, backlog=512)
    shut(first)
    queues = [queued(sock) for sock in heirs]
    must(sum(queues) == 8 * CLIENTS, f"{queues} in the queues")
    must(max(queues) <= 2 * sum(queues) / len(queues), f"{queues} in the queues")


def case_mixed(group):
    """A connection of MPTCP does not go to a listener of TCP, even if that is the newest."""
    first, = group.open(1)
    group.connect()
    group.speak()
    heir, = group.open(1)
    group.how.mptcp = False
    group.open(1)
    group.how.mptcp = True
    shut(first)
    group.accept(heir)


def case_leave(group):
    """Requests whose listener is closed, and an heir for them; until killed."""
    first, = group.open(1)
    group.connect()
    shut(first)
    heir = group.bind()
    time.sleep(1000)
    heir.close()


def cookie(sock):
    """Cookie of a socket."""
    return struct.unpack("=Q", sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0]


def family():
    """The netlink family of the module."""
    sys.path.append(os.environ["HEDDLE_TREE"] + "/tools/net/ynl")
    from pyynl.lib import YnlFamily  # pylint: disable=import-outside-toplevel,import-error
    spec = os.environ["HEDDLE_TOP"] + "/Documentation/netlink/specs/heddle.yaml"
    return YnlFamily(spec, schema="")


def case_override(group):
    """Some listeners have policies of their own; what becomes of their connections is told."""
    nl, ear = family(), family()
    ear.ntf_subscribe("events")
    first, second = group.open(2)
    group.connect()
    left, lost = queued(first), queued(second)
    group.speak()
    nl.do("migration-add", {"cookie": cookie(first), "policy": "newest"})
    heir, = group.open(1)
    before = migrated(), counted("MigrateNewest")
    shut(first)
    shut(second)
    must((migrated(), counted("MigrateNewest")) == (before[0] + left, before[1] + left),
         f"{left} and {lost}: {migrated() - before[0]} migrated")
    must(queued(heir) == left, f"{queued(heir)} of {left} came")
    hits, = (entry["hits"] for entry in nl.dump("migration-get", {}))
    must(hits == left, f"{hits} hits for {left}")
    told = []
    while len(told) < left:
        event = next(ear.poll_ntf(duration=PATIENCE), None)
        must(event, f"{len(told)} events of {left}")
        if event["name"] == "connection-handed-over":
            told.append(event["msg"]["handover"])
    for handover in told:
        must(handover["listener"] == cookie(first) and handover["local-port"] == group.how.port and
             "failure" not in handover, f"told: {handover}")
    nl.do("migration-flush", {})

    nl.do("migration-add", {"local-addr": group.address[0],
                            "local-prefix": 128 if group.how.ipv6 else 32,
                            "local-port-min": group.how.port, "policy": "newest"})
    last, = group.open(1)
    shut(heir)
    must(queued(last) == left, f"{queued(last)} of {left} came")
    nl.do("migration-flush", {})


@contextlib.contextmanager
def in_client():
    """As in the namespace of the client; a socket stays in the one it was made in."""
    with open("/proc/self/ns/net", encoding="ascii") as own, \
            open("/run/netns/client", encoding="ascii") as other:
        os.setns(other.fileno(), os.CLONE_NEWNET)
        try:
            yield
        finally:
            os.setns(own.fileno(), os.CLONE_NEWNET)


def cut():
    """Nothing gets through on path 1, and nobody is told."""
    subprocess.run(["tc", "qdisc", "add", "dev", "s1", "root", "netem", "loss", "100%"],
                   check=True)


def joined(group):
    """There are two subflows of one connection."""
    wait_for(lambda: "no second subflow",
             lambda: in_state("established", group.how.port) == 2)


def case_subflows(group):
    """A connection that nobody has accepted has two subflows, and loses the first one."""
    group.address = ("::", group.how.port)
    first, = group.open(1)
    group.address = ("fd00:1::2" if group.how.ipv6 else "::ffff:10.0.1.2", group.how.port)
    with in_client():
        group.connect(1)
    group.speak()
    joined(group)
    group.address = ("::", group.how.port)
    heir, = group.open(1)
    shut(first)
    must(in_state("established", group.how.port) == 2, "a subflow is gone")
    cut()
    group.accept(heir, 1)


def case_join(group):
    """The listener closes while a subflow joins a connection that was accepted."""
    group.address = ("::", group.how.port)
    first, = group.open(1)
    group.address = ("fd00:1::2" if group.how.ipv6 else "::ffff:10.0.1.2", group.how.port)
    path = "ip6 daddr fd00:2::2" if group.how.ipv6 else "ip daddr 10.0.2.2"
    with held(group.how.port, path):
        with in_client():
            group.connect(1)
        group.speak()
        must(select.select([first], [], [], PATIENCE)[0], "nothing to accept")
        child, _ = first.accept()
        wait_for(lambda: "nobody joins", lambda: in_state("syn-recv", group.how.port) == 1)
        group.address = ("::", group.how.port)
        group.open(1)
        shut(first)
    joined(group)
    cut()
    child.settimeout(PATIENCE)
    child.sendall(b"reply")
    must(group.clients[0].recv(5) == b"reply", "another reply")
    child.close()


def main(defined, what, at_end=lambda: None):
    """Run one of the cases that are defined, case_NAME each; and something before all is closed."""
    cases = {name[5:]: run for name, run in defined.items() if name.startswith("case_")}
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("case", choices=cases)
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("--mptcp", action="store_true")
    parser.add_argument("--expect", help="what is to come of it, where that depends on knobs")
    parser.add_argument("--port", type=int, default=5001)
    how = parser.parse_args()
    how.fastopen = how.case == "fastopen"
    group = Group(how)
    try:
        cases[how.case](group)
    except Wrong as wrong:
        sys.exit(f"{how.case}: {wrong}")
    finally:
        at_end()
        group.close()


if __name__ == "__main__":
    main(globals(), __doc__)
