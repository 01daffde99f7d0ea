#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory runs out where the module asks for it.

. "$(dirname "$0")/lib.sh"

sockets() {
	# Not through ip, which hides debugfs.
	nsenter --net=/run/netns/client python3 "$HERE/faults.py" sockets
}

# The connection starts with minrtt, by the namespace's setting.
choices() {
	serve 5001
	nsenter --net=/run/netns/client python3 "$HERE/faults.py" choices 10.0.1.2 || return
	kill_jobs
	wait_for 60 all_closed MinRtt || fail "$(all_counted)"
}

modules() {
	network_down
	unload && python3 "$HERE/faults.py" modules "$MODULE"
}

still_well() {
	load && network_up && scheduler client minrtt && scheduler server minrtt &&
		serve 5001 && fetch 10.0.1.2 5001 1000000 --upload 1000000
}

load
network_up
scheduler client minrtt
if [ -e /sys/kernel/debug/failslab ]; then
	check "socket() reports a lack of memory" sockets
	check "a change of the scheduler fails without a trace" choices
	check "loading fails as a whole, or not at all" modules
	check "and all is well afterwards" still_well
else
	skip "socket() reports a lack of memory" "the kernel has no CONFIG_FAILSLAB (make test DEBUG=1)"
	skip "a change of the scheduler fails without a trace" "same"
	skip "loading fails as a whole, or not at all" "same"
	skip "and all is well afterwards" "same"
fi
finish
