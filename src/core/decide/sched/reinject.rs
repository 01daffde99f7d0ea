// SPDX-License-Identifier: GPL-2.0

//! Repeating, on a fast subflow, what is stuck on a slow one and holds up all the rest.
//!
//! The out-of-tree MPTCP did so ("opportunistic retransmission", Raiciu et al., NSDI 2012, 4.2)
//! when the window of the peer was full. Here it is done as well when there is nothing else to
//! send: at the end of a transfer, and whenever the send buffer is what limits it.

use super::{view::before, History, Repeat, Subflow, View, Why};
use crate::knob::{self, Knobs};

/// What a scheduler remembers of what it repeated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reinjection {
    /// DSN behind the last byte that was repeated. What is before it is not repeated again.
    done: Option<u64>,
}

impl Reinjection {
    /// What should be repeated now, and where, if anything.
    ///
    /// It is the first data that another subflow has room for and would deliver sooner than the
    /// one it was given to, as far as that was given it in a row.
    pub fn wanted<K: Knobs>(&self, view: &View<'_, K>, history: &History) -> Option<Repeat> {
        if view.knobs.value(knob::SCHED_REINJECT) == 0 {
            return None;
        }
        let connection = view.connection;
        if connection.outstanding() == 0 || connection.recovery {
            return None;
        }
        let (position, fast) = view.fastest_with_room()?;
        // New data goes first, as long as the window takes it.
        if connection.unsent > 0 && connection.send_window >= u64::from(fast.mss) {
            return None;
        }
        let room = fast.cwnd_room().saturating_mul(fast.mss);
        let start = match self.done {
            Some(done) if before(connection.una, done) => done,
            _ => connection.una,
        };
        for (from, end, holder) in history.spans_from(start) {
            let length = u32::try_from(end.wrapping_sub(from))
                .unwrap_or(u32::MAX)
                .min(room);
            let sooner = match view.subflows.iter().find(|it| it.id == holder) {
                Some(slow) => holder != fast.id && sooner(fast, slow, length),
                // It is not known who carries it, but none of those that wait for nothing.
                None => fast.idle,
            };
            if sooner {
                return (length > 0).then_some(Repeat {
                    subflow: position,
                    from,
                    length,
                    why: Why::Blocks,
                });
            }
        }
        None
    }

    /// Learns how many bytes of it were repeated.
    pub fn repeated(&mut self, repeat: &Repeat, bytes: u32) {
        self.done = Some(repeat.from.wrapping_add(bytes.into()));
    }
}

/// Whether `fast` would deliver so many bytes before `slow`, which was given them already.
///
/// What the slow one has in flight arrives within half a round trip of its own, at the latest,
/// or of the last sample, if its queue grows; and what it has queued takes as many round trips
/// more as it fills windows. When exactly it was sent is not known. One that repairs a loss has no
/// say: it is at its timer's mercy.
fn sooner(fast: &Subflow, slow: &Subflow, bytes: u32) -> bool {
    if slow.in_loss || !slow.active {
        return true;
    }
    arrival(fast, bytes) < arrival(slow, slow.unsent)
}

/// When so many bytes will have arrived if they are sent now, as twice the µs.
fn arrival(subflow: &Subflow, bytes: u32) -> u64 {
    let srtt = subflow.latest_rtt_us();
    // Below 2^32 · 2 · 2^30, by at least 1.
    let rounds = u64::from(bytes)
        .saturating_mul(2)
        .saturating_mul(srtt)
        .checked_div(subflow.window())
        .unwrap_or(0);
    srtt.saturating_add(rounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_connection, any_subflows, subflow, Knobbed, OPEN},
        Connection,
    };
    use proptest::prelude::*;

    fn numbered(id: u32, srtt_ms: u32) -> Subflow {
        Subflow {
            id,
            ..subflow(srtt_ms)
        }
    }

    /// Subflow 2 was given the first 3000 bytes, subflow 1 what follows, and all is sent.
    fn head_on_the_second() -> (Connection, History) {
        let mut history = History::default();
        history.given(2, 0, 3000);
        history.given(1, 3000, 9000);
        let connection = Connection {
            next: 9000,
            unsent: 0,
            ..OPEN
        };
        (connection, history)
    }

    fn wanted(
        of: &Reinjection,
        connection: &Connection,
        subflows: &[Subflow],
        history: &History,
    ) -> Option<Repeat> {
        of.wanted(
            &View::new(connection, subflows, &Knobbed::default()),
            history,
        )
    }

    #[test]
    fn the_end_of_a_transfer_does_not_wait_for_the_slow_subflow() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let mut state = Reinjection::default();
        let repeat = wanted(&state, &connection, &subflows, &history).expect("it is stuck");
        assert_eq!((repeat.subflow, repeat.from, repeat.length), (0, 0, 3000));
        state.repeated(&repeat, 3000);
        // What follows is on the fast one anyway.
        assert_eq!(wanted(&state, &connection, &subflows, &history), None);
    }

    #[test]
    fn what_came_short_is_asked_for_once_more() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let mut state = Reinjection::default();
        let repeat = wanted(&state, &connection, &subflows, &history).expect("it is stuck");
        state.repeated(&repeat, 1400);
        let repeat = wanted(&state, &connection, &subflows, &history).expect("the rest");
        assert_eq!((repeat.from, repeat.length), (1400, 1600));
    }

    #[test]
    fn new_data_goes_first_as_long_as_the_window_takes_it() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let more = Connection {
            unsent: 5000,
            ..connection
        };
        let state = Reinjection::default();
        assert_eq!(wanted(&state, &more, &subflows, &history), None);
        let blocked = Connection {
            send_window: 1000,
            ..more
        };
        assert!(wanted(&state, &blocked, &subflows, &history).is_some());
    }

    #[test]
    fn what_is_stuck_further_down_does_not_wait_its_turn() {
        let (mut connection, mut history) = head_on_the_second();
        history.given(2, 9000, 10_000);
        connection.next = 10_000;
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let mut state = Reinjection::default();
        for (from, length) in [(0, 3000), (9000, 1000)] {
            let repeat = wanted(&state, &connection, &subflows, &history).expect("it is stuck");
            assert_eq!((repeat.from, repeat.length), (from, length));
            state.repeated(&repeat, length);
        }
        assert_eq!(wanted(&state, &connection, &subflows, &history), None);
    }

    #[test]
    fn equal_subflows_are_left_alone() {
        let (connection, history) = head_on_the_second();
        let state = Reinjection::default();
        let subflows = [numbered(1, 20), numbered(2, 20)];
        assert_eq!(wanted(&state, &connection, &subflows, &history), None);
    }

    #[test]
    fn one_that_repairs_a_loss_is_not_waited_for() {
        let (connection, history) = head_on_the_second();
        let state = Reinjection::default();
        let lost = Subflow {
            in_loss: true,
            ..numbered(2, 20)
        };
        let subflows = [numbered(1, 20), lost];
        assert!(wanted(&state, &connection, &subflows, &history).is_some());
    }

    #[test]
    fn it_is_off_when_the_administrator_says_so() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let knobs = Knobbed(vec![(knob::SCHED_REINJECT, 0)]);
        let view = View::new(&connection, &subflows, &knobs);
        assert_eq!(Reinjection::default().wanted(&view, &history), None);
    }

    proptest! {
        #[test]
        fn it_repeats_what_was_sent_on_another_that_can_send(
            connection in any_connection(),
            subflows in any_subflows(),
            spans in prop::collection::vec((0..20u32, 1..100_000u64), 0..70),
        ) {
            let mut history = History::default();
            let mut next = connection.una;
            for (id, bytes) in spans {
                let to = next.wrapping_add(bytes);
                history.given(id, next, to);
                next = to;
            }
            let connection = Connection { next, ..connection };
            let state = Reinjection::default();
            if let Some(repeat) = wanted(&state, &connection, &subflows, &history) {
                let chosen = subflows[repeat.subflow as usize];
                prop_assert!(chosen.can_send());
                prop_assert_ne!(history.holder(repeat.from).map(|it| it.0), Some(chosen.id));
                prop_assert!(repeat.length > 0);
                prop_assert!(u64::from(repeat.length) <= connection.outstanding());
                prop_assert!(!before(repeat.from, connection.una));
            }
        }
    }
}
