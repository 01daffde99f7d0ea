#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A rolling restart in which some listener is always open: nothing is lost.

. "$(dirname "$0")/lib.sh"

# A hundredth of what it takes to be sure, unless the run is to be thorough.
CONNECTIONS=1000
[ $SLOW -eq 1 ] || CONNECTIONS=200
[ -z "${THOROUGH:-}" ] || CONNECTIONS=100000

# storm ADDRESS [OPTION...]: what the clients see of it, with the counters.
storm() {
	start server python3 "$HERE/storm.py" serve "$1" 5001 "${@:2}"
	wait_for 20 listening 5001
	on client timeout 3000 python3 "$HERE/storm.py" storm "$1" 5001 --connections "$CONNECTIONS" "${@:2}"
	kill_jobs
}

# nothing_lost POLICY ADDRESS [OPTION...]
nothing_lost() {
	policy "$1"
	storm "${@:2}" >/tmp/storm
	printf '# %s: %s\n' "$1" "$(cat /tmp/storm)" >&3
	grep -q ' lost=0 ' /tmp/storm || fail "$(cat /tmp/storm; all_counted)"
}

# for_comparison WHAT ADDRESS: what the kernel loses on its own.
for_comparison() {
	policy off
	storm "$2" >/tmp/storm
	printf '# %s: %s\n' "$1" "$(cat /tmp/storm)" >&3
	grep -qw 'ok=[1-9][0-9]*' /tmp/storm || fail "$(cat /tmp/storm)"
}

unloaded_meanwhile() {
	start server python3 "$HERE/storm.py" serve 10.0.1.2 5001
	wait_for 20 listening 5001
	start client python3 "$HERE/storm.py" storm 10.0.1.2 5001 --connections 100000000
	for _ in $(seq 10); do
		sleep 0.3
		unload || return
		sleep 0.3
		load && policy shortest || return
	done
	kill_jobs
}

exec 3>&1
load
network_up
for_many_clients
rarely "off: for comparison" for_comparison off 10.0.1.2
rarely "tcp_migrate_req: for comparison" with_sysctl for_comparison tcp_migrate_req 10.0.1.2
for policy in newest shortest; do
	check "$policy: nothing is lost" nothing_lost $policy 10.0.1.2
	rarely "$policy: nothing is lost over IPv6" nothing_lost $policy fd00:1::2
done
check "the module is unloaded meanwhile" unloaded_meanwhile
finish
