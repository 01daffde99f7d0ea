// SPDX-License-Identifier: GPL-2.0

//! `roundrobin`: one subflow after the other, a quota each.
//!
//! As in the out-of-tree MPTCP (`mptcp_rr.c`), with its two parameters. The quota counts what was
//! really sent.

use super::{Grant, Scheduler, Subflow, View, Wait};
use crate::knob::{self, Knobs};
use core::ffi::CStr;

/// See the [module](self).
pub struct RoundRobin;

/// What `roundrobin` remembers of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// Number of the subflow whose turn it is.
    turn: u32,
    /// Bytes it has sent in this turn.
    used: u64,
}

impl Scheduler for RoundRobin {
    const NAME: &'static CStr = c"roundrobin";

    const DESCRIPTION: &'static CStr = c"One subflow after the other, a quota of packets each.";

    type State = State;

    fn send<K: Knobs>(state: &mut State, view: &View<'_, K>) -> Result<Grant, Wait> {
        let segments = view.knobs.small(knob::SCHED_ROUNDROBIN_NUM_SEGMENTS);
        let cwnd_limited = view.knobs.value(knob::SCHED_ROUNDROBIN_CWND_LIMITED) != 0;
        let quota = |subflow: &Subflow| segments.saturating_mul(subflow.mss).max(1);
        let available = view
            .candidates()
            .filter(|(_, it)| it.memory_free && (!cwnd_limited || it.has_cwnd_room()));

        let used = u32::try_from(state.used).unwrap_or(u32::MAX);
        let left = |subflow: &Subflow| quota(subflow).saturating_sub(used);
        let current = available
            .clone()
            .find(|(_, it)| it.id == state.turn && left(it) > 0);
        let (position, bytes) = if let Some((position, subflow)) = current {
            (position, left(subflow))
        } else {
            // The next one by its number; behind the last one comes the first one.
            let (position, subflow) = available
                .min_by_key(|(_, it)| it.id.wrapping_sub(state.turn).wrapping_sub(1))
                .ok_or_else(|| view.no_room())?;
            state.turn = subflow.id;
            state.used = 0;
            (position, quota(subflow))
        };
        Ok(Grant {
            subflow: position,
            burst: view.burst(bytes),
        })
    }

    fn sent(state: &mut State, id: u32, bytes: u64) {
        if state.turn == id {
            state.used = state.used.saturating_add(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::testing::{
        any_connection, any_subflows, ask, check_contract, full, subflow, Knobbed, OPEN,
    };
    use proptest::prelude::*;

    fn numbered(subflows: &mut [Subflow]) {
        for (id, subflow) in (1..).zip(subflows) {
            subflow.id = id;
        }
    }

    /// Lets them send what they are granted, a number of times; returns who did.
    fn turns(state: &mut State, subflows: &[Subflow], knobs: &Knobbed, times: usize) -> Vec<u32> {
        (0..times)
            .map(|_| {
                let view = View::new(&OPEN, subflows, knobs);
                let grant = RoundRobin::send(state, &view).expect("there is room");
                let id = subflows[grant.subflow as usize].id;
                RoundRobin::sent(state, id, grant.burst.into());
                id
            })
            .collect()
    }

    #[test]
    fn they_take_turns_whatever_their_round_trip_times() {
        let mut subflows = [subflow(100), subflow(1), subflow(10)];
        numbered(&mut subflows);
        let mut state = State::default();
        let who = turns(&mut state, &subflows, &Knobbed::default(), 7);
        assert_eq!(who, [1, 2, 3, 1, 2, 3, 1]);
    }

    #[test]
    fn a_turn_is_a_quota_of_segments() {
        let mut subflows = [subflow(10), subflow(10)];
        numbered(&mut subflows);
        let knobs = Knobbed(vec![(knob::SCHED_ROUNDROBIN_NUM_SEGMENTS, 3)]);
        let view = View::new(&OPEN, &subflows, &knobs);
        let mut state = State::default();
        let grant = RoundRobin::send(&mut state, &view).expect("there is room");
        assert_eq!(grant.burst, 3 * 1400);
        // One of three was sent: two are left.
        RoundRobin::sent(&mut state, 1, 1400);
        let grant = RoundRobin::send(&mut state, &view).expect("there is room");
        assert_eq!((grant.subflow, grant.burst), (0, 2 * 1400));
        RoundRobin::sent(&mut state, 1, 2 * 1400);
        let grant = RoundRobin::send(&mut state, &view).expect("there is room");
        assert_eq!((grant.subflow, grant.burst), (1, 3 * 1400));
    }

    #[test]
    fn who_is_full_is_left_out_or_not() {
        let mut subflows = [subflow(10), full(10), subflow(10)];
        numbered(&mut subflows);
        let mut state = State::default();
        let who = turns(&mut state, &subflows, &Knobbed::default(), 3);
        assert_eq!(who, [1, 3, 1]);
        let knobs = Knobbed(vec![(knob::SCHED_ROUNDROBIN_CWND_LIMITED, 0)]);
        let who = turns(&mut State::default(), &subflows, &knobs, 4);
        assert_eq!(who, [1, 2, 3, 1]);
    }

    #[test]
    fn one_that_comes_back_takes_its_turn() {
        let mut subflows = [subflow(10), full(10)];
        numbered(&mut subflows);
        let mut state = State::default();
        assert_eq!(turns(&mut state, &subflows, &Knobbed::default(), 2), [1, 1]);
        subflows[1] = Subflow {
            id: 2,
            ..subflow(10)
        };
        assert_eq!(turns(&mut state, &subflows, &Knobbed::default(), 2), [2, 1]);
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(
            connection in any_connection(),
            subflows in any_subflows(),
            turn in 0..20u32,
            used in 0..10_000u64,
        ) {
            check_contract::<RoundRobin>(&mut State { turn, used }, &connection, &subflows);
        }

        #[test]
        fn nobody_gets_two_turns_before_another_gets_one(
            number in 2..16usize,
            segments in 1..100u64,
        ) {
            let mut subflows = vec![subflow(10); number];
            numbered(&mut subflows);
            let knobs = Knobbed(vec![(knob::SCHED_ROUNDROBIN_NUM_SEGMENTS, segments)]);
            let mut sent = vec![0u64; number];
            let mut state = State::default();
            for _ in 0..1000 {
                let view = View::new(&OPEN, &subflows, &knobs);
                let grant = RoundRobin::send(&mut state, &view).expect("there is room");
                RoundRobin::sent(&mut state, subflows[grant.subflow as usize].id, grant.burst.into());
                sent[grant.subflow as usize] += u64::from(grant.burst);
                let least = sent.iter().min().expect("several");
                let most = sent.iter().max().expect("several");
                prop_assert!(most - least <= segments * 1400);
            }
        }

        #[test]
        fn with_a_choice_it_asks_who_can_send(connection in any_connection(), subflows in any_subflows()) {
            if let Ok(grant) = ask::<RoundRobin>(&mut State::default(), &connection, &subflows) {
                prop_assert!(subflows[grant.subflow as usize].can_send());
            }
        }
    }
}
