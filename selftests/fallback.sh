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

stripped() {
	strip client || return
	fetch 10.0.1.2 5001 1000000 --upload 1000000
}

# From the middle of a connection on. Nothing in the protocol saves it then, and
# with the kernel's own scheduler, too, the data that comes out is wrong: what
# the sender repeats looks new to a receiver that sees no DSS. What must hold is
# that the connection ends, while it is being scheduled, and the kernel is well.
stripped_later() {
	local job
	strip_no_more client
	on client ip mptcp limits set subflows 0 add_addr_accepted 0
	on server ip mptcp limits set subflows 0
	on server ip mptcp endpoint flush
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 $((16 << 20))
	job=${_jobs[-1]}
	wait_for 60 subflows 5001 1 || return
	sleep 1
	kill -0 "$job" || fail "over too soon to tell" || return
	strip client || return
	wait_for 90 test ! -d "/proc/$job" || return
	fetch 10.0.1.2 5001 100000
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
check "one that starts to in the middle ends the connection, no more" stripped_later
finish
