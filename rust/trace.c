// SPDX-License-Identifier: GPL-2.0
/* The trace events, and how Rust emits them once it saw that they are wanted. */

#include "bindings.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

void rust_helper_trace_sched_decision(u32 token, const char *scheduler, const char *what,
				      const char *wait, u32 subflow, u32 burst)
{
	trace_heddle_sched_decision(token, scheduler, what, wait, subflow, burst);
}
