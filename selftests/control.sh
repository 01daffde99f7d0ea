#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The control plane: sysctl, and netlink through the kernel's own tools.

. "$(dirname "$0")/lib.sh"

# Where everybody can read them.
common=$(mktemp -d)
chmod 755 "$common"
mkdir -p "$common"/{tools/net/ynl,Documentation/netlink/specs}
cp -r "$HEDDLE_TREE/tools/net/ynl/pyynl" "$common/tools/net/ynl/"
cp "$HEDDLE_TREE"/Documentation/netlink/genetlink.yaml "$common/Documentation/netlink/"
cp "$HEDDLE_TOP"/Documentation/*.md "$common/Documentation/"
cp "$HEDDLE_TOP"/Documentation/netlink/specs/heddle.yaml "$common/Documentation/netlink/specs/"
cp "$HERE"/{control,traffic}.py "$common"
export HEDDLE_TREE=$common HEDDLE_TOP=$common HERE=$common

# each HOST "CHECK [ARGUMENT...]: what must hold"...: checks of control.py.
each() {
	local line verdicts=0
	while IFS= read -r line; do
		case $line in
		"ok "*) ;;
		"not ok "*) _failed=$((_failed + 1)) ;;
		*) printf '    # %s\n' "$line"; continue ;;
		esac
		verdicts=$((verdicts + 1))
		_count=$((_count + 1))
		printf '    %sok %d %s\n' "${line%%ok *}" $_count "${line#*ok }"
	done < <(on "$1" timeout $((300 * SLOW)) python3 "$HERE/control.py" --each "${@:2}" 2>&1)
	[ $verdicts -eq $(($# - 1)) ] || check "all of control.py's checks came to their end" false
}

# ynl ARGUMENT...: the kernel's command, as it is.
ynl() {
	on client python3 "$HEDDLE_TREE/tools/net/ynl/pyynl/cli.py" \
		--spec "$HEDDLE_TOP/Documentation/netlink/specs/heddle.yaml" \
		--schema "$HEDDLE_TREE/Documentation/netlink/genetlink.yaml" "$@"
}

kernels_own_tool() {
	ynl --list-ops | grep -q connection-get &&
		ynl --do knob-set --json '{"name": "sched.burst", "value": "20000"}' >/dev/null &&
		ynl --output-json --do knob-get --json '{"name": "sched.burst"}' | grep -q '"value": "20000"' &&
		ynl --output-json --dump scheduler-get | grep -q '"name": "minrtt"' &&
		ynl --output-json --do config-set --json '{}' | grep -q generation
}

unprivileged() {
	on client setpriv --reuid 65534 --regid 65534 --clear-groups \
		python3 "$HERE/control.py" "$1"
}

# A user without privilege, root in a user namespace of its own with a network
# namespace that belongs to it.
own_namespace() {
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user --map-root-user --net \
		python3 "$HERE/control.py" "$@"
}

goes_with_its_namespace() {
	ip netns add passing
	ip netns exec passing sysctl -qw net.heddle.sched.burst=2000 || return
	[ "$(sysctl -n net.heddle.sched.burst)" = 65428 ] || return
	ip netns del passing
}

traces() {
	local at=$common/tracing
	mkdir -p "$at"
	mount -t tracefs none "$at" || return
	[ "$(cat "$at/events/heddle/enable")" = 0 ] && echo 1 >"$at/events/heddle/heddle_sched_decision/enable" || return
	fetch 10.0.1.2 5001 1000 --upload 200000
	echo 0 >"$at/events/heddle/enable"
	grep heddle_sched_decision "$at/trace" | tee "$common/trace" | tail -n 3
	echo >"$at/trace"
	umount "$at"
	# A decision covers at most sched.burst bytes, and a fragment is sent whole.
	[ "$(grep -c 'scheduler=minrtt asked=send wait=- subflow=[1-9]' "$common/trace")" -ge 2 ]
}

load
network_up
shape 1 50mbit 5ms
shape 2 50mbit 10ms
scheduler client heddle
serve 5001
each server \
	"lists: there is what the documentation says" \
	"policies_are_the_specs: the kernel takes what the specification says"
check "the kernel's ynl lists, gets and sets" kernels_own_tool
mkdir "$common/cgroup"
mount -t cgroup2 none "$common/cgroup"
each client \
	"same_in_the_documentation: the documentation says what there is" \
	"knobs_are_sysctls: knobs are the same in sysctl and netlink" \
	"rules_are_kept: rules are kept, and wrong ones refused with a reason" \
	"paths_are_kept: paths are kept, and wrong ones refused with a reason" \
	"migrations_are_kept: migrations are kept, and wrong ones refused with a reason" \
	"config_is_all_or_nothing: a configuration is all or nothing" \
	"shows_connections: connections and subflows are shown" \
	"counts_what_was_given: what subflows were given is counted, and why nothing was" \
	"rules_choose $common/cgroup/outer/inner: rules choose the scheduler, by each condition" \
	"socket_choice: a program's choice is seen" \
	"events: events come in order, none is missing" \
	"slow_reader: a slow reader learns how many it lost"
each server "is_untouched: the other namespace knows nothing of that"
check "knobs go with their namespace" goes_with_its_namespace
check "without privilege all can be read, nothing changed" unprivileged reads_only
check "a user namespace's owner changes its own" own_namespace owns_its_own
check "a trace event tells of each decision" traces
each client "counters_reset: counters start again at 0"
umount "$common/cgroup"
finish
