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

offers_minrtt() {
	[ "$(schedulers)" = "default minrtt" ] || fail "offered: $(schedulers)"
}

says_what_it_is() {
	modinfo -F license "$MODULE" | grep -qx GPL && modinfo -F description "$MODULE" | grep -q .
}

loads_once() {
	! load && [ "$(schedulers)" = "default minrtt" ]
}

reports() {
	[ "$(report minrtt opened)" = 0 ] || fail "$(cat "$REPORT")"
}

unloads() {
	unload && ! is_loaded && [ "$(schedulers)" = default ] && [ ! -e /sys/kernel/debug/heddle ]
}

loads_again() {
	load && offers_minrtt && unload
}

check "the module loads, and says so" loads
check "it says what it is" says_what_it_is
check "net.mptcp.available_schedulers names minrtt" offers_minrtt
check "debugfs has a line for it" reports
check "a second load is refused and changes nothing" loads_once
check "it unloads and takes all with it" unloads
check "it can be loaded again" loads_again
finish
