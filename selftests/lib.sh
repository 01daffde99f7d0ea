# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the tests of this folder; runs in the guest. A test is a script
# that sources this, defines functions, and runs each with "check":
#
#	check "what must hold" function [ARGUMENT...]
#	skip "what must hold" "why it cannot be tried here"
#	finish
#
# A function fails by its exit status; what it prints is shown when it does.

set -u

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODULE=${HEDDLE_MODULE:?path of heddle.ko}

_count=0
_failed=0
_output=$(mktemp)

check() {
	local what=$1 start=$SECONDS verdict=ok
	shift
	_count=$((_count + 1))
	"$@" >"$_output" 2>&1 || { verdict="not ok"; _failed=$((_failed + 1)); }
	printf '    %s %d %s # %d s\n' "$verdict" $_count "$what" $((SECONDS - start))
	[ "$verdict" = ok ] || sed 's/^/    # /' "$_output"
}

skip() {
	_count=$((_count + 1))
	printf '    ok %d %s # SKIP %s\n' $_count "$1" "$2"
}

# rarely "what must hold" function [ARGUMENT...]: a check that tells little more
# on a debug kernel, which takes minutes for it.
rarely() {
	if [ $SLOW -eq 1 ] || [ -n "${THOROUGH:-}" ]; then
		check "$@"
	else
		skip "$1" "on a debug kernel only with THOROUGH=1"
	fi
}

finish() {
	printf '    1..%d\n' $_count
	rm -f "$_output"
	network_down
	kill_jobs
	is_loaded && unload
	exit $((_failed > 0))
}

# fail MESSAGE: says why, and is false.
fail() {
	printf '%s\n' "$*"
	return 1
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
	local deadline=$((SECONDS + $1 * SLOW))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || fail "still not after ${deadline}s: $*" || return
		sleep 0.1
	done
}

# A debug kernel is several times as slow.
SLOW=1
! zcat /proc/config.gz | grep -qx CONFIG_KASAN=y || SLOW=4

# many NUMBER: how often something is repeated that is repeated very often: a
# tenth of it, or a hundredth on a debug kernel, unless the run is to be thorough.
many() {
	if [ -n "${THOROUGH:-}" ]; then
		echo "$1"
	else
		echo $(($1 / (SLOW > 1 ? 100 : 10)))
	fi
}

# --- the module ------------------------------------------------------------

# What net.mptcp.available_schedulers is with the module.
export SCHEDULERS="default heddle minrtt ecf blest roundrobin weighted priority redundant auto"

load() {
	insmod "$MODULE"
}

# Those who hold the module let go of it some time after they are closed.
unload() {
	wait_for 60 rmmod heddle
}

is_loaded() {
	[ -d /sys/module/heddle ]
}

# What Heddle counted in the tests' namespaces: "NAME VALUE" a line, sums.
all_counted() {
	local ns
	for ns in client server; do
		[ ! -e /run/netns/$ns ] || ip netns exec $ns cat /proc/net/heddle
	done | awk 'NR % 2 { split($0, name); next }
		{ for (i = 2; i <= NF; i++) sum[name[i]] += $i }
		END { for (n in sum) if (sum[n]) print n, sum[n] }'
}

# counted NAME: one of them.
counted() {
	all_counted | awk -v name="$1" '$1 == name { value = $2 } END { print value + 0 }'
}

# all_closed SCHEDULER: all connections of a scheduler have ended.
all_closed() {
	[ "$(counted "$1Opened")" = "$(counted "$1Closed")" ]
}

# --- the network -----------------------------------------------------------
#
# Two hosts, client and server, joined by paths 1 and 2. Host addresses end in
# .1 and .2 (::1 and ::2), path N is 10.0.N.0/24 and fd00:N::/64. The server
# announces its address on path 2, and the client connects to it from there.

network_up() {
	local ns path
	network_down
	# A connection without subflows is kept for a second, not a minute.
	for ns in client server; do
		ip netns add $ns
		ip -n $ns link set lo up
		ip netns exec $ns sysctl -qw net.mptcp.enabled=1 net.ipv4.tcp_rmem="4096 1048576 16777216" \
			net.ipv4.tcp_wmem="4096 1048576 16777216" net.mptcp.close_timeout=1
	done
	for path in 1 2; do
		ip link add c$path netns client type veth peer name s$path netns server
		ip -n client addr add 10.0.$path.1/24 dev c$path
		ip -n server addr add 10.0.$path.2/24 dev s$path
		ip -n client addr add fd00:$path::1/64 dev c$path nodad
		ip -n server addr add fd00:$path::2/64 dev s$path nodad
		ip -n client link set c$path up
		ip -n server link set s$path up
	done
	ip -n client mptcp limits set subflows 4 add_addr_accepted 4
	ip -n server mptcp limits set subflows 4
	ip -n server mptcp endpoint add 10.0.2.2 signal
	ip -n server mptcp endpoint add fd00:2::2 signal
}

network_down() {
	local ns
	for ns in client server; do
		[ ! -e /run/netns/$ns ] || ip netns del $ns
	done
}

# shape PATH RATE DELAY [NETEM-OPTION...]: both directions; DELAY is one way.
shape() {
	local path=$1 rate=$2 delay=$3
	shift 3
	ip netns exec client tc qdisc replace dev c"$path" root netem rate "$rate" delay "$delay" limit 200 "$@"
	ip netns exec server tc qdisc replace dev s"$path" root netem rate "$rate" delay "$delay" limit 200 "$@"
}

# cut PATH: nothing gets through, and nobody is told.
cut_path() {
	ip netns exec client tc qdisc replace dev c"$1" root netem loss 100%
	ip netns exec server tc qdisc replace dev s"$1" root netem loss 100%
}

scheduler() {
	ip netns exec "$1" sysctl -qw net.mptcp.scheduler="$2"
}

# policy LIST: net.heddle.migrate.policy of the server.
policy() {
	on server sysctl -qw net.heddle.migrate.policy="$1"
}

# with_sysctl COMMAND...: with net.ipv4.tcp_migrate_req on the server.
with_sysctl() {
	local status=0
	on server sysctl -qw net.ipv4.tcp_migrate_req=1
	"$@" || status=$?
	on server sysctl -qw net.ipv4.tcp_migrate_req=0
	return "$status"
}

# sent HOST PATH: bytes that a host put on a path.
sent() {
	ip netns exec "$1" cat /sys/class/net/"${1:0:1}$2"/statistics/tx_bytes
}

# counter HOST NAME: one of nstat's, such as MPTcpExtMPJoinAckRx.
counter() {
	ip netns exec "$1" nstat -asz "$2" | awk -v name="$2" '$1 == name { print $2 }'
}

# --- traffic ---------------------------------------------------------------

_jobs=()

# on HOST COMMAND...: in the foreground.
on() {
	local host=$1
	shift
	ip netns exec "$host" "$@"
}

# start HOST COMMAND...: in the background, until kill_jobs.
start() {
	local host=$1
	shift
	ip netns exec "$host" "$@" &
	_jobs+=($!)
}

kill_jobs() {
	local job
	for job in "${_jobs[@]}"; do
		kill -KILL "$job" 2>/dev/null
		wait "$job" 2>/dev/null
	done
	_jobs=()
}

listening() {
	on server ss -Hltn "sport = :$1" | grep -q .
}

# subflows PORT NUMBER: the server has so many, at the least.
subflows() {
	[ "$(on server ss -Htn state established "sport = :$1" | wc -l)" -ge "$2" ]
}

# serve PORT [OPTION...]: a server of traffic.py on the server's every address.
serve() {
	start server python3 "$HERE/traffic.py" serve "$@"
	wait_for 20 listening "$1"
}

# fetch ADDRESS PORT BYTES [OPTION...]: and compare with what was asked for.
fetch() {
	on client timeout $((120 * SLOW)) python3 "$HERE/traffic.py" fetch "$@"
}
