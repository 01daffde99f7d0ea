#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Data goes over both paths, or over the right one, and arrives as it was sent.

. "$(dirname "$0")/lib.sh"

MIB=1048576

# aggregates ADDRESS: each path carries a good part of what both can. They are
# slow, since a machine that cannot fill the fast path leaves nothing to the
# other, and rightly so.
aggregates() {
	local one two
	shape 1 4mbit 5ms
	shape 2 4mbit 20ms
	one=$(sent server 1) two=$(sent server 2)
	# The pause lets the second subflow join before there is data.
	fetch "$1" 5001 $((4 * MIB)) --pause $((SLOW > 1 ? 3 : 1)) || return
	one=$(($(sent server 1) - one)) two=$(($(sent server 2) - two))
	echo "path 1: $one bytes, path 2: $two bytes"
	[ "$one" -gt "$MIB" ] && [ "$two" -gt "$MIB" ]
}

uploads() {
	shape 1 20mbit 5ms
	shape 2 20mbit 20ms
	fetch 10.0.1.2 5001 1 --upload $((4 * MIB))
}

# As long as the fast path's window has room, nothing goes over the slow one:
# the kernel's default uses it as soon as the fast one has a byte in flight.
prefers_the_fast_path() {
	local slow fast
	shape 1 100mbit 60ms
	shape 2 100mbit 5ms
	slow=$(sent server 1) fast=$(sent server 2)
	# The pause lets the second subflow join before there is data.
	fetch "$1" 5001 8000 --pause 2 || return
	slow=$(($(sent server 1) - slow)) fast=$(($(sent server 2) - fast))
	echo "slow path: $slow bytes, fast path: $fast bytes"
	[ "$fast" -gt 8000 ] && [ "$slow" -lt 3000 ]
}

# After a pause in which all was acknowledged, a transfer starts with a timer
# that has been stopped. Were it not set anew before the scheduler is asked, it
# would fire at once, and what was just sent would be sent once more.
pauses_repeat_nothing() {
	local before after try
	shape 1 20mbit 5ms
	shape 2 20mbit 20ms
	# Without that, each of the 20 pauses repeats something. Where the guest is
	# stopped for longer than the timeout of 200 ms, one does with it as well.
	for try in 1 2 3; do
		before=$(counter server MPTcpExtMPTCPRetrans)
		fetch 10.0.1.2 5002 20000 || return
		after=$(counter server MPTcpExtMPTCPRetrans)
		echo "try $try: $before retransmissions before, $after after"
		[ $((after - before)) -gt 8 ] || return 0
	done
	return 1
}

survives_loss() {
	shape 1 20mbit 5ms loss 2%
	shape 2 10mbit 20ms loss 2% reorder 5%
	fetch 10.0.1.2 5001 $((2 * MIB)) --upload $((2 * MIB))
}

with_checksums() {
	on client sysctl -qw net.mptcp.checksum_enabled=1
	on server sysctl -qw net.mptcp.checksum_enabled=1
	shape 1 20mbit 5ms loss 1%
	shape 2 20mbit 20ms
	fetch 10.0.1.2 5001 $((2 * MIB))
}

used_and_closed() {
	kill_jobs
	wait_for 60 all_closed MinRtt || fail "$(all_counted)" || return
	all_counted
	[ "$(counted MinRttSends)" -gt 100 ] && [ "$(counted MinRttWaits)" -gt 0 ]
}

load
network_up
scheduler client minrtt
scheduler server minrtt
serve 5001
serve 5002 --rate 4000 --chunk 1000
check "IPv4: a download takes both paths" aggregates 10.0.1.2
check "IPv6: a download takes both paths" aggregates fd00:1::2
check "an upload arrives whole" uploads
check "IPv4: what fits the fast path's window stays on it" prefers_the_fast_path 10.0.1.2
check "IPv6: what fits the fast path's window stays on it" prefers_the_fast_path fd00:1::2
check "pauses in a transfer repeat nothing" pauses_repeat_nothing
check "loss and reordering on both paths do no harm" survives_loss
check "DSS checksums and loss do no harm" with_checksums
check "minrtt decided, and let go of every connection" used_and_closed
finish
