#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""In the guest: guest.py OUTPUT BENCH.KO times decisions.

Those of every scheduler: connections of 1, 2, 4 and 8 subflows between two
namespaces; nothing is sent while they are timed. Those of every migration
policy, see heirs.py. Writes OUTPUT/bench.json.
"""

import json
import pathlib
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
import heirs  # noqa: E402
import network  # noqa: E402 (it is in another folder)

IPPROTO_MPTCP = 262
SOL_MPTCP, MPTCP_INFO = 284, 1
# struct mptcp_info: the number of subflows besides the first one, and the token.
EXTRA_SUBFLOWS, TOKEN = 0, 12
SAMPLES, CALLS = 400, 200
PARAMETERS = pathlib.Path("/sys/module/heddle_bench/parameters")


def run(text):
    network.command(*text.split())


def build(paths):
    for host in ("client", "server"):
        run(f"ip netns add {host}")
        run(f"ip -n {host} link set lo up")
        run(f"ip -n {host} mptcp limits set subflows 8 add_addr_accepted 8")
    for path in range(1, paths + 1):
        run(f"ip link add c{path} netns client type veth peer name s{path} netns server")
        for host, end in (("client", 1), ("server", 2)):
            run(f"ip -n {host} addr add 10.0.{path}.{end}/24 dev {host[0]}{path}")
            run(f"ip -n {host} link set {host[0]}{path} up")
        if path > 1:
            run(f"ip -n server mptcp endpoint add 10.0.{path}.2 signal")


def connect():
    """A connection: both of its ends, and the listener, which subflows need."""
    network.enter("server")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    listener.bind(("0.0.0.0", 5001))
    listener.listen()
    network.enter("client")
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    client.connect(("10.0.1.2", 5001))
    server, _ = listener.accept()
    # The first data makes it fully established, and gives round-trip times.
    for _ in range(20):
        client.sendall(b"x")
        server.recv(1)
        server.sendall(b"y")
        client.recv(1)
    return client, server, listener


def wait_for_subflows(server, number):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        info = server.getsockopt(SOL_MPTCP, MPTCP_INFO, 64)
        if info[EXTRA_SUBFLOWS] + 1 == number:
            time.sleep(1)
            return struct.unpack_from("I", info, TOKEN)[0]
        time.sleep(0.1)
    raise TimeoutError(f"{info[EXTRA_SUBFLOWS] + 1} subflows instead of {number}")


def one(token, scheduler, full):
    (PARAMETERS / "run").write_text(f"{token} {scheduler} {SAMPLES} {CALLS} {int(full)}")
    number, *tenths = map(int, (PARAMETERS / "result").read_text().split())
    names = ("min", "median", "p90", "default_min", "default_median", "default_p90")
    return {"subflows": number, **{name: ns / 10 for name, ns in zip(names, tenths)}}


def main():
    output, module = sys.argv[1:]
    run(f"insmod {module}")
    schedulers = pathlib.Path("/proc/sys/net/mptcp/available_schedulers").read_text().split()
    rows = []
    for number in (1, 2, 4, 8):
        build(number)
        client, server, listener = connect()
        network.enter("server")
        token = wait_for_subflows(server, number)
        for full in (False, True):
            for scheduler in schedulers:
                if scheduler in ("default", "heddle") or (full and number == 1):
                    continue
                rows.append({"scheduler": scheduler, "full": full, **one(token, scheduler, full)})
        for sock in (client, server, listener):
            sock.close()
        for host in ("client", "server"):
            run(f"ip netns del {host}")
    result = {"schedulers": rows, "heirs": heirs.rows(PARAMETERS)}
    pathlib.Path(output, "bench.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
