#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The command heddle, as people and scripts use it.

. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
chmod 755 "$work"

# h ARGUMENT...: the command, on the client.
h() {
	heddle --netns client "$@"
}

# exits STATUS WORDS COMMAND...: it ends with a status, and its errors say why.
exits() {
	local status=$1 words=$2 is
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	is=$?
	cat "$work/out" "$work/err"
	[ "$is" -eq "$status" ] || fail "exit status $is instead of $status" || return
	[ -z "$words" ] || grep -qiE -- "$words" "$work/err" || fail "it does not say: $words"
}

without_the_module() {
	exits 3 'not loaded' heddle status && exits 3 'not loaded' heddle rule show &&
		exits 3 'not loaded' heddle -j counters && exits 2 '' heddle nonsense
}

says_what_is_there() {
	h status | grep -q 'loaded, version .*, ABI 1' || return
	h -j status | python3 -c '
import json, sys
status = json.load(sys.stdin)
assert status["abi"] == 1 and "rules" in status["features"], status'
}

# Every knob there is: what one of the two sets, the other shows.
same_knobs() {
	local name value default
	h -j knob | python3 -c '
import json, sys
for knob in json.load(sys.stdin):
    other = knob["words"][-1] if "words" in knob else "default"
    print(knob["name"], knob["max_value"] if knob["type"] == "number" else other, knob["default"])' >"$work/knobs"
	[ "$(wc -l <"$work/knobs")" = "$(on client find /proc/sys/net/heddle -type f | wc -l)" ] || return
	while read -r name value default; do
		h knob set "$name" "$value" || return
		[ "$(on client sysctl -n "net.heddle.$name")" = "$value" ] || return
		on client sysctl -qw "net.heddle.$name=$default" || return
		h knob show "$name" | grep -qw -- "$default" || return
	done <"$work/knobs"
	exits 1 'above the highest' h knob set sched.burst 99999999 &&
		exits 1 'there is no knob' h knob set nonesuch 1
}

rules() {
	local rule
	mkdir -p "$work/cgroup"
	mountpoint -q "$work/cgroup" || mount -t cgroup2 none "$work/cgroup"
	mkdir -p "$work/cgroup/a"
	h rule add to 10.0.0.0/8 port 443 scheduler minrtt &&
		h rule add priority 5 from fd00::/16 sport 1000-2000 to 2001:db8::1 port 80 uid root \
			mark 0x12/0xff cgroup "$work/cgroup/a" scheduler default pm.after_kib 100 &&
		h rule add port 8080 pm.retry_ms 500 pm.mesh fullmesh || return
	h rule show | tee "$work/rules"
	[ "$(wc -l <"$work/rules")" = 3 ] && head -n 1 "$work/rules" | grep -q 'priority 5 .*default' || return
	# What is shown is what add takes.
	h rule flush
	[ -z "$(h rule show)" ] || return
	while read -r rule; do
		# shellcheck disable=SC2086 # words are meant
		h rule add $rule || return
	done <"$work/rules"
	h rule show | cmp - "$work/rules" || return
	exits 1 'exist|there is a rule' h rule add priority 5 scheduler minrtt &&
		h rule replace priority 5 scheduler minrtt && h rule show | grep -q 'priority 5 scheduler minrtt' &&
		h rule del 5 && exits 1 'no rule' h rule del 5 &&
		exits 2 'it takes 1 to 16' h rule add pm.ndiffports 17 && exits 2 'no part of' h rule add pm.cap_period_s 5 &&
		exits 2 'bits' h rule add to 10.1.0.0/8 scheduler minrtt && h rule flush
}

paths() {
	local path
	h path add dev eth1 weight 3 cap 5G &&
		h path add priority 5 dev eth2 from fd00::/16 to 2001:db8::1 weight 0 cost 10 cap 1500000 || return
	h path show --stats | tee "$work/paths"
	[ "$(wc -l <"$work/paths")" = 2 ] && grep -qx 'priority 10 dev eth1 weight 3 cost 0 cap 5G # used 0 B' "$work/paths" &&
		head -n 1 "$work/paths" | grep -q 'cap 1500k' || return
	# What is shown is what add takes.
	h path show >"$work/paths"
	h path flush
	[ -z "$(h path)" ] || return
	while read -r path; do
		# shellcheck disable=SC2086 # words are meant
		h path add $path || return
	done <"$work/paths"
	h path show | cmp - "$work/paths" || return
	h -j path | grep -q '"cap":5000000000,"used":0' || return
	exits 1 'there is a path' h path add priority 5 weight 2 &&
		h path replace priority 5 weight 2 && h path show | grep -q 'priority 5 weight 2 cost 0$' &&
		h path reset && h path reset 5 && exits 1 'no path' h path reset 6 &&
		h path del dev eth1 && h path del 5 && exits 1 'no path' h path del 5 &&
		exits 2 '0 to 1000' h path add weight 1001 && exits 2 'amount of data' h path add cap much
}

migrations() {
	local migration
	h migrate add port 443 policy newest,shortest &&
		h migrate add priority 5 cookie sk:1f addr fd00::/16 port 1000-2000 policy same_cgroup,refuse || return
	h migrate set policy label,hash && [ "$(on client sysctl -n net.heddle.migrate.policy)" = label,hash ] || return
	h migrate show --stats | tee "$work/migrate"
	grep -qx 'priority 10 port 443 policy newest,shortest # hits 0' "$work/migrate" &&
		grep -q '^migrate.policy *label,hash' "$work/migrate" || return
	h -j migrate | python3 -c '
import json, sys
shown = json.load(sys.stdin)
assert [it["priority"] for it in shown["migrations"]] == [5, 10], shown
assert shown["migrations"][0]["cookie"] == 31, shown
assert {"migrate.policy", "migrate.settings_guard"} <= {it["name"] for it in shown["knobs"]}, shown
assert "MigrateNewest" in {it["name"] for it in shown["counters"]}, shown' || return
	# What is shown is what add takes.
	h migrate show | grep ^priority >"$work/migrations"
	[ "$(wc -l <"$work/migrations")" = 2 ] && h migrate flush && ! h migrate | grep ^priority || return
	while read -r migration; do
		# shellcheck disable=SC2086 # words are meant
		h migrate add $migration || return
	done <"$work/migrations"
	h migrate show | grep ^priority | cmp - "$work/migrations" || return
	exits 1 'there is a migration' h migrate add priority 5 policy hash &&
		h migrate replace priority 5 policy hash && h migrate show | grep -qx 'priority 5 policy hash' &&
		h migrate del port 443 && h migrate del 5 && exits 1 'no migration' h migrate del 5 &&
		exits 1 'no policy of that name' h migrate add policy oldest &&
		exits 2 'no cookie' h migrate add cookie 1f policy hash &&
		exits 1 'off, hash, shortest' h migrate set policy oldest &&
		exits 1 'off, warn, enforce' h migrate set settings_guard on && h migrate set policy off
}

shows_and_changes_connections() {
	local token
	scheduler client heddle
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 $((512 << 20))
	wait_for 20 subflows 5001 2 || return
	wait_for 20 eval 'h -j conn | grep -q minrtt' || return
	h conn | tee "$work/conn"
	grep -q '10.0.2.2' "$work/conn" || return
	token=$(h -j conn | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["token"])')
	token=$(printf '%08x' "$token")
	h conn show "$token" | grep -q 10.0.1.2 && ! h conn show 192.0.2.1 | grep -q 10.0 || return
	h conn set "$token" scheduler default && h -j conn show "$token" | grep -q '"scheduler":"default"' || return
	exits 1 'no scheduler of that name' h conn set "$token" scheduler nonesuch &&
		exits 1 'token' h conn set 00000001 scheduler minrtt
}

# The same bytes, also after everything was set up anew.
round_trip() {
	h rule add to 10.0.0.0/8 port 443 uid 1000 scheduler minrtt && h rule add mark 0x1/0xff scheduler default &&
		h rule add priority 7 from fd00::/16 sport 1000-2000 scheduler minrtt &&
		h rule add port 8080 pm.after_kib 100 pm.mesh fullmesh && h rule add scheduler minrtt pm.retry_ms 0 &&
		h path add dev eth1 weight 3 cap 5G pm.capped close pm.retry_ms 500 && h path add from 10.0.2.0/24 to fd00::/8 cost 9 cap 1234567 &&
		h migrate add addr 10.0.0.0/8 port 443 policy newest,shortest && h migrate set settings_guard warn &&
		h sched set burst 20000 && h sched set default default && h export >"$work/one.toml" || return
	h apply "$work/one.toml" && h export | cmp - "$work/one.toml" || return
	kill_jobs
	network_down
	unload && load && network_up || return
	h export >"$work/new.toml"
	! cmp -s "$work/new.toml" "$work/one.toml" || return
	exits 1 '' h diff "$work/one.toml" && h apply --dry-run "$work/one.toml" >"$work/dry" &&
		grep -q burst "$work/dry" && grep -q '+ path priority 10 dev eth1' "$work/dry" &&
		grep -q '+ migration priority 10 addr 10.0.0.0/8' "$work/dry" || return
	h export | cmp - "$work/new.toml" || fail "a dry run changed something" || return
	h apply "$work/one.toml" && h export | cmp - "$work/one.toml" && exits 0 '' h diff "$work/one.toml" &&
		h apply - <"$work/new.toml" && h export | cmp - "$work/new.toml"
}

all_or_nothing() {
	h export >"$work/before"
	printf '[knobs]\nsched.burst = 20000\n[[rule]]\npriority = 1\nscheduler = "nonesuch"\n' >"$work/bad.toml"
	exits 1 'nonesuch|scheduler' h apply "$work/bad.toml" || return
	printf '[knobs]\nsched.burst = 20000\nnonesuch = 1\n' >"$work/bad.toml"
	exits 1 'line 3|:3' h apply "$work/bad.toml" || return
	exits 1 'nowhere' h apply "$work/nowhere.toml" || return
	h export | cmp - "$work/before"
}

monitors() {
	local job
	heddle --netns client -j monitor >"$work/events" &
	job=$!
	sleep $((2 * SLOW))
	scheduler client minrtt
	serve 5003 && fetch 10.0.1.2 5003 2000000 && h sched set burst 30000 && h apply "$work/new.toml"
	sleep $((1 + SLOW))
	kill "$job"
	wait "$job" 2>/dev/null
	cut -c1-200 "$work/events"
	grep -q connection-created "$work/events" && grep -q subflow-established "$work/events" &&
		grep -q connection-closed "$work/events" && [ "$(grep -c config-changed "$work/events")" = 2 ] &&
		python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$work/events"
}

counts() {
	h counters | grep -q MinRttOpened && h -j counters | python3 -m json.tool >/dev/null &&
		h counters --reset && ! h counters | grep -q MinRttOpened &&
		h counters --all | grep -q MinRttOpened
}

measures() {
	local job
	h metrics >"$work/metrics" || return
	head -n 30 "$work/metrics"
	# name{labels} value, with a type for each.
	! grep -vE '^(#.*|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$' "$work/metrics" &&
		grep -q '^# TYPE heddle_' "$work/metrics" || return
	h metrics --output "$work/heddle.prom" && grep -q ^heddle_ "$work/heddle.prom" || return
	heddle --netns client metrics --listen 127.0.0.1:9123 2>/dev/null &
	job=$!
	wait_for 10 eval 'on client curl -fsS http://127.0.0.1:9123/metrics | grep -q ^heddle_' || return
	[ "$(on client curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9123/other)" = 404 ]
	local is=$?
	kill "$job"
	wait "$job" 2>/dev/null
	return "$is"
}

as_nobody() {
	on client setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

unprivileged() {
	cp "$(command -v heddle)" "$work/heddle"
	as_nobody "$work/heddle" status >/dev/null && as_nobody "$work/heddle" conn >/dev/null &&
		as_nobody "$work/heddle" export >/dev/null &&
		exits 1 CAP_NET_ADMIN as_nobody "$work/heddle" knob set rules_max 5 &&
		exits 1 CAP_NET_ADMIN as_nobody "$work/heddle" rule flush &&
		exits 1 CAP_NET_ADMIN as_nobody "$work/heddle" path add weight 2 &&
		exits 1 CAP_NET_ADMIN as_nobody "$work/heddle" migrate add policy hash &&
		exits 1 CAP_NET_ADMIN as_nobody "$work/heddle" path reset
}

# In a terminal of its own: it draws, takes keys, and leaves the terminal as it was.
lives() {
	scheduler client heddle
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5003 $((64 << 20)) --parallel 3
	wait_for 20 subflows 5003 4
	{ sleep $((4 * SLOW)); printf '?'; sleep 2; printf '\033'; sleep 1; printf 'q'; sleep $((2 * SLOW)); } |
		timeout $((60 * SLOW)) script -qec "stty rows 30 cols 120; heddle --netns client top" /dev/null >"$work/top" 2>&1 ||
		fail "$(tail -c 300 "$work/top")" || return
	grep -q '10.0.1' "$work/top" && grep -q '1049l' "$work/top"
}

ends_quietly() {
	h counters --all | head -n 1 >/dev/null
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

boots_with_a_file() {
	local unit=$HEDDLE_TOP/tools/heddle/heddle.service
	grep -q 'ExecStart=.*heddle apply /etc/heddle.toml' "$unit" && h apply "$HEDDLE_TOP/tools/heddle/heddle.toml"
}

network_up
check "without the module it says so" without_the_module
load
shape 1 20mbit 5ms
shape 2 20mbit 20ms
serve 5001
check "it says what is there" says_what_is_there
rarely "what sysctl can set, it can show and set" same_knobs
rarely "rules are shown as they are added" rules
rarely "paths are shown as they are added" paths
rarely "migrations are shown as they are added" migrations
rarely "it shows connections and changes them" shows_and_changes_connections
rarely "an exported configuration comes back byte for byte" round_trip
check "a wrong file changes nothing and says what is wrong" all_or_nothing
shape 1 20mbit 5ms
shape 2 20mbit 20ms
rarely "it follows events" monitors
rarely "it counts" counts
rarely "it gives Prometheus its metrics" measures
check "without privilege it reads, and says what it may not do" unprivileged
rarely "the live view runs in a terminal" lives
rarely "a closed pipe is no error" ends_quietly
rarely "the example file and the unit are good" boots_with_a_file
umount "$work/cgroup" 2>/dev/null
finish
