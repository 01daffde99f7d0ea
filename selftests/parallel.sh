#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Many connections at once.

. "$(dirname "$0")/lib.sh"

many() {
	fetch "$1" 5001 100000 --upload 20000 --parallel "$2"
}

all_let_go() {
	local fallbacks
	kill_jobs
	wait_for 90 all_closed MinRtt || fail "$(all_counted)" || return
	all_counted
	# Both ends of 200 connections, and the listener. In the crowd, the last packet
	# of a handshake may be lost, and the first one with data as well: to the server
	# that is TCP (RFC 8684, section 3.7).
	fallbacks=$(counter server MPTcpExtMPCapableFallbackACK)
	echo "$fallbacks fell back to TCP"
	[ "$fallbacks" -le 20 ] && [ $(($(counted MinRttOpened) + fallbacks)) -eq 401 ]
}

load
network_up
# However often a SYN is lost in the crowd, it goes on asking for MPTCP.
on client sysctl -qw net.mptcp.syn_retrans_before_tcp_fallback=128
shape 1 50mbit 2ms
shape 2 50mbit 8ms
scheduler client minrtt
scheduler server minrtt
serve 5001
check "IPv4: 150 connections at once" many 10.0.1.2 150
check "IPv6: 50 connections at once" many fd00:1::2 50
check "each had its own data, and gave it back" all_let_go
finish
