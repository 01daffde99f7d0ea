#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module is loaded and unloaded, and leaves nothing behind.

. "$(dirname "$0")/lib.sh"

schedulers() {
	sysctl -n net.mptcp.available_schedulers
}

loads() {
	load && is_loaded && dmesg | tail -n 3 | grep -q 'heddle: loaded'
}

offers_schedulers() {
	[ "$(schedulers)" = "$SCHEDULERS" ] || fail "offered: $(schedulers)"
}

says_what_it_is() {
	modinfo -F license "$MODULE" | grep -qx GPL && modinfo -F description "$MODULE" | grep -q .
}

loads_once() {
	! load && [ "$(schedulers)" = "$SCHEDULERS" ]
}

reports() {
	[ -z "$(tr -d ' 0' </proc/net/heddle | sed -n '2s/^Heddle://p')" ] &&
		[ "$(sed -n 1p /proc/net/heddle | wc -w)" = "$(sed -n 2p /proc/net/heddle | wc -w)" ]
}

unloads() {
	unload && ! is_loaded && [ "$(schedulers)" = default ] && [ ! -e /proc/net/heddle ] && [ ! -e /proc/sys/net/heddle ]
}

loads_again() {
	load && offers_schedulers && unload
}

check "the module loads, and says so" loads
check "it says what it is" says_what_it_is
check "net.mptcp.available_schedulers names ours" offers_schedulers
check "/proc/net/heddle begins with zeros" reports
check "a second load is refused and changes nothing" loads_once
check "it unloads and takes all with it" unloads
check "it can be loaded again" loads_again
finish
