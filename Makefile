# SPDX-License-Identifier: GPL-2.0
#
# What people type. The work is done by scripts/; Kbuild is what the kernel
# build reads.
#
#   KERNEL=7.2   the kernel line, of those in scripts/kernels
#   DEBUG=1      the debug kernel: KASAN, lockdep, kmemleak and more
#   UML=1        with DEBUG=1: it runs as a process, several times as fast
#   THOROUGH=1   tests repeat some things many times more often
#   JOBS=1       selftests run one at a time, not two

MAKEFLAGS += --no-print-directory
export KERNEL DEBUG UML THOROUGH JOBS KDIR SHARE HEDDLE_MIRROR
export SCENARIO SCHED REALTIME REPORT MEMORY
# As typed: make would take the dollars in it for its own.
override CMD := $(value CMD)
export CMD

.PHONY: help demo test fuzz bench lab kselftests lint kernel module tool vm doc rust-analyzer update clean

help: ## this list
	@echo 'make TARGET [KERNEL=7.3|7.2] [DEBUG=1 [UML=1]]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: ## stock nginx and curl over two paths, and restarts under load, as tables; SCENARIO=haproxy
	@scripts/demo

test: ## every test, on the host and in the VM; T=PATTERN for some
	@scripts/test "$(T)"

fuzz: ## every fuzz target, 60 s each; TARGET=NAME for one, SECONDS=N, INPUT=FILE to run on one input
	@scripts/fuzz "$(TARGET)" "$(SECONDS)" "$(INPUT)"

bench: ## ns of each scheduler's decision, compared with the kernel's own; and of the choice of heirs
	@scripts/bench

lab: ## scenarios in virtual time; SCENARIO='...' SCHED='...' for some, CMD='...', REPORT=1
	@scripts/lab

kselftests: ## the kernel's own tests of MPTCP with each scheduler; SCHED='...' T=PATTERN for some
	@scripts/kselftests "$(T)"

lint: ## formatting, clippy, checkpatch, shellcheck and more
	@scripts/lint

kernel: ## the patched kernel; prints the path of its tree
	@scripts/kernel

module: ## heddle.ko; KDIR=PATH builds for a kernel tree of your own
	@scripts/module

tool: ## the command heddle; prints its path
	@scripts/tool

vm: ## a shell in the VM, module loaded; CMD='...' runs that, SHARE=DIR mounts it
	@if [ -n "$$CMD" ]; then scripts/vm "$$CMD"; else scripts/vm; fi

doc: ## the documentation of the Rust code, as HTML in build/doc
	@scripts/doc

rust-analyzer: ## rust-project.json, for editors
	@scripts/rust-analyzer

update: ## look for newer point releases of the kernel
	@scripts/kernel --update

clean: ## what was built in this checkout; the cache stays
	@rm -rf build target rust-project.json
