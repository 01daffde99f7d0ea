// SPDX-License-Identifier: GPL-2.0

//! `auto`: whatever brings the data there soonest.
//!
//! One question decides, when the fastest subflow is full: would the faster subflows have
//! delivered all that waits to be sent by the time that a packet on the slower one arrives? If so,
//! the slower one can only make it later. `ecf` asks that of one subflow in congestion avoidance;
//! this knows several, and those whose windows double with each round trip, and that a sender
//! which waits for room in its send buffer has more to come than is there. Besides, what goes on
//! the slower subflow must not fill the window that the faster ones will need, as `blest` puts it;
//! and what got stuck on it all the same is repeated on a faster one.

use super::{Grant, Reinjection, Scheduler, Subflow, View, Wait};
use crate::knob::Knobs;
use core::ffi::CStr;

/// See the [module](self).
pub struct Auto;

/// Round trips that are looked ahead at the most; a window has doubled beyond any path by then.
const ROUNDS: u64 = 16;

impl Scheduler for Auto {
    const NAME: &'static CStr = c"auto";

    const DESCRIPTION: &'static CStr =
        c"Uses a slower subflow only if that brings the data there sooner.";

    const REPEATS: bool = true;

    type State = Reinjection;

    fn send<K: Knobs>(_state: &mut Reinjection, view: &View<'_, K>) -> Result<Grant, Wait> {
        let (position, chosen) = view.chosen()?;
        let connection = view.connection;
        let mut faster = view
            .candidates()
            .map(|(_, it)| it)
            .filter(|it| it.rtt() < chosen.rtt())
            .peekable();
        if faster.peek().is_some() {
            let meanwhile = faster.fold(0, |sum: u64, it| {
                sum.saturating_add(sends(it, time_ahead(it, chosen)))
            });
            let taken = chosen.backlog().saturating_add(chosen.mss.into());
            if meanwhile > connection.window().saturating_sub(taken) {
                return Err(Wait::Blocking);
            }
            if !connection.more && meanwhile >= connection.unsent {
                return Err(Wait::Faster);
            }
        }
        Ok(view.fill(position, chosen))
    }

    fn reinjection(state: &mut Reinjection) -> Option<&mut Reinjection> {
        Some(state)
    }
}

/// For how many µs `fast` can send what arrives before a packet that `slow` sends now.
fn time_ahead(fast: &Subflow, slow: &Subflow) -> u64 {
    slow.srtt_us().saturating_sub(fast.srtt_us())
}

/// Bytes that a subflow whose window is full sends within so many µs: a window in each round
/// trip, or twice as much as in the one before.
fn sends(subflow: &Subflow, us: u64) -> u64 {
    let window = subflow.window();
    let srtt = subflow.srtt_us().max(1);
    let part = |window: u64, us: u64| window.saturating_mul(us).checked_div(srtt).unwrap_or(0);
    if !subflow.slow_start {
        return part(window, us);
    }
    let mut left = us;
    let mut window = window;
    let mut sum = 0u64;
    for _ in 0..ROUNDS {
        if left < srtt {
            break;
        }
        sum = sum.saturating_add(window);
        window = window.saturating_mul(2);
        left = left.saturating_sub(srtt);
    }
    sum.saturating_add(part(window, left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        minrtt::MinRtt,
        testing::{
            any_connection, any_subflows, ask, check_contract, equal_subflows, full, subflow, OPEN,
        },
        Connection,
    };
    use proptest::prelude::*;

    fn choose(connection: &Connection, subflows: &[Subflow]) -> Result<u32, Wait> {
        ask::<Auto>(&mut Reinjection::default(), connection, subflows).map(|it| it.subflow)
    }

    fn unsent(bytes: u64) -> Connection {
        Connection {
            unsent: bytes,
            ..OPEN
        }
    }

    /// The window of each of the subflows, in bytes.
    const WINDOW: u64 = 14_000;

    #[test]
    fn a_slow_one_is_left_out_if_the_fast_ones_have_it_there_sooner() {
        // Nine windows in the 90 ms by which the fast one is ahead.
        let subflows = [full(10), subflow(100)];
        assert_eq!(choose(&unsent(9 * WINDOW), &subflows), Err(Wait::Faster));
        assert_eq!(choose(&unsent(9 * WINDOW + 1), &subflows), Ok(1));
        // A second one has eight windows in its 80 ms, or half as many in twice the time.
        let subflows = [full(10), full(20), subflow(100)];
        assert_eq!(choose(&unsent(13 * WINDOW), &subflows), Err(Wait::Faster));
        assert_eq!(choose(&unsent(13 * WINDOW + 1), &subflows), Ok(2));
    }

    #[test]
    fn a_window_that_doubles_sends_more() {
        // 1 + 2 + 4 windows in 30 ms, and half of 8 in 5 more.
        let starting = Subflow {
            slow_start: true,
            ..full(10)
        };
        assert_eq!(sends(&starting, 30_000), 7 * WINDOW);
        assert_eq!(sends(&starting, 35_000), 11 * WINDOW);
        assert_eq!(sends(&full(10), 35_000), 7 * WINDOW / 2);
    }

    #[test]
    fn a_sender_that_has_more_uses_both() {
        let subflows = [full(10), subflow(100)];
        let more = Connection {
            more: true,
            ..unsent(WINDOW)
        };
        assert_eq!(choose(&more, &subflows), Ok(1));
    }

    #[test]
    fn a_small_window_is_left_to_the_fast_one() {
        let subflows = [full(10), subflow(100)];
        let small = Connection {
            send_window: 9 * WINDOW,
            more: true,
            ..OPEN
        };
        assert_eq!(choose(&small, &subflows), Err(Wait::Blocking));
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(connection in any_connection(), subflows in any_subflows()) {
            check_contract::<Auto>(&mut Reinjection::default(), &connection, &subflows);
        }

        #[test]
        fn on_equal_paths_it_is_minrtt(
            connection in any_connection(),
            subflows in equal_subflows(),
        ) {
            prop_assert_eq!(
                ask::<Auto>(&mut Reinjection::default(), &connection, &subflows),
                ask::<MinRtt>(&mut Default::default(), &connection, &subflows)
            );
        }

        #[test]
        fn more_time_never_sends_less(
            subflows in any_subflows(),
            one in 0..100_000_000u64,
            other in 0..100_000_000u64,
        ) {
            for subflow in &subflows {
                prop_assert!(
                    sends(subflow, one.min(other)) <= sends(subflow, one.max(other))
                );
            }
        }
    }
}
