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

# A debug kernel is several times as slow. That of the lab does not tell what it is.
SLOW=1
! zcat /proc/config.gz 2>/dev/null | grep -qx CONFIG_KASAN=y || SLOW=4

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
	for ns in "${hosts[@]}"; do
		[ ! -e /run/netns/"$ns" ] || ip netns exec "$ns" cat /proc/net/heddle
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

hosts=()

# host NAME: a network namespace. In it, a connection without subflows is kept
# for a second, not a minute.
host() {
	hosts+=("$1")
	ip netns add "$1"
	ip -n "$1" link set lo up
	ip netns exec "$1" sysctl -qw net.mptcp.enabled=1 net.ipv4.tcp_rmem="4096 1048576 16777216" \
		net.ipv4.tcp_wmem="4096 1048576 16777216" net.mptcp.close_timeout=1
}

# ends PATH: host and link of its one end, host and link of the other.
ends() {
	case $1 in
	?) echo "client c$1 server s$1" ;;
	??) echo "server s$1 backend${1:0:1} b${1:1}" ;;
	esac
}

# join_hosts PATH IPV4 IPV6: a link between its ends, whose addresses begin so.
join_hosts() {
	local one link1 two link2
	read -r one link1 two link2 <<<"$(ends "$1")"
	ip link add "$link1" netns "$one" type veth peer name "$link2" netns "$two"
	ip -n "$one" addr add "$2.1/24" dev "$link1"
	ip -n "$two" addr add "$2.2/24" dev "$link2"
	ip -n "$one" addr add "$3::1/64" dev "$link1" nodad
	ip -n "$two" addr add "$3::2/64" dev "$link2" nodad
	ip -n "$one" link set "$link1" up
	ip -n "$two" link set "$link2" up
}

network_up() {
	local path
	network_down
	host client
	host server
	for path in 1 2; do
		join_hosts $path 10.0.$path fd00:$path
	done
	ip -n client mptcp limits set subflows 4 add_addr_accepted 4
	ip -n server mptcp limits set subflows 4
	ip -n server mptcp endpoint add 10.0.2.2 signal
	ip -n server mptcp endpoint add fd00:2::2 signal
}

# backends_up: two more hosts, for a server that is a proxy. Path NP is the path P
# of two between the server and backend N: 10.N.P.0/24 and fd0N:P::/64.
backends_up() {
	local backend path
	for backend in 1 2; do
		host backend$backend
		for path in 1 2; do
			join_hosts $backend$path 10.$backend.$path fd0$backend:$path
		done
		ip -n backend$backend mptcp limits set subflows 4
		ip -n backend$backend mptcp endpoint add 10.$backend.2.2 signal
		ip -n backend$backend mptcp endpoint add fd0$backend:2::2 signal
	done
	ip -n server mptcp limits set subflows 4 add_addr_accepted 4
}

network_down() {
	local ns
	for ns in "${hosts[@]}"; do
		[ -e /run/netns/"$ns" ] || continue
		end_all "$ns"
		ip netns del "$ns"
	done
	hosts=()
}

# end_all HOST: what runs there, such as programs that went into the background.
end_all() {
	local pids
	pids=$(ip netns pids "$1")
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
}

# netem PATH OPTION...: both ends of it.
netem() {
	local one link1 two link2
	read -r one link1 two link2 <<<"$(ends "$1")"
	shift
	ip netns exec "$one" tc qdisc replace dev "$link1" root netem "$@" &&
		ip netns exec "$two" tc qdisc replace dev "$link2" root netem "$@"
}

# shape PATH RATE DELAY [NETEM-OPTION...]: both directions; DELAY is one way.
shape() {
	netem "$1" rate "$2" delay "$3" limit 200 "${@:4}" && echo "${@:2}" >"/run/shape.$1"
}

# cut_path PATH...: nothing gets through, and nobody is told.
cut_path() {
	local path
	for path in "$@"; do
		netem "$path" loss 100% || return
	done
}

# restore_path PATH...: as it was shaped.
restore_path() {
	local path
	for path in "$@"; do
		# shellcheck disable=SC2046 # words are meant
		shape "$path" $(cat "/run/shape.$path") || return
	done
}

# strip HOST: a middle box that takes the MPTCP options out of every packet.
strip() {
	ip netns exec "$1" nft -f - <<-'END'
		table inet strip {
			chain out { type filter hook output priority 0; reset tcp option mptcp; }
			chain in { type filter hook input priority 0; reset tcp option mptcp; }
		}
	END
}

strip_no_more() {
	ip netns exec "$1" nft delete table inet strip
}

# for_many_clients: path 1 is so long that handshakes are on the way when a
# listener closes, and the client has ports for all of them.
for_many_clients() {
	netem 1 delay 2ms limit 10000
	ip netns exec client sysctl -qw net.ipv4.ip_local_port_range="10000 65000"
}

scheduler() {
	ip netns exec "$1" sysctl -qw net.mptcp.scheduler="$2"
}

# policy LIST: net.heddle.migrate.policy of the server.
policy() {
	on server sysctl -qw net.heddle.migrate.policy="$1"
}

# Before 7.3 the kernel cannot clone the requests of MPTCP listeners, so that Heddle refuses them.
clones() {
	grep -qw mptcp_subflow_reqsk_clone /proc/kallsyms
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

# fallbacks HOST: connections that were to be MPTCP and became TCP, at that end.
fallbacks() {
	ip netns exec "$1" nstat -asz | awk '$1 ~ /^MPTcpExt.*Fallback/ { sum += $2 } END { print sum + 0 }'
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

listens() {
	on "$1" ss -Hltn "sport = :$2" | grep -q .
}

listening() {
	listens server "$1"
}

# subflows PORT NUMBER: the server has so many, at the least.
subflows() {
	[ "$(on server ss -Htn state established "sport = :$1" | wc -l)" -ge "$2" ]
}

# serve PORT [OPTION...]: a server of traffic.py on the server's every address.
serve() {
	start server python3 "$HERE/traffic.py" serve "$@"
	wait_for 60 listening "$1"
}

# case_of PROGRAM SECONDS [OPTION...]: a case of a program in Python, on the server, with a
# port of its own: the one after $port.
case_of() {
	port=$((port + 1))
	on server timeout $(($2 * SLOW)) python3 "$HERE/$1.py" "${@:3}" --port "$port" || fail "$(all_counted)"
}

# fetch ADDRESS PORT BYTES [OPTION...]: and compare with what was asked for.
fetch() {
	on client timeout $((120 * SLOW)) python3 "$HERE/traffic.py" fetch "$@"
}
