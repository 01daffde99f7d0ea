#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The control plane under load: live changes, large configurations, garbage.

. "$(dirname "$0")/lib.sh"

does() {
	on "$1" timeout $((600 * SLOW)) python3 "$HERE/control.py" "${@:2}"
}

# Kilobytes of kernel memory that are not given back under pressure.
unreclaimable() {
	local cache
	sync
	echo 3 >/proc/sys/vm/drop_caches
	# Slabs that are empty, and what KASAN keeps to see who uses it after it was freed.
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	sleep 2
	awk '/^(SUnreclaim|VmallocUsed|Percpu|PageTables|KernelStack):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# stays_in_bounds COMMAND...: and takes no memory for good, but for what caches
# of the kernel settle at. The first round fills them.
stays_in_bounds() {
	local before after
	"$@" || return
	before=$(unreclaimable)
	"$@" || return
	after=$(unreclaimable)
	echo "$before kB before, $after kB after"
	# A leak of one object per message or rule would be several MiB.
	[ $((after - before)) -lt 1024 ]
}

# configurations RULES TIMES: with traffic of its own, which is over in the end, so
# that what its connections hold is not taken for a leak.
configurations() {
	local job
	serve 5001 || return
	start client python3 "$HERE/traffic.py" fetch 10.0.1.2 5001 300000 --parallel 3 --repeat 100000 --gap 0.1
	job=${_jobs[-1]}
	sleep 3
	does client many_configs "$1" "$2" || return
	kill -0 "$job" || fail "a connection failed" || return
	kill_jobs
	[ "$(counted RuleMatches)" -gt 0 ] || [ "$(counted RuleMisses)" -gt 0 ]
}

load
network_up
shape 1 50mbit 5ms
shape 2 50mbit 10ms
scheduler client heddle
scheduler server heddle
serve 5001
number=$(many 1000)
check "$number live changes of a connection lose and repeat nothing" does client changes_live "$number"
kill_jobs
rarely "1000 rules are put in place $number times, in the middle of traffic" \
	stays_in_bounds configurations 1000 $((number / 2))
number=$(many 100000)
check "$number random messages do no harm" stays_in_bounds does server random_messages $((number / 2))
check "nor do $((number / 2)) of an unprivileged user namespace" stays_in_bounds \
	unshare --user --map-root-user --net python3 "$HERE/control.py" random_messages $((number / 4))
check "nor $((number / 2)) of a user who may only read" stays_in_bounds \
	setpriv --bounding-set -net_admin --inh-caps -net_admin python3 "$HERE/control.py" random_messages $((number / 4))
number=$(many 10000)
check "$number connections are dumped, each once, and the live view is quick" does server dumps_many "$number" "$SLOW"
check "all are gone in the end, and the module can go" unload
finish
