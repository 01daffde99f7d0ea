#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# HAProxy in front of two nginx, with MPTCP on both sides, as its guide has it.
# The server is the proxy; two paths lead to it, and two to each backend.

. "$(dirname "$0")/lib.sh"
. "$HERE/proxy.sh"

PATH=$HERE/bin:$PATH
API=10.0.1.2:8080 API6='[fd00:1::2]:8080'
DOWNLOADS=10.0.1.2:8081 DOWNLOADS6='[fd00:1::2]:8081'

# get ADDRESS [COMMAND...]: a file, by a client that is run so.
get() {
	rm -f /tmp/got
	on client timeout $((60 * SLOW)) "${@:2}" curl -sSf -o /tmp/got "http://$1/file" && cmp /tmp/got "$SITE/file"
}

# by_mptcp COMMAND...: there is a new connection of MPTCP, with a second subflow, and none falls back.
by_mptcp() {
	local made joined fallen
	made=$(counter server MPTcpExtMPCapableACKRX) joined=$(counter server MPTcpExtMPJoinAckRx)
	fallen=$(fallbacks server)
	"$@" || return
	{ [ "$(counter server MPTcpExtMPCapableACKRX)" -gt "$made" ] && [ "$(counter server MPTcpExtMPJoinAckRx)" -gt "$joined" ] &&
		[ "$(fallbacks server)" = "$fallen" ]; } || fail "$(on server nstat -as 'MPTcp*')"
}

# by_tcp COMMAND...: there is none.
by_tcp() {
	local made
	made=$(counter server MPTcpExtMPCapableACKRX)
	"$@" || return
	[ "$(counter server MPTcpExtMPCapableACKRX)" = "$made" ] || fail "$(on server nstat -as 'MPTcp*')"
}

# uses HOST PORT WORDS...: a connection from or to the port has all these words.
uses() {
	local words
	words=$(python3 "$HERE/conns.py" "$1" "$2")
	for word in "${@:3}"; do
		words=$(grep -E -- "(^| )$word( |$)" <<<"$words") || fail "no $word" || return
	done
	echo "$words"
}

# fetching PORT: a large file, again and again by one connection, until kill_jobs.
fetching() {
	start client mptcpize run curl -sSf -o /dev/null "http://10.0.1.2:$1/large?[1-100]"
}

# --- the guide ---------------------------------------------------------------

# What it begins with: one frontend, and nothing of MPTCP anywhere.
before_the_guide() {
	on server ip mptcp endpoint flush && on server ip mptcp limits set subflows 0 add_addr_accepted 0 || return
	configure_haproxy tcp
	sed -i 's/ipv4@:8080/:8080/' /etc/haproxy/haproxy.cfg
	on server systemctl start haproxy && by_tcp get "$API" mptcpize run
}

# Word for word.
follow_the_guide() {
	guide_part haproxy '## One frontend' && guide_part haproxy '## The whole' || return
	by_mptcp get "$API" mptcpize run
}

# A reload passes the listeners on, and with them what they are: what the guide warns of.
reload_keeps_listeners() {
	configure_haproxy mptcp
	on server systemctl reload haproxy || return
	wait_for 20 get "$DOWNLOADS6" && by_tcp get "$DOWNLOADS6" mptcpize run
}

whole_configuration() {
	on server ip mptcp endpoint add fd00:2::2 signal
	on server systemctl restart haproxy
}

# --- what it does ------------------------------------------------------------

every_address() {
	local address
	for address in "$API" "$API6" "$DOWNLOADS" "$DOWNLOADS6"; do
		by_mptcp get "$address" mptcpize run || return
	done
	by_mptcp get_by_option "$API"
}

# curl has an option for it.
get_by_option() {
	on client curl --mptcp -sSf -o /tmp/got "http://$1/file" && cmp /tmp/got "$SITE/file"
}

every_address_tcp() {
	local address
	for address in "$API" "$API6" "$DOWNLOADS" "$DOWNLOADS6"; do
		by_tcp get "$address" || return
	done
}

# states: what HAProxy has to say of its servers.
states() {
	echo "show stat" | on server socat - /run/haproxy/admin.sock | awk -F, '$2 == "one" || $2 == "two" { print $1, $2, $18, $37 }'
}

up() {
	[ "$(states | grep -c " UP L7OK$")" = "$1" ]
}

down() {
	[ "$(states | grep -c " DOWN ")" = "$1" ]
}

# check_counts HOST: health checks that came, and how many of them by MPTCP. Nobody else connects.
check_counts() {
	echo "$(counter "$1" TcpPassiveOpens)" "$(counter "$1" MPTcpExtMPCapableSYNRX)"
}

# HAProxy looks at the "mptcp4@" of a server for requests only.
checks_by_tcp() {
	local host before after
	wait_for 20 up 4 || fail "$(states)" || return
	for host in backend1 backend2; do
		before=$(check_counts "$host")
		wait_for 20 grown "$host" TcpPassiveOpens $((${before% *} + 4)) || return
		after=$(check_counts "$host")
		[ "${before#* }" = "${after#* }" ] || fail "some of them are MPTCP: $before, then $after" || return
	done
}

checks_by_mptcp() {
	local host before
	guide_part haproxy '## Health checks' || return
	wait_for 20 up 4 || fail "$(states)" || return
	for host in backend1 backend2; do
		before=$(check_counts "$host")
		wait_for 20 grown "$host" MPTcpExtMPCapableSYNRX $((${before#* } + 4)) || return
		[ "$(fallbacks "$host")" = 0 ] || fail "$(on "$host" nstat -as 'MPTcp*')" || return
	done
}

grown() {
	[ "$(counter "$1" "$2")" -ge "$3" ]
}

# And they are real.
checks_notice() {
	end_all backend1
	wait_for 20 down 2 || fail "$(states)" || return
	get "$API" mptcpize run && get "$DOWNLOADS" mptcpize run && nginx_up backend1 mptcpize run || return
	wait_for 20 up 4 || fail "$(states)"
}

# What the guide begins with is what the rest is about.
without_mptcpize() {
	rm /etc/systemd/system/haproxy.service.d/mptcpize.conf
	on server systemctl restart haproxy && wait_for 20 get "$API"
}

# One scheduler a port, while both are in use; three to one is what the paths say.
rules_choose() {
	fetching 8080
	fetching 8081
	wait_for 20 uses server 8080 scheduler=ecf by=rule rule=10 'sent=[0-9]{6,}' 'shares=[0-9]+,[0-9]+' || return
	wait_for 20 uses server 8081 scheduler=weighted by=rule rule=20 'sent=[0-9]{6,}' 'shares=(7[0-9]|80),(2[0-9]|30)' ||
		fail "$(uses server 8081)" || return
	kill_jobs
	{ [ "$(counted WeightedSends)" -gt 10 ] && [ "$(counted EcfSends)" -gt 10 ]; } || fail "$(all_counted)"
}

# What backends send is theirs to decide: nobody said anything there.
backends_decide() {
	fetching 8080
	wait_for 20 sends_from_a_backend scheduler=minrtt by=default || return
	kill_jobs
	heddle --netns backend1 rule add to 10.1.0.0/16 sport 8000 scheduler roundrobin
	heddle --netns backend2 rule add sport 8000 scheduler roundrobin
	# Connections that are kept have their scheduler.
	on server systemctl restart haproxy
	wait_for 20 get "$API" || return
	fetching 8080
	wait_for 20 sends_from_a_backend scheduler=roundrobin by=rule rule=10 || return
	kill_jobs
}

sends_from_a_backend() {
	uses backend1 8000 "$@" 'sent=[0-9]{6,}' || uses backend2 8000 "$@" 'sent=[0-9]{6,}'
}

# load_by [WRAPPER...]: many clients for a few seconds, each request a connection.
load_by() {
	on client "$@" wrk -t 2 -c 16 -d 3 --timeout 20 -H 'Connection: close' "http://$API/" | tee /tmp/wrk
	grep -q '[1-9][0-9]* requests in' /tmp/wrk && ! grep -E 'Socket errors|Non-2xx' /tmp/wrk
}

kept_alive() {
	on client mptcpize run wrk -t 2 -c 16 -d 3 --timeout 20 "http://$API/" | tee /tmp/wrk
	grep -q '[1-9][0-9]* requests in' /tmp/wrk && ! grep -E 'Socket errors|Non-2xx' /tmp/wrk
}

# survives PATH...: they are cut during a download, and come back; then they are used again.
survives() {
	local result again
	result=$(python3 "$HERE/download.py" "http://$DOWNLOADS/large" "$SITE/large" --cut "$@" --at 0.25 --restore 2 2>&1) ||
		fail "$result" || return
	printf '# path %s cut and restored: %s\n' "$*" "$result" >&3
	again=${result#*carried_again=}
	[ "${again%% *}" -gt 100000 ] || fail "it carried no more: $result"
}

# behind_a_middle_box HOST: between it and the proxy nothing of MPTCP gets through.
behind_a_middle_box() {
	local status=0
	strip "$1" || return
	{ get "$API" mptcpize run && get "$DOWNLOADS6" mptcpize run; } || status=$?
	strip_no_more "$1"
	return "$status"
}

# --- reloads -----------------------------------------------------------------

# HAProxy is reloaded so many times, while so many requests come each time.
restarts=2 requests=200
[ $SLOW -eq 1 ] || restarts=1
if [ -n "${THOROUGH:-}" ]; then
	restarts=10
	[ $SLOW -gt 1 ] || restarts=50 requests=1001
fi

# reload POLICY KIND [OPTION...]: what clients see of it, with the configuration of the guide.
reload() {
	policy "$1"
	on server timeout 3000 python3 "$HERE/restart.py" "$2" 10.0.1.2 8080 --restarts "$restarts" --requests "$requests" \
		--config "$PROGRAMS/haproxy.cfg" "${@:3}" >/tmp/restart || fail "$(cat /tmp/restart)" || return
	printf '# %s: %s\n' "$*" "$(cat /tmp/restart)" >&3
	[ "$(sed 's/.* of=\([0-9]*\) .*/\1/' /tmp/restart)" -ge $((restarts * requests)) ] ||
		fail "fewer than $((restarts * requests)) requests: $(cat /tmp/restart)"
}

loses_nothing() {
	reload "$@" || return
	grep -q ' lost=0 ' /tmp/restart || fail "$(cat /tmp/restart; all_counted)"
}

# Whether it is any depends on the moment; of 50 reloads some lose one.
loses_some() {
	reload "$@" || return
	[ -z "${THOROUGH:-}" ] || grep -q ' lost=[1-9]' /tmp/restart || fail "$(cat /tmp/restart)"
}

exec 3>&1
load
network_up
backends_up
shape 1 20mbit 10ms
shape 2 20mbit 10ms
for path in 11 12 21 22; do
	shape $path 50mbit 2ms
done
site_up 4
# Ten seconds of what the paths carry.
head -c $((32 << 20)) /dev/urandom >"$SITE/large"
writable /etc/systemd/system
for host in backend1 backend2; do
	scheduler "$host" heddle
	nginx_up "$host" mptcpize run
done

check "before the guide: TCP, to whoever asks" before_the_guide
check "the guide: one frontend speaks MPTCP, with its scheduler" follow_the_guide
check "a reload keeps a TCP listener, as the guide says" reload_keeps_listeners
check "the whole configuration of the guide starts" whole_configuration
check "every address: MPTCP with both paths, to mptcpize and to curl --mptcp" every_address
check "every address: TCP, to a client that knows no more" every_address_tcp
check "health checks are TCP, as the guide says" checks_by_tcp
check "health checks are MPTCP, as the guide does it" checks_by_mptcp
check "health checks notice a backend that is gone, and one that is back" checks_notice
check "HAProxy goes on without mptcpize" without_mptcpize
check "rules choose ecf and weighted by the port of the frontend" rules_choose
check "what backends send is scheduled by their own rules" backends_decide
check "wrk: a connection for each request, MPTCP" load_by mptcpize run
check "wrk: a connection for each request, TCP" load_by
check "wrk: connections that are kept, MPTCP" kept_alive
for path in 1 2; do
	check "path $path to the proxy is cut and restored: a download comes whole" survives $path
done
# Slower than what is behind the proxy, which would otherwise have all of it before half is there.
for path in 11 12 21 22; do
	shape $path 10mbit 2ms
done
for path in 1 2; do
	check "path $path to the backends is cut and restored: a download comes whole" survives 1$path 2$path
done
check "a middle box between client and proxy: TCP" behind_a_middle_box client
check "a middle box before a backend: TCP" behind_a_middle_box backend1

end_all server
for_many_clients
check "reloads lose nothing, the listeners are passed" loses_nothing newest haproxy-master
check "reloads lose nothing, the listeners are passed, MPTCP clients" loses_nothing newest haproxy-master --mptcp
for clients in "" --mptcp; do
	what="reloads lose nothing, the listeners are closed${clients:+, MPTCP clients}"
	if clones; then
		# shellcheck disable=SC2086 # it may be none
		check "$what" loses_nothing newest haproxy $clients
	else
		skip "$what" "this kernel cannot hand over handshakes of MPTCP listeners"
	fi
	# shellcheck disable=SC2086
	rarely "off: the listeners are closed${clients:+, MPTCP clients}, for comparison" loses_some off haproxy $clients
done
finish
