#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Requests find another listener when theirs is closed.

. "$(dirname "$0")/lib.sh"

# Each at a port of its own: a SYN that meets a connection in TIME_WAIT gets no
# cookie.
port=5100

migrates() {
	case_of migrate 120 "$@"
}

# the eight cases: IPv4 and IPv6, each in four states.
eight() {
	local state
	policy "$1"
	for state in established fastopen timer ack; do
		migrates "$state" || return
		migrates "$state" --ipv6 || return
	done
}

# two of them.
two() {
	policy "$1"
	migrates established && migrates ack --ipv6
}

nothing_migrates() {
	local before
	before=$(counter server TcpExtTCPMigrateReqSuccess)
	! migrates established || return
	[ "$(counter server TcpExtTCPMigrateReqSuccess)" = "$before" ]
}

off_is_off() {
	policy off
	nothing_migrates
}

refuse_refuses() {
	local before
	policy refuse
	before=$(counted MigrateRefused)
	with_sysctl nothing_migrates || return
	[ "$(counted MigrateRefused)" -ge $((before + 25)) ] || fail "$(all_counted)"
}

mptcp() {
	policy newest
	migrates established --mptcp || return
	if clones; then
		migrates timer --mptcp && migrates ack --mptcp --ipv6
	else
		both refused --mptcp
	fi
}

# joins ADDRESS [OPTION...]
joins() {
	if clones; then
		check "MPTCP: a subflow that joins${2:+, IPv6}" two_paths "$1" join "${@:2}"
	else
		skip "MPTCP: a subflow that joins${2:+, IPv6}" "the kernel cannot clone requests of MPTCP"
	fi
}

# knob NAME VALUE: net.heddle.migrate.NAME of the server.
knob() {
	on server sysctl -qw net.heddle.migrate."$1"="$2"
}

# two_paths ADDRESS CASE...: with a client in the other namespace, and a second
# subflow to the address; path 1 is cut in the end.
two_paths() {
	local status=0
	policy newest
	on server ip mptcp endpoint flush
	on server ip mptcp endpoint add "$1" signal
	shift
	migrates "$1" --mptcp "${@:2}" || status=$?
	on server tc qdisc del dev s1 root
	return "$status"
}

# cookies CASE...: with SYN cookies for everybody.
cookies() {
	local status=0
	policy newest
	on server sysctl -qw net.ipv4.tcp_syncookies=2
	both "$@" || status=$?
	on server sysctl -qw net.ipv4.tcp_syncookies=1
	return "$status"
}

# guard MODE WHO: whom it lets inherit from a listener if the newest one differs.
guard() {
	local before
	before=$(counted MigrateDifferent)
	policy newest
	knob settings_guard "$1"
	migrates settings --expect "$2" && migrates settings --expect "$2" --ipv6 || return
	if [ "$1" = warn ]; then
		[ $(($(counted MigrateDifferent) - before)) -eq 100 ] || fail "$(all_counted)" || return
		dmesg | grep -q "heddle: .*differs from it in TCP_SAVE_SYN" || fail "nothing in the log"
	else
		[ "$(counted MigrateDifferent)" -eq "$before" ] || fail "$(all_counted)"
	fi
}

nobody_fits() {
	knob settings_guard enforce
	migrates nobody && migrates nobody --ipv6
}

backlog() {
	policy newest
	knob respect_backlog "$1"
	migrates backlog --expect "$2"
}

programs() {
	policy "$1"
	migrates program --expect "$2" && migrates program --expect "$2" --ipv6
}

balance() {
	policy "$1"
	migrates balance
}

# Closed listeners are in their group, and their requests on the way, when the
# module goes; or their namespace.
leaves_requests() {
	policy newest
	on server nft "table inet held { chain in { type filter hook input priority 0; tcp dport 5001 tcp flags & (syn | ack | rst) == ack drop; }; }"
	start server python3 "$HERE/migrate.py" leave
	wait_for 30 eval '[ "$(on server ss -Htn state syn-recv "sport = :5001" | wc -l)" -eq 25 ]' ||
		fail "$(on server ss -tan "sport = :5001 or dport = :5001")" || return
	wait_for 30 eval '! listening 5001'
}

module_goes() {
	leaves_requests && unload || return
	# The timers of the requests fire meanwhile.
	sleep 3
	kill_jobs
	on server nft delete table inet held
	load
}

namespace_goes() {
	leaves_requests || return
	kill_jobs
	network_down
	sleep 3
	network_up
}

both() {
	migrates "$@" && migrates "$@" --ipv6
}

load
network_up
on server sysctl -qw net.ipv4.tcp_fastopen=519
check "newest: the eight cases" eight newest
rarely "shortest: the eight cases" eight shortest
for policies in hash same_cpu same_node label same_cgroup other_cgroup label,shortest; do
	if [ -n "${THOROUGH:-}" ]; then
		check "$policies: the eight cases" eight $policies
	else
		rarely "$policies: two of them" two $policies
	fi
done
check "off: nothing migrates" off_is_off
rarely "off: tcp_migrate_req does as before" with_sysctl eight off
rarely "newest, with tcp_migrate_req" with_sysctl two newest
check "refuse: nothing migrates, not even with tcp_migrate_req" refuse_refuses
check "MPTCP listeners" mptcp
policy newest
check "nobody inherits: counted" both last
check "MPTCP: a connection with two subflows" two_paths 10.0.2.2 subflows
joins 10.0.2.2
check "MPTCP: a connection with two subflows, IPv6" two_paths fd00:2::2 subflows --ipv6
joins fd00:2::2 --ipv6
check "MPTCP: not to a listener of TCP" both mixed --mptcp
check "SYN cookies: connections in the accept queue" cookies established
check "SYN cookies: the last ACK" cookies cookies
policy newest
check "deferred connections" both defer
check "TCP MD5" both md5
check "TCP-AO" both ao
check "settings_guard off: the newest inherits, whatever it is" guard off other
check "settings_guard warn: it is counted and logged" guard warn other
check "settings_guard enforce: it does not inherit" guard enforce same
check "settings_guard enforce: nobody fits" nobody_fits
knob settings_guard off
check "respect_backlog off: an accept queue is overfilled" backlog 0 small
check "respect_backlog: the next one inherits" backlog 1 both
knob respect_backlog 0
policy off
check "some listeners have policies of their own" both override
check "a BPF program that passes wins over refuse" programs refuse pass
check "a BPF program that drops wins over newest" programs newest drop
check "shortest: the queues stay balanced" balance shortest
check "the module goes while requests have no listener" module_goes
check "a namespace goes while requests have no listener" namespace_goes
finish
