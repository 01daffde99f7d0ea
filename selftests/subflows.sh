#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Subflows go away, come back, and change their priority, while they are used, by
# every scheduler there is.

. "$(dirname "$0")/lib.sh"

MIB=1048576

# all SIZE: downloads of SIZE altogether, one by each scheduler.
all() {
	on client timeout $((150 * SLOW)) python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 \
		$(($1 / NUMBER)) --schedulers "$SCHEDULERS" "${@:2}"
}

# during SIZE FUNCTION: downloads, and the function while they run; all of it has
# to arrive. What is over before both paths were in use shows nothing, and is
# done again with twice the size.
during() {
	local size=$1 job
	shift
	while :; do
		all "$size" &
		job=$!
		wait_for 60 both_in_use_or_over "$job"
		[ ! -e "/proc/$job" ] || sleep 0.5
		if [ -e "/proc/$job" ]; then
			"$@" || { kill "$job"; return 1; }
			wait "$job"
			return
		fi
		wait "$job" || return
		size=$((size * 2))
		[ "$size" -lt $((200 * MIB)) ] || fail "always over too soon to tell" || return
	done
}

both_in_use_or_over() {
	[ ! -e "/proc/$1" ] || subflows 5001 $((2 * NUMBER))
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
	# Slow enough that all of them have both subflows long before the end.
	serve 5001 --rate 60000
}

# A backup carries nothing while the other is well, and all when it is gone.
backup_waits() {
	local two scheduler
	ip -n server mptcp endpoint flush
	ip -n server mptcp endpoint add 10.0.2.2 signal backup
	two=$(sent server 2)
	# One after the other, so that no queue overflows: a backup helps out while a
	# loss is repaired.
	serve 5002 --rate 150000
	for scheduler in $SCHEDULERS; do
		fetch 10.0.1.2 5002 200000 --schedulers "$scheduler" --pause 0.5 || return
		echo "$scheduler: $(($(sent server 2) - two)) bytes on the backup path so far"
	done
	two=$(($(sent server 2) - two))
	echo "$two bytes on the backup path"
	[ "$two" -lt 50000 ]
}

backup_steps_in() {
	local two
	two=$(sent server 2)
	during $((2 * MIB)) cut_first || return
	two=$(($(sent server 2) - two))
	echo "$two bytes on the backup path"
	[ "$two" -gt $((MIB / 2)) ]
}

load
NUMBER=$(wc -w <<<"$SCHEDULERS")
fresh
check "an address is withdrawn and announced again, five times" during $((3 * MIB)) remove_and_add
fresh
check "a subflow's socket is destroyed, three times" during $((2 * MIB)) kill_second
fresh
check "the first subflow's socket is destroyed" during $((2 * MIB)) kill_first
fresh
check "an interface goes down and up" during $((2 * MIB)) interface_down_and_up
fresh
check "an address goes away and comes back" during $((2 * MIB)) address_gone
fresh
check "the faster path is cut without a word" during $((2 * MIB)) cut_first
fresh
check "both paths are cut and come back" during $((2 * MIB)) cut_and_restore_both
fresh
check "a backup carries nothing while it is not needed" backup_waits
check "a backup takes over when the other path is cut" backup_steps_in
finish
