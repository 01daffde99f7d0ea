# SPDX-License-Identifier: GPL-2.0
"""The demonstration with HAProxy in front of two nginx, configured as Documentation/programs/ has them.

Transfers run in virtual time, in which nothing takes time but the network: their
figures are those of the network. Reloads run at native speed.
"""

import subprocess

import demo_reload
import demo_transfers as transfers

SIZE = 24 * transfers.MIB
API, DOWNLOADS = "http://10.0.1.2:8080/file", "http://10.0.1.2:8081/file"
HOSTS = ("client", "server", "backend1", "backend2")
WIDTH = 32
# What is run, the scheduler of all hosts, and where the file comes from.
TRANSPORTS = (
    ("TCP", None, DOWNLOADS),
    ("MPTCP, kernel's default", "default", DOWNLOADS),
    ("MPTCP, weighted (downloads)", "heddle", DOWNLOADS),
    ("MPTCP, ecf (API)", "heddle", API),
)
RESTORE = 3
CONFIG = "/etc/haproxy/haproxy.cfg"
RELOADS = 5
KINDS = (
    ("haproxy-master", RELOADS, "its listeners are passed on"),
    ("haproxy", RELOADS, "its listeners are closed"),
)


def serve(scheduler):
    """All programs, started anew: a listener keeps its scheduler, and a reload what a listener is."""
    transfers.net("proxy_down")
    transfers.schedulers(HOSTS, scheduler or "default")
    transfers.net("configure_haproxy", "mptcp" if scheduler else "tcp")
    transfers.net("proxy_up", *(["mptcpize", "run"] if scheduler else []))


def build():
    """The network; behind the proxy it is faster than before it."""
    transfers.build(SIZE, "backends_up")
    for path in (11, 12, 21, 22):
        transfers.net("shape", path, "100mbit", "1ms")
    transfers.heddle("server", "rule", "add", "sport", 8080, "scheduler", "ecf")
    transfers.heddle("server", "rule", "add", "sport", 8081, "scheduler", "weighted")


def who_decides():
    """What the connections of two downloads at a time use, of all hosts; printed as well."""
    fetching = [
        subprocess.Popen(["ip", "netns", "exec", "client", "mptcpize", "run", "curl", "-sSf", "-o", "/dev/null", url])
        for url in (API, DOWNLOADS)
    ]
    subprocess.run(["sleep", "2"], check=True)
    found = []
    for what, host, port in (("API to client", "server", 8080), ("downloads to client", "server", 8081),
                             ("backend 1 to proxy", "backend1", 8000), ("backend 2 to proxy", "backend2", 8000)):
        for conn in transfers.connections(host, port):
            if conn["sent"] > transfers.MIB:
                found.append({"name": what} | conn)
    for process in fetching:
        if process.wait():
            raise RuntimeError("a download failed")
    print("Who schedules what is sent, in the middle of two downloads:")
    for conn in found:
        by = f"rule {conn['rule']}" if conn["by"] == "rule" else conn["by"]
        shares = " + ".join(f"{share} %" for share in conn["shares"].split(","))
        print(f"  {conn['name']:{WIDTH - 2}}{conn['scheduler'] + ' (' + by + ')':24}{shares}")
    print(flush=True)
    return found


def show_transfers():
    """The first part."""
    build()
    transfers.introduce("HAProxy sends", SIZE)
    transfers.head(WIDTH)
    rows = []
    for name, scheduler, url in TRANSPORTS:
        serve(scheduler)
        rows.append(transfers.row(name, url, bool(scheduler), WIDTH))
    print()
    deciders = who_decides()
    print(f"Path 1 is cut half-way through a download, and is back {RESTORE} s later:")
    cuts = []
    for name, scheduler, url in TRANSPORTS[1:]:
        serve(scheduler)
        result = {"name": name} | transfers.cut(url, RESTORE)
        cuts.append(result)
        print(
            f"  {name:{WIDTH - 2}}"
            + (
                f"recovers in {result['stall_ms']} ms, and finishes intact in {result['seconds']:.2f} s; "
                f"path 1 then carries {result['bytes_after_restore'] / 1e6:.1f} MB"
                if result["completed"]
                else "does NOT finish intact"
            )
        )
    print(flush=True)
    chosen = {(conn["name"], conn["scheduler"]) for conn in deciders}
    ok = (
        transfers.shows(rows)
        and all(cut["completed"] for cut in cuts)
        and {("API to client", "ecf"), ("downloads to client", "weighted")} <= chosen
    )
    return {"rows": rows, "connections": deciders, "cuts": cuts, "ok": ok}


def show_reloads():
    """The second part."""
    build()
    serve("heddle")
    transfers.net("end_all", "server")
    transfers.net("for_many_clients")
    rows = demo_reload.show(KINDS, 8080, ["--config", CONFIG, "--mptcp"], f"{RELOADS} reloads under load: requests that fail")
    return {"reload": {"rows": rows}, "ok": all(row["lost"] == 0 for row in rows if row["policy"] != "off")}
