// SPDX-License-Identifier: GPL-2.0

//! `weighted`: bytes in a ratio that the administrator has set for the paths.
//!
//! Weighted fair queueing turned around: instead of queues that share a link, links that share a
//! queue. Each subflow has a virtual time, which what it sends moves ahead the slower the larger
//! its weight is, and who is furthest behind sends next.

use super::{per_subflow::PerSubflow, Grant, Scheduler, Subflow, View, Wait};
use crate::knob::{self, Knobs};
use core::ffi::CStr;

/// See the [module](self).
pub struct Weighted;

/// Virtual time that a byte takes on a path of weight 1. Divisible by every weight up to 16, and
/// otherwise so large that what is rounded does not show.
const BYTE: u64 = 720_720;

/// The most to send by one decision, in bytes: the ratio is to hold over 1 MiB, also for a path
/// that has a tenth of it.
const BURST: u32 = 16 << 10;

/// Bytes that the others may send ahead of one that has no room, before it is forgotten, as far as
/// it goes beyond them, that they owe it something.
const LENT: u64 = 1 << 20;

/// The same when the ratio is strict, before they wait for it.
const LENT_STRICT: u64 = 64 << 10;

/// What `weighted` remembers of a connection.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How far ahead each subflow is of who is furthest behind; [`None`] for one that does not
    /// take part.
    ahead: PerSubflow<Option<u64>>,
    /// Weight of who was chosen last.
    weight: u32,
}

impl Scheduler for Weighted {
    const NAME: &'static CStr = c"weighted";

    const DESCRIPTION: &'static CStr = c"Bytes in the ratio of the weights of the paths.";

    type State = State;

    fn send<K: Knobs>(state: &mut State, view: &View<'_, K>) -> Result<Grant, Wait> {
        // A path of weight 0 is for when there is no other.
        let any = view.candidates().any(|(_, it)| it.path.weight > 0);
        let members = view
            .candidates()
            .filter(|(_, it)| (it.path.weight > 0) == any);
        let strict = view.knobs.value(knob::SCHED_WEIGHTED_STRICT) != 0;
        let lent = if strict { LENT_STRICT } else { LENT };
        let all = members
            .clone()
            .fold(0, |sum: u32, (_, it)| sum.saturating_add(it.path.weight));
        // So much virtual time passes while all of them together send what may be lent.
        let bound = time(lent, all);

        state.ahead.follow(view.subflows);
        state.align(&members.clone().map(|(_, it)| it), bound);

        // Who is as far behind as another one goes first if its round trips are shorter.
        let (position, chosen) = members
            .filter(|(_, it)| it.can_send())
            .min_by_key(|(_, it)| (state.ahead(it), it.rtt()))
            .ok_or_else(|| view.no_room())?;
        if strict && state.ahead(chosen) >= bound {
            return Err(Wait::Full);
        }
        state.weight = chosen.path.weight;
        Ok(Grant {
            subflow: position,
            burst: view.fill(position, chosen).burst.min(BURST),
        })
    }

    fn sent(state: &mut State, id: u32, bytes: u64) {
        let time = time(bytes, state.weight);
        if let Some(Some(ahead)) = state.ahead.get_mut(id) {
            *ahead = ahead.saturating_add(time);
        }
    }
}

/// The virtual time that so many bytes take on a path of a weight.
fn time(bytes: u64, weight: u32) -> u64 {
    let per_byte = BYTE.checked_div(weight.into()).unwrap_or(BYTE);
    bytes.saturating_mul(per_byte)
}

impl State {
    fn ahead(&self, subflow: &Subflow) -> u64 {
        self.ahead.get(subflow.id).copied().flatten().unwrap_or(0)
    }

    /// Sets the clock to who is furthest behind. That is where one begins that is new, or was away
    /// and is not owed what the others have sent meanwhile. Nobody is more than `bound` ahead, and
    /// what was granted before it was reached.
    fn align<'a>(&mut self, members: &(impl Iterator<Item = &'a Subflow> + Clone), bound: u64) {
        let ahead = |state: &Self, it: &Subflow| state.ahead.get(it.id).copied().flatten();
        let least = members.clone().filter_map(|it| ahead(self, it)).min();
        let least = least.unwrap_or(0);
        for (id, ahead) in self.ahead.iter_mut() {
            *ahead = members.clone().find(|it| it.id == id).map(|member| {
                let most = bound.saturating_add(time(BURST.into(), member.path.weight));
                ahead.map_or(0, |it| it.saturating_sub(least).min(most))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_connection, any_subflows, check_contract, full, subflow, Knobbed, OPEN},
        Path,
    };
    use proptest::prelude::*;

    fn weights(weights: &[u32]) -> Vec<Subflow> {
        (1..)
            .zip(weights)
            .map(|(id, &weight)| Subflow {
                id,
                path: Path {
                    weight,
                    ..Path::default()
                },
                ..subflow(10)
            })
            .collect()
    }

    fn strict() -> Knobbed {
        Knobbed(vec![(knob::SCHED_WEIGHTED_STRICT, 1)])
    }

    /// Lets them send until so many bytes are sent, or nobody may; returns who sent how much, in
    /// the order in which it happened.
    fn run(
        state: &mut State,
        subflows: &[Subflow],
        knobs: &Knobbed,
        bytes: u64,
    ) -> Vec<(usize, u64)> {
        let mut all = Vec::new();
        let mut left = bytes;
        while left > 0 {
            let view = View::new(&OPEN, subflows, knobs);
            let Ok(grant) = Weighted::send(state, &view) else {
                break;
            };
            let chosen = grant.subflow as usize;
            Weighted::sent(state, subflows[chosen].id, grant.burst.into());
            left = left.saturating_sub(grant.burst.into());
            all.push((chosen, grant.burst.into()));
        }
        all
    }

    fn sums(number: usize, sent: &[(usize, u64)]) -> Vec<u64> {
        let mut sums = vec![0; number];
        for (who, bytes) in sent {
            sums[*who] += bytes;
        }
        sums
    }

    /// By how many bytes each has another share than its weight asks for.
    fn error(subflows: &[Subflow], sent: &[(usize, u64)]) -> u64 {
        let sums = sums(subflows.len(), sent);
        let all: u64 = sums.iter().sum();
        let weight: u64 = subflows.iter().map(|it| u64::from(it.path.weight)).sum();
        subflows
            .iter()
            .zip(sums)
            .map(|(it, sum)| sum.abs_diff(all * u64::from(it.path.weight) / weight))
            .max()
            .expect("there are some")
    }

    #[test]
    fn seven_to_two_to_one_is_what_comes_out() {
        let subflows = weights(&[7, 2, 1]);
        let sent = run(
            &mut State::default(),
            &subflows,
            &Knobbed::default(),
            10 << 20,
        );
        let sums = sums(3, &sent);
        for (sum, weight) in sums.iter().zip([7, 2, 1]) {
            let share = (10 << 20) * weight / 10;
            assert!(sum.abs_diff(share) <= u64::from(BURST), "{sums:?}");
        }
    }

    #[test]
    fn a_path_of_weight_0_is_for_when_there_is_no_other() {
        let mut subflows = weights(&[1, 0]);
        let mut state = State::default();
        let sent = run(&mut state, &subflows, &Knobbed::default(), 1 << 20);
        assert_eq!(sums(2, &sent)[1], 0);
        subflows[0] = Subflow {
            active: false,
            ..subflows[0]
        };
        let sent = run(&mut state, &subflows, &Knobbed::default(), 1 << 20);
        assert!(sums(2, &sent)[1] >= 1 << 20);
    }

    #[test]
    fn who_has_no_room_lends_its_share_and_gets_it_back() {
        let mut subflows = weights(&[1, 1]);
        let mut state = State::default();
        subflows[0] = Subflow { id: 1, ..full(10) };
        let lent = run(&mut state, &subflows, &Knobbed::default(), 500_000);
        assert_eq!(sums(2, &lent)[0], 0);
        subflows[0] = weights(&[1])[0];
        let back = run(&mut state, &subflows, &Knobbed::default(), 1_500_000);
        let all = [lent, back].concat();
        assert!(error(&subflows, &all) <= u64::from(BURST));
    }

    #[test]
    fn what_is_lent_too_long_is_forgotten() {
        let mut subflows = weights(&[1, 1]);
        let mut state = State::default();
        subflows[0] = Subflow { id: 1, ..full(10) };
        run(&mut state, &subflows, &Knobbed::default(), 100 << 20);
        subflows[0] = weights(&[1])[0];
        let back = run(&mut state, &subflows, &Knobbed::default(), 10 << 20);
        let sums = sums(2, &back);
        assert!(sums[0].abs_diff(sums[1]) <= LENT, "{sums:?}");
    }

    #[test]
    fn a_strict_ratio_is_waited_for() {
        let mut subflows = weights(&[1, 1]);
        let mut state = State::default();
        subflows[0] = Subflow { id: 1, ..full(10) };
        let lent = run(&mut state, &subflows, &strict(), 100 << 20);
        let sent = sums(2, &lent)[1];
        assert!(sent <= LENT_STRICT + u64::from(BURST), "{sent}");
    }

    #[test]
    fn a_strict_ratio_holds_whatever_has_room() {
        // The second could send all of it, and gets a tenth.
        let mut subflows = weights(&[9, 1]);
        let mut state = State::default();
        let mut sent = vec![0, 0];
        for round in 0..1000 {
            subflows[0] = Subflow {
                id: 1,
                path: subflows[0].path,
                ..if round % 3 == 0 {
                    subflow(10)
                } else {
                    full(10)
                }
            };
            let turn = run(&mut state, &subflows, &strict(), 10_000);
            for (all, turn) in sent.iter_mut().zip(sums(2, &turn)) {
                *all += turn;
            }
        }
        let share = sent[1] * 100 / (sent[0] + sent[1]);
        assert!((8..=12).contains(&share), "{sent:?}");
    }

    #[test]
    fn a_new_one_is_not_owed_what_was_sent_before() {
        let mut subflows = weights(&[1, 1, 1]);
        let mut state = State::default();
        run(&mut state, &subflows[..2], &Knobbed::default(), 10 << 20);
        let sent = run(&mut state, &subflows, &Knobbed::default(), 1 << 20);
        assert!(error(&subflows, &sent) <= 2 * u64::from(BURST));
        // Nor one that was away.
        subflows[1].active = false;
        run(&mut state, &subflows, &Knobbed::default(), 10 << 20);
        subflows[1].active = true;
        let sent = run(&mut state, &subflows, &Knobbed::default(), 1 << 20);
        assert!(error(&subflows, &sent) <= 2 * u64::from(BURST));
    }

    proptest! {
        #[test]
        fn the_ratio_holds_over_any_mebibyte(
            list in prop::collection::vec(1..1000u32, 2..8),
            at in 0..1000usize,
        ) {
            let subflows = weights(&list);
            let mut state = State::default();
            let sent = run(&mut state, &subflows, &Knobbed::default(), 20 << 20);
            let from = at % (sent.len() / 2);
            let mut bytes = 0;
            let window: Vec<_> = sent[from..]
                .iter()
                .take_while(|(_, burst)| {
                    bytes += burst;
                    bytes <= 1 << 20
                })
                .copied()
                .collect();
            prop_assert!(error(&subflows, &window) <= 2 * u64::from(BURST));
        }

        #[test]
        fn it_keeps_the_contract(
            connection in any_connection(),
            subflows in any_subflows(),
            strict: bool,
            before in 0..1_000_000u64,
        ) {
            let knobs = Knobbed(vec![(knob::SCHED_WEIGHTED_STRICT, strict.into())]);
            let mut state = State::default();
            run(&mut state, &subflows, &knobs, before);
            check_contract::<Weighted>(&mut state, &connection, &subflows);
        }
    }
}
