// SPDX-License-Identifier: GPL-2.0

//! The [contract](super::Scheduler#contract) of a scheduler, as a check of its answers.

#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test may panic"
)]

use super::{Connection, Grant, Subflow, Wait};

/// Checks what holds for every decision of every scheduler.
pub fn check(answer: &Result<Grant, Wait>, connection: &Connection, subflows: &[Subflow]) {
    match answer {
        Ok(grant) => {
            let chosen = subflows[grant.subflow as usize];
            assert!(chosen.can_send(), "{chosen:?} cannot send");
            assert!(grant.burst <= connection.max_burst);
            assert!(u64::from(grant.burst) <= connection.send_window);
            if connection.send_window > 0 {
                assert!(grant.burst > 0, "a burst of nothing");
            }
        }
        Err(Wait::NoSubflow) => assert!(subflows.iter().all(|it| !it.active)),
        Err(wait) => assert!(wakes(subflows), "{wait:?}, and nothing will wake it"),
    }
}

/// Whether a scheduler that waits is asked again: some active subflow waits for an acknowledgment.
pub fn wakes(subflows: &[Subflow]) -> bool {
    subflows
        .iter()
        .any(|s| s.active && (s.in_flight > 0 || s.unsent > 0 || !s.memory_free))
}
