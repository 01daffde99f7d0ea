#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a program can do with MPTCP_SCHEDULER. Arguments: CASE [ARGUMENT...].

A case is a function of this file; it raises an error if something does not
hold. PEER has a traffic.py server at port 5001, one that knows TCP only at port
5002, nobody at port 5009, and drops what is sent to port 5008.
"""

import ctypes
import errno
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

from traffic import CHUNK, IPPROTO_MPTCP, expected, receive, send

SOL_MPTCP = 284
MPTCP_INFO = 1
MPTCP_SCHEDULER = 5
NAME_MAX = 16
LIBC = ctypes.CDLL(None, use_errno=True)
# Python knows this one as ENOTSUP.
ERRORS = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP"}


def expect(what, got, *wanted):
    if got not in wanted:
        raise RuntimeError(f"{what}: {got!r}, not {' or '.join(map(repr, wanted))}")


def error_of(function, *args):
    """The name of the error that a call fails with, or None."""
    try:
        function(*args)
    except OSError as error:
        return ERRORS[error.errno]
    return None


def new(family=socket.AF_INET, protocol=IPPROTO_MPTCP):
    return socket.socket(family, socket.SOCK_STREAM, protocol)


def choose(sock, name):
    sock.setsockopt(SOL_MPTCP, MPTCP_SCHEDULER, name.encode())


def chosen(sock):
    return sock.getsockopt(SOL_MPTCP, MPTCP_SCHEDULER, NAME_MAX).rstrip(b"\0").decode()


def bytes_sent(sock):
    """How much of the stream was handed to subflows."""
    return struct.unpack_from("=Q", sock.getsockopt(SOL_MPTCP, MPTCP_INFO, 64), 56)[0]


def connected(peer, port=5001):
    sock = new(socket.AF_INET6 if ":" in peer else socket.AF_INET)
    sock.connect((peer, port))
    return sock


def transfer(sock, total=200000):
    """Both ways, with a traffic.py server, which closes afterwards."""
    sock.sendall(f"{total} {total}\n".encode())
    send(sock, total)
    receive(sock, total)


def listener(port):
    sock = new()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(128)
    return sock


def exchange(one, other, total=100000):
    """Both ways, between two sockets of ours."""
    for source, target in ((one, other), (other, one)):
        thread = threading.Thread(target=send, args=(source, total))
        thread.start()
        receive(target, total)
        thread.join()


# --- whose choice it is ------------------------------------------------------


def before_connect(peer, namespace, own):
    """A namespace says one thing, the program another."""
    sock = new()
    expect("a new socket", chosen(sock), namespace)
    choose(sock, own)
    expect("after the choice", chosen(sock), own)
    sock.connect((peer, 5001))
    expect("connected", chosen(sock), own)
    transfer(sock)
    expect("in the end", chosen(sock), own)
    sock.close()


def inherited():
    """An accepted socket has the scheduler that its listener had."""
    server = listener(5011)
    pairs = []

    def connect(what, wanted):
        client = connected("127.0.0.1", 5011)
        # Without waiting for accept(): it is the handshake that counts.
        time.sleep(0.3)
        pairs.append((what, wanted, client))

    connect("at first", "default")
    choose(server, "minrtt")
    expect("the listener", chosen(server), "minrtt")
    connect("after a choice", "minrtt")
    choose(server, "default")
    connect("after another", "default")
    accepted = [server.accept()[0] for _ in pairs]
    for (what, wanted, client), conn in zip(pairs, accepted):
        expect(what, chosen(conn), wanted)
        expect(f"{what}, the client", chosen(client), "default")
        exchange(client, conn)
    # What an accepted socket chooses is its own business.
    choose(accepted[0], "minrtt")
    expect("the listener", chosen(server), "default")
    exchange(pairs[0][2], accepted[0])


# --- what is refused ---------------------------------------------------------


def raw_set(sock, pointer, length):
    if LIBC.setsockopt(sock.fileno(), SOL_MPTCP, MPTCP_SCHEDULER, pointer, ctypes.c_int(length)) == 0:
        return None
    return ERRORS[ctypes.get_errno()]


def raw_get(sock, pointer, length):
    if LIBC.getsockopt(sock.fileno(), SOL_MPTCP, MPTCP_SCHEDULER, pointer, length) == 0:
        return None
    return ERRORS[ctypes.get_errno()]


def wrong_values(peer):
    sock = connected(peer)
    choose(sock, "minrtt")
    for what, pointer, length, error in (
        ("unknown", b"nonesuch", 8, "ENOENT"),
        ("no prefix", b"min", 3, "ENOENT"),
        ("of another case", b"MinRTT", 6, "ENOENT"),
        ("with a space", b"default ", 8, "ENOENT"),
        ("an empty name", b"\0", 1, "ENOENT"),
        ("empty, then something", b"\0default", 8, "ENOENT"),
        ("nothing at all", b"default", 0, "EINVAL"),
        ("a negative length", b"default", -1, "EINVAL"),
        ("too long", b"d" * 4096, 4096, "ENOENT"),
        ("too long by one", b"d" * NAME_MAX, NAME_MAX, "ENOENT"),
        ("no address", None, 7, "EFAULT"),
        ("nobody's address", ctypes.c_void_p(1), 7, "EFAULT"),
        ("nothing, and no address", None, 0, "EINVAL"),
    ):
        expect(what, raw_set(sock, pointer, length), error)
        expect(f"after {what}", chosen(sock), "minrtt")
    for option in (MPTCP_INFO, 2, 3, 4, 6):
        expect(f"setting option {option}", error_of(sock.setsockopt, SOL_MPTCP, option, b"default"), "ENOPROTOOPT")
    transfer(sock)


def odd_lengths():
    """The end of a name is a NUL or the length, as for TCP_CONGESTION."""
    sock = new()
    for value, length in ((b"minrtt", 6), (b"minrtt\0", 7), (b"minrtt\0garbage", 14), (b"minrttgarbage", 6)):
        choose(sock, "default")
        expect(f"{value} of {length} bytes", raw_set(sock, value, length), None)
        expect(f"after {value}", chosen(sock), "minrtt")

    length = ctypes.c_int()
    for room, gets in ((0, b""), (1, b"m"), (3, b"min"), (6, b"minrtt"), (NAME_MAX, None), (100, None)):
        space = ctypes.create_string_buffer(b"x" * 128, 128)
        length.value = room
        expect(f"getting {room} bytes", raw_get(sock, space, ctypes.byref(length)), None)
        gets = b"minrtt".ljust(NAME_MAX, b"\0") if gets is None else gets
        expect(f"length of {room} bytes", length.value, len(gets))
        expect(f"{room} bytes", space.raw, gets + b"x" * (128 - len(gets)))
    length.value = -1
    expect("a negative length", raw_get(sock, space, ctypes.byref(length)), "EINVAL")
    length.value = NAME_MAX
    expect("no address", raw_get(sock, None, ctypes.byref(length)), "EFAULT")
    expect("no length", raw_get(sock, space, None), "EFAULT")


def tcp():
    for family, get_error in ((socket.AF_INET, "EOPNOTSUPP"), (socket.AF_INET6, "ENOPROTOOPT")):
        sock = new(family, socket.IPPROTO_TCP)
        expect("setting", error_of(choose, sock, "default"), "ENOPROTOOPT")
        expect("getting", error_of(chosen, sock), get_error)


def fallen_back(peer):
    """As on a TCP socket, and as with the other options of SOL_MPTCP."""
    get_error = "ENOPROTOOPT" if ":" in peer else "EOPNOTSUPP"
    sock = new(socket.AF_INET6 if ":" in peer else socket.AF_INET)
    choose(sock, "minrtt")
    sock.connect((peer, 5002))
    expect("MPTCP_INFO", error_of(bytes_sent, sock), get_error)
    expect("getting", error_of(chosen, sock), get_error)
    expect("setting", error_of(choose, sock, "default"), "ENOPROTOOPT")
    transfer(sock)
    sock.close()


def accepted_tcp():
    server = listener(5012)
    choose(server, "minrtt")
    client = socket.create_connection(("127.0.0.1", 5012))
    conn, _ = server.accept()
    expect("setting", error_of(choose, conn, "default"), "ENOPROTOOPT")
    exchange(client, conn)


# --- at any time -------------------------------------------------------------


def change(what, sock):
    """There and back; twice the same is a change, too."""
    for name in ("minrtt", "minrtt", "default", "default", "minrtt"):
        expect(what, error_of(choose, sock, name), None)
        expect(what, chosen(sock), name)


def every_state(peer):
    sock = new()
    change("new", sock)
    sock.bind(("0.0.0.0", 0))
    change("bound", sock)
    sock.setblocking(False)
    sock.connect_ex((peer, 5008))
    time.sleep(0.2)
    change("connecting", sock)
    sock.close()

    sock = new()
    expect("connecting to nobody", error_of(sock.connect, (peer, 5009)), "ECONNREFUSED")
    change("refused", sock)
    sock.close()

    server = listener(5013)
    change("listening", server)
    client = connected("127.0.0.1", 5013)
    conn, _ = server.accept()
    change("accepted", conn)
    server.close()
    client.shutdown(socket.SHUT_WR)
    change("FIN_WAIT", client)
    expect("end of the stream", conn.recv(1), b"")
    change("CLOSE_WAIT", conn)
    conn.shutdown(socket.SHUT_WR)
    time.sleep(0.3)
    change("closed by both", conn)
    change("closed by both", client)
    conn.close()
    client.close()

    # Unread data makes close() send MP_FASTCLOSE.
    server = listener(5014)
    client = connected("127.0.0.1", 5014)
    conn, _ = server.accept()
    client.sendall(b"never read")
    time.sleep(0.3)
    conn.close()
    time.sleep(0.3)
    change("reset by the peer", client)
    expect("sending", error_of(client.send, b"x"), "EPIPE", "ECONNRESET")
    client.close()
    server.close()

    sock = connected(peer)
    sock.sendall(b"1000000 0\n")
    sock.recv(1000)
    nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
    expect("disconnecting", LIBC.connect(sock.fileno(), nowhere, len(nowhere)), 0)
    change("disconnected", sock)
    sock.connect((peer, 5001))
    change("connected again", sock)
    transfer(sock)
    sock.close()


def while_it_ends(peer):
    """A thread that does not stop choosing meets close(), resets, and the end of data."""
    for end in ("close", "reset", "shutdown", "transfer") * 5:
        sock = connected(peer)
        # A second descriptor, or the thread would find that of another socket.
        again = sock.dup()
        stop = threading.Event()
        errors = []

        def work():
            number = 0
            while not stop.is_set():
                number += 1
                error = error_of(choose, again, ("minrtt", "default")[number % 2])
                if error:
                    errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            if end == "transfer":
                transfer(sock)
            else:
                # What the server answers is never read.
                sock.sendall(b"1000000 200000\n" + expected(0, 200000))
            if end == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if end == "shutdown":
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
            time.sleep(0.1)
        finally:
            stop.set()
            thread.join()
            again.close()
        expect(f"errors at {end}", errors, [])


def listener_meanwhile():
    """A listener changes its mind all the time while it accepts."""
    server = listener(5015)
    stop = threading.Event()
    seen = {"default": 0, "minrtt": 0}
    errors = []

    def changes():
        while not stop.is_set():
            for name in seen:
                choose(server, name)
                time.sleep(0.001)

    def serves():
        try:
            for _ in range(400):
                conn, _ = server.accept()
                seen[chosen(conn)] += 1
                with conn:
                    receive(conn, 5000)
                    send(conn, 5000)
        except (OSError, EOFError, RuntimeError, KeyError) as error:
            errors.append(error)
            server.close()

    threads = [threading.Thread(target=changes), threading.Thread(target=serves)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(400):
            with connected("127.0.0.1", 5015) as client:
                send(client, 5000)
                receive(client, 5000)
    finally:
        threads[1].join(10)
        stop.set()
        threads[0].join()
    print(seen)
    expect("errors", errors, [])
    expect("default and minrtt seen", min(seen.values()) > 0, True)


def listener_of_a_module():
    """Chooses minrtt for moments, whenever it is there, until killed.

    The module comes and goes meanwhile. No connection may fail.
    """
    server = listener(5016)

    def changes():
        while True:
            for name, seconds in (("minrtt", 0.003), ("default", 0.03)):
                error = error_of(choose, server, name)
                if error not in (None, "ENOENT") or (error and name == "default"):
                    print("choosing", name, error)
                    os._exit(1)
                time.sleep(seconds)

    def serves():
        while True:
            conn, _ = server.accept()
            with conn:
                receive(conn, 2000)
                send(conn, 2000)

    for function in (changes, serves):
        threading.Thread(target=function, daemon=True).start()
    while True:
        with connected("127.0.0.1", 5016) as client:
            client.settimeout(30)
            send(client, 2000)
            receive(client, 2000)


# --- in the middle of a transfer ---------------------------------------------


def both_ways(sock, total, switches):
    """Send and receive at the same time, and change the scheduler all along."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 << 10)
    share = total * 9 // 10 // switches
    # In shares; less than what is left for the time after the last change, or all
    # would be sent before that.
    ahead = min(20, switches // 20)
    # Bytes given to the socket, changes made, and whether the one waits for the other.
    progress, made, waits = [0], [0], [False]
    carried = {"default": 0, "minrtt": 0}
    errors = []

    def sends():
        while progress[0] < total:
            # Never far ahead of the changes: on a busy machine these would come all
            # at once, and one of the two carry next to nothing.
            waits[0] = made[0] < switches and progress[0] > share * (made[0] + ahead)
            if waits[0] and not errors:
                time.sleep(0.0002)
                continue
            progress[0] += sock.send(expected(progress[0], min(CHUNK // 4, total - progress[0])))

    def receives():
        receive(sock, total)

    def changes():
        # Evenly over nine tenths of the transfer. What is carried between two
        # changes was carried by the scheduler of that time.
        before = bytes_sent(sock)
        current = chosen(sock)
        for number in range(1, switches + 1):
            while bytes_sent(sock) < before + share // 2 and not errors:
                if waits[0] and bytes_sent(sock) >= progress[0]:
                    break
                time.sleep(0.0002)
            now = bytes_sent(sock)
            carried[current] += now - before
            before = now
            current = ("default", "minrtt")[number % 2]
            choose(sock, current)
            made[0] = number
            waits[0] = False
        expect("still sending after the last change", progress[0] < total, True)

    def run(function):
        try:
            function()
        except (OSError, EOFError, RuntimeError) as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in (sends, receives, changes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect("errors", errors, [])
    # Not a byte more than that.
    sock.shutdown(socket.SHUT_WR)
    expect("the end", sock.recv(1), b"")
    print(f"default carried {carried['default']} bytes, minrtt {carried['minrtt']}")
    expect("each carried a tenth or more", min(carried.values()) * 10 >= total, True)


def both_ways_server(port, total, switches):
    server = new(socket.AF_INET6)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", int(port)))
    server.listen(1)
    both_ways(server.accept()[0], int(total), int(switches))


def both_ways_client(peer, port, total, switches):
    both_ways(connected(peer, int(port)), int(total), int(switches))


def waiting_data(peer, first, second):
    """Data that waits is offered to the new scheduler before setsockopt() returns.

    The path takes 400 ms one way, so that nothing else happens meanwhile: minrtt
    waits as soon as the congestion window is full.
    """
    total = 400000
    sock = connected(peer)
    choose(sock, first)
    # For the second subflow.
    time.sleep(3)
    sock.sendall(f"1000 {total}\n".encode())
    time.sleep(1.5)
    begin = time.monotonic()
    send(sock, total)
    time.sleep(0.1)
    early = bytes_sent(sock)
    time.sleep(0.1)
    before = bytes_sent(sock)
    choose(sock, second)
    after = bytes_sent(sock)
    if time.monotonic() - begin > 0.7:
        raise RuntimeError("this machine is too slow to tell")
    print(f"of {total} bytes {early} and {before} were sent before the change, {after} after it")
    expect("it stood", before, early)
    expect("for lack of room", before < total, True)
    if second == "default":
        expect("and went on at once", after > before, True)
    receive(sock, 1000)
    sock.close()


def without_readers():
    """The peer's window is closed all the time."""
    server = listener(5017)
    client = connected("127.0.0.1", 5017)
    conn, _ = server.accept()
    choose(client, "minrtt")
    client.setblocking(False)
    offset = 0
    try:
        while True:
            offset += client.send(expected(offset, CHUNK))
    except BlockingIOError:
        pass
    for _ in range(20):
        change("full", client)
        time.sleep(0.01)
    client.setblocking(True)
    # What was in the buffers, and as much again.
    thread = threading.Thread(target=lambda: client.sendall(expected(offset, offset)))
    thread.start()
    receive(conn, offset * 2)
    thread.join()
    client.shutdown(socket.SHUT_WR)
    expect("the end", conn.recv(1), b"")


# --- the module --------------------------------------------------------------


def module_in_use(peer):
    """Sockets of every kind hold the module, and let go of it when they choose another."""
    server = listener(5018)
    client = connected("127.0.0.1", 5018)
    conn, _ = server.accept()
    fresh = new()
    remote = connected(peer)
    users = {"a listener": server, "a client": client, "an accepted socket": conn,
             "a socket": fresh, "a connection": remote}
    count = pathlib.Path("/sys/module/heddle/refcnt")
    expect("users", count.read_text(), "0\n")
    for number, sock in enumerate(users.values(), 1):
        choose(sock, "minrtt")
        expect("users", count.read_text(), f"{number}\n")
    for what, sock in users.items():
        rmmod = subprocess.run(["rmmod", "heddle"], capture_output=True, text=True, check=False)
        expect(f"unloading with {what}", rmmod.returncode != 0 and "in use" in rmmod.stderr, True)
        expect(what, chosen(sock), "minrtt")
        choose(sock, "default")
    rmmod = subprocess.run(["rmmod", "heddle"], capture_output=True, text=True, check=False)
    expect("unloading", (rmmod.returncode, rmmod.stderr), (0, ""))
    for what, sock in users.items():
        expect(f"{what}, with the module gone", error_of(choose, sock, "minrtt"), "ENOENT")
        expect(what, chosen(sock), "default")
    exchange(client, conn)
    transfer(remote)
    fresh.connect((peer, 5001))
    transfer(fresh)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
