// SPDX-License-Identifier: GPL-2.0

//! Slow subflows that held up a connection are given less for a while.
//!
//! "Penalizing slow subflows" (Raiciu et al., NSDI 2012, 4.2): when the window of the peer is full
//! and its head has to be repeated on another subflow, the one that it is stuck on gets half of the
//! congestion window that it had, once in a round trip at the most, and grows by a packet in each
//! from there. The out-of-tree MPTCP wrote to the congestion window of TCP. Here it is what the
//! scheduler takes that for: a window is TCP's own affair, and only under the lock of its socket.

use super::{History, PerSubflow, Repeat, Subflow, View, Why};
use crate::knob::{self, Knobs};

/// What is remembered of the penalties of a connection's subflows.
#[derive(Clone, Debug, Default)]
pub struct Penalties {
    /// Some subflow has one.
    any: bool,
    of: PerSubflow<Penalty>,
}

/// The penalty of a subflow.
#[derive(Clone, Copy, Debug, Default)]
struct Penalty {
    /// Packets that it may have under way; 0 is as many as TCP lets it.
    window: u32,
    /// When that was set, or grew, in µs.
    since_us: u64,
}

impl Penalties {
    /// Whether there are any: [`apply`](Self::apply) has nothing to do without.
    #[inline]
    pub fn any(&self) -> bool {
        self.any
    }

    /// Gives subflows the congestion window that they are left with, if that is not more than TCP
    /// has for them.
    pub fn apply(&mut self, subflows: &mut [Subflow], now_us: u64) {
        self.any = false;
        self.of.follow(subflows);
        for subflow in subflows {
            if let Some(penalty) = self.of.get_mut(subflow.id) {
                penalty.grow(subflow, now_us);
                if penalty.window != 0 {
                    subflow.cwnd = penalty.window;
                    self.any = true;
                }
            }
        }
    }

    /// Penalises who holds up what is to be repeated, if that is wanted, and there is new data that
    /// the window keeps from being sent. Returns whether it was; it is not again within a round
    /// trip.
    pub fn impose<K: Knobs>(
        &mut self,
        view: &View<'_, K>,
        history: &History,
        repeat: &Repeat,
        now_us: u64,
    ) -> bool {
        if view.knobs.value(knob::SCHED_PENALISE) == 0
            || repeat.why != Why::Blocks
            || view.connection.unsent == 0
        {
            return false;
        }
        let subflows = view.subflows;
        let Some((id, _)) = history.holder(repeat.from) else {
            return false;
        };
        let Some(slow) = subflows.iter().find(|it| it.id == id) else {
            return false;
        };
        self.of.follow(subflows);
        let imposed = self
            .of
            .get_mut(id)
            .is_some_and(|penalty| penalty.halve(slow, now_us));
        self.any |= imposed;
        imposed
    }
}

impl Penalty {
    /// `slow` has the window that it was left with.
    fn halve(&mut self, slow: &Subflow, now_us: u64) -> bool {
        let again = now_us.wrapping_sub(self.since_us) < slow.srtt_us();
        if (self.window != 0 && again) || slow.cwnd < 2 {
            return false;
        }
        *self = Self {
            window: slow.cwnd / 2,
            since_us: now_us,
        };
        true
    }

    fn grow(&mut self, subflow: &Subflow, now_us: u64) {
        if self.window == 0 {
            return;
        }
        let srtt = subflow.srtt_us();
        let rounds = now_us.wrapping_sub(self.since_us).checked_div(srtt);
        let rounds = rounds.unwrap_or(0);
        self.since_us = self.since_us.wrapping_add(rounds.saturating_mul(srtt));
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        self.window = self.window.saturating_add(rounds);
        if self.window >= subflow.cwnd {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_subflows, subflow, Knobbed, OPEN},
        Connection,
    };
    use proptest::prelude::*;

    /// Two subflows, of which the second holds the head, that the first is to repeat.
    fn stuck() -> ([Subflow; 2], History, Repeat) {
        let numbered = |id, srtt_ms| Subflow {
            id,
            cwnd: 20,
            ..subflow(srtt_ms)
        };
        let mut history = History::default();
        history.given(2, 0, 3000);
        history.given(1, 3000, 50_000);
        let repeat = Repeat {
            subflow: 0,
            from: 0,
            length: 3000,
            why: Why::Blocks,
        };
        ([numbered(1, 10), numbered(2, 100)], history, repeat)
    }

    /// Imposes a penalty if there is reason to, with the knob on.
    fn impose(
        penalties: &mut Penalties,
        connection: &Connection,
        subflows: &[Subflow],
        history: &History,
        repeat: &Repeat,
        now_us: u64,
    ) -> bool {
        let knobs = Knobbed(vec![(knob::SCHED_PENALISE, 1)]);
        let view = View::new(connection, subflows, &knobs);
        penalties.impose(&view, history, repeat, now_us)
    }

    const WAITS: Connection = Connection {
        unsent: 1 << 20,
        ..OPEN
    };

    fn windows(penalties: &mut Penalties, now_us: u64) -> [u32; 2] {
        let (mut subflows, ..) = stuck();
        penalties.apply(&mut subflows, now_us);
        subflows.map(|it| it.cwnd)
    }

    #[test]
    fn half_a_window_is_left_and_grows_by_a_packet_in_each_round_trip() {
        let (subflows, history, repeat) = stuck();
        let mut penalties = Penalties::default();
        assert!(impose(
            &mut penalties,
            &WAITS,
            &subflows,
            &history,
            &repeat,
            1000
        ));
        assert_eq!(windows(&mut penalties, 1000), [20, 10]);
        assert_eq!(windows(&mut penalties, 100_999), [20, 10]);
        assert_eq!(windows(&mut penalties, 101_000), [20, 11]);
        assert_eq!(windows(&mut penalties, 901_000), [20, 19]);
        assert!(penalties.any());
        assert_eq!(windows(&mut penalties, 1_001_000), [20, 20]);
        assert!(!penalties.any());
    }

    #[test]
    fn once_in_a_round_trip() {
        let (mut subflows, history, repeat) = stuck();
        let mut penalties = Penalties::default();
        let mut imposed = |now_us| {
            penalties.apply(&mut subflows, now_us);
            let imposed = impose(&mut penalties, &WAITS, &subflows, &history, &repeat, now_us);
            (imposed, windows(&mut penalties, now_us)[1])
        };
        assert_eq!(imposed(0), (true, 10));
        assert_eq!(imposed(99_999), (false, 10));
        // It had grown to 11.
        assert_eq!(imposed(100_000), (true, 5));
    }

    #[test]
    fn only_if_new_data_waits_for_the_window() {
        let (subflows, history, repeat) = stuck();
        let mut penalties = Penalties::default();
        let mut imposed = |connection: Connection, repeat: Repeat| {
            impose(&mut penalties, &connection, &subflows, &history, &repeat, 0)
        };
        let all_is_sent = Connection { unsent: 0, ..WAITS };
        assert!(!imposed(all_is_sent, repeat));
        for why in [Why::Redundant, Why::Probes] {
            assert!(!imposed(WAITS, Repeat { why, ..repeat }));
        }
        // Nobody is known to have it.
        assert!(!imposed(
            WAITS,
            Repeat {
                from: 50_000,
                ..repeat
            }
        ));
        // Nor without being told to.
        let knobs = Knobbed::default();
        let view = View::new(&WAITS, &subflows, &knobs);
        assert!(!penalties.impose(&view, &history, &repeat, 0));
        assert!(!penalties.any());
    }

    proptest! {
        #[test]
        fn a_subflow_is_left_with_something_and_gets_no_more_than_it_had(
            subflows in any_subflows(),
            times in prop::collection::vec(any::<u64>(), 1..20),
            who in any::<prop::sample::Index>(),
        ) {
            prop_assume!(!subflows.is_empty());
            let mut history = History::default();
            history.given(subflows[who.index(subflows.len())].id, 0, 1000);
            let (.., repeat) = stuck();
            let mut penalties = Penalties::default();
            for now_us in times {
                let mut left = subflows.clone();
                penalties.apply(&mut left, now_us);
                for (before, after) in subflows.iter().zip(&left) {
                    prop_assert!(after.cwnd <= before.cwnd);
                    prop_assert!(after.cwnd > 0 || before.cwnd == 0);
                }
                impose(&mut penalties, &WAITS, &left, &history, &repeat, now_us);
            }
        }
    }
}
