#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes memory run out where the module asks for it. Arguments: VERB [FILE].

Allocations fail for this process alone, and only during one system call at a
time: a file system that runs out of memory would break much besides.
"""

import ctypes
import errno
import os
import pathlib
import random
import socket
import sys

from traffic import receive, send

LIBC = ctypes.CDLL(None, use_errno=True)
INIT_MODULE, DELETE_MODULE = 175, 176
FAIL = pathlib.Path("/sys/kernel/debug/failslab")
SCHEDULERS = pathlib.Path("/proc/sys/net/mptcp/available_schedulers")


class Failing:
    """Allocations fail with this probability, in percent, while in here."""

    def __init__(self, probability):
        settings = {"task-filter": 1, "ignore-gfp-wait": 0, "times": -1, "verbose": 0}
        for name, value in {**settings, "probability": probability}.items():
            (FAIL / name).write_text(str(value))
        self.switch = os.open("/proc/self/make-it-fail", os.O_WRONLY)

    def __enter__(self):
        os.pwrite(self.switch, b"1", 0)

    def __exit__(self, *_):
        os.pwrite(self.switch, b"0", 0)


def sockets():
    """socket() fails as for any other lack of memory, or succeeds."""
    made = failed = 0
    failing = Failing(20)
    for _ in range(500):
        try:
            with failing:
                sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
            sock.close()
            made += 1
        except OSError as error:
            if error.errno not in (errno.ENOMEM, errno.ENFILE, errno.ENOBUFS):
                raise
            failed += 1
    print(made, "made", failed, "failed")
    return made and failed


def choices(peer):
    """A choice that fails leaves the scheduler and what it keeps as they were."""
    sol_mptcp, mptcp_scheduler = 284, 5
    made = failed = 0
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    sock.connect((peer, 5001))
    failing = Failing(50)
    for _ in range(500):
        try:
            with failing:
                sock.setsockopt(sol_mptcp, mptcp_scheduler, b"minrtt")
            made += 1
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            failed += 1
        name = sock.getsockopt(sol_mptcp, mptcp_scheduler, 16)
        if name.rstrip(b"\0") != b"minrtt":
            print("left with", name)
            return False
    sock.sendall(b"200000 200000\n")
    send(sock, 200000)
    receive(sock, 200000)
    print(made, "made", failed, "failed")
    return made and failed


def modules(path):
    """Loading succeeds as a whole, or leaves nothing; unloading succeeds.

    One allocation fails, among the last ones of a load: those of the module. What
    comes before them is the kernel's own, whose tracing warns of its lack of memory.
    """
    image = pathlib.Path(path).read_bytes()
    names = os.environ["SCHEDULERS"].split()
    plenty, reach = 1 << 30, 24000
    counted = loaded = failed = 0
    failing = Failing(100)

    def load(space):
        (FAIL / "times").write_text("1")
        (FAIL / "space").write_text(str(space))
        with failing:
            return LIBC.syscall(INIT_MODULE, image, ctypes.c_ulong(len(image)), b"")

    def unload():
        if LIBC.syscall(DELETE_MODULE, b"heddle", os.O_NONBLOCK) != 0:
            print("not unloaded:", os.strerror(ctypes.get_errno()))
            return False
        return True

    for _ in range(100):
        error = load(counted - random.randrange(reach) if counted else plenty)
        there = SCHEDULERS.read_text().split() == names
        if (error == 0) != there or pathlib.Path("/sys/module/heddle").exists() != there:
            print("half loaded:", error, SCHEDULERS.read_text())
            return False
        if error == 0:
            loaded += 1
            counted = counted or plenty - int((FAIL / "space").read_text())
            if not unload():
                return False
        else:
            failed += 1
    (FAIL / "space").write_text("0")
    (FAIL / "times").write_text("-1")
    print(counted, "bytes of a load;", loaded, "loaded", failed, "failed")
    return loaded and failed > 2


if __name__ == "__main__":
    done = globals()[sys.argv[1]](*sys.argv[2:])
    sys.exit(0 if done else 1)
