#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Listeners that are closed while nobody else listens.

What they have, and what comes meanwhile, waits for the next one that listens.
Runs in the namespace of the test, on loopback; net.heddle.migrate.park_ms and
a policy are set by it.
"""

import errno
import os
import signal
import socket
import time

from migrate import CLIENTS, PATIENCE, Wrong, counted, held, in_state, main, must, shut, wait_for

FEW = 5


def knob(name, value):
    """Set net.heddle.migrate.NAME."""
    with open(f"/proc/sys/net/heddle/migrate/{name}", "w", encoding="ascii") as file:
        file.write(str(value))


def all_closed(group):
    """Close all listeners, as a program does that ends."""
    for sock in group.listeners:
        sock.close()
    group.listeners.clear()


def ended():
    """How many parked listeners were closed, for one reason or the other."""
    return counted("ParkHandedOver") + counted("ParkExpired")


def listening(group):
    """Sockets that listen at the port."""
    return in_state("listening", group.how.port)


def must_go_on(group):
    """Of several that are closed one after another, some hand over to the next one."""
    must(1 <= listening(group) <= 4, "none goes on")


def gap(group, number):
    """Some connect, the listeners are closed, more connect; then one listens and gets all."""
    before = counted("ParkHandedOver"), counted("Parked")
    group.open(number)
    group.connect(FEW)
    all_closed(group)
    must(counted("Parked") == before[1] + number, "not all were parked")
    group.connect(CLIENTS - FEW)
    group.speak()
    time.sleep(0.2)
    must_go_on(group)
    must(counted("ParkHandedOver") < before[0] + number, "handed over to nobody")
    heir, = group.open(1)
    group.accept(heir)
    wait_for(lambda: f"{listening(group)} listen", lambda: listening(group) == 1)
    must(counted("ParkHandedOver") == before[0] + number, "not all were handed over")


def case_one(group):
    """Of one listener."""
    gap(group, 1)


def case_four(group):
    """Of four, which are closed one after another."""
    gap(group, 4)


def case_handshake(group):
    """A handshake is completed while nobody listens, others when somebody does again."""
    # One of two would hand its requests to the other one, which not every kernel can
    # do with those of MPTCP.
    group.open(1 if group.how.mptcp else 2)
    with held(group.how.port):
        group.connect()
        all_closed(group)
    wait_for(lambda: "no connection", lambda: in_state("syn-recv", group.how.port) == 0)
    group.speak()
    heir, = group.open(1)
    group.accept(heir)


def case_killed(group):
    """Of a process that is killed, with four listeners."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        group.open(4)
        os.write(told, b"x")
        signal.pause()
    os.read(ready, 1)
    group.connect()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    group.speak()
    heir, = group.open(1)
    group.accept(heir)


def case_rolling(group):
    """One is open all the time: who is closed hands over at once."""
    before = counted("ParkHandedOver")
    first, = group.open(1)
    group.connect()
    heir, = group.open(1)
    group.listeners.remove(first)
    first.close()
    wait_for(lambda: f"{listening(group)} listen", lambda: listening(group) == 1)
    must(counted("ParkHandedOver") == before + 1, "it was not handed over")
    group.speak()
    group.accept(heir)


def case_expires(group):
    """Nobody comes: the connections are reset, and the address is free again."""
    knob("park_ms", 300)
    before = counted("ParkExpired"), ended()
    group.open(2)
    group.connect()
    begin = time.monotonic()
    all_closed(group)
    group.are_reset()
    must(time.monotonic() - begin >= 0.3, "too soon")
    wait_for(lambda: "still listening", lambda: listening(group) == 0)
    must(counted("ParkExpired") > before[0] and ended() == before[1] + 2, "not counted")
    try:
        socket.create_connection(group.address, 5)
        raise Wrong("somebody listens")
    except ConnectionRefusedError:
        pass


def case_bounded(group):
    """Where there is no room for what they have, they are closed at once."""
    knob("park_connections", FEW - 1)
    before = counted("ParkRefused"), counted("Parked")
    group.open(1)
    group.connect(FEW)
    all_closed(group)
    group.are_reset()
    must((counted("ParkRefused"), counted("Parked")) == (before[0] + 1, before[1]), "not counted")
    must(listening(group) == 0, "it goes on")


def case_few(group):
    """No more wait than may; the others are not let in yet, and none is lost."""
    knob("park_connections", FEW)
    group.open(1)
    group.connect(1)
    all_closed(group)
    must(listening(group) == 1, "it does not go on")
    for _ in range(CLIENTS - 1):
        sock = socket.socket(group.family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex(group.address)
        group.clients.append(sock)
    time.sleep(0.3)
    must(in_state("established", group.how.port) <= FEW, "more wait than may")
    heir, = group.open(1)
    for sock in group.clients:
        sock.settimeout(PATIENCE)
    group.speak()
    group.accept(heir)


def case_taken(group):
    """The address is in use meanwhile, for those who do not share it; it is free afterwards."""
    knob("park_ms", 500)
    group.open(1)
    all_closed(group)
    sock = socket.socket(group.family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(group.address)
        raise Wrong("it is free")
    except OSError as error:
        must(error.errno == errno.EADDRINUSE, str(error))
    wait_for(lambda: "still listening", lambda: listening(group) == 0)
    sock.bind(group.address)
    sock.listen()
    sock.close()


def is_not_parked(group, close):
    """A way to close a listener that is to end it."""
    before = counted("Parked")
    only, = group.open(1)
    group.connect()
    close(only)
    group.are_reset()
    must(listening(group) == 0, "it goes on")
    must(counted("Parked") == before, "it was parked")


def case_shutdown(group):
    """Who calls shutdown() wants it to end."""
    is_not_parked(group, shut)


def case_alone(group):
    """Without SO_REUSEPORT there is nobody to wait for."""
    before = counted("Parked")
    sock = socket.socket(group.family, socket.SOCK_STREAM)
    sock.bind(group.address)
    sock.listen()
    sock.close()
    must(counted("Parked") == before and listening(group) == 0, "it was parked")


def case_unwanted(group):
    """With a policy that hands nothing over, and with a time of 0."""
    for settings in (("policy", "off"), ("policy", "refuse"), ("park_ms", "0")):
        knob("policy", "newest")
        knob("park_ms", 10000)
        knob(*settings)
        is_not_parked(group, lambda sock: (group.listeners.clear(), sock.close()))
        group.clients.clear()


def case_leave(group):
    """Leave some parked, with connections: for a module or a namespace that goes."""
    group.open(4)
    group.connect()
    all_closed(group)
    must_go_on(group)


if __name__ == "__main__":
    knob("policy", "newest")
    knob("park_ms", 30000)
    knob("park_connections", 16384)
    main(globals(), __doc__, lambda: knob("park_ms", 0))
