#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A rolling restart that never ends, and what its clients see.

The server has four listeners that share an address. Each lives for 0.3 to 0.6
seconds, closes with whatever is in its accept queue, and opens anew; one of them
is always open, unless there is to be a gap. What a listener has accepted is
served, whether or not it has closed meanwhile. It accepts every 20 ms only, as a
busy server does.

Each client connects, sends a byte, and waits for the reply; with --http it asks
for a page, of any server, and the reply is a whole one that ends in "served".
At SIGTERM they begin no more connections, and go on with those that they have.
"""

import argparse
import collections
import errno
import random
import select
import signal
import socket
import sys
import time

LISTENERS = 4
LIFE = (0.3, 0.6)
TICK = 0.02
IPPROTO_MPTCP = 262
REQUEST = b"GET / HTTP/1.1\r\nHost: storm\r\nConnection: close\r\n\r\n"
REPLY = (b"HTTP/1.1 200 OK\r\n", b"\r\n\r\nserved\n")


def family(address):
    """Of an address as text."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Server:
    """The listeners, and the connections they have accepted."""

    def __init__(self, how):
        self.how = how
        self.random = random.Random(how.seed)
        self.open = {}
        self.poll = select.epoll()
        self.children = {}
        self.reopen_at = 0
        self.open_all()
        # Not all at the same time.
        for sock in self.open:
            self.open[sock] = time.monotonic() + self.random.uniform(0, LIFE[1])

    def open_all(self):
        """Open as many as there are to be."""
        for _ in range(LISTENERS):
            self.listen()

    def listen(self):
        """Open one."""
        sock = socket.socket(family(self.how.address), socket.SOCK_STREAM,
                             IPPROTO_MPTCP if self.how.mptcp else 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((self.how.address, self.how.port))
        sock.listen(self.how.backlog)
        sock.setblocking(False)
        self.open[sock] = time.monotonic() + self.random.uniform(*LIFE)

    def restart(self):
        """Close those whose time has come, all but one, and open others a little later."""
        now = time.monotonic()
        for sock, end in list(self.open.items()):
            if end <= now and len(self.open) > 1:
                del self.open[sock]
                sock.close()
        if len(self.open) < LISTENERS and self.random.random() < 0.5:
            self.listen()

    def restart_all(self):
        """Close all when the first one's time has come, and open others after the gap."""
        now = time.monotonic()
        if self.open and min(self.open.values()) <= now:
            for sock in self.open:
                sock.close()
            self.open.clear()
            self.reopen_at = now + self.how.gap
        elif not self.open and self.reopen_at <= now:
            self.open_all()

    def accept(self):
        """Take in what is there."""
        for sock in self.open:
            while True:
                try:
                    child, _ = sock.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    print(f"accept: {error}", file=sys.stderr)
                    break
                child.setblocking(False)
                self.children[child.fileno()] = child
                self.poll.register(child, select.EPOLLIN)

    def serve(self):
        """Reply to those who have spoken."""
        for number, _ in self.poll.poll(0):
            child = self.children[number]
            try:
                if child.recv(1):
                    child.send(b"r")
                else:
                    print("a client ended without a word", file=sys.stderr)
            except BlockingIOError:
                print("nothing to read, after all", file=sys.stderr)
                continue
            except OSError as error:
                print(f"recv or send: {error}", file=sys.stderr)
            del self.children[number]
            self.poll.unregister(child)
            child.close()

    def run(self):
        """Forever."""
        while True:
            begin = time.monotonic()
            if self.how.gap:
                self.restart_all()
            else:
                self.restart()
            self.accept()
            self.serve()
            time.sleep(max(0, begin + TICK - time.monotonic()))


class Client:
    """One connection."""

    def __init__(self, how):
        self.http = how.http
        self.begin = time.monotonic()
        self.connected = None
        self.reply = b""
        self.sock = socket.socket(family(how.address), socket.SOCK_STREAM,
                                  IPPROTO_MPTCP if how.mptcp else 0)
        self.sock.setblocking(False)
        # Ports in TIME_WAIT would run out.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.connect_ex((how.address, how.port))

    def step(self):
        """What has become of it; None if it is not over."""
        try:
            if self.connected is None:
                error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    return {errno.ECONNREFUSED: "refused"}.get(error, "reset")
                self.sock.send(REQUEST if self.http else b"q")
                self.connected = time.monotonic()
                return None
            part = self.sock.recv(4096)
        except BlockingIOError:
            return None
        except OSError as error:
            if self.reply:
                return "cut"
            return {errno.ECONNREFUSED: "refused"}.get(error.errno, "reset")
        self.reply += part
        if not self.http:
            return "ok" if part else "closed"
        if self.reply.startswith(REPLY[0]) and self.reply.endswith(REPLY[1]):
            return "ok"
        if part:
            return None
        return "cut" if self.reply else "closed"


def storm(how):
    """Connect, so many at a time, and count what happens."""
    signal.signal(signal.SIGTERM, lambda *_: setattr(how, "connections", 0))
    results = collections.Counter()
    worst_connect = worst_reply = 0.0
    poll = select.epoll()
    clients = {}
    started = 0
    checked = time.monotonic()
    begin = checked
    while started < how.connections or clients:
        while started < how.connections and len(clients) < how.parallel:
            client = Client(how)
            clients[client.sock.fileno()] = client
            poll.register(client.sock, select.EPOLLIN | select.EPOLLOUT)
            started += 1
        for number, _ in poll.poll(0.1):
            client = clients[number]
            result = client.step()
            if result is None and client.connected:
                poll.modify(number, select.EPOLLIN)
            if result:
                results[result] += 1
                now = time.monotonic()
                worst_connect = max(worst_connect, (client.connected or now) - client.begin)
                worst_reply = max(worst_reply, now - client.begin)
                poll.unregister(number)
                client.sock.close()
                del clients[number]
        now = time.monotonic()
        if now - checked > 1:
            checked = now
            for number, client in list(clients.items()):
                if now - client.begin > how.timeout:
                    results["timeout"] += 1
                    poll.unregister(number)
                    client.sock.close()
                    del clients[number]
    lost = started - results["ok"]
    print(" ".join(f"{name}={results[name]}" for name in
                   ("ok", "refused", "reset", "closed", "cut", "timeout")),
          f"lost={lost} of={started} percent={100 * lost / max(started, 1):.2f}",
          f"worst_connect_ms={worst_connect * 1000:.0f} worst_reply_ms={worst_reply * 1000:.0f}",
          f"seconds={time.monotonic() - begin:.0f}")
    return lost


def main():
    """Serve, or storm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("serve", "storm"))
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=64)
    parser.add_argument("--backlog", type=int, default=128)
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("--mptcp", action="store_true")
    parser.add_argument("--gap", type=float, default=0,
                        help="close all listeners at the same time, for so many seconds")
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    how = parser.parse_args()
    if how.what == "serve":
        Server(how).run()
    else:
        storm(how)


if __name__ == "__main__":
    main()
