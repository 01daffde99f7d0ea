# SPDX-License-Identifier: GPL-2.0
"""The demonstration with nginx alone: transfers by TCP and MPTCP, a path that is cut, and restarts under load."""

import demo_reload
import demo_transfers as transfers

SIZE = 8 * transfers.MIB
URL = "http://10.0.1.2:8000/file"
TRANSPORTS = (("TCP", None), ("MPTCP, kernel's default", "default"), ("MPTCP, heddle's minrtt", "minrtt"))


def serve(scheduler):
    """nginx, started anew: a listener keeps its scheduler."""
    transfers.net("end_all", "server")
    transfers.schedulers(("client", "server"), scheduler or "default")
    transfers.net("nginx_up", "server", *(["mptcpize", "run"] if scheduler else []))


def show():
    """All of it; returns what is for machines."""
    transfers.build(SIZE)
    transfers.introduce("nginx sends", SIZE)
    transfers.head()
    rows = []
    for name, scheduler in TRANSPORTS:
        serve(scheduler)
        rows.append(transfers.row(name, URL, bool(scheduler)))
    cut = transfers.cut(URL)
    transfers.net("end_all", "server")
    print()
    print(
        "Path 1 is cut half-way through a download: "
        + (
            f"it finished intact, after a stall of {cut['stall_ms']} ms."
            if cut["completed"]
            else "it did NOT finish intact."
        )
    )
    print(flush=True)
    reload = demo_reload.show()
    ok = transfers.shows(rows) and cut["completed"] and demo_reload.holds(reload)
    return {"rows": rows, "failover": cut, "reload": {"rows": reload}, "ok": ok}
