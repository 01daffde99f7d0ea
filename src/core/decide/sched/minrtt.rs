// SPDX-License-Identifier: GPL-2.0

//! `minrtt`: the lowest smoothed round-trip time among the subflows that have room.
//!
//! The scheduler of the out-of-tree MPTCP (`mptcp_sched.c`, "default") in its classic form: fill
//! the congestion window of the fastest subflow, then that of the next, and when all are full
//! wait for an acknowledgment. Linux's own "default" does not compare round-trip times at all.

use super::{Grant, Scheduler, View, Wait};
use crate::knob::Knobs;
use core::ffi::CStr;

/// See the [module](self).
pub struct MinRtt;

impl Scheduler for MinRtt {
    const NAME: &'static CStr = c"minrtt";

    const DESCRIPTION: &'static CStr =
        c"The lowest smoothed round-trip time among the subflows that have room.";

    type State = ();

    fn send<K: Knobs>(_state: &mut (), view: &View<'_, K>) -> Result<Grant, Wait> {
        view.chosen()
            .map(|(position, subflow)| view.fill(position, subflow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{
            any_connection, any_subflows, ask, backup, check_contract, choose, full, in_loss,
            subflow, OPEN,
        },
        Connection, Rank, Subflow,
    };
    use proptest::prelude::*;

    #[test]
    fn the_fastest_with_room_sends() {
        let subflows = [subflow(40), subflow(10), subflow(20)];
        assert_eq!(choose::<MinRtt>(&subflows), Ok(1));
        assert_eq!(
            choose::<MinRtt>(&[subflow(40), full(10), subflow(20)]),
            Ok(2)
        );
    }

    #[test]
    fn all_full_means_wait() {
        assert_eq!(choose::<MinRtt>(&[full(10), full(20)]), Err(Wait::Full));
        assert_eq!(choose::<MinRtt>(&[]), Err(Wait::NoSubflow));
    }

    #[test]
    fn without_a_send_buffer_there_is_no_room() {
        let stuffed = Subflow {
            memory_free: false,
            ..subflow(10)
        };
        assert_eq!(choose::<MinRtt>(&[stuffed, subflow(50)]), Ok(1));
    }

    #[test]
    fn a_backup_does_not_help_out_a_full_regular_subflow() {
        assert_eq!(
            choose::<MinRtt>(&[full(100), backup(subflow(10))]),
            Err(Wait::Full)
        );
    }

    #[test]
    fn a_backup_takes_over_when_the_last_regular_subflow_is_in_loss() {
        let subflows = [in_loss(subflow(10)), backup(subflow(90))];
        assert_eq!(choose::<MinRtt>(&subflows), Ok(1));
    }

    #[test]
    fn a_subflow_in_loss_is_better_than_none() {
        assert_eq!(choose::<MinRtt>(&[in_loss(subflow(10))]), Ok(0));
        assert_eq!(
            choose::<MinRtt>(&[in_loss(subflow(10)), full(5)]),
            Err(Wait::Full)
        );
    }

    #[test]
    fn a_subflow_that_cannot_send_does_not_hold_back_a_backup() {
        let stale = Subflow {
            active: false,
            ..subflow(10)
        };
        assert_eq!(choose::<MinRtt>(&[stale, backup(subflow(90))]), Ok(1));
    }

    #[test]
    fn an_exhausted_path_is_better_than_none() {
        let mut exhausted = subflow(10);
        exhausted.path.exhausted = true;
        assert_eq!(choose::<MinRtt>(&[exhausted, subflow(90)]), Ok(1));
        assert_eq!(choose::<MinRtt>(&[exhausted, full(90)]), Err(Wait::Full));
        assert_eq!(choose::<MinRtt>(&[exhausted]), Ok(0));
    }

    #[test]
    fn a_closed_window_still_names_who_probes_it() {
        let closed = Connection {
            send_window: 0,
            ..OPEN
        };
        let grant = ask::<MinRtt>(&mut (), &closed, &[subflow(10)]);
        assert_eq!(
            grant,
            Ok(Grant {
                subflow: 0,
                burst: 0
            })
        );
    }

    #[test]
    fn a_burst_is_what_the_congestion_window_has_room_for() {
        let six_left = Subflow {
            in_flight: 4,
            ..subflow(10)
        };
        let burst = |connection: &Connection, subflow| {
            ask::<MinRtt>(&mut (), connection, &[subflow])
                .expect("it has room")
                .burst
        };
        assert_eq!(burst(&OPEN, six_left), 6 * 1400);
        let nearly_full = Subflow {
            in_flight: 9,
            ..subflow(10)
        };
        assert_eq!(burst(&OPEN, nearly_full), 1400);
        // 80 Mbit/s are 10 kB in a millisecond: six packets, and the seventh not whole.
        let fast = Subflow {
            pacing_rate: 10_000 * 1024,
            ..nearly_full
        };
        assert_eq!(burst(&OPEN, fast), 7 * 1400);
        let window = Connection {
            send_window: 1000,
            ..OPEN
        };
        assert_eq!(burst(&window, fast), 1000);
        let limited = Connection {
            max_burst: 2000,
            ..OPEN
        };
        assert_eq!(burst(&limited, fast), 2000);
    }

    proptest! {
        #[test]
        fn who_is_chosen_is_the_fastest_of_its_rank(
            connection in any_connection(),
            subflows in any_subflows(),
        ) {
            if let Ok(grant) = ask::<MinRtt>(&mut (), &connection, &subflows) {
                let chosen = subflows[grant.subflow as usize];
                for other in subflows.iter().filter(|other| other.active) {
                    prop_assert!(Rank::of(&chosen) <= Rank::of(other));
                    if Rank::of(&chosen) == Rank::of(other) && other.can_send() {
                        prop_assert!(chosen.rtt() <= other.rtt());
                    }
                }
            }
        }

        #[test]
        fn it_keeps_the_contract(connection in any_connection(), subflows in any_subflows()) {
            check_contract::<MinRtt>(&mut (), &connection, &subflows);
        }
    }
}
