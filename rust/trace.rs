// SPDX-License-Identifier: GPL-2.0

//! Trace events, in `/sys/kernel/tracing/events/heddle`.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h).

use crate::{bindings, mptcp::Connection};
use core::ffi::CStr;
use kernel::prelude::*;

/// What a scheduler answered.
#[derive(Clone, Copy)]
pub struct Decision {
    /// What for it was asked: `send`, `retransmit`, or `repeat`.
    pub what: &'static CStr,
    /// Why nobody is to send, in a word.
    pub wait: Option<&'static CStr>,
    /// Number of the subflow; 0 if it named none.
    pub subflow: u32,
    /// Bytes it may send before the scheduler is asked again.
    pub burst: u32,
}

impl Default for Decision {
    fn default() -> Self {
        Self {
            what: c"send",
            wait: None,
            subflow: 0,
            burst: 0,
        }
    }
}

/// Traces a decision. As long as nobody wants to know this costs a jump that is not taken, and
/// `decision` is not called.
///
/// Any context.
#[inline(always)]
pub fn sched_decision(
    connection: &Connection<'_>,
    scheduler: &'static CStr,
    decision: impl FnOnce() -> Decision,
) {
    #[cfg(CONFIG_TRACEPOINTS)]
    {
        // SAFETY: The static key of a tracepoint may always be asked.
        let wanted = unsafe {
            kernel::jump_label::static_branch_unlikely!(
                bindings::__tracepoint_heddle_sched_decision,
                kernel::bindings::tracepoint,
                key
            )
        };
        if wanted {
            emit(connection, scheduler, decision());
        }
    }
    #[cfg(not(CONFIG_TRACEPOINTS))]
    let _ = (connection, scheduler, decision);
}

#[cfg(CONFIG_TRACEPOINTS)]
#[cold]
fn emit(connection: &Connection<'_>, scheduler: &'static CStr, decision: Decision) {
    // SAFETY: The texts live forever, and are copied.
    unsafe {
        bindings::rust_helper_trace_sched_decision(
            connection.token(),
            scheduler.as_char_ptr(),
            decision.what.as_char_ptr(),
            decision.wait.unwrap_or(c"-").as_char_ptr(),
            decision.subflow,
            decision.burst,
        );
    }
}
