#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Traffic whose every byte is checked.

A client sends a line: how many bytes it wants, how many of its own follow, and
by which scheduler the server is to send, if that matters. The server checks
the client's bytes and sends as many back as it wants. Both ends know what each
byte has to be: the stream repeats a block of random bytes whose length is a
prime, so that nothing that is lost, repeated or swapped goes unnoticed.
"""

import argparse
import random
import socket
import sys
import threading
import time

IPPROTO_MPTCP = 262
SOL_MPTCP = 284
MPTCP_SCHEDULER = 5
BLOCK = random.Random(1).randbytes(65521)
CHUNK = 65536


def expected(offset, length):
    """The bytes of the stream from an offset on."""
    start = offset % len(BLOCK)
    repeats = (start + length) // len(BLOCK) + 1
    return (BLOCK * repeats)[start : start + length]


def send(sock, total, rate=0, chunk=CHUNK):
    """Send the stream; a rate is in bytes per second."""
    offset = 0
    begin = time.monotonic()
    while offset < total:
        offset += sock.send(expected(offset, min(chunk, total - offset)))
        if rate:
            time.sleep(max(0, begin + offset / rate - time.monotonic()))


def receive(sock, total):
    """Receive the stream and check it."""
    offset = 0
    while offset < total:
        data = sock.recv(min(1 << 20, total - offset))
        if not data:
            raise EOFError(f"the stream ended after {offset} of {total} bytes")
        if data != expected(offset, len(data)):
            raise RuntimeError(f"wrong data within {len(data)} bytes from {offset} on")
        offset += len(data)


def open_socket(family, tcp):
    return socket.socket(family, socket.SOCK_STREAM, 0 if tcp else IPPROTO_MPTCP)


def serve_one(conn, args):
    with conn:
        try:
            line = b""
            while not line.endswith(b"\n"):
                byte = conn.recv(1)
                if not byte:
                    return
                line += byte
            want, gives, *scheduler = line.split()
            want, gives = int(want), int(gives)
            if scheduler:
                conn.setsockopt(SOL_MPTCP, MPTCP_SCHEDULER, scheduler[0])
            receive(conn, gives)
            send(conn, want, args.rate, args.chunk)
        except (OSError, EOFError):
            pass  # The client went away: its business.


def serve(args):
    server = open_socket(socket.AF_INET6, args.tcp)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", args.port))
    server.listen(1024)
    while True:
        conn, _ = server.accept()
        threading.Thread(target=serve_one, args=(conn, args), daemon=True).start()


def fetch_one(args, scheduler):
    family = socket.AF_INET6 if ":" in args.address else socket.AF_INET
    with open_socket(family, args.tcp) as sock:
        sock.connect((args.address, args.port))
        time.sleep(args.pause)
        sock.sendall(f"{args.bytes} {args.upload} {scheduler}\n".encode())
        send(sock, args.upload)
        receive(sock, args.bytes)


def fetch(args):
    errors = []

    def run(scheduler):
        for _ in range(args.repeat):
            time.sleep(random.uniform(0, args.gap))
            try:
                fetch_one(args, scheduler)
            except (OSError, EOFError, RuntimeError) as error:
                errors.append((scheduler, error))
                if not args.keep_going:
                    return

    begin = time.monotonic()
    schedulers = args.schedulers.split() or [""]
    threads = [
        threading.Thread(target=run, args=(scheduler,))
        for _ in range(args.parallel)
        for scheduler in schedulers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{time.monotonic() - begin:.2f} s, {len(errors)} errors")
    for scheduler, error in errors[:5]:
        print(f"error: {scheduler} {error!r}")
    return 1 if errors else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(required=True)

    verb = verbs.add_parser("serve")
    verb.add_argument("port", type=int)
    verb.add_argument("--tcp", action="store_true", help="plain TCP")
    verb.add_argument("--rate", type=int, default=0, help="bytes per second and connection")
    verb.add_argument("--chunk", type=int, default=CHUNK, help="bytes at a time")
    verb.set_defaults(run=serve)

    verb = verbs.add_parser("fetch")
    verb.add_argument("address")
    verb.add_argument("port", type=int)
    verb.add_argument("bytes", type=int)
    verb.add_argument("--upload", type=int, default=0, help="bytes to send first")
    verb.add_argument("--pause", type=float, default=0, help="seconds before the request")
    verb.add_argument("--tcp", action="store_true", help="plain TCP")
    verb.add_argument("--schedulers", default="", help="a connection for each, by that name")
    verb.add_argument("--parallel", type=int, default=1, help="connections at a time")
    verb.add_argument("--repeat", type=int, default=1, help="of each")
    verb.add_argument("--gap", type=float, default=0, help="up to so many seconds before each")
    verb.add_argument("--keep-going", action="store_true", help="after an error")
    verb.set_defaults(run=fetch)

    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
