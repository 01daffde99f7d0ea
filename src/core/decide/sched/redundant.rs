// SPDX-License-Identifier: GPL-2.0

//! `redundant`: the same bytes on every subflow.
//!
//! Each subflow goes through the data in order, at its own pace. New data is sent by one that has
//! caught up with all the others have sent; one that has not repeats first. What is acknowledged
//! meanwhile is left out, so that a slow subflow never falls far behind, and a fast one never waits
//! for it. When the budget of repeated bytes is used up, or they are not wanted, a subflow that
//! lags sends new data instead.

use super::{
    per_subflow::PerSubflow, view::before, Grant, History, Repeat, Scheduler, Subflow, View, Wait,
    Why,
};
use crate::knob::{self, Knobs};
use core::ffi::CStr;

/// See the [module](self).
pub struct Redundant;

/// Bytes that may be repeated at most in a row, however long nothing was repeated.
const SAVED: u64 = 1 << 20;

/// What `redundant` remembers of a connection.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// DSN behind the last byte each subflow has sent, repeated or left out.
    done: PerSubflow<Option<u64>>,
    /// DSN that the connection began with.
    start: Option<u64>,
    /// Bytes that may be repeated, times 100.
    budget: u64,
    /// Who was given new data since the last look.
    sender: u32,
    /// New bytes since the last look.
    new: u64,
}

impl Scheduler for Redundant {
    const NAME: &'static CStr = c"redundant";

    const DESCRIPTION: &'static CStr = c"The same bytes on every subflow, within a budget.";

    const REPEATS: bool = true;

    type State = State;

    fn send<K: Knobs>(state: &mut State, view: &View<'_, K>) -> Result<Grant, Wait> {
        state.look(view);
        let next = view.connection.next;
        let (position, chosen) = view
            .candidates()
            .filter(|(_, it)| {
                it.can_send()
                    && !state
                        .lacks(view, it)
                        .is_some_and(|from| state.may_repeat(view, from, next))
            })
            .min_by_key(|(_, it)| it.rtt())
            .ok_or_else(|| view.no_room())?;
        Ok(view.fill(position, chosen))
    }

    fn sent(state: &mut State, id: u32, bytes: u64) {
        state.sender = id;
        state.new = state.new.saturating_add(bytes);
    }

    fn repeat<K: Knobs>(
        state: &mut State,
        view: &View<'_, K>,
        history: &History,
    ) -> Option<Repeat> {
        state.look(view);
        let next = view.connection.next;
        let members = view.candidates().filter(|(_, it)| it.can_send());
        for (_, subflow) in members.clone() {
            // What it was given itself it need not repeat.
            let Some(mut lacks) = state.lacks(view, subflow) else {
                continue;
            };
            for span in history.spans_from(lacks) {
                if span.from != lacks || span.id != subflow.id {
                    break;
                }
                state.leave(subflow.id, span.end);
                lacks = span.end;
            }
        }
        let (position, subflow, from) = members
            .filter_map(|(position, it)| {
                let from = state.lacks(view, it)?;
                state
                    .may_repeat(view, from, next)
                    .then_some((position, it, from))
            })
            .min_by_key(|(_, it, _)| it.rtt())?;
        let own = match history.holder(from) {
            Some((_, end)) => end.wrapping_sub(from),
            None => u64::MAX,
        };
        let room = u64::from(subflow.room());
        let length = next
            .wrapping_sub(from)
            .min(own)
            .min(room)
            .min(state.budget / 100);
        Some(Repeat {
            subflow: position,
            from,
            length: u32::try_from(length).unwrap_or(u32::MAX),
            why: Why::Redundant,
        })
        .filter(|repeat| repeat.length > 0)
    }

    fn repeated(state: &mut State, id: u32, repeat: &Repeat, bytes: u32) {
        state.leave(id, repeat.from.wrapping_add(bytes.into()));
        state.budget = state
            .budget
            .saturating_sub(u64::from(bytes).saturating_mul(100));
    }
}

impl State {
    /// Brings what is remembered up to date.
    fn look<K: Knobs>(&mut self, view: &View<'_, K>) {
        let connection = view.connection;
        self.done.follow(view.subflows);
        self.start.get_or_insert(connection.una);
        if self.new > 0 {
            let percent = view.knobs.value(knob::SCHED_REDUNDANT_BUDGET);
            self.budget = self
                .budget
                .saturating_add(self.new.saturating_mul(percent))
                .min(SAVED.saturating_mul(100));
            self.leave(self.sender, connection.next);
            self.new = 0;
        }
    }

    fn leave(&mut self, id: u32, to: u64) {
        if let Some(done) = self.done.get_mut(id) {
            *done = Some(to);
        }
    }

    /// DSN of the first byte that others have sent and this one has not, if it is of use still.
    fn lacks<K>(&self, view: &View<'_, K>, subflow: &Subflow) -> Option<u64> {
        let connection = view.connection;
        let done = self.done.get(subflow.id)?.unwrap_or(connection.una);
        let from = if before(done, connection.una) {
            connection.una
        } else {
            done
        };
        before(from, connection.next).then_some(from)
    }

    /// Whether the byte of this DSN is to be repeated, and may be.
    fn may_repeat<K: Knobs>(&self, view: &View<'_, K>, from: u64, next: u64) -> bool {
        if self.budget < 100 || view.connection.recovery {
            return false;
        }
        let first = view.knobs.value(knob::SCHED_REDUNDANT_FIRST) << 10;
        let last = view.knobs.value(knob::SCHED_REDUNDANT_LAST) << 10;
        if first == 0 && last == 0 {
            return true;
        }
        let behind = from.wrapping_sub(self.start.unwrap_or(from));
        let left = next.wrapping_sub(from);
        behind < first
            || (view.connection.unsent == 0 && left <= last)
            || view
                .subflows
                .iter()
                .any(|it| (it.in_loss || !it.active) && !it.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        contract,
        testing::{
            any_connection, any_subflows, check_contract, full, in_loss, subflow, Knobbed, OPEN,
        },
        Connection,
    };
    use proptest::prelude::*;

    fn numbered(id: u32, subflow: Subflow) -> Subflow {
        Subflow { id, ..subflow }
    }

    /// A connection that a scheduler sends on, with all that goes with it.
    struct Run {
        state: State,
        connection: Connection,
        history: History,
        knobs: Knobbed,
        repeated: u64,
    }

    impl Run {
        fn new(knobs: Knobbed) -> Self {
            Self {
                state: State::default(),
                connection: OPEN,
                history: History::default(),
                knobs,
                repeated: 0,
            }
        }

        /// Sends new data; returns who did, and how much.
        fn send(&mut self, subflows: &[Subflow], most: u64) -> Result<(u32, u64), Wait> {
            let view = View::new(&self.connection, subflows, &self.knobs);
            let grant = Redundant::send(&mut self.state, &view)?;
            let id = subflows[grant.subflow as usize].id;
            let bytes = most.min(grant.burst.into());
            let from = self.connection.next;
            self.connection.next = from.wrapping_add(bytes);
            self.history.given(id, from, self.connection.next);
            Redundant::sent(&mut self.state, id, bytes);
            Ok((id, bytes))
        }

        /// Repeats all it wants; returns who repeated what.
        fn repeat(&mut self, subflows: &[Subflow]) -> Vec<(u32, u64, u32)> {
            let mut all = Vec::new();
            loop {
                let view = View::new(&self.connection, subflows, &self.knobs);
                let Some(repeat) = Redundant::repeat(&mut self.state, &view, &self.history) else {
                    return all;
                };
                let id = subflows[repeat.subflow as usize].id;
                Redundant::repeated(&mut self.state, id, &repeat, repeat.length);
                self.repeated += u64::from(repeat.length);
                all.push((id, repeat.from, repeat.length));
                assert!(all.len() < 1000, "it never ends");
            }
        }
    }

    #[test]
    fn the_fastest_sends_and_the_others_repeat() {
        let subflows = [
            numbered(1, subflow(100)),
            numbered(2, subflow(10)),
            numbered(3, subflow(50)),
        ];
        let mut run = Run::new(Knobbed::default());
        assert_eq!(run.send(&subflows, 200), Ok((2, 200)));
        assert_eq!(run.repeat(&subflows), [(3, 0, 200), (1, 0, 200)]);
        assert_eq!(run.send(&subflows, 300), Ok((2, 300)));
        assert_eq!(run.repeat(&subflows), [(3, 200, 300), (1, 200, 300)]);
        assert_eq!(run.repeat(&subflows), []);
    }

    #[test]
    fn what_is_acknowledged_is_not_repeated() {
        let room = [numbered(1, subflow(10)), numbered(2, subflow(100))];
        let no_room = [room[0], numbered(2, full(100))];
        let mut run = Run::new(Knobbed::default());
        run.send(&no_room, 5000).expect("the first has room");
        assert_eq!(run.repeat(&no_room), []);
        run.send(&no_room, 5000).expect("the first has room");
        run.connection.una = 9000;
        assert_eq!(run.repeat(&room), [(2, 9000, 1000)]);
    }

    #[test]
    fn one_that_has_caught_up_sends_when_the_fastest_is_full() {
        let both = [numbered(1, subflow(10)), numbered(2, subflow(100))];
        let fast_full = [numbered(1, full(10)), both[1]];
        let mut run = Run::new(Knobbed::default());
        run.send(&both, 5000).expect("there is room");
        // It lags: it repeats first, and the full one is waited for.
        assert_eq!(run.send(&fast_full, 1000), Err(Wait::Full));
        run.repeat(&fast_full);
        assert_eq!(run.send(&fast_full, 1000), Ok((2, 1000)));
        // What it sent is repeated by the other one, which lacks nothing else.
        assert_eq!(run.repeat(&both), [(1, 5000, 1000)]);
    }

    #[test]
    fn when_all_is_sent_again_whoever_has_room_sends_it() {
        let both = [numbered(1, subflow(10)), numbered(2, subflow(100))];
        let mut run = Run::new(Knobbed::default());
        run.send(&both, 5000).expect("there is room");
        run.connection.recovery = true;
        assert_eq!(run.repeat(&both), []);
        let gone = [
            Subflow {
                active: false,
                ..both[0]
            },
            both[1],
        ];
        assert_eq!(run.send(&gone, 1000), Ok((2, 1000)));
    }

    #[test]
    fn without_a_budget_who_lags_sends_new_data() {
        let both = [numbered(1, subflow(10)), numbered(2, subflow(100))];
        let fast_full = [numbered(1, full(10)), both[1]];
        let mut run = Run::new(Knobbed(vec![(knob::SCHED_REDUNDANT_BUDGET, 0)]));
        run.send(&both, 5000).expect("there is room");
        assert_eq!(run.repeat(&both), []);
        assert_eq!(run.send(&fast_full, 1000), Ok((2, 1000)));
    }

    #[test]
    fn the_budget_is_a_share_of_the_new_bytes() {
        let both = [numbered(1, subflow(10)), numbered(2, subflow(100))];
        let mut run = Run::new(Knobbed(vec![(knob::SCHED_REDUNDANT_BUDGET, 20)]));
        for _ in 0..100 {
            run.send(&both, 10_000).expect("there is room");
            run.repeat(&both);
        }
        assert!(
            (190_000..=200_000).contains(&run.repeated),
            "{}",
            run.repeated
        );
    }

    #[test]
    fn the_first_and_the_last_bytes_alone_can_be_repeated() {
        let both = [numbered(1, subflow(10)), numbered(2, subflow(100))];
        let mut run = Run::new(Knobbed(vec![
            (knob::SCHED_REDUNDANT_FIRST, 4),
            (knob::SCHED_REDUNDANT_LAST, 2),
        ]));
        run.send(&both, 4096).expect("there is room");
        assert_eq!(run.repeat(&both), [(2, 0, 4096)]);
        run.send(&both, 10_000).expect("there is room");
        assert_eq!(run.repeat(&both), []);
        // After a loss all that is outstanding.
        let lossy = [
            numbered(
                1,
                Subflow {
                    idle: false,
                    ..in_loss(subflow(10))
                },
            ),
            both[1],
        ];
        assert_eq!(run.repeat(&lossy), [(2, 4096, 10_000)]);
        run.send(&both, 10_000).expect("there is room");
        run.connection.una = 24_000;
        run.connection.unsent = 0;
        assert_eq!(run.repeat(&both), [(2, 24_000, 96)]);
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(
            connection in any_connection(),
            before in any_subflows(),
            subflows in any_subflows(),
        ) {
            let mut run = Run::new(Knobbed::default());
            let _ = run.send(&before, 10_000);
            run.repeat(&before);
            run.state.budget = 0;
            check_contract::<Redundant>(&mut run.state, &connection, &subflows);
        }

        /// Who is asked for new data and waits repeats, or waits for what is on its way.
        #[test]
        fn it_never_waits_for_nothing(
            connection in any_connection(),
            before in any_subflows(),
            subflows in any_subflows(),
        ) {
            let mut run = Run::new(Knobbed::default());
            let _ = run.send(&before, 10_000);
            run.connection = Connection {
                next: run.connection.next,
                una: run.connection.una,
                ..connection
            };
            if run.send(&subflows, 1).is_err() {
                prop_assert!(
                    subflows.iter().all(|it| !it.active)
                        || contract::wakes(&subflows)
                        || !run.repeat(&subflows).is_empty()
                );
            }
        }
    }
}
