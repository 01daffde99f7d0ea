# SPDX-License-Identifier: GPL-2.0
"""The second part of the demonstration: servers that are restarted under load.

Some listener is always open, and yet clients lose their connections: those
that a listener had not accepted when it closed. Each kind of restart is shown
without a policy, which is what the kernel does by default, and with "newest".
The restarts are those of selftests/restart.py, on the network of demo-guest.
"""

import pathlib
import subprocess

RESTART = pathlib.Path(__file__).resolve().parent.parent / "selftests" / "restart.py"
ADDRESS, PORT = "10.0.1.2", 8081
POLICIES = ("off", "newest")
# How often, for two or three seconds of each on an emulated CPU.
KINDS = (
    ("nginx-reload", 4, "nginx reloads, fewer workers"),
    ("nginx-replace", 3, "a second nginx takes over"),
    ("nginx-failed", 1, "a second nginx fails to start"),
    ("haproxy", 2, "a second HAProxy takes over"),
)


def restart(kind, times, policy, port, options):
    """What clients see of it."""
    on_server = ["ip", "netns", "exec", "server"]
    subprocess.run([*on_server, "sysctl", "-qw", f"net.heddle.migrate.policy={policy}"], check=True)
    said = subprocess.run(
        [*on_server, "python3", RESTART, kind, ADDRESS, str(port), "--restarts", str(times), *options],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    seen = dict(word.split("=") for word in said.split())
    lost = int(seen["lost"])
    return {"name": kind, "policy": policy, "restarts": times, "closed": int(seen["closed"]),
            "connections": int(seen["of"]), "lost": lost, "lost_per_restart": lost / times}


def show(kinds=KINDS, port=PORT, options=(), title="Restarts under load: connections that clients lose"):
    """Prints the table; returns its rows."""
    print(f"{title}, though some listener is always open")
    print(f"{'':30}{'without Heddle':>20}{'migrate.policy=newest':>26}")
    rows = []
    for kind, times, name in kinds:
        print(f"{name:30}", end="", flush=True)
        for policy, width in zip(POLICIES, (20, 26)):
            row = restart(kind, times, policy, port, options)
            rows.append(row)
            print(f"{row['lost']:>{width - 10}} of {row['connections']:>6}", end="", flush=True)
        print("" if rows[-2]["lost"] else "  (no difference, this time)")
    return rows


def holds(rows):
    """Whether that shows what it is to show: with us nothing is lost, and without us something.

    Most restarts are over in so few milliseconds that a run may lose nothing
    without us either; such a row is no success of ours, and no failure. But an
    nginx that fails to start listens for two seconds and accepts nothing: if not
    even that loses a connection, "lost 0" says nothing, and the demonstration
    has failed.
    """
    lost = {policy: sum(row["lost"] for row in rows if row["policy"] == policy) for policy in POLICIES}
    return lost["newest"] == 0 and lost["off"] > 0 and all(row["connections"] for row in rows)
