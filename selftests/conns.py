#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the MPTCP connections of a host use, a line each, of what "heddle --json conn" says.

conns.py HOST PORT: those from or to the port, as
	scheduler=weighted by=rule rule=20 sent=123456 remote=10.0.1.1 shares=75,25
with what each subflow that lives has sent, in percent of all that they have.
"""

import json
import subprocess
import sys


def conns(host, port):
    """The connections, as dicts of what is printed."""
    said = subprocess.run(["heddle", "--netns", host, "--json", "conn"], check=True, stdout=subprocess.PIPE).stdout
    for conn in json.loads(said):
        if port in (conn["local_port"], conn["remote_port"]):
            sent = [subflow["bytes_sent"] for subflow in conn["subflows"]]
            yield {
                "scheduler": conn["scheduler"],
                "by": conn["chosen_by"],
                "rule": conn.get("rule", "none"),
                "sent": conn["bytes_sent"],
                "remote": conn["remote_addr"],
                "shares": ",".join(str(round(100 * one / max(1, sum(sent)))) for one in sent),
            }


if __name__ == "__main__":
    for found in conns(sys.argv[1], int(sys.argv[2])):
        print(*(f"{name}={value}" for name, value in found.items()))
