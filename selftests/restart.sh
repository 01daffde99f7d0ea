#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nginx, HAProxy and a server of many processes are restarted under load, and
# some listener is always open: nothing is lost.

. "$(dirname "$0")/lib.sh"

# How often each is restarted: two or three seconds of it on an emulated CPU, with
# a thousand connections a second.
declare -A restarts=([nginx-reload]=4 [nginx-replace]=5 [nginx-failed]=1 [nginx-check]=2 [haproxy]=1 [workers]=10)
for kind in "${!restarts[@]}"; do
	[ $SLOW -eq 1 ] || restarts[$kind]=$(((restarts[$kind] + 3) / 4))
	[ -z "${THOROUGH:-}" ] || restarts[$kind]=$((restarts[$kind] * 5))
done

# restart POLICY KIND [OPTION...]: what the clients see of it.
restart() {
	policy "$1"
	shift
	on server timeout 1500 python3 "$HERE/restart.py" "$1" "${address:-10.0.1.2}" 5001 \
		--restarts "${restarts[$1]}" "${@:2}" >/tmp/restart || fail "$(cat /tmp/restart)"
}

# tell ROW: what it was, among the results.
tell() {
	printf '# %s: %s\n' "$1" "$(cat /tmp/restart)" >&3
}

# nothing_lost POLICY KIND [OPTION...]: what any listener got, one that is open
# served. None of the programs ends what it has accepted, and their accept queues
# are longer than there are clients at a time: there is no other way to lose.
nothing_lost() {
	restart "$@" || return
	tell "$*${address:+ IPv6}"
	grep -q ' lost=0 ' /tmp/restart || fail "$(cat /tmp/restart; all_counted; on server nstat -as | grep -E 'Migrate|Listen|Abort')"
}

# for_comparison WHAT POLICY KIND: how many it is differs from run to run.
for_comparison() {
	restart "${@:2}" || return
	tell "$1 $3"
	grep -qw 'ok=[1-9][0-9]*' /tmp/restart || fail "$(cat /tmp/restart)"
}

# That it can be seen at all: half of the connections of two seconds go to
# listeners from which nobody accepts, and which close.
something_lost() {
	for_comparison off off nginx-failed || return
	grep -q ' lost=[1-9]' /tmp/restart || fail "$(cat /tmp/restart)"
}

# What Kubernetes had trouble with, and which nginx has solved since.
checked_config() {
	nothing_lost off nginx-check || return
	grep -q ' closed=0 ' /tmp/restart || fail "it listened: $(cat /tmp/restart)"
}

# over_ipv6 COMMAND...
over_ipv6() {
	local address=fd00:1::2
	"$@"
}

exec 3>&1
load
network_up
for_many_clients
check "off: an nginx that fails to start costs connections" something_lost
check "off: nginx -t listens nowhere" checked_config
for kind in nginx-reload nginx-replace nginx-failed haproxy workers; do
	check "newest: $kind loses nothing" nothing_lost newest $kind
	# nginx-failed takes longest, and is harder for newest: what it leaves behind
	# goes from one to the next of those that close.
	if [ $kind != nginx-failed ] || [ -n "${THOROUGH:-}" ]; then
		rarely "shortest: $kind loses nothing" nothing_lost shortest $kind
	fi
	if [ -n "${THOROUGH:-}" ]; then
		check "off: $kind, for comparison" for_comparison off off $kind
		check "tcp_migrate_req: $kind, for comparison" with_sysctl for_comparison tcp_migrate_req off $kind
		check "hash: $kind, for comparison" for_comparison hash hash $kind
		case $kind in nginx-replace | nginx-failed | haproxy)
			# Each instance of these is in a cgroup of its own.
			check "other_cgroup,shortest: $kind loses nothing" nothing_lost other_cgroup,shortest $kind ;;
		esac
		check "newest: $kind loses nothing over IPv6" over_ipv6 nothing_lost newest $kind
		check "newest: $kind loses nothing with MPTCP" nothing_lost newest $kind --mptcp
	fi
done
finish
