#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One end, or the way between them, knows TCP only.

. "$(dirname "$0")/lib.sh"

plain_server() {
	fetch "$1" 5002 1000000 --upload 1000000
}

plain_client() {
	fetch "$1" 5001 1000000 --upload 1000000 --tcp
}

# A middle box that takes the MPTCP options out of every packet.
stripped() {
	on client nft -f - <<-'END' || return
		table inet strip {
			chain out { type filter hook output priority 0; reset tcp option mptcp; }
			chain in { type filter hook input priority 0; reset tcp option mptcp; }
		}
	END
	fetch 10.0.1.2 5001 1000000 --upload 1000000
}

# From the middle of a connection on: it has to become plain TCP while it is
# being scheduled, or be reset; it must not hang, nor deliver wrong data.
stripped_later() {
	local job
	on client nft delete table inet strip
	on client ip mptcp limits set subflows 0 add_addr_accepted 0
	on server ip mptcp limits set subflows 0
	on server ip mptcp endpoint flush
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 $((16 << 20))
	job=${_jobs[-1]}
	sleep $((2 * SLOW))
	kill -0 "$job" || fail "over too soon to tell" || return
	on client nft -f - <<-'END' || return
		table inet strip {
			chain out { type filter hook output priority 0; reset tcp option mptcp; }
			chain in { type filter hook input priority 0; reset tcp option mptcp; }
		}
	END
	wait_for 90 test ! -d "/proc/$job" || return
	! wait "$job" 2>/dev/null || echo "it went on as TCP"
	! grep -q "wrong data" "$_output"
}

load
network_up
shape 1 20mbit 5ms
shape 2 20mbit 5ms
scheduler client minrtt
scheduler server minrtt
serve 5001
serve 5002 --tcp
check "IPv4: the server knows no MPTCP" plain_server 10.0.1.2
check "IPv6: the server knows no MPTCP" plain_server fd00:1::2
check "IPv4: the client knows no MPTCP" plain_client 10.0.1.2
check "IPv6: the client knows no MPTCP" plain_client fd00:1::2
check "a middle box strips the options from the start" stripped
check "a middle box strips the options from the middle on" stripped_later
finish
