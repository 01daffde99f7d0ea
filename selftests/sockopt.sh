#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A program chooses the scheduler of a socket, at any time.

. "$(dirname "$0")/lib.sh"

PEER=10.0.1.2
MIB=1048576

does() {
	on client timeout $((120 * SLOW)) python3 "$HERE/sockopt.py" "$@"
}

# gained COUNTER BEFORE NUMBER: minrtt's counter went up by so much.
gained() {
	[ "$(counted "MinRtt${1^}")" = $(($2 + $3)) ] || fail "not $3 more $1 than $2: $(all_counted)"
}

# A connection that was closed with data unread can take a minute to end.
settled() {
	wait_for 120 all_closed MinRtt || fail "$(all_counted)"
}

chosen_in_a_default_namespace() {
	local opened sends
	opened=$(counted MinRttOpened) sends=$(counted MinRttSends)
	does before_connect "$PEER" default minrtt && settled && gained opened "$opened" 1 &&
		[ "$(counted MinRttSends)" -gt "$sends" ]
}

# It is opened with the socket, and closed by the choice, without a decision.
not_chosen_in_a_minrtt_namespace() {
	local opened sends
	opened=$(counted MinRttOpened) sends=$(counted MinRttSends)
	scheduler client minrtt
	does before_connect "$PEER" minrtt default || return
	scheduler client default
	gained opened "$opened" 1 && gained closed "$opened" 1 && gained sends "$sends" 0
}

nothing_changes() {
	local opened
	opened=$(counted MinRttOpened)
	does wrong_values "$PEER" && settled && gained opened "$opened" 1
}

falls_back() {
	does fallen_back 10.0.1.2 && does fallen_back fd00:1::2 && settled
}

end_meanwhile() {
	does while_it_ends "$PEER" && settled
}

# So many changes at each end, half of them to minrtt.
switches_while_both_send() {
	local server opened sends
	shape 1 20mbit 5ms
	shape 2 20mbit 20ms "${@:2}"
	opened=$(counted MinRttOpened) sends=$(counted MinRttSends)
	start server timeout $((120 * SLOW)) python3 "$HERE/sockopt.py" both_ways_server 5003 $((12 * MIB)) "$changes"
	server=${_jobs[-1]}
	wait_for 20 listening 5003 || return
	does both_ways_client "$1" 5003 $((12 * MIB)) "$changes" || return
	wait "$server" || return
	settled || return
	all_counted
	gained opened "$opened" "$changes" && [ "$(counted MinRttSends)" -gt $((sends + 200)) ]
}

offered_at_once() {
	shape 1 100mbit 400ms
	shape 2 100mbit 400ms
	does waiting_data "$PEER" minrtt default && does waiting_data "$PEER" minrtt minrtt || return
	shape 1 20mbit 5ms
	shape 2 20mbit 20ms
}

held_and_let_go() {
	settled && does module_in_use "$PEER" && ! is_loaded && load
}

# A listener that is accepting lets the module go with the next choice: whoever
# got the scheduler from it just before must not find it unloaded.
comes_and_goes() {
	local job cycle cycles=30 opened=0
	# Ten seconds each on a debug kernel.
	[ "$SLOW" -eq 1 ] || [ -n "${THOROUGH:-}" ] || cycles=6
	start client python3 "$HERE/sockopt.py" listener_of_a_module
	job=${_jobs[-1]}
	for ((cycle = 0; cycle < cycles; cycle++)); do
		sleep 0.5
		opened=$((opened + $(counted MinRttOpened)))
		unload || fail "cycle $cycle: $(all_counted)" || return
		sleep 0.1
		load || return
		kill -0 "$job" || fail "a connection failed in cycle $cycle" || return
	done
	echo "minrtt was chosen or inherited $opened times"
	[ "$opened" -gt $((3 * cycles)) ]
}

everybody_let_go() {
	kill_jobs
	settled && all_counted
}

load
network_up
shape 1 20mbit 5ms
shape 2 20mbit 20ms
on server nft -f - <<'END'
table inet silent {
	chain in { type filter hook input priority 0; tcp dport 5008 drop; }
}
END
serve 5001
serve 5002 --tcp
check "a choice before connect() is honoured" chosen_in_a_default_namespace
check "and wins over the namespace's" not_chosen_in_a_minrtt_namespace
check "an accepted socket has the choice of its listener" does inherited
check "a wrong value is refused and changes nothing" nothing_changes
check "names end with a NUL or with the length" does odd_lengths
check "a TCP socket knows no such option" does tcp
check "nor does a connection that fell back" falls_back
check "nor a TCP client that an MPTCP listener accepted" does accepted_tcp
check "sockets in every state can change it" does every_state "$PEER"
check "connections can while they end" end_meanwhile
check "listeners can while they accept" does listener_meanwhile
changes=1000
[ $SLOW -eq 1 ] || [ -n "${THOROUGH:-}" ] || changes=100
check "$changes changes while both ends send lose and repeat nothing" switches_while_both_send "$PEER"
check "IPv6, with loss: the same" switches_while_both_send fd00:1::2 loss 1%
check "data that waits is offered to the new scheduler at once" offered_at_once
check "changes while the peer does not read do no harm" does without_readers
check "the module is held until the last socket chose another" held_and_let_go
check "it comes and goes while a listener takes and leaves it" comes_and_goes
check "and all let go of it in the end" everybody_let_go
finish
