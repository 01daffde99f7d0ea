/* SPDX-License-Identifier: GPL-2.0 */
/* Trace events of Heddle: /sys/kernel/tracing/events/heddle. */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM heddle

#if !defined(HEDDLE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HEDDLE_TRACE_H

#include <linux/tracepoint.h>

/*
 * What a scheduler was asked for, and what it answered: why nothing is sent, or
 * "-", and the subflow, which is 0 as well if it left the choice to the kernel's
 * own scheduler.
 */
TRACE_EVENT(heddle_sched_decision,
	TP_PROTO(u32 token, const char *scheduler, const char *what, const char *wait,
		 u32 subflow, u32 burst),
	TP_ARGS(token, scheduler, what, wait, subflow, burst),
	TP_STRUCT__entry(
		__field(u32, token)
		__string(scheduler, scheduler)
		__string(what, what)
		__string(wait, wait)
		__field(u32, subflow)
		__field(u32, burst)
	),
	TP_fast_assign(
		__entry->token = token;
		__assign_str(scheduler);
		__assign_str(what);
		__assign_str(wait);
		__entry->subflow = subflow;
		__entry->burst = burst;
	),
	TP_printk("token=%08x scheduler=%s asked=%s wait=%s subflow=%u burst=%u",
		  __entry->token, __get_str(scheduler), __get_str(what), __get_str(wait),
		  __entry->subflow, __entry->burst)
);

#endif /* HEDDLE_TRACE_H */

/* Found through -I$(src)/rust. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
