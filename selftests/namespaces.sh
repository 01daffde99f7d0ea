#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A network namespace ends while there is traffic in it.

. "$(dirname "$0")/lib.sh"

# The processes stay: the namespace ends when they do, with their sockets open.
one_round() {
	local ns
	network_up
	# Who is not answered any more gives up in seconds, not in minutes.
	for ns in client server; do
		on "$ns" sysctl -qw net.ipv4.tcp_retries2=4 net.ipv4.tcp_orphan_retries=4
	done
	shape 1 20mbit 5ms
	shape 2 20mbit 20ms
	scheduler client minrtt
	scheduler server minrtt
	serve 5001 || return
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 $((64 << 20)) --parallel 4
	wait_for 20 grep -qv '^[01]$' /sys/module/heddle/refcnt
	sleep 1
	case $1 in
	names) network_down; sleep 0.5; kill_jobs ;;
	processes) kill_jobs; network_down ;;
	links) ip -n client link del c1; ip -n client link del c2; network_down; kill_jobs ;;
	esac
}

# A debug kernel sees in one round what others may not see in three.
rounds() {
	for _ in $(seq $((SLOW > 1 ? 1 : 3))); do
		one_round "$1" || return
	done
}

nothing_is_left() {
	wait_for 180 rmmod heddle || fail "$(cat /sys/module/heddle/refcnt) users"
}

load
check "its name is removed first" rounds names
check "its processes are killed first" rounds processes
check "its interfaces are removed first" rounds links
check "every connection is gone, and the module can go" nothing_is_left
finish
