#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Subflows go away, come back, and change their priority, while they are used.

. "$(dirname "$0")/lib.sh"

MIB=1048576

# during SIZE FUNCTION: a download of SIZE, and the function while it runs; all
# of it has to arrive.
during() {
	local size=$1 job
	shift
	on client timeout $((150 * SLOW)) python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 "$size" &
	job=$!
	# Both paths are in use when it happens, whatever the time that took.
	wait_for 60 subflows 5001 2 || { kill "$job"; return 1; }
	sleep 0.5
	kill -0 "$job" || fail "over too soon to tell" || return
	"$@" || { kill "$job"; return 1; }
	wait "$job"
}

remove_and_add() {
	for _ in 1 2 3 4 5; do
		ip -n server mptcp endpoint flush
		sleep 0.3
		ip -n server mptcp endpoint add 10.0.2.2 signal
		sleep 0.3
	done
}

# The server's socket of the subflow on path 2 is destroyed under it.
kill_second() {
	for _ in 1 2 3; do
		on server ss -K "src 10.0.2.2" >/dev/null
		sleep 0.2
	done
}

kill_first() {
	on server ss -K "src 10.0.1.2 and sport = 5001 and dst 10.0.1.1" >/dev/null
}

interface_down_and_up() {
	ip -n client link set c2 down
	sleep 1
	ip -n client link set c2 up
}

address_gone() {
	ip -n client addr del 10.0.2.1/24 dev c2
	sleep 1
	ip -n client addr add 10.0.2.1/24 dev c2
}

cut_first() {
	cut_path 1
}

cut_and_restore_both() {
	cut_path 1
	cut_path 2
	sleep 2
	shape 1 8mbit 5ms
	shape 2 8mbit 20ms
}

fresh() {
	network_up
	shape 1 4mbit 5ms
	shape 2 4mbit 20ms
	scheduler client minrtt
	scheduler server minrtt
	serve 5001
}

# A backup carries nothing while the other is well, and all when it is gone.
backup_waits() {
	local two
	ip -n server mptcp endpoint flush
	ip -n server mptcp endpoint add 10.0.2.2 signal backup
	two=$(sent server 2)
	fetch 10.0.1.2 5001 $((2 * MIB)) --pause 1 || return
	two=$(($(sent server 2) - two))
	echo "$two bytes on the backup path"
	[ "$two" -lt 20000 ]
}

backup_steps_in() {
	local two
	two=$(sent server 2)
	during $((4 * MIB)) cut_first || return
	two=$(($(sent server 2) - two))
	echo "$two bytes on the backup path"
	[ "$two" -gt "$MIB" ]
}

load
fresh
check "an address is withdrawn and announced again, five times" during $((6 * MIB)) remove_and_add
fresh
check "a subflow's socket is destroyed, three times" during $((4 * MIB)) kill_second
fresh
check "the first subflow's socket is destroyed" during $((4 * MIB)) kill_first
fresh
check "an interface goes down and up" during $((4 * MIB)) interface_down_and_up
fresh
check "an address goes away and comes back" during $((4 * MIB)) address_gone
fresh
check "the faster path is cut without a word" during $((4 * MIB)) cut_first
fresh
check "both paths are cut and come back" during $((4 * MIB)) cut_and_restore_both
fresh
check "a backup carries nothing while it is not needed" backup_waits
check "a backup takes over when the other path is cut" backup_steps_in
finish
