// SPDX-License-Identifier: GPL-2.0

//! `blest`: blocking estimation.
//!
//! Ferlin, Alay, Mehani and Boreli: "BLEST: Blocking Estimation-based MPTCP Scheduler for
//! Heterogeneous Networks" (IFIP Networking 2016, doi:10.1109/IFIPNetworking.2016.7497206). When
//! the fastest subflow is full, a slower one is used only if what goes on it leaves room enough
//! in the window of the peer for all that the fastest can send until it is acknowledged.

use super::{reinject, Grant, History, Repeat, Scheduler, Subflow, View, Wait};
use crate::knob::{self, Knobs};
use core::ffi::CStr;

/// See the [module](self).
pub struct Blest;

/// What `blest` remembers of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// The correction λ in thousandths; 0 before it was ever needed.
    lambda: u32,
    /// When λ was last changed, in µs.
    changed_us: u64,
    /// The window was full since then, though the fastest subflow had room.
    blocked: bool,
}

impl Scheduler for Blest {
    const NAME: &'static CStr = c"blest";

    const DESCRIPTION: &'static CStr =
        c"Blocking estimation: leaves room in the peer's window for the fastest subflow.";

    const CLOCK: bool = true;

    const REPEATS: bool = true;

    const REINJECTS: bool = true;

    type State = State;

    fn send<K: Knobs>(state: &mut State, view: &View<'_, K>) -> Result<Grant, Wait> {
        let [(position, chosen), (fastest, fast)] = view.fastest_two()?;
        state.watch(view, fast);
        if fastest != position {
            let lambda = state.correct(view, fast);
            if blocks(fast, chosen, view.connection.window(), lambda) {
                return Err(Wait::Blocking);
            }
        }
        Ok(view.fill(position, chosen))
    }

    fn repeat<K: Knobs>(
        state: &mut State,
        view: &View<'_, K>,
        history: &History,
    ) -> Option<Repeat> {
        if let Some((_, fast)) = view.fastest() {
            state.watch(view, fast);
        }
        reinject::wanted(view, history)
    }
}

impl State {
    /// Notes whether the fastest subflow is held up by the window.
    fn watch<K: Knobs>(&mut self, view: &View<'_, K>, fast: &Subflow) {
        let connection = view.connection;
        if connection.unsent > 0
            && connection.outstanding() > 0
            && connection.send_window < u64::from(fast.mss)
            && fast.can_send()
        {
            self.blocked = true;
        }
    }

    /// The correction λ for this decision, in thousandths. It is changed at most once in a round
    /// trip of the fastest subflow: up if it was blocked, down if not.
    fn correct<K: Knobs>(&mut self, view: &View<'_, K>, fast: &Subflow) -> u32 {
        let knobs = view.knobs;
        let least = knobs.small(knob::SCHED_BLEST_MIN_LAMBDA);
        let most = knobs.small(knob::SCHED_BLEST_MAX_LAMBDA).max(least);
        let now = view.connection.now_us;
        if self.lambda == 0 {
            self.lambda = knobs.small(knob::SCHED_BLEST_LAMBDA);
            self.changed_us = now;
        } else if now.wrapping_sub(self.changed_us) >= fast.srtt_us() {
            self.lambda = if self.blocked {
                self.lambda
                    .saturating_add(knobs.small(knob::SCHED_BLEST_LAMBDA_BAD))
            } else {
                self.lambda
                    .saturating_sub(knobs.small(knob::SCHED_BLEST_LAMBDA_GOOD))
            };
            self.blocked = false;
            self.changed_us = now;
        }
        // Not clamp(), which panics should the bounds be the wrong way around.
        self.lambda = self.lambda.max(least).min(most);
        self.lambda
    }
}

/// Whether a packet on `slow` would block `fast` before it is acknowledged, in a window of so
/// many bytes.
///
/// In that time the fast one has `rtts = RTT_s/RTT_f` round trips, in each of which its congestion
/// window grows by a packet, and sends `X = MSS_f · (cwnd_f + (rtts − 1)/2) · rtts`. What is left
/// for it is the window but for what is, and will be, in flight on the slow one:
/// `X · λ > |M| − MSS_s · (inflight_s + 1)`. All is taken times `2 · RTT_f²` and 1000, so that
/// nothing is rounded.
fn blocks(fast: &Subflow, slow: &Subflow, window: u64, lambda: u32) -> bool {
    let (rtt_f, rtt_s) = (
        u128::from(fast.srtt_us()),
        u128::from(slow.srtt_us().max(fast.srtt_us())),
    );
    let packets = u128::from(fast.cwnd)
        .saturating_mul(2)
        .saturating_mul(rtt_f)
        .saturating_add(rtt_s.saturating_sub(rtt_f));
    let sends = packets
        .saturating_mul(u128::from(fast.mss))
        .saturating_mul(rtt_s)
        .saturating_mul(u128::from(lambda));
    let taken = slow.backlog().saturating_add(slow.mss.into());
    let left = u128::from(window.saturating_sub(taken));
    let scale = rtt_f.saturating_mul(rtt_f).saturating_mul(2);
    sends > left.saturating_mul(scale).saturating_mul(1000)
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

    fn window(bytes: u64) -> Connection {
        Connection {
            send_window: bytes,
            ..OPEN
        }
    }

    /// A fast subflow that is full, of 10 packets and 25 ms, and a slow one of 100 ms.
    fn fast_and_slow() -> [Subflow; 2] {
        [full(25), subflow(100)]
    }

    #[test]
    fn with_room_the_fastest_sends() {
        let grant = ask::<Blest>(
            &mut State::default(),
            &window(1),
            &[subflow(100), subflow(10)],
        );
        assert_eq!(grant.map(|it| it.subflow), Ok(1));
    }

    #[test]
    fn the_model_is_that_of_the_paper() {
        // In 4 round trips the fast one sends 1400 · (10 + 3/2) · 4 = 64400 bytes; the slow one
        // takes one packet.
        let [fast, slow] = fast_and_slow();
        let needed = 64_400 + 1400;
        assert!(!blocks(&fast, &slow, needed, 1000));
        assert!(blocks(&fast, &slow, needed - 1, 1000));
        // And with λ = 1.2.
        assert!(!blocks(&fast, &slow, 64_400 * 12 / 10 + 1400, 1200));
        assert!(blocks(&fast, &slow, 64_400 * 12 / 10 + 1399, 1200));
        // What it has in flight counts as well.
        let busy = Subflow {
            in_flight: 3,
            ..slow
        };
        assert!(!blocks(&fast, &busy, needed + 3 * 1400, 1000));
        assert!(blocks(&fast, &busy, needed + 3 * 1400 - 1, 1000));
    }

    #[test]
    fn a_small_window_is_left_to_the_fastest() {
        let choose = |bytes| ask::<Blest>(&mut State::default(), &window(bytes), &fast_and_slow());
        assert_eq!(choose(60_000), Err(Wait::Blocking));
        assert_eq!(choose(1 << 20).map(|it| it.subflow), Ok(1));
    }

    #[test]
    fn lambda_follows_what_happens_once_in_a_round_trip() {
        let subflows = fast_and_slow();
        let mut state = State::default();
        let at = |now_us| Connection {
            now_us,
            ..window(1 << 20)
        };
        let decide = |state: &mut State, now_us| {
            ask::<Blest>(state, &at(now_us), &subflows).expect("there is room");
        };
        decide(&mut state, 0);
        assert_eq!(state.lambda, 1200);
        decide(&mut state, 24_999);
        assert_eq!(state.lambda, 1200);
        decide(&mut state, 25_000);
        assert_eq!(state.lambda, 1190);
        // The window is full, and the fastest subflow could go on.
        let blocked = Connection {
            next: 100_000,
            ..window(0)
        };
        let _ = ask::<Blest>(&mut state, &blocked, &[subflow(25), subflow(100)]);
        decide(&mut state, 50_000);
        assert_eq!(state.lambda, 1230);
        for round in 3..100 {
            decide(&mut state, round * 25_000);
        }
        assert_eq!(state.lambda, 1000);
    }

    #[test]
    fn numbers_out_of_range_do_not_overflow() {
        let huge = Subflow {
            cwnd: u32::MAX,
            mss: u32::MAX,
            srtt_x8_us: u32::MAX,
            ..full(1)
        };
        assert!(blocks(&huge, &huge, 1 << 40, 1000));
        assert!(!blocks(&full(1), &subflow(1), u64::MAX, 1000));
        // 64 kbit/s with 2 s beside 100 Gbit/s with 1 ms, and a window of 10 s of the latter.
        let fast = Subflow {
            cwnd: 8929,
            ..full(1)
        };
        assert!(!blocks(&fast, &subflow(2000), 125_000_000_000, 1000));
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(
            connection in any_connection(),
            subflows in any_subflows(),
            lambda in 0..5000u32,
            blocked: bool,
        ) {
            let mut state = State { lambda, blocked, ..State::default() };
            check_contract::<Blest>(&mut state, &connection, &subflows);
        }

        #[test]
        fn with_a_large_window_it_is_minrtt(
            subflows in equal_subflows(),
        ) {
            prop_assert_eq!(
                ask::<Blest>(&mut State::default(), &OPEN, &subflows),
                ask::<MinRtt>(&mut Default::default(), &OPEN, &subflows)
            );
        }
    }
}
