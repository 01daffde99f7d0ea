// SPDX-License-Identifier: GPL-2.0

//! Which subflow repeats the data at the head of a connection.

use super::{view::Positions, Subflow};

/// The idle subflow with the lowest round-trip time; backups only when all else is stuck.
///
/// What waits for a retransmission is on the subflows that have something outstanding. Repeating
/// it on one of those would send the same bytes twice over the same path, so a subflow with
/// anything queued or unacknowledged is left alone. A backup steps in when every regular subflow
/// that is busy made no progress for more than one timeout; both rules are those of the kernel's
/// own scheduler (`mptcp_subflow_get_retrans()`, `net/mptcp/protocol.c`), which takes the first
/// such subflow of its list where this takes the fastest.
///
/// Unlike sending, this does not spare a stale subflow: it is asked for because nothing moves.
pub(super) fn on_idle(subflows: &[Subflow]) -> Option<u32> {
    let stuck = subflows
        .iter()
        .filter(|subflow| subflow.active && !subflow.idle)
        .all(|subflow| subflow.stale_count > 1);

    Positions::of(subflows)
        .filter(|(_, subflow)| subflow.active && subflow.idle && (stuck || !subflow.backup))
        .min_by_key(|(_, subflow)| (subflow.path.exhausted, subflow.backup, subflow.rtt()))
        .map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::testing::subflow;

    fn busy(srtt_ms: u32, stale_count: u8) -> Subflow {
        Subflow {
            idle: false,
            in_flight: 4,
            stale_count,
            ..subflow(srtt_ms)
        }
    }

    fn backup(srtt_ms: u32) -> Subflow {
        Subflow {
            backup: true,
            ..subflow(srtt_ms)
        }
    }

    #[test]
    fn the_fastest_idle_subflow_repeats() {
        assert_eq!(on_idle(&[busy(5, 3), subflow(30), subflow(20)]), Some(2));
    }

    #[test]
    fn a_busy_subflow_never_repeats_its_own_data() {
        assert_eq!(on_idle(&[busy(5, 9), busy(30, 9)]), None);
    }

    #[test]
    fn a_backup_waits_until_the_others_are_stuck() {
        assert_eq!(on_idle(&[busy(5, 1), backup(20)]), None);
        assert_eq!(on_idle(&[busy(5, 2), backup(20)]), Some(1));
        assert_eq!(on_idle(&[busy(5, 2), busy(6, 0), backup(20)]), None);
    }

    #[test]
    fn a_regular_subflow_goes_before_a_faster_backup() {
        assert_eq!(on_idle(&[busy(5, 2), backup(1), subflow(300)]), Some(2));
    }

    #[test]
    fn nobody_repeats_on_a_subflow_that_cannot_send() {
        let gone = Subflow {
            active: false,
            ..subflow(1)
        };
        assert_eq!(on_idle(&[gone]), None);
        assert_eq!(on_idle(&[]), None);
    }
}
