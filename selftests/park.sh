#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A listener that is closed waits for the next one: a restart with a gap.

. "$(dirname "$0")/lib.sh"

# Each at a port of its own, so that nothing is left of the one before.
port=5200

parks() {
	case_of park 60 "$@"
}

both() {
	parks "$@" && parks "$@" --ipv6
}

# leaves_parked: four of them, for half a minute.
leaves_parked() {
	parks leave || return
	on server ss -Hltn "sport = :$port" | grep -q . || fail "none is left"
}

module_goes() {
	leaves_parked && unload || return
	! on server ss -Hltn "sport = :$port" | grep -q . || fail "some are left"
	load
}

# What is parked keeps its namespace, for as long as it may be.
namespace_goes() {
	leaves_parked && on server sysctl -qw net.heddle.migrate.park_ms=3000 && parks leave --ipv6 || return
	network_down
	unload && load || return
	network_up
}

# restarts PARK_MS ADDRESS CONNECTIONS: all listeners close at once, for 200 ms, again and again.
restarts() {
	# The last one of the run before may be parked.
	wait_for 20 eval '! listening 5001' || return
	on server sysctl -qw net.heddle.migrate.park_ms="$1" net.heddle.migrate.policy=newest
	start server python3 "$HERE/storm.py" serve "$2" 5001 --gap 0.2
	wait_for 20 listening 5001 || return
	on client timeout 3000 python3 "$HERE/storm.py" storm "$2" 5001 --connections "$3" >/tmp/storm || return
	kill_jobs
	on server sysctl -qw net.heddle.migrate.park_ms=0
	printf '# park_ms %s: %s\n' "$1" "$(cat /tmp/storm)" >&3
}

loses_nothing() {
	restarts 5000 "$@" || return
	grep -q ' lost=0 ' /tmp/storm || fail "$(cat /tmp/storm; all_counted)"
}

# For comparison; and to show that the check above can fail.
loses_some() {
	restarts 0 "$@" || return
	grep -q ' lost=[1-9]' /tmp/storm || fail "$(cat /tmp/storm)"
}

exec 3>&1
load
network_up
check "one listener, and nobody for a while: all wait" both one
check "four listeners" both four
check "MPTCP listeners" both four --mptcp
check "a handshake goes on meanwhile" both handshake
check "MPTCP: a handshake goes on meanwhile" parks handshake --mptcp
check "a process that is killed" both killed
check "with another one open, it hands over at once" both rolling
check "nobody comes: the connections are reset" both expires
check "no room: it is closed at once" parks bounded
check "no more wait than may" parks few
check "the address is in use meanwhile" parks taken
check "shutdown() ends it" both shutdown
check "a listener without SO_REUSEPORT is closed" parks alone
check "nor is it parked if nothing may be handed over" parks unwanted
check "the module goes while some are parked" module_goes
check "a namespace goes while some are parked" namespace_goes
number=2000
[ -z "${THOROUGH:-}" ] || number=50000
check "restarts with a gap of 200 ms lose something without it" loses_some 10.0.1.2 $((number / 2))
check "restarts with a gap of 200 ms lose nothing" loses_nothing 10.0.1.2 "$number"
check "nor over IPv6" loses_nothing fd00:1::2 $((number / 2))
finish
