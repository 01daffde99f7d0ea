#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory runs out where the module asks for it.

. "$(dirname "$0")/lib.sh"

FAIL=/sys/kernel/debug/failslab

# Every allocation of a process fails that says so in /proc/self/make-it-fail.
arm() {
	echo 1 >"$FAIL/task-filter"
	echo 0 >"$FAIL/ignore-gfp-wait"
	echo "$1" >"$FAIL/probability"
	echo -1 >"$FAIL/times"
	echo 0 >"$FAIL/verbose"
}

disarm() {
	echo 0 >"$FAIL/probability"
}

# socket() fails as for any other lack of memory, or succeeds; never worse.
sockets() {
	arm 20
	on client python3 - <<-'END'
		import socket, sys
		made = failed = 0
		open("/proc/self/make-it-fail", "w").write("1")
		for _ in range(500):
		    try:
		        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
		        made += 1
		    except OSError as error:
		        if error.errno not in (12, 23, 105):
		            raise
		        failed += 1
		open("/proc/self/make-it-fail", "w").write("0")
		print(made, "made", failed, "failed")
		sys.exit(0 if made and failed else 1)
	END
	local rc=$?
	disarm
	return "$rc"
}

# rmmod and insmod under pressure: in, or out, and nothing in between.
modules() {
	arm 10
	for _ in $(seq 30); do
		! is_loaded || rmmod heddle || break
		sh -c 'echo 1 >/proc/self/make-it-fail; exec insmod "$1"' sh "$MODULE"
		is_loaded ||
			[ "$(sysctl -n net.mptcp.available_schedulers)" = default ] ||
			{ disarm; fail "half loaded"; return; }
	done
	disarm
	is_loaded || load
}

still_well() {
	serve 5001 && fetch 10.0.1.2 5001 1000000 --upload 1000000
}

load
network_up
scheduler client minrtt
scheduler server minrtt
if [ -e $FAIL ]; then
	check "socket() reports a lack of memory" sockets
	check "loading fails as a whole, or not at all" modules
	check "and all is well afterwards" still_well
else
	skip "socket() reports a lack of memory" "the kernel has no CONFIG_FAILSLAB (make test DEBUG=1)"
	skip "loading fails as a whole, or not at all" "same"
fi
finish
