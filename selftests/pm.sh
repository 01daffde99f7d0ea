#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The path manager heddle: what each of its policies does to real connections.

. "$(dirname "$0")/lib.sh"

# manage HOST...: connections of these have our path manager from now on.
manage() {
	local host
	for host in "$@"; do
		on "$host" sysctl -qw net.mptcp.path_manager=heddle
	done
}

# want HOST KNOB=VALUE...: net.heddle.pm.*
want() {
	local host=$1 knob
	shift
	for knob in "$@"; do
		on "$host" sysctl -qw net.heddle.pm."$knob"
	done
}

# A network, a server that sends slowly, and both hosts with our path manager.
fresh() {
	kill_jobs
	network_up
	shape 1 50mbit 5ms
	shape 2 50mbit 5ms
	manage client server
	serve 5001 --rate 200000
	serve 5002
}

# A connection that goes on.
stay() {
	start client python3 "$HERE/traffic.py" fetch "${1:-10.0.1.2}" 5001 1000000000
}

# The subflows of the client as "LOCAL PEER" addresses.
pairs() {
	on client ss -Htn state established "( dport = :5001 or dport = :5002 )" |
		awk '{ sub(/:[0-9]+$/, "", $3); sub(/:[0-9]+$/, "", $4); gsub(/[][]/, ""); print $3, $4 }' | sort
}

# pairs_are "LOCAL PEER"...: exactly these, for a while.
are() {
	[ "$(pairs)" = "$(printf '%s\n' "$@" | sort)" ]
}

pairs_are() {
	wait_for 10 are "$@" || { echo "they are:"; pairs; return 1; }
	sleep 1
	are "$@" || { echo "and then:"; pairs; return 1; }
}

one="10.0.1.1 10.0.1.2"
two="10.0.2.1 10.0.2.2"

# is COUNTER NUMBER: all that was counted in both namespaces.
is() {
	[ "$(counted "$1")" -eq "$2" ] || fail "$1 is $(counted "$1"), not $2"
}

kernels() {
	fresh
	stay
	pairs_are "$one" "$two" || return
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	pairs_are "$one" "$two" "10.0.2.1 10.0.1.2" || return
	ip -n client mptcp endpoint flush
	[ "$(counted PmConnections)" -gt 0 ] || fail "nobody has it" || return
	is PmEndpoints 0 && is PmFullmesh 0
}

# With an IPv4 subflow of the IPv6 connection: the server has announced an address of each.
ipv6() {
	fresh
	want client mesh=fullmesh
	stay fd00:1::2
	pairs_are "fd00:1::1 fd00:1::2" "fd00:1::1 fd00:2::2" || return
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	pairs_are "fd00:1::1 fd00:1::2" "fd00:1::1 fd00:2::2" "10.0.2.1 10.0.2.2" || return
	ip -n client mptcp endpoint add fd00:2::1 subflow
	wait_for 10 enough_pairs 5
}

fullmesh() {
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	want client mesh=fullmesh
	stay
	pairs_are "$one" "10.0.1.1 10.0.2.2" "10.0.2.1 10.0.1.2" "$two" || return
	is PmFullmesh 3
}

# An endpoint that comes, one that goes, and a mesh that changes, while it is used.
fullmesh_follows() {
	ip -n client mptcp endpoint flush
	pairs_are "$one" "10.0.1.1 10.0.2.2" || return
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	pairs_are "$one" "10.0.1.1 10.0.2.2" "10.0.2.1 10.0.1.2" "$two" || return
	ip -n server mptcp endpoint flush
	pairs_are "$one" "10.0.2.1 10.0.1.2"
}

limited() {
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	ip -n client mptcp limits set subflows 2
	want client mesh=fullmesh
	stay
	wait_for 10 enough_pairs 3 || return
	sleep 1
	[ "$(pairs | wc -l)" -eq 3 ] || fail "there are $(pairs)"
}

enough_pairs() {
	[ "$(pairs | wc -l)" -ge "$1" ]
}

ndiffports() {
	fresh
	want client mesh=ndiffports ndiffports=4
	stay
	pairs_are "$one" "$one" "$one" "$one" || return
	is PmNdiffports 3 || return
	[ "$(on client ss -Htn state established dport = :5001 | awk '{ print $3 }' | sort -u | wc -l)" -eq 4 ]
}

interface() {
	fresh
	ip -n client addr add 10.0.2.3/24 dev c2
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	ip -n client mptcp endpoint add 10.0.2.3 subflow
	want client mesh=interface
	stay
	pairs_are "$one" "10.0.2.1 10.0.1.2" || return
	is PmInterface 1
}

# joins: how many subflows were asked for.
joins() {
	counter client MPTcpExtMPJoinSynTx
}

after_bytes() {
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	want client after_kib=100
	fetch 10.0.1.2 5002 65536 --repeat 5 || return
	[ "$(joins)" -eq 0 ] || fail "64 KiB: $(joins) subflows" || return
	fetch 10.0.1.2 5002 4000000 || return
	[ "$(joins)" -eq 2 ] || fail "4 MB: $(joins) subflows"
}

# What is sent counts as well as what is received.
after_bytes_sent() {
	local before
	before=$(joins)
	fetch 10.0.1.2 5002 10 --upload 4000000 || return
	[ "$(joins)" -gt "$before" ] || fail "no subflow"
}

# rules HOST RULE...: these are the rules.
rules() {
	local host=$1 rule
	shift
	on "$host" heddle rule flush || return
	for rule in "$@"; do
		# shellcheck disable=SC2086 # words
		on "$host" heddle rule add $rule || return
	done
}

# settings_rules HOST: the rules that connections have their settings from, each with a blank.
settings_rules() {
	on "$1" heddle --json conn | python3 -c 'import json, sys
for it in json.load(sys.stdin):
    print(it.get("settings_rule", "none"), end=" ")'
}

has_no_rule() {
	[ "$(settings_rules "$1")" = "none " ]
}

# Two ports, two policies: that of a rule, and that of the namespace.
by_rule() {
	fresh
	serve 5003
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	want client after_kib=1000000
	rules client "port 5002 scheduler minrtt" "port 5002 pm.after_kib 100 pm.mesh endpoints" \
		"port 5002 pm.after_kib 0" || return
	fetch 10.0.1.2 5002 65536 --repeat 5 || return
	[ "$(joins)" -eq 0 ] || fail "64 KiB: $(joins) subflows" || return
	fetch 10.0.1.2 5002 4000000 || return
	[ "$(joins)" -eq 2 ] || fail "4 MB: $(joins) subflows" || return
	fetch 10.0.1.2 5003 4000000 || return
	[ "$(joins)" -eq 2 ] || fail "4 MB to another port: $(joins) subflows" || return
	# Six connections, each once, whatever their workers did.
	on client heddle rule show --stats
	[ "$(on client heddle rule show --stats | awk '{ print $NF }' | tr '\n' ' ')" = "0 6 0 " ]
}

# A rule that comes, changes and goes, for a connection that is there; the rest is the namespace's.
rule_follows() {
	fresh
	rules client "port 5001 scheduler minrtt"
	stay
	pairs_are "$one" "$two" || return
	has_no_rule client || fail "the rule is $(settings_rules client)" || return
	on client ss -K "dst 10.0.2.2" >/dev/null
	pairs_are "$one" || return
	rules client "port 5001 pm.mesh ndiffports pm.ndiffports 2" || return
	pairs_are "$one" "$one" || return
	[ "$(settings_rules client)" = "10 " ] || fail "the rule is $(settings_rules client)" || return
	on client heddle rule replace priority 10 port 5001 pm.mesh ndiffports || return
	want client ndiffports=3
	pairs_are "$one" "$one" "$one" || return
	[ "$(on client heddle rule show --stats | awk '{ print $NF }')" -ge 1 ] || fail "nobody counted" || return
	rules client || return
	wait_for 10 has_no_rule client
}

# The same of a server: the rule is about its own port.
rule_of_a_server() {
	fresh
	rules server "sport 5001 pm.demote_rtt_ms 1 pm.demote_for_ms 300" || return
	stay
	pairs_are "$one" "$two" || return
	wait_for 20 counted_at_least PmDemotedRtt 1 || return
	[ "$(counter server MPTcpExtMPPrioTx)" -ge 1 ] || fail "no MP_PRIO was sent" || return
	[ "$(settings_rules server)" = "10 " ] || fail "the rule is $(settings_rules server)"
}

# With settings that are those of one path alone, and then those of all others.
path_by_path() {
	fresh
	ip -n server mptcp endpoint flush
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	on client heddle path add from 10.0.2.1 pm.after_kib 100 pm.retry_ms 300 || return
	fetch 10.0.1.2 5002 65536 --repeat 5 || return
	[ "$(joins)" -eq 0 ] || fail "64 KiB: $(joins) subflows" || return
	fetch 10.0.1.2 5002 4000000 || return
	[ "$(joins)" -eq 1 ] || fail "4 MB: $(joins) subflows" || return
	stay
	pairs_are "$one" "10.0.2.1 10.0.1.2" || return
	on client ss -K "src 10.0.2.1" >/dev/null
	wait_for 10 counted_at_least PmRetries 1 || return
	pairs_are "$one" "10.0.2.1 10.0.1.2" || return
	want client retry_ms=300
	on client heddle path replace priority 10 from 10.0.2.1 pm.retry_ms 0 || return
	on client ss -K "src 10.0.2.1" >/dev/null
	pairs_are "$one"
}

after_time() {
	fresh
	# So long that a busy machine has looked before it is over.
	want client after_ms=12000
	stay
	wait_for 10 are "$one" || return
	sleep 1
	[ "$(joins)" -eq 0 ] || fail "a subflow after a second" || return
	wait_for 30 are "$one" "$two" || return
	pairs_are "$one" "$two"
}

retries() {
	fresh
	want client retry_ms=500
	stay
	pairs_are "$one" "$two" || return
	on client ss -K "dst 10.0.2.2" >/dev/null
	wait_for 10 counted_at_least PmLost 1 || return
	wait_for 10 counted_at_least PmRetries 1 || return
	pairs_are "$one" "$two"
}

# The server takes no more subflows: there is less and less asking.
backs_off() {
	local retries
	ip -n server mptcp limits set subflows 0
	on client ss -K "dst 10.0.2.2" >/dev/null
	sleep 8
	retries=$(($(counted PmRetries)))
	echo "$retries times"
	[ "$retries" -ge 3 ] && [ "$retries" -le 8 ]
}

without_retries() {
	fresh
	want client mesh=fullmesh
	stay
	wait_for 10 enough_pairs 2 || return
	on client ss -K "dst 10.0.2.2" >/dev/null
	wait_for 10 are "$one" || return
	sleep 2
	are "$one" && is PmRetries 0
}

interface_down_and_up() {
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	ip -n server mptcp endpoint flush
	want client retry_ms=200
	stay
	pairs_are "$one" "10.0.2.1 10.0.1.2" || return
	ip -n client link set c2 down
	pairs_are "$one" || return
	wait_for 10 server_has 1 || fail "the server was not told" || return
	is PmClosed 1 || return
	ip -n client link set c2 up
	pairs_are "$one" "10.0.2.1 10.0.1.2"
}

# The same for an address, and for the first subflow.
address_gone_and_back() {
	ip -n client addr del 10.0.1.1/24 dev c1
	ip -n client route add 10.0.1.0/24 dev c2
	pairs_are "10.0.2.1 10.0.1.2" || return
	ip -n client route del 10.0.1.0/24 dev c2
	ip -n client addr add 10.0.1.1/24 dev c1
	pairs_are "$one" "10.0.2.1 10.0.1.2"
}

server_has() {
	[ "$(on server ss -Htn state established "sport = :5001" | wc -l)" -eq "$1" ]
}

flapping() {
	local before number
	before=$(joins)
	for _ in $(seq 40); do
		ip -n client link set c2 down
		sleep 0.05
		ip -n client link set c2 up
		sleep 0.05
	done
	number=$(($(joins) - before))
	echo "$number subflows in some seconds"
	# With retry_ms=200, in at least 4 seconds; how long it takes depends on the machine.
	[ "$number" -le 60 ] || return
	pairs_are "$one" "10.0.2.1 10.0.1.2"
}

remembers() {
	fresh
	ip -n server addr add 10.0.2.4/24 dev s2
	ip -n server mptcp endpoint flush
	ip -n client mptcp limits set subflows 4 add_addr_accepted 1
	ip -n server mptcp endpoint add 10.0.2.2 signal
	ip -n server mptcp endpoint add 10.0.2.4 signal
	want client mesh=fullmesh remember="$1"
	stay
	pairs_are "$one" "10.0.1.1 10.0.2.2" || return
	sleep 1
	ip -n server mptcp endpoint del id "$(ip -n server mptcp endpoint show | awk '/10.0.2.2 / { print $3 }')"
	if [ "$1" -eq 1 ]; then
		pairs_are "$one" "10.0.1.1 10.0.2.4" || return
		[ "$(counted PmRemembered)" -eq 1 ]
	else
		pairs_are "$one" || return
		[ "$(counted PmDropped)" -eq 1 ]
	fi
}

disjoint() {
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	ip -n client mptcp limits set subflows 1 add_addr_accepted 4
	# Both ways there are to come by an announced address before any subflow is opened.
	want client mesh=fullmesh disjoint=1 after_ms=1000
	stay
	pairs_are "$one" "$two"
}

# The server is behind two routers of the same link; one address of it is announced behind each.
by_gateway() {
	local address
	fresh
	ip -n server addr add 10.0.1.4/24 dev s1
	for address in 10.9.0.1 10.9.0.2 10.9.0.3; do
		ip -n server addr add "$address"/32 dev lo
		ip -n client route add "$address" via 10.0.1.2
	done
	ip -n client route change 10.9.0.3 via 10.0.1.4
	ip -n server mptcp endpoint flush
	ip -n server mptcp endpoint add 10.9.0.2 signal
	ip -n server mptcp endpoint add 10.9.0.3 signal
	ip -n client mptcp limits set subflows 1 add_addr_accepted 4
	want client mesh=fullmesh disjoint="$1" after_ms=1000
	stay 10.9.0.1
	pairs_are "10.0.1.1 10.9.0.1" "10.0.1.1 $2"
}

# What the routes find has the settings of its path, too.
path_of_a_route() {
	fresh
	on client heddle path add dev c2 pm.retry_ms 300 || return
	stay
	pairs_are "$one" "$two" || return
	on client ss -K "dst 10.0.2.2" >/dev/null
	wait_for 10 counted_at_least PmRetries 1 || return
	pairs_are "$one" "$two"
}

demotes() {
	fresh
	shape 2 50mbit 150ms
	want client demote_rtt_ms=200 demote_for_ms=500
	stay
	pairs_are "$one" "$two" || return
	wait_for 20 counted_at_least PmDemotedRtt 1 || return
	[ "$(counter client MPTcpExtMPPrioTx)" -ge 1 ] || fail "no MP_PRIO was sent" || return
	wait_for 10 carries_nothing 2
}

# The path is good again; nothing of it is heard, so it is tried after a while.
promotes() {
	shape 2 50mbit 5ms
	wait_for 40 counted_at_least PmPromoted 1 || return
	# That the server was told is what makes it use the path again, if its scheduler wants to.
	[ "$(counter client MPTcpExtMPPrioTx)" -ge 2 ] && [ "$(counter server MPTcpExtMPPrioRx)" -ge 2 ]
}

counted_at_least() {
	[ "$(counted "$1")" -ge "$2" ]
}

# What a server puts on a path in a second, but for acknowledgments.
carries_nothing() {
	local before
	before=$(sent server "$1")
	sleep 1
	[ $(($(sent server "$1") - before)) -lt 5000 ]
}

# A path carries more than its cap by a window, and by what it carries before the worker
# runs, which may be a second on an emulated machine: slow paths, and a window that does
# not fill their queues.
little_under_way() {
	shape 1 10mbit 5ms
	shape 2 4mbit 5ms
	on client sysctl -qw net.ipv4.tcp_rmem="4096 131072 262144"
}

# capped demote|close COUNTER [path]: a path may carry 300 KB, of which nobody else keeps count.
capped() {
	local two
	fresh
	little_under_way
	if [ "${3:-}" = path ]; then
		# What the path says itself counts for more than what a rule and the namespace say.
		on client heddle path add dev c2 cap 300000 pm.capped "$1" || return
		rules client "pm.capped ignore" || return
		want client capped=demote
	else
		on client heddle path add dev c2 cap 300000 || return
		want client capped="$1"
	fi
	two=$(sent server 2)
	fetch 10.0.1.2 5002 6000000 || return
	two=$(($(sent server 2) - two))
	echo "$two bytes on a path that may carry 300000, $(counted "$2") $2"
	[ "$two" -gt 250000 ] && [ "$two" -lt 900000 ] && [ "$(counted "$2")" -ge 1 ] || return
	# What is used is used, whoever comes next.
	two=$(sent server 2)
	fetch 10.0.1.2 5002 2000000 || return
	two=$(($(sent server 2) - two))
	echo "$two bytes of a second connection"
	[ "$two" -lt 300000 ]
}

# A new period, for connections that are there.
capped_for_a_period() {
	fresh
	# Less than what is sent: the second path has to carry some of it.
	shape 1 1mbit 5ms
	on client heddle path add dev c2 cap 100000 || return
	want client capped=demote cap_period_s=5
	stay
	wait_for 10 counted_at_least PmDemotedCapped 1 || return
	wait_for 20 counted_at_least PmPromoted 1
}

# used: bytes that the path of the client has carried.
used() {
	on client heddle --json path show | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["used"])'
}

# A part of a cap is used; then the module goes, and comes back with what was saved.
allowance_is_kept() {
	local before two file=/tmp/pm-saved.toml end again
	fresh
	little_under_way
	want client capped=close cap_period_s=100000
	on client heddle path add dev c2 cap 1M || return
	fetch 10.0.1.2 5002 1500000 || return
	on client heddle export >"$file" || return
	before=$(used)
	[ "$before" -gt 100000 ] && [ "$before" -lt 900000 ] || fail "$before of 1000000 used" || return
	kill_jobs
	network_down
	unload && load || return
	fresh
	little_under_way
	on client heddle apply "$file" || return
	[ "$(used)" -eq "$before" ] || fail "$(used) instead of $before" || return
	# To the second, as long as nobody has our path manager.
	end=$(sed -n 's/^cap_period_end = //p' "$file")
	again=$(on client heddle export | sed -n 's/^cap_period_end = //p')
	[ $((again - end)) -ge -2 ] && [ $((again - end)) -le 2 ] || fail "until $again instead of $end" || return
	two=$(sent server 2)
	fetch 10.0.1.2 5002 6000000 || return
	two=$(($(sent server 2) - two))
	echo "$before of 1000000 bytes before, $two bytes then"
	[ "$two" -lt $((1600000 - before)) ] && [ "$(counted PmClosedCapped)" -ge 1 ] || return
	again=$(on client heddle export | sed -n 's/^cap_period_end = //p')
	[ $((again - end)) -le 2 ] || fail "then until $again instead of $end" || return
	# Nothing is given back by saying it again.
	on client heddle apply "$file" && [ "$(used)" -ge 1000000 ]
}

# What is done by a policy is told to who listens, with the reason and the rule.
tells() {
	local pid told=/tmp/pm-told
	fresh
	ip -n server mptcp endpoint flush
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	rules client "port 5001 pm.mesh fullmesh pm.retry_ms 300 pm.demote_rtt_ms 1 pm.demote_for_ms 300" || return
	on client heddle monitor >"$told" &
	pid=$!
	sleep 1
	stay
	pairs_are "$one" "10.0.2.1 10.0.1.2" || return
	wait_for 20 grep -q 'path-managed .* demoted subflow .* for rtt rule 10' "$told" || { cat "$told"; return 1; }
	on client ss -K "src 10.0.2.1" >/dev/null
	wait_for 10 grep -q 'path-managed .* opened 10.0.2.1 -> 10.0.1.2:5001 for retry rule 10' "$told" || { cat "$told"; return 1; }
	ip -n client link set c2 down
	wait_for 10 grep -q 'path-managed .* closed subflow .* 10.0.2.1 -> 10.0.1.2:5001 for dead rule 10' "$told" || {
		cat "$told"
		return 1
	}
	kill "$pid"
	wait "$pid" 2>/dev/null
	grep -q 'opened 10.0.2.1 -> 10.0.1.2:5001 for fullmesh rule 10' "$told" || { cat "$told"; return 1; }
}

# The server announces, removes, and changes priorities as fast as it can.
floods() {
	local number=$1 before
	fresh
	want client mesh=fullmesh remember=1 retry_ms=100 retry_max_ms=400
	# As it is by default: the connection may be without subflows for longer than a second.
	on client sysctl -qw net.mptcp.close_timeout=60
	on server sysctl -qw net.mptcp.close_timeout=60
	for address in $(seq 10 29); do
		ip -n server addr add 10.0.2."$address"/24 dev s2
	done
	stay
	wait_for 10 enough_pairs 2 || return
	before=$(joins)
	for _ in $(seq "$number"); do
		for address in $(seq 10 29); do
			echo "mptcp endpoint add 10.0.2.$address signal"
		done
		echo "mptcp endpoint flush"
	done >"/tmp/floods"
	on server sh -c "while read -r line; do ip \$line; done </tmp/floods"
	ip -n server mptcp endpoint add 10.0.1.2 id 9 subflow
	for _ in $(seq $((number * 10))); do
		ip -n server mptcp endpoint change id 9 backup
		ip -n server mptcp endpoint change id 9 nobackup
	done
	# Each time this takes away the only subflow, which the client opens again.
	for _ in $(seq "$number"); do
		ip -n server mptcp endpoint del id 9
		ip -n server mptcp endpoint add 10.0.1.2 id 9 subflow
	done
	echo "$(counted PmAnnounced) announced, $(counted PmRemoved) removed, $(counted PmPriorities) priorities," \
		"$(counted PmDropped) dropped, $(($(joins) - before)) subflows"
	[ "$(counted PmAnnounced)" -gt "$number" ] && [ "$(counted PmRemoved)" -gt "$number" ] &&
		[ "$(counted PmPriorities)" -gt "$number" ] || return
	[ "$(pairs | wc -l)" -le 5 ] || fail "more subflows than the limit allows" || return
	ip -n server mptcp endpoint flush
	pairs_are "$one"
}

# churns NUMBER: connections with four subflows, while everything changes.
churns() {
	local number=$1 job mesh flags=(backup nobackup)
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	want client mesh=fullmesh retry_ms=50 demote_rtt_ms=1
	serve 5003 --rate 100000
	on client timeout $((600 * SLOW)) python3 "$HERE/traffic.py" fetch 10.0.1.2 5003 100000 \
		--parallel 50 --repeat $((number / 50)) &
	job=$!
	while [ -e "/proc/$job" ]; do
		for mesh in fullmesh ndiffports endpoints interface; do
			want client mesh="$mesh" remember=$((RANDOM % 2)) after_kib=$((RANDOM % 3 * 20)) \
				disjoint=$((RANDOM % 2)) demote_rtt_ms=$((RANDOM % 2))
			ip -n client mptcp endpoint change 10.0.2.1 "${flags[RANDOM % 2]}" 2>/dev/null
			sleep 0.2
		done
		ip -n client link set c2 down
		ip -n client link set c2 up
	done
	wait "$job" || fail "a transfer failed" || return
	echo "$(joins) subflows"
	[ "$(joins)" -ge "$number" ]
}

# A namespace goes with its connections in it.
dies() {
	fresh
	ip -n client mptcp endpoint add 10.0.2.1 subflow
	want client mesh=fullmesh retry_ms=50 after_ms=100
	stay
	wait_for 10 enough_pairs 3 || return
	kill_jobs
	network_down
}

busy() {
	fresh
	stay
	wait_for 10 enough_pairs 2 || return
	! rmmod heddle 2>/dev/null || fail "it was unloaded under a connection" || return
	kill_jobs
	network_down
	unload && load
}

# The name stays in the sysctl of a namespace when the module is gone.
gone() {
	network_up
	manage client server
	unload || return
	on client sh -c "! sysctl -qw net.mptcp.path_manager=heddle" 2>/dev/null || return
	start server python3 "$HERE/traffic.py" serve 5001 --rate 200000
	wait_for 20 listening 5001 || return
	stay
	pairs_are "$one" "$two" || return
	kill_jobs
	load
}

load
check "without a policy it does what the in-kernel one does" kernels
check "fullmesh connects each address with each" fullmesh
check "fullmesh follows endpoints that come and go" fullmesh_follows
check "fullmesh of IPv6, and IPv4 besides" ipv6
check "no more subflows than the limit allows" limited
check "ndiffports opens a number of subflows between two addresses" ndiffports
check "interface opens one subflow for each interface" interface
check "after_kib leaves connections of 64 KiB with one subflow, and others not" after_bytes
check "after_kib counts what is sent, too" after_bytes_sent
check "a rule has a policy for its connections, and counts each once" by_rule
check "a rule that comes, changes and goes counts for connections that are there" rule_follows
check "a server has rules, too" rule_of_a_server
check "a path has a policy of its own" path_by_path
check "and so have subflows whose way the routes find" path_of_a_route
check "after_ms opens no subflow before its time" after_time
check "a lost subflow is opened again" retries
check "and less and less often if it is refused" backs_off
check "a lost subflow is gone without retry_ms" without_retries
check "an interface goes down, which closes its subflow at both ends, and comes back" interface_down_and_up
check "the address of the first subflow goes away and comes back" address_gone_and_back
check "a flapping interface makes no storm" flapping
check "an address that cannot be used yet is used later with remember" remembers 1
check "and is not without" remembers 0
check "disjoint pairs come first" disjoint
check "and those by another gateway" by_gateway 1 10.9.0.3
check "while the order is that of the addresses otherwise" by_gateway 0 10.9.0.2
check "a subflow with a high round-trip time becomes a backup" demotes
check "and is used again" promotes
check "a path that has carried its cap becomes a backup" capped demote PmDemotedCapped
check "or is closed, and not opened again" capped close PmClosedCapped
check "as the path says itself, before the rule and the namespace" capped close PmClosedCapped path
check "until a new period begins" capped_for_a_period
check "what was used of a cap is kept while the module is away" allowance_is_kept
check "what it does is told to who listens" tells
check "floods of ADD_ADDR, RM_ADDR and MP_PRIO are survived" floods "$(many 100)"
check "connections come and go while policies change" churns "$([ -n "${THOROUGH:-}" ] && echo 1000 || echo 100)"
check "a namespace dies with its connections" dies
check "the module cannot go while a connection uses it, and can afterwards" busy
check "a name that is gone means the in-kernel path manager" gone
finish
