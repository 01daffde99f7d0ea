// SPDX-License-Identifier: GPL-2.0

//! `ecf`: earliest completion first.
//!
//! Lim, Nahum, Towsley and Gibbens: "ECF: An MPTCP Path Scheduler to Manage Heterogeneous Paths"
//! (`CoNEXT` 2017, doi:10.1145/3143361.3143376). When the fastest subflow is full, a slower one is
//! used only if that brings the last byte sooner than waiting for the fastest does.

use super::{Grant, Scheduler, Subflow, View, Wait};
use crate::knob::{self, Knobs};
use core::ffi::CStr;

/// See the [module](self).
pub struct Ecf;

/// What `ecf` remembers of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// The last decision about the fastest subflow was to wait for it.
    waiting: bool,
}

impl Scheduler for Ecf {
    const NAME: &'static CStr = c"ecf";

    const DESCRIPTION: &'static CStr =
        c"Earliest completion first: waits for the fastest subflow if the data is there sooner.";

    const REPEATS: bool = true;

    const REINJECTS: bool = true;

    type State = State;

    fn send<K: Knobs>(state: &mut State, view: &View<'_, K>) -> Result<Grant, Wait> {
        let [(position, chosen), (fastest, fast)] = view.fastest_two()?;
        if fastest != position {
            let beta = view.knobs.small(knob::SCHED_ECF_BETA);
            if is_worth_waiting(
                fast,
                chosen,
                view.connection.unsent,
                beta,
                &mut state.waiting,
            ) {
                return Err(Wait::Faster);
            }
        }
        Ok(view.fill(position, chosen))
    }
}

/// The paper's algorithm 1, from line 5 on: whether to wait for the fastest subflow, which is
/// full, rather than use `slow`. `beta` is the hysteresis in percent.
///
/// In the words of the paper, with k the bytes that wait to be sent, both inequalities are taken
/// times the congestion window of whose round trip is multiplied, so that nothing is rounded:
///
/// - `(1 + k/cwnd_f) · RTT_f < (1 + waiting · β) · (RTT_s + δ)`: waiting is sooner, and
/// - `(k/cwnd_s) · RTT_s ≥ 2 · RTT_f + δ`: not so little is left that the slow one has it anyway.
fn is_worth_waiting(
    fast: &Subflow,
    slow: &Subflow,
    unsent: u64,
    beta: u32,
    waiting: &mut bool,
) -> bool {
    let delta = u128::from(fast.rttvar_us().max(slow.rttvar_us()));
    let (rtt_f, rtt_s) = (u128::from(fast.srtt_us()), u128::from(slow.srtt_us()));
    let (window_f, window_s) = (u128::from(fast.window()), u128::from(slow.window()));
    let k = u128::from(unsent);

    // Only numbers that no network has come near the bounds of 128 bits.
    let hysteresis = if *waiting { u128::from(beta) } else { 0 }.saturating_add(100);
    let sooner = window_f
        .saturating_add(k)
        .saturating_mul(rtt_f)
        .saturating_mul(100)
        < window_f
            .saturating_mul(rtt_s.saturating_add(delta))
            .saturating_mul(hysteresis);
    if !sooner {
        *waiting = false;
        return false;
    }
    let worth_it = k.saturating_mul(rtt_s)
        >= window_s.saturating_mul(rtt_f.saturating_mul(2).saturating_add(delta));
    if worth_it {
        *waiting = true;
    }
    worth_it
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

    fn unsent(bytes: u64) -> Connection {
        Connection {
            unsent: bytes,
            ..OPEN
        }
    }

    /// A fast subflow that is full, of 10 packets and 10 ms, and a slow one of 100 ms.
    fn fast_and_slow() -> [Subflow; 2] {
        [full(10), subflow(100)]
    }

    /// The window of each of them, in bytes.
    const WINDOW: u64 = 14_000;

    #[test]
    fn with_room_the_fastest_sends() {
        let grant = ask::<Ecf>(
            &mut State::default(),
            &unsent(1 << 30),
            &[subflow(100), subflow(10)],
        );
        assert_eq!(grant.map(|it| it.subflow), Ok(1));
    }

    #[test]
    fn it_waits_if_all_is_there_sooner() {
        // 5 windows: (1 + 5) · 10 ms < 100 ms, and 5 · 100 ms ≥ 20 ms.
        let mut state = State::default();
        let choice = ask::<Ecf>(&mut state, &unsent(5 * WINDOW), &fast_and_slow());
        assert_eq!(choice, Err(Wait::Faster));
        assert!(state.waiting);
    }

    #[test]
    fn much_data_goes_on_both() {
        // 9 windows: (1 + 9) · 10 ms is not less than 100 ms.
        let mut state = State::default();
        let choice = ask::<Ecf>(&mut state, &unsent(9 * WINDOW), &fast_and_slow());
        assert_eq!(choice.map(|it| it.subflow), Ok(1));
        let choice = ask::<Ecf>(&mut state, &unsent(9 * WINDOW - 1), &fast_and_slow());
        assert_eq!(choice, Err(Wait::Faster));
    }

    #[test]
    fn little_data_goes_on_the_slow_one() {
        // A fifth of a window: 0.2 · 100 ms ≥ 2 · 10 ms, a byte less is not.
        let mut state = State::default();
        let choice = ask::<Ecf>(&mut state, &unsent(WINDOW / 5), &fast_and_slow());
        assert_eq!(choice, Err(Wait::Faster));
        let choice = ask::<Ecf>(&mut state, &unsent(WINDOW / 5 - 1), &fast_and_slow());
        assert_eq!(choice.map(|it| it.subflow), Ok(1));
    }

    #[test]
    fn who_waits_goes_on_waiting_somewhat_longer() {
        // With β = 1/4: (1 + k) · 10 ms < 125 ms up to 11.5 windows.
        let mut state = State {
            waiting: true,
            ..State::default()
        };
        let ask = |state: &mut State, bytes| ask::<Ecf>(state, &unsent(bytes), &fast_and_slow());
        assert_eq!(ask(&mut state, 11 * WINDOW), Err(Wait::Faster));
        assert!(ask(&mut state, 12 * WINDOW).is_ok());
        assert!(!state.waiting);
        assert!(ask(&mut state, 11 * WINDOW).is_ok());
    }

    #[test]
    fn round_trip_times_that_vary_make_it_wait_longer() {
        // δ is the larger of the two: 100 ms + 20 ms, so up to 11 windows.
        let mut subflows = fast_and_slow();
        subflows[1].rttvar_x4_us = 4 * 20_000;
        let mut state = State::default();
        let choice = ask::<Ecf>(&mut state, &unsent(10 * WINDOW), &subflows);
        assert_eq!(choice, Err(Wait::Faster));
    }

    #[test]
    fn the_paper_s_slowest_setting_does_not_overflow() {
        // 969 and 858 ms; 100 Gbit/s · 10 s wait to be sent, with a window as large.
        let huge = |srtt_ms| Subflow {
            cwnd: u32::MAX,
            mss: 9000,
            ..full(srtt_ms)
        };
        let subflows = [
            Subflow {
                in_flight: u32::MAX,
                ..huge(858)
            },
            Subflow {
                in_flight: 0,
                idle: true,
                ..huge(969)
            },
        ];
        let mut state = State::default();
        let choice = ask::<Ecf>(&mut state, &unsent(125_000_000_000), &subflows);
        assert_eq!(choice.map(|it| it.subflow), Ok(1));
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(
            connection in any_connection(),
            subflows in any_subflows(),
            waiting: bool,
        ) {
            let mut state = State { waiting, ..State::default() };
            check_contract::<Ecf>(&mut state, &connection, &subflows);
        }

        #[test]
        fn on_equal_paths_it_is_minrtt(
            connection in any_connection(),
            subflows in equal_subflows(),
        ) {
            prop_assert_eq!(
                ask::<Ecf>(&mut State::default(), &connection, &subflows),
                ask::<MinRtt>(&mut Default::default(), &connection, &subflows)
            );
        }
    }
}
