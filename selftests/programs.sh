#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs that people have, by the words of their guides: each over MPTCP on both
# paths, with the scheduler that a rule says.

. "$(dirname "$0")/lib.sh"
. "$HERE/proxy.sh"

PATH=$HERE/bin:$PROGRAMS:$PATH

# decided HOST: how often each scheduler decided there.
decided() {
	on "$1" cat /proc/net/heddle | awk 'NR % 2 { split($0, name); next }
		{ for (i = 2; i <= NF; i++) if (name[i] ~ /Sends$/) print name[i], $i }'
}

# by_mptcp HOST SCHEDULER COMMAND...: what a host sends meanwhile goes by MPTCP, on both paths, and
# as this scheduler says and no other. SCHEDULER is as in its counters.
by_mptcp() {
	local sender=$1 scheduler=$2 before one two made joined fallen
	shift 2
	before=$(decided "$sender") one=$(sent "$sender" 1) two=$(sent "$sender" 2)
	made=$(made) joined=$(joined) fallen=$(fallen)
	"$@" || return
	one=$(($(sent "$sender" 1) - one)) two=$(($(sent "$sender" 2) - two))
	echo "path 1: $one bytes, path 2: $two bytes"
	[ "$one" -gt 300000 ] && [ "$two" -gt 300000 ] || fail "not on both paths" || return
	[ "$(made)" -gt "$made" ] && [ "$(joined)" -gt "$joined" ] && [ "$(fallen)" = "$fallen" ] ||
		fail "it was not MPTCP: $(on server nstat -as 'MPTcp*')" || return
	diff <(echo "$before") <(decided "$sender") | awk -v name="${scheduler}Sends" '
		$1 == ">" { if ($2 == name) right = 1; else wrong = 1 } END { exit !right || wrong }' ||
		fail "not $scheduler alone: $(echo "$before"; echo "afterwards:"; decided "$sender")"
}

# by_rule HOST SCHEDULER COMMAND...: and since a rule of that host says so.
by_rule() {
	local matches
	matches=$(matches "$1")
	by_mptcp "$@" || return
	[ "$(matches "$1")" -gt "$matches" ] || fail "no rule matched: $(heddle --netns "$1" rule show --stats)"
}

matches() {
	on "$1" cat /proc/net/heddle | awk 'NR % 2 { split($0, name); next }
		{ for (i = 2; i <= NF; i++) if (name[i] == "RuleMatches") print $i }'
}

made() {
	counter server MPTcpExtMPCapableACKRX
}

joined() {
	counter server MPTcpExtMPJoinAckRx
}

fallen() {
	echo $(($(fallbacks client) + $(fallbacks server)))
}

intact() {
	cmp "$SITE/file" "$1"
}

# --- each program --------------------------------------------------------------

# downloads FILE COMMAND...: the file of the site.
downloads() {
	rm -f "$1"
	"${@:2}" && cmp "$SITE/file" "$1"
}

serves_python() {
	guide_part python '## Serve' && wait_for 60 listening 8100
}

serves_iperf3() {
	guide_part iperf3 '## The server' && wait_for 60 listening 5201
}

uploads() {
	rm -f "$SITE/put"
	cp "$SITE/file" /tmp/got
	"$@" && cmp "$SITE/file" "$SITE/put"
}

# A key, so that nobody has to be asked.
ssh_up() {
	writable /root/.ssh
	ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
	guide_part rsync '## Set up' || return
	on client ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new 10.0.1.2 true
}

copies() {
	guide_part rsync '## Copy' && diff -r "$SITE" /tmp/copy
}

copies_back() {
	guide_part rsync '## And back' && diff -r "$SITE" /tmp/back
}

plain_tcp() {
	local joined
	joined=$(joined)
	on client curl -sSf -o /tmp/got http://10.0.1.2:8000/file && cmp "$SITE/file" /tmp/got &&
		on client ssh -o BatchMode=yes 10.0.1.2 true && guide_part iperf3 '## Beside it' || return
	[ "$(joined)" = "$joined" ] || fail "they were MPTCP"
}

load
network_up
shape 1 20mbit 10ms
shape 2 20mbit 10ms
site_up 4
writable /usr/lib/systemd/system
check "nginx listens" guide_part nginx '## Listeners'
check "curl: what nginx sends" by_rule server Ecf downloads /tmp/got guide_part curl '## Downloads'
check "a Python server listens" serves_python
check "Python: what its server sends" by_rule server Blest downloads /tmp/got guide_part python '## Download'
check "Python: what its client sends, with a scheduler that it chose" by_mptcp client Redundant uploads guide_part python '## Choose'
check "curl: what it sends" by_rule client RoundRobin uploads guide_part curl '## Uploads'
check "an iperf3 server listens" serves_iperf3
check "iperf3: what its server sends" by_rule server MinRtt guide_part iperf3 '## What it sends'
check "iperf3: what its client sends" by_rule client Blest guide_part iperf3 '## What the client'
check "sshd listens, and lets one in" ssh_up
check "rsync over ssh: what it sends" by_rule client Ecf copies
check "rsync over ssh: what it gets" by_rule server Blest copies_back
check "all of them serve TCP as well" plain_tcp
finish
