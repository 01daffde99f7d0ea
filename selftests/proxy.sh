# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A proxy and its site, sourced after lib.sh: HAProxy on the server, nginx on two
# backends, with the configurations of Documentation/programs/ as they are.

PROGRAMS=${HEDDLE_TOP:-$HERE/..}/Documentation/programs
SITE=/var/www/html

# writable DIR...: a copy in memory lies over each. The guest's root may be read-only.
writable() {
	local dir
	for dir in "$@"; do
		! mountpoint -q "$dir" || continue
		[ -d "$dir" ] || mkdir -p "$dir"
		mkdir -p "/tmp/writable$dir"
		cp -a "$dir/." "/tmp/writable$dir"
		mount --bind "/tmp/writable$dir" "$dir"
	done
}

# guide_part NAME HEADING: runs every command under the heading of a guide that begins
# so, "# ..." on the server and "$ ..." on the client, until one fails.
guide_part() {
	local line host number=0
	while IFS= read -r line; do
		[[ $line =~ ^\ {4,}([#$])\ (.*) ]] || continue
		host=$([ "${BASH_REMATCH[1]}" = "#" ] && echo server || echo client)
		line=${BASH_REMATCH[2]}
		echo "$host: $line"
		on "$host" bash -c "$line" </dev/null || fail "that failed" || return
		number=$((number + 1))
	done <<<"$(awk -v heading="$2" '/^## / { inside = index($0, heading) == 1 } inside' "$PROGRAMS/$1.md")"
	[ $number -gt 0 ] || fail "no command under \"$2\" in $1.md"
}

# site_up MIB: files to fetch, one of them so large.
site_up() {
	writable /etc/haproxy /etc/nginx "$SITE" /var/lib/nginx /var/log/nginx
	mkdir -p /run/haproxy
	echo served >"$SITE/index.html"
	head -c "$(($1 << 20))" /dev/urandom >"$SITE/file"
	cp "$PROGRAMS/nginx.conf" /etc/nginx/nginx.conf
	configure_haproxy mptcp
}

# configure_haproxy mptcp|tcp: as the guide has it, or as it was before.
configure_haproxy() {
	cp "$PROGRAMS/haproxy.cfg" /etc/haproxy/haproxy.cfg
	[ "$1" = mptcp ] || sed -i -E 's/\bmptcp([46]?)@/ipv\1@/; s/\bipv@//' /etc/haproxy/haproxy.cfg
}

# nginx_up HOST [WRAPPER...]: "mptcpize run" makes its listeners those of MPTCP.
nginx_up() {
	on "$1" "${@:2}" nginx -g "pid /run/nginx.$1;"
	wait_for 20 listens "$1" 8000
}

# haproxy_up: with a master process, as Debian's unit starts it.
haproxy_up() {
	on server haproxy -Ws -D -q -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock
	wait_for 20 listening 8080
}

# proxy_up [WRAPPER...]: all of it, where nothing is of it.
proxy_up() {
	nginx_up backend1 "$@"
	nginx_up backend2 "$@"
	haproxy_up
}

proxy_down() {
	local host
	for host in server backend1 backend2; do
		end_all $host
	done
	# Not at once: processes have to be buried, and sockets closed.
	wait_for 20 eval '! listening 8080 && ! listens backend1 8000 && ! listens backend2 8000'
}
