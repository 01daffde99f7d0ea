# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by every script of this folder: where things are, how a phase reports
# itself, and how a long command is run. Sourced, never executed.

set -euo pipefail
# A failure that nobody explained, as die() does with this status.
EXPLAINED=70
trap '[ $? -eq $EXPLAINED ] || printf "heddle: %s failed at line %s\n" "$0" "$LINENO" >&2' ERR

HEDDLE_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
HEDDLE_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/heddle
HEDDLE_BUILD=$HEDDLE_TOP/build
HEDDLE_LOGS=$HEDDLE_BUILD/log
KERNEL=${KERNEL:-7.3}
# The kernel that is meant: its name in files and messages.
HEDDLE_FLAVOUR=$KERNEL${DEBUG:+-debug}${UML:+-uml}
export HEDDLE_TOP HEDDLE_CACHE HEDDLE_BUILD HEDDLE_LOGS HEDDLE_FLAVOUR KERNEL

mkdir -p "$HEDDLE_CACHE" "$HEDDLE_LOGS"

# die MESSAGE: one clear sentence that says what to do, then stop.
die() {
	printf 'heddle: %s\n' "$*" >&2
	exit $EXPLAINED
}

# say MESSAGE: a line for the person who waits.
say() {
	printf '== %s\n' "$*" >&2
}

need_root() {
	[ "$(id -u)" -eq 0 ] || die "this needs root (it makes a root filesystem and mounts it): run it again as root, for example with sudo."
}

# need_space GIB DIR: refuse before anything is half done.
need_space() {
	local have
	have=$(df -Pk "$2" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$have" -ge "$1" ] || die "$2 has $have GiB free and this step needs about $1: free some, or point XDG_CACHE_HOME at a larger disk."
}

# need_package PACKAGE: install a Debian or Ubuntu package on the host.
need_package() {
	command -v apt-get >/dev/null || die "this machine has no apt-get: install what Debian calls $1, and run this again."
	phase "install $1" "host-$1" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $1" ||
		die "could not install $1: check that the network and this machine's apt sources work, then run this again."
}

# key FILE...: a short name for the contents of some files.
key() {
	cat -- "$@" | sha256sum | cut -c1-12
}

# lock NAME [FOLDER]: hold a lock until this shell ends, so that two runs cannot build
# the same thing at once in a folder, the cache without one.
lock() {
	local fd
	exec {fd}>"${2:-$HEDDLE_CACHE}/$1.lock"
	if ! flock -n "$fd"; then
		say "another run is building $1: waiting for it"
		flock "$fd"
	fi
}

# interrupted GROUP: end a phase, and the run with it.
interrupted() {
	trap '' INT TERM HUP
	kill -TERM -- "-$1" 2>/dev/null || true
	sleep 1
	kill -KILL -- "-$1" 2>/dev/null || true
	printf '\n' >&2
	die "interrupted: run the same command again, it goes on from what is finished."
}

# phase TITLE LOG COMMAND...: run a command with its output in a log file, show
# that it lives, and say how long it took. On failure the end of the log follows.
phase() {
	local title=$1 log=$HEDDLE_LOGS/$2.log rc=0 start=$SECONDS pid beat=0
	shift 2
	if [ -n "${HEDDLE_VERBOSE:-}" ]; then
		say "$title"
		"$@" 2>&1 | tee "$log" >&2 || rc=$?
	else
		printf '== %s ...' "$title" >&2
		# A process group of its own, so that an interrupt reaches all of it.
		set -m
		"$@" >"$log" 2>&1 </dev/null &
		pid=$!
		set +m
		trap 'interrupted "$pid"' INT TERM HUP
		while kill -0 "$pid" 2>/dev/null; do
			sleep 0.5
			beat=$((beat + 1))
			if [ -t 2 ]; then
				printf '\r== %s ... %d s, %d lines of log\033[K' "$title" $((SECONDS - start)) "$(wc -l <"$log")" >&2
			elif [ $((beat % 60)) -eq 0 ]; then
				printf ' %ds' $((SECONDS - start)) >&2
			fi
		done
		wait "$pid" || rc=$?
		trap - INT TERM HUP
		[ -t 2 ] && printf '\r== %s ...\033[K' "$title" >&2
		if [ "$rc" -eq 0 ]; then
			printf ' %d s (log: %s)\n' $((SECONDS - start)) "$log" >&2
		else
			printf ' failed after %d s\n' $((SECONDS - start)) >&2
		fi
	fi
	if [ "$rc" -ne 0 ]; then
		tail -n 25 "$log" | sed 's/^/   | /' >&2
		printf 'heddle: "%s" failed; the whole log is %s\n' "$title" "$log" >&2
	fi
	return "$rc"
}
