# SPDX-License-Identifier: GPL-2.0
"""What the demonstrations have in common: downloads over two paths, as a table, and a path that is cut.

The network and the servers are those of the selftests, made by selftests/net;
selftests/download.py is what fetches and looks.
"""

import os
import pathlib
import subprocess
import sys

SELFTESTS = pathlib.Path(__file__).resolve().parent.parent / "selftests"
sys.path.insert(0, str(SELFTESTS))

import conns  # noqa: E402  these are found there
import download  # noqa: E402

MIB = 1 << 20
PATHS = {1: ("20mbit", "10ms"), 2: ("20mbit", "40ms")}
FILE = pathlib.Path("/var/www/html/file")


def net(*words):
    """A function of selftests/lib.sh or selftests/proxy.sh."""
    subprocess.run([SELFTESTS / "net", *map(str, words)], check=True)


def connections(host, port):
    """Those of a host, with their schedulers."""
    return conns.conns(host, port)


def schedulers(hosts, name):
    """What listeners and connections of these hosts have from now on."""
    for host in hosts:
        net("scheduler", host, name)


def shape():
    """The two paths between client and server."""
    for path, (rate, delay) in PATHS.items():
        net("shape", path, rate, delay)


def introduce(who, size):
    """The first lines."""
    print(f"Linux {os.uname().release}: {who} {size // MIB} MiB to curl, over two paths:")
    for path, (rate, delay) in PATHS.items():
        print(f"  path {path}: {rate}, {delay} one way")
    print()


def head(width=24):
    """That of the table."""
    print(f"{'':{width}}{'seconds':>8} {'Mbit/s':>7}  {'path 1':<26} {'path 2':<26} intact", flush=True)


def bar(share, width=20):
    """A share as a picture."""
    filled = round(share * width)
    return "#" * filled + "." * (width - filled)


def row(name, url, mptcp, width=24):
    """One download, as a row that is printed."""
    got = download.download(url, FILE, mptcp)
    total = sum(got["carried"].values()) or 1
    share = {f"path{path}": round(carried / total, 3) for path, carried in got["carried"].items()}
    mbit = FILE.stat().st_size * 8 / got["seconds"] / 1e6 if got["seconds"] else 0
    result = {"name": name, "seconds": round(got["seconds"], 3), "mbit_per_s": round(mbit, 2), "share": share, "sha256_ok": got["ok"]}
    shares = " ".join(f"{bar(one)} {one:4.0%} " for one in share.values())
    print(f"{name:{width}}{result['seconds']:8.2f} {mbit:7.2f}  {shares} {'yes' if got['ok'] else 'NO'}", flush=True)
    return result


def cut(url, restore=None):
    """Path 1 is cut half-way through a download, and may come back so many seconds later."""
    for attempt in range(3):
        try:
            got = download.download(url, FILE, cut=[1], restore=restore)
            break
        except download.TooLate:
            # A machine that is busy with other things.
            if attempt == 2:
                raise
    result = {"completed": got["ok"], "stall_ms": got["stall_ms"], "seconds": round(got["seconds"], 3)}
    if restore is not None:
        result["bytes_after_restore"] = got["carried_again"]
    return result


def shows(rows):
    """MPTCP that stays on one path, or is no faster than TCP, shows nothing."""
    tcp, *mptcp = rows
    return (
        all(row["sha256_ok"] for row in rows)
        and all(min(row["share"].values()) > 0.1 for row in mptcp)
        and mptcp[-1]["seconds"] < tcp["seconds"]
    )


def build(size, *more):
    """The network, with the hosts of these functions as well, and a site with a file."""
    for function in ("network_up", *more):
        net(function)
    shape()
    net("site_up", size // MIB)


def heddle(host, *words):
    """The command, on a host."""
    subprocess.run(["heddle", "--netns", host, *map(str, words)], check=True)
