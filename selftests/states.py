#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Closes MPTCP sockets in every state there is. Arguments: PEER STATE.

Run where minrtt is selected; PEER has a traffic.py server at port 5001, nobody
at port 5009, and drops what is sent to port 5008.
"""

import socket
import struct
import sys
import threading
import time

from traffic import IPPROTO_MPTCP, expected

PEER = sys.argv[1]


def new():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)


def connected(want=0):
    sock = new()
    sock.connect((PEER, 5001))
    if want:
        sock.sendall(f"{want} 0\n".encode())
    return sock


def abort(sock):
    """Close with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def fill(sock):
    """Send more than the network takes at once."""
    sock.setblocking(False)
    sock.sendall(b"0 99999999\n")
    offset = 0
    try:
        while True:
            offset += sock.send(expected(offset, 65536))
    except BlockingIOError:
        pass


def listener(port):
    sock = new()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(8)
    return sock


def never_connected():
    new().close()


def bound():
    sock = new()
    sock.bind(("0.0.0.0", 0))
    sock.close()


def listening():
    listener(5011).close()


def listening_with_unaccepted():
    """The connections in the accept queue have schedulers, and no owner."""
    server = listener(5012)
    clients = [new() for _ in range(4)]
    for client in clients:
        client.connect(("127.0.0.1", 5012))
        client.sendall(b"never read")
    server.close()
    for client in clients:
        client.close()


def connecting():
    """SYN_SENT: the answer never comes."""
    sock = new()
    sock.setblocking(False)
    sock.connect_ex((PEER, 5008))
    time.sleep(0.2)
    sock.close()


def refused():
    sock = new()
    try:
        sock.connect((PEER, 5009))
    except ConnectionRefusedError:
        sock.close()
        return
    raise RuntimeError("somebody answered")


def established():
    connected().close()


def with_data_unsent():
    sock = connected()
    fill(sock)
    sock.close()


def with_data_unread():
    sock = connected(1 << 20)
    time.sleep(0.5)
    sock.close()


def half_closed():
    """FIN_WAIT: we are done, the peer goes on sending."""
    sock = connected(1 << 20)
    sock.shutdown(socket.SHUT_WR)
    sock.recv(1000)
    sock.close()


def closed_by_peer():
    """CLOSE_WAIT, LAST_ACK."""
    sock = connected()
    sock.sendall(b"0 0\n")
    if sock.recv(1) != b"":
        raise RuntimeError("data from nowhere")
    sock.close()


def reset_by_us():
    abort(connected(1 << 20))


def reset_while_sending():
    sock = connected()
    fill(sock)
    abort(sock)


def disconnected():
    """connect() to nowhere takes a socket apart, and it can be used again."""
    sock = connected(1 << 20)
    sock.recv(1000)
    nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
    libc_connect(sock.fileno(), nowhere)
    sock.connect((PEER, 5001))
    sock.sendall(b"1000 0\n")
    got = sock.recv(1000)
    if got != expected(0, len(got)):
        raise RuntimeError("wrong data after connecting again")
    sock.close()


def libc_connect(descriptor, address):
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(descriptor, address, len(address)) != 0:
        raise OSError(ctypes.get_errno(), "connect to AF_UNSPEC")


def while_another_thread_sends():
    sock = connected()
    sock.sendall(b"0 99999999\n")

    def push():
        offset = 0
        try:
            while True:
                offset += sock.send(expected(offset, 65536))
        except OSError:
            pass

    thread = threading.Thread(target=push)
    thread.start()
    time.sleep(0.3)
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()
    thread.join()


if __name__ == "__main__":
    globals()[sys.argv[2]]()
