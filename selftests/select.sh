#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A scheduler is chosen per network namespace.

. "$(dirname "$0")/lib.sh"

setting() {
	on "$1" sysctl -n net.mptcp.scheduler
}

starts_with_default() {
	[ "$(setting client)" = default ] && [ "$(setting server)" = default ]
}

is_per_namespace() {
	scheduler client minrtt &&
		[ "$(setting client)" = minrtt ] && [ "$(setting server)" = default ] &&
		[ "$(sysctl -n net.mptcp.scheduler)" = default ]
}

refuses_unknown() {
	! scheduler server nonesuch && [ "$(setting server)" = default ]
}

takes_connections() {
	local before
	before=$(counted MinRttOpened)
	scheduler client minrtt
	scheduler server default
	serve 5001 && fetch 10.0.1.2 5001 100000 --upload 100000 || return
	[ "$(counted MinRttOpened)" = $((before + 1)) ] || fail "only the client's end is minrtt's: $(all_counted)"
	wait_for 20 all_closed MinRtt && [ "$(counted MinRttSends)" -gt 0 ]
}

# A listener hands its own scheduler to the connections it accepts.
listener_keeps_its_own() {
	local before
	scheduler client default
	scheduler server minrtt
	serve 5002
	scheduler server default
	before=$(counted MinRttOpened)
	fetch 10.0.1.2 5002 100000 || return
	[ "$(counted MinRttOpened)" = $((before + 1)) ] || fail "$(all_counted)"
}

falls_back_when_it_is_gone() {
	kill_jobs
	scheduler client minrtt
	scheduler server minrtt
	unload || return
	serve 5003 && fetch 10.0.1.2 5003 100000 && load
}

load
network_up
check "a new namespace starts with the kernel's default" starts_with_default
check "setting one namespace leaves the others alone" is_per_namespace
check "an unknown name is refused and changes nothing" refuses_unknown
check "a connection uses the scheduler of its end's namespace" takes_connections
check "an accepted connection uses its listener's" listener_keeps_its_own
check "with the module gone, its name means the default" falls_back_when_it_is_gone
finish
