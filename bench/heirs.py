# SPDX-License-Identifier: GPL-2.0
"""In the guest: times the choice of an heir among 4 and among 4,096 listeners."""

import pathlib
import resource
import socket
import subprocess

SMALL, LARGE = 4, 4096
SAMPLES, CALLS = 300, 200
POLICIES = ("hash", "newest", "shortest", "same_cpu", "same_node", "label", "same_cgroup", "other_cgroup")
MIGRATE_REQ = pathlib.Path("/proc/sys/net/ipv4/tcp_migrate_req")
POLICY = pathlib.Path("/proc/sys/net/heddle/migrate/policy")
HEIR, LISTENER = 0, 1


def group(number, port):
    """Listeners that share an address."""
    listeners = []
    for _ in range(number):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("127.0.0.1", port))
        sock.listen()
        listeners.append(sock)
    return listeners


def rows(parameters):
    """Of each policy, and of what the kernel does without one: ns among few and among many."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    few, many = group(SMALL, 6001), group(LARGE, 6002)
    client = socket.socket()

    def timed(name, what):
        fds = f"{few[0].fileno()} {many[0].fileno()} {client.fileno()}"
        (parameters / "heirs").write_text(f"{what} {fds} {SAMPLES} {CALLS}")
        tenths = map(int, (parameters / "heirs_result").read_text().split())
        names = ("min", "median", "p90", "many_min", "many_median", "many_p90")
        return {"policy": name, **{key: ns / 10 for key, ns in zip(names, tenths)}}

    MIGRATE_REQ.write_text("1")
    result = []
    for policy in ("off", *POLICIES):
        POLICY.write_text(policy)
        result.append(timed("tcp_migrate_req" if policy == "off" else policy, HEIR))
    # The way of a SYN: the module has no say in it, but a static key is on.
    result.append(timed("SYN, module loaded", LISTENER))
    for sock in few + many + [client]:
        sock.close()
    subprocess.run(["rmmod", "heddle"], check=True)
    few, many, client = group(SMALL, 6001), group(LARGE, 6002), socket.socket()
    result.append(timed("SYN, not loaded", LISTENER))
    return result
