#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""An HTTP server and a client that speak MPTCP, with Python's standard library alone.

    mptcp_http.py serve PORT FOLDER [--scheduler NAME]
    mptcp_http.py get URL FILE [--scheduler NAME]
    mptcp_http.py put URL FILE [--scheduler NAME]

Where there is no MPTCP, all of it is TCP. See python.md.
"""

import argparse
import errno
import http.client
import http.server
import pathlib
import shutil
import socket
import sys
import urllib.parse

# Python has these two since 3.10 and not at all.
IPPROTO_MPTCP = getattr(socket, "IPPROTO_MPTCP", 262)
SOL_MPTCP = 284
# Of SOL_MPTCP: the state of the connection, and Heddle's option.
MPTCP_INFO = 1
MPTCP_SCHEDULER = 5


def mptcp_socket(family):
    """A socket of MPTCP, or of TCP on a kernel that has none."""
    try:
        return socket.socket(family, socket.SOCK_STREAM, IPPROTO_MPTCP)
    except OSError as error:
        # Not built in, or switched off by net.mptcp.enabled.
        if error.errno not in (errno.EPROTONOSUPPORT, errno.ENOPROTOOPT, errno.EINVAL):
            raise
        return socket.socket(family, socket.SOCK_STREAM)


def choose_scheduler(sock, name):
    """For what this socket sends, whatever the rules say; a listener's is that of what it accepts."""
    if name:
        sock.setsockopt(SOL_MPTCP, MPTCP_SCHEDULER, name.encode())


def is_mptcp(sock):
    """Whether a connection is one of MPTCP still, or the other end knew only TCP."""
    try:
        sock.getsockopt(SOL_MPTCP, MPTCP_INFO, 64)
    except OSError:
        return False
    return True


class Connection(http.client.HTTPConnection):
    """One that http.client uses as it uses any other."""

    scheduler = None

    def connect(self):
        """To the first address that answers."""
        problem = OSError("the name has no address")
        for family, _, _, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            self.sock = mptcp_socket(family)
            try:
                choose_scheduler(self.sock, self.scheduler)
                self.sock.connect(address)
                return
            except OSError as error:
                self.sock.close()
                problem = error
        raise problem


class Handler(http.server.SimpleHTTPRequestHandler):
    """GET, as the library has it, and PUT."""

    def do_PUT(self):
        """Takes a file whose size is told."""
        left = int(self.headers["Content-Length"])
        with open(self.translate_path(self.path), "wb") as file:
            while left:
                part = self.rfile.read(min(left, 1 << 20))
                if not part:
                    return
                file.write(part)
                left -= len(part)
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *what):
        """A line for each request, with what the connection is."""
        kind = "MPTCP" if is_mptcp(self.connection) else "TCP"
        print(self.client_address[0], kind, what[0] % what[1:], flush=True)


class Server(http.server.ThreadingHTTPServer):
    """One that listens on every address, of both families."""

    address_family = socket.AF_INET6

    def __init__(self, port, folder, scheduler):
        self.folder = folder
        super().__init__(("::", port), Handler, bind_and_activate=False)
        # The library's own, which is TCP.
        self.socket.close()
        self.socket = mptcp_socket(self.address_family)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        choose_scheduler(self.socket, scheduler)
        self.server_bind()
        self.server_activate()

    def finish_request(self, request, client_address):
        """With the folder, which a handler is given when it is made."""
        self.RequestHandlerClass(request, client_address, self, directory=self.folder)


def request(args):
    """Get or put a file."""
    url = urllib.parse.urlsplit(args.url)
    connection = Connection(url.hostname, url.port or 80)
    connection.scheduler = args.scheduler
    if args.what == "put":
        with open(args.file, "rb") as file:
            size = str(args.file.stat().st_size)
            connection.request("PUT", url.path, body=file, headers={"Content-Length": size})
    else:
        connection.request("GET", url.path)
    print("MPTCP" if is_mptcp(connection.sock) else "TCP", end=" ")
    with connection.getresponse() as reply:
        print(reply.status, reply.reason)
        if reply.status >= 300:
            return 1
        if args.what == "get":
            with open(args.file, "wb") as file:
                shutil.copyfileobj(reply, file, 1 << 20)
    return 0


def main():
    """Serve, get or put."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="what", required=True)
    serve = verbs.add_parser("serve")
    serve.add_argument("port", type=int)
    serve.add_argument("folder")
    for name in ("get", "put"):
        verb = verbs.add_parser(name)
        verb.add_argument("url")
        verb.add_argument("file", type=pathlib.Path)
    for verb in verbs.choices.values():
        verb.add_argument("--scheduler", help="one of net.mptcp.available_schedulers")
    args = parser.parse_args()
    if args.what != "serve":
        return request(args)
    with Server(args.port, args.folder, args.scheduler) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
