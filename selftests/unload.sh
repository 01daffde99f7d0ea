#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A module in use stays; one that comes and goes disturbs nobody.

. "$(dirname "$0")/lib.sh"

# Refused with EBUSY, which rmmod words as "in use", and nothing is changed.
refused_while_in_use() {
	local message
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 $((64 << 20))
	# The listener and both ends of the connection.
	wait_for 30 grep -qv '^[012]$' /sys/module/heddle/refcnt || return
	message=$(rmmod heddle 2>&1) && fail "it was unloaded" && return
	echo "$message"
	[[ $message == *"in use"* ]] && is_loaded &&
		[ "$(sysctl -n net.mptcp.available_schedulers)" = "$SCHEDULERS" ]
}

unloads_when_they_are_gone() {
	kill_jobs
	unload && ! is_loaded
}

# cycles NUMBER: one connection after the other, in a namespace that asks for
# minrtt, while the module is loaded and unloaded, as fast as its users let go of
# it. Not one connection may fail: with the module gone they get the default.
cycles() {
	local cycle cycles=$1 loaded=0 opened=0 job
	network_up
	load && scheduler client minrtt && unload || return
	serve 5002 || return
	# The gaps are what lets the module go; a connection takes the slower kernel longer.
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5002 20000 --repeat 1000000 \
		--gap "$([ "$SLOW" -gt 1 ] && echo 0.6 || echo 0.05)"
	job=${_jobs[-1]}
	for ((cycle = 0; cycle < cycles; cycle++)); do
		load || return
		loaded=$((loaded + 1))
		# Long enough, every tenth time, for connections to take it.
		[ $((cycle % 10)) -ne 0 ] || { sleep $((SLOW > 1 ? 2 : 1)); opened=$((opened + $(counted MinRttOpened))); }
		unload || fail "cycle $cycle: $(cat /sys/module/heddle/refcnt) users, $(all_counted)" || return
		kill -0 "$job" || fail "a connection failed in cycle $cycle" || return
	done
	echo "$loaded cycles, $opened connections seen in a tenth of them"
	[ "$opened" -gt $((cycles / 10)) ]
}

load
network_up
shape 1 20mbit 5ms
shape 2 20mbit 10ms
scheduler client minrtt
scheduler server minrtt
serve 5001
check "unloading is refused while a connection uses it" refused_while_in_use
check "and works once the last one is gone" unloads_when_they_are_gone
# The debug kernel takes a second and more for each.
cycles=200
[ $SLOW -eq 1 ] || [ -n "${THOROUGH:-}" ] || cycles=12
check "$cycles times loaded and unloaded, while connections come and go" cycles $cycles
finish
