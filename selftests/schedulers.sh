#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each scheduler promises, with real connections, seen in the bytes on the
# paths and in the counters.

. "$(dirname "$0")/lib.sh"

KIB=1024

# fresh SCHEDULER [RATE [RATE]]: two paths, of 5 and 20 ms.
fresh() {
	kill_jobs
	network_up
	shape 1 "${2:-20mbit}" 5ms
	shape 2 "${3:-${2:-20mbit}}" 20ms
	scheduler server "$1"
}

knob() {
	on server sysctl -qw "net.heddle.sched.$1=$2"
}

path() {
	on server heddle path add "$@"
}

# carried PORT BYTES [PAUSE]: a download, after the second subflow is there; sets
# ONE and TWO to the bytes on each path.
carried() {
	local port=$1 bytes=$2
	ONE=$(sent server 1) TWO=$(sent server 2)
	fetch 10.0.1.2 "$port" "$bytes" --pause "${3:-1}" || return
	ONE=$(($(sent server 1) - ONE)) TWO=$(($(sent server 2) - TWO))
	echo "$ONE and $TWO bytes on the paths"
}

# between LOW VALUE HIGH
between() {
	if [ "$2" -lt "$1" ] || [ "$2" -gt "$3" ]; then
		fail "$2 is not between $1 and $3"
	fi
}

# Three quarters, as long as there is room; a tenth for packets and handshakes. A few
# packets at a time, which any window holds, on a machine that stops now and then, too.
weights_are_kept() {
	fresh weighted
	serve 5001 --rate 40000 --chunk 4096
	path dev s1 weight 3 && path dev s2 weight 1 || return
	carried 5001 $((400 * KIB)) 2 || return
	between 70 $((100 * ONE / (ONE + TWO))) 80
}

# A change counts from the next decision on.
weights_change_at_once() {
	on server heddle path flush &&
		path dev s1 weight 1 && path dev s2 weight 3 || return
	carried 5001 $((400 * KIB)) 2 || return
	between 20 $((100 * ONE / (ONE + TWO))) 30
}

share_is_lent() {
	# The debug kernel does not carry more than 7 Mbit/s.
	fresh weighted 2mbit 20mbit
	serve 5001
	path dev s1 weight 9 && path dev s2 weight 1 || return
	carried 5001 $((4000 * KIB)) || return
	# A tenth of what both carry, though nine tenths are its share.
	between 5 $((100 * ONE / (ONE + TWO))) 40
}

strict_ratio_is_waited_for() {
	knob weighted.strict 1
	carried 5001 $((1000 * KIB)) || return
	between 80 $((100 * ONE / (ONE + TWO))) 95
}

# Who has no room is passed over: a few packets at a time here, too.
turns_are_equal() {
	fresh roundrobin
	serve 5001 --rate 40000 --chunk 4096
	carried 5001 $((400 * KIB)) 2 || return
	between 45 $((100 * ONE / (ONE + TWO))) 55
}

# As much as there is, with windows of any size.
turns_wait_for_no_window() {
	fresh roundrobin
	serve 5001
	knob roundrobin.cwnd_limited 0
	carried 5001 $((2000 * KIB)) || return
	between 45 $((100 * ONE / (ONE + TWO))) 55
}

# is_spared: a transfer leaves path 1 alone, but for packets and handshakes. A machine
# that stops for a while has what was on its way repeated on the other path: such a
# transfer tells nothing.
is_spared() {
	local repeated
	for _ in 1 2 3; do
		repeated=$(counted PriorityRetransmits)
		carried 5001 $((1000 * KIB)) 2 || return
		[ "$ONE" -ge 30000 ] || return 0
		[ "$(counted PriorityRetransmits)" -gt "$repeated" ] || return
	done
	return 1
}

dearer_path_is_spared() {
	fresh priority
	serve 5001 --rate 500000
	path dev s2 cost 0 && path dev s1 cost 10 || return
	# The server writes 64 KiB at a time, which take the cheap path longer at first
	# than the 50 ms they would wait; and after a stop of the machine all that is due.
	knob priority.patience 10000
	is_spared
}

overflow_uses_it() {
	fresh priority 4mbit
	serve 5001
	path dev s2 cost 0 && path dev s1 cost 10 || return
	carried 5001 $((2000 * KIB)) || return
	between 25 $((100 * ONE / (ONE + TWO))) 60
}

standby_does_not() {
	knob priority.standby 1
	is_spared
}

standby_takes_over() {
	local job
	ONE=$(sent server 1)
	fetch 10.0.1.2 5001 $((2000 * KIB)) --pause 1 &
	job=$!
	sleep 2
	cut_path 2
	wait "$job" || return
	ONE=$(($(sent server 1) - ONE))
	echo "$ONE bytes on the standby path"
	[ "$ONE" -gt $((500 * KIB)) ]
}

cap_turns_a_path_off() {
	fresh priority
	# Not what the path cannot take just now: a guest that was stopped sends all at once.
	knob priority.patience 10000
	serve 5001 --rate 500000
	path dev s1 cost 0 cap 300K && path dev s2 cost 10 || return
	carried 5001 $((1000 * KIB)) || return
	between $((300 * KIB)) "$ONE" $((400 * KIB)) || return
	on server heddle path reset || return
	carried 5001 $((200 * KIB)) || return
	[ "$TWO" -lt 30000 ]
}

same_bytes_on_both() {
	local duplicates
	fresh redundant
	# Of equal delay: what was acknowledged meanwhile is not repeated on a slower one.
	shape 2 20mbit 5ms
	serve 5001 --rate 250000
	carried 5001 $((500 * KIB)) || return
	[ "$ONE" -gt $((400 * KIB)) ] && [ "$TWO" -gt $((400 * KIB)) ] || return
	duplicates=$(counter client MPTcpExtDuplicateData)
	echo "$(counted RedundantRedundantBytes) bytes were repeated; $duplicates packets came twice"
	[ "$(counted RedundantRedundantBytes)" -gt $((350 * KIB)) ] && [ "$duplicates" -gt 100 ]
}

budget_is_kept() {
	local before
	knob redundant.budget 20
	before=$(counted RedundantRedundantBytes)
	carried 5001 $((500 * KIB)) || return
	between $((50 * KIB)) $(($(counted RedundantRedundantBytes) - before)) $((110 * KIB))
}

# The second path is cut in the middle: nothing is late, since all is on the first.
loss_of_a_path_is_not_felt() {
	local job
	knob redundant.budget 1500
	fetch 10.0.1.2 5001 $((500 * KIB)) --pause 1 &
	job=$!
	sleep 2
	cut_path 2
	wait "$job"
}

# What is stuck on the slow path at the end comes on the fast one.
stuck_data_is_repeated() {
	fresh ecf 20mbit
	shape 2 300kbit 100ms
	serve 5001
	# The slow path takes a while to join.
	carried 5001 $((1000 * KIB)) 3 || return
	all_counted | grep ReinjectedBytes
}

# With new data waiting for the peer's small window, and without being told to.
who_held_it_up_is_penalised() {
	fresh ecf 4mbit
	shape 2 1mbit 100ms
	on client sysctl -qw net.ipv4.tcp_rmem="4096 131072 131072"
	serve 5001
	carried 5001 $((1000 * KIB)) 3 || return
	[ "$(counted EcfReinjectedBytes)" -gt 0 ] && [ "$(counted EcfPenalties)" -eq 0 ] || return
	knob penalise 1
	carried 5001 $((3000 * KIB)) 3 || return
	echo "$(counted EcfPenalties) penalties"
	[ "$(counted EcfPenalties)" -ge 1 ]
}

# carries PATH BYTES MARK: the server has sent so much on it since there was MARK.
carries() {
	[ $(($(sent server "$1") - $3)) -ge "$2" ]
}

# comes_back SCHEDULER COUNTER: the better path is cut for so long that TCP tries it no
# more than every ten seconds or so, and is found out about sooner than that.
comes_back() {
	local mark
	fresh "$1"
	serve 5001 --rate 200000
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 1000000000
	wait_for 10 carries 1 $((200 * KIB)) "$(sent server 1)" || return
	cut_path 1
	mark=$(sent server 2)
	wait_for 20 carries 2 $((1000 * KIB)) "$mark" || return
	sleep 10
	restore_path 1
	mark=$(sent server 1)
	wait_for 5 carries 1 $((200 * KIB)) "$mark" || fail "$(($(sent server 1) - mark)) bytes on the path" || return
	echo "$(counted "$2") probes"
	[ "$(counted "$2")" -ge 1 ]
}

load
check "weighted: bytes come in the ratio of the weights" weights_are_kept
check "a change of the weights counts at once" weights_change_at_once
check "a path without room lends its share" share_is_lent
check "unless the ratio is strict" strict_ratio_is_waited_for
check "roundrobin: both carry the same" turns_are_equal
check "with full windows, too, if it does not look at them" turns_wait_for_no_window
check "priority: a dearer path is spared" dearer_path_is_spared
check "it takes what the cheaper one cannot" overflow_uses_it
check "but not as a standby" standby_does_not
check "until the cheaper one is gone" standby_takes_over
check "a path is off when its cap is reached, until that is reset" cap_turns_a_path_off
check "redundant: both carry it" same_bytes_on_both
check "no more than the budget is repeated" budget_is_kept
check "the loss of a path is not felt" loss_of_a_path_is_not_felt
check "ecf: what is stuck on the slow path is repeated" stuck_data_is_repeated
check "ecf: who held it up is penalised, if that is wanted" who_held_it_up_is_penalised
check "minrtt: a path that comes back is used again" comes_back minrtt MinRttProbes
check "weighted: so it is" comes_back weighted WeightedProbes
finish
