#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connections are closed in every state.

. "$(dirname "$0")/lib.sh"

closes() {
	on client timeout $((60 * SLOW)) python3 "$HERE/states.py" 10.0.1.2 "$1"
}

all_let_go() {
	kill_jobs
	# A closed socket lives on as long as its last words are on the way.
	wait_for 120 all_closed MinRtt || fail "$(all_counted)"
}

load
network_up
shape 1 20mbit 5ms
shape 2 20mbit 5ms
scheduler client minrtt
scheduler server minrtt
on server nft -f - <<'END'
table inet silent {
	chain in { type filter hook input priority 0; tcp dport 5008 drop; }
}
END
serve 5001
# shellcheck disable=SC2013 # no name has a space in it
for state in $(sed -n 's/^def \([a-z_]*\)():$/\1/p' "$HERE/states.py" | grep -vx new); do
	check "closed: ${state//_/ }" closes "$state"
done
check "every connection is gone in the end" all_let_go
finish
