// SPDX-License-Identifier: GPL-2.0

//! `minrtt`: the lowest smoothed round-trip time among the subflows that have room.
//!
//! The scheduler of the out-of-tree MPTCP (`mptcp_sched.c`, "default") in its classic form: fill
//! the congestion window of the fastest subflow, then that of the next, and when all are full
//! wait for an acknowledgment. Linux's own "default" does not compare round-trip times at all.

use super::{positions, Connection, Grant, Scheduler, Subflow};
use core::ffi::CStr;

/// See the [module](self).
pub struct MinRtt;

/// How willingly a subflow is used; a better rank shuts out the worse ones, full or not.
///
/// A backup is for when there is no regular subflow (RFC 8684, 3.3.8), and one whose timer fired
/// counts as none: what is given to it sits behind the packets it has to repeat.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Regular,
    Backup,
    RegularInLoss,
    BackupInLoss,
}

impl Rank {
    fn of(subflow: &Subflow) -> Self {
        match (subflow.in_loss, subflow.backup) {
            (false, false) => Self::Regular,
            (false, true) => Self::Backup,
            (true, false) => Self::RegularInLoss,
            (true, true) => Self::BackupInLoss,
        }
    }
}

impl Scheduler for MinRtt {
    const NAME: &'static CStr = c"minrtt";

    type State = ();

    fn send(
        _state: &mut (),
        connection: &Connection,
        subflows: impl Iterator<Item = Subflow> + Clone,
    ) -> Option<Grant> {
        let best = subflows
            .clone()
            .filter(|subflow| subflow.active)
            .map(|subflow| Rank::of(&subflow))
            .min()?;

        positions(subflows)
            .filter(|(subflow, _)| subflow.can_send() && Rank::of(subflow) == best)
            .min_by_key(|(subflow, _)| subflow.rtt())
            .map(|(_, position)| Grant {
                subflow: position,
                burst: connection.burst(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_connection, any_subflows, subflow},
        MAX_BURST,
    };
    use proptest::prelude::*;

    const OPEN: Connection = Connection {
        send_window: 1 << 20,
    };

    fn full(srtt_ms: u32) -> Subflow {
        Subflow {
            in_flight: 10,
            idle: false,
            ..subflow(srtt_ms)
        }
    }

    fn backup(subflow: Subflow) -> Subflow {
        Subflow {
            backup: true,
            ..subflow
        }
    }

    fn in_loss(subflow: Subflow) -> Subflow {
        Subflow {
            in_loss: true,
            ..subflow
        }
    }

    fn choose(subflows: &[Subflow]) -> Option<u32> {
        MinRtt::send(&mut (), &OPEN, subflows.iter().copied()).map(|grant| grant.subflow)
    }

    #[test]
    fn the_fastest_with_room_sends() {
        assert_eq!(choose(&[subflow(40), subflow(10), subflow(20)]), Some(1));
        assert_eq!(choose(&[subflow(40), full(10), subflow(20)]), Some(2));
    }

    #[test]
    fn all_full_means_wait() {
        assert_eq!(choose(&[full(10), full(20)]), None);
    }

    #[test]
    fn without_a_send_buffer_there_is_no_room() {
        let stuffed = Subflow {
            memory_free: false,
            ..subflow(10)
        };
        assert_eq!(choose(&[stuffed, subflow(50)]), Some(1));
    }

    #[test]
    fn a_backup_does_not_help_out_a_full_regular_subflow() {
        assert_eq!(choose(&[full(100), backup(subflow(10))]), None);
    }

    #[test]
    fn a_backup_takes_over_when_the_last_regular_subflow_is_in_loss() {
        assert_eq!(
            choose(&[in_loss(subflow(10)), backup(subflow(90))]),
            Some(1)
        );
    }

    #[test]
    fn a_subflow_in_loss_is_better_than_none() {
        assert_eq!(choose(&[in_loss(subflow(10))]), Some(0));
        assert_eq!(choose(&[in_loss(subflow(10)), full(5)]), None);
    }

    #[test]
    fn a_subflow_that_cannot_send_does_not_hold_back_a_backup() {
        let stale = Subflow {
            active: false,
            ..subflow(10)
        };
        assert_eq!(choose(&[stale, backup(subflow(90))]), Some(1));
    }

    #[test]
    fn a_closed_window_still_names_who_probes_it() {
        let closed = Connection { send_window: 0 };
        let grant = MinRtt::send(&mut (), &closed, [subflow(10)].into_iter());
        assert_eq!(
            grant,
            Some(Grant {
                subflow: 0,
                burst: 0
            })
        );
    }

    #[test]
    fn a_burst_fits_the_window_and_one_segment() {
        let burst = |send_window| Connection { send_window }.burst();
        assert_eq!(burst(1000), 1000);
        assert_eq!(burst(u64::from(MAX_BURST) + 1), MAX_BURST);
        assert_eq!(burst(u64::MAX), MAX_BURST);
    }

    proptest! {
        #[test]
        fn who_is_chosen_can_send_and_is_the_fastest_of_its_rank(
            connection in any_connection(),
            subflows in any_subflows(),
        ) {
            if let Some(grant) = MinRtt::send(&mut (), &connection, subflows.iter().copied()) {
                let chosen = subflows[grant.subflow as usize];
                prop_assert!(chosen.can_send());
                prop_assert!(grant.burst <= MAX_BURST);
                prop_assert!(u64::from(grant.burst) <= connection.send_window);
                for other in subflows.iter().filter(|other| other.active) {
                    prop_assert!(Rank::of(&chosen) <= Rank::of(other));
                    if Rank::of(&chosen) == Rank::of(other) && other.can_send() {
                        prop_assert!(chosen.rtt() <= other.rtt());
                    }
                }
            }
        }

        #[test]
        fn it_waits_only_when_something_will_wake_it(
            connection in any_connection(),
            subflows in any_subflows(),
        ) {
            if MinRtt::send(&mut (), &connection, subflows.iter().copied()).is_none() {
                let active = || subflows.iter().filter(|subflow| subflow.active);
                prop_assert!(
                    active().count() == 0
                        || active().any(|s| s.in_flight > 0 || s.unsent > 0 || !s.memory_free)
                );
            }
        }

        #[test]
        fn a_retransmission_goes_to_an_idle_subflow_that_can_send(subflows in any_subflows()) {
            if let Some(position) = MinRtt::retransmit(&mut (), subflows.iter().copied()) {
                let chosen = subflows[position as usize];
                prop_assert!(chosen.active && chosen.idle);
            }
        }
    }
}
