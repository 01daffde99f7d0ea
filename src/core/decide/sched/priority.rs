// SPDX-License-Identifier: GPL-2.0

//! `priority`: by the cost of the paths.
//!
//! Cheaper paths first; a dearer one takes what they cannot ("overflow", 3GPP TS 24.193
//! "priority-based"), or replaces them only when they are gone ("active-standby").

use super::{Grant, Scheduler, Subflow, View, Wait};
use crate::knob::{self, Knobs};
use core::ffi::CStr;

/// See the [module](self).
pub struct Priority;

impl Scheduler for Priority {
    const NAME: &'static CStr = c"priority";

    const DESCRIPTION: &'static CStr =
        c"The cheapest path; a dearer one takes what that cannot, or replaces it when it is gone.";

    type State = ();

    fn send<K: Knobs>(_state: &mut (), view: &View<'_, K>) -> Result<Grant, Wait> {
        let (position, chosen) = view
            .candidates()
            .filter(|(_, it)| it.can_send())
            .min_by_key(|(_, it)| (it.path.cost, it.rtt()))
            .ok_or_else(|| view.no_room())?;
        let cost = chosen.path.cost;
        let mut cheaper = view
            .candidates()
            .map(|(_, it)| it)
            .filter(|it| it.path.cost < cost)
            .peekable();
        if cheaper.peek().is_some() {
            let patience = view.knobs.value(knob::SCHED_PRIORITY_PATIENCE);
            let standby = view.knobs.value(knob::SCHED_PRIORITY_STANDBY) != 0;
            let takes = cheaper.fold(0, |sum: u64, it| sum.saturating_add(within(it, patience)));
            if standby || view.connection.unsent <= takes {
                return Err(Wait::Cheaper);
            }
        }
        Ok(view.fill(position, chosen))
    }
}

/// Bytes that a subflow sends within so many ms, behind those that it has queued already.
fn within(subflow: &Subflow, ms: u64) -> u64 {
    let us = ms.saturating_mul(1000);
    let sends = subflow.window().saturating_mul(us);
    let sends = sends.checked_div(subflow.srtt_us()).unwrap_or(0);
    sends.saturating_sub(subflow.unsent.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_connection, any_subflows, check_contract, full, subflow, Knobbed, OPEN},
        Connection, Path,
    };
    use proptest::prelude::*;

    fn of_cost(cost: u32, subflow: Subflow) -> Subflow {
        Subflow {
            path: Path {
                cost,
                ..Path::default()
            },
            ..subflow
        }
    }

    fn choose(subflows: &[Subflow], unsent: u64, knobs: &Knobbed) -> Result<u32, Wait> {
        let connection = Connection { unsent, ..OPEN };
        Priority::send(&mut (), &View::new(&connection, subflows, knobs)).map(|it| it.subflow)
    }

    #[test]
    fn the_cheapest_sends_whatever_its_round_trip_time() {
        let subflows = [of_cost(5, subflow(1)), of_cost(1, subflow(300))];
        assert_eq!(choose(&subflows, 1000, &Knobbed::default()), Ok(1));
    }

    #[test]
    fn of_one_cost_the_fastest_sends() {
        let subflows = [of_cost(1, subflow(30)), of_cost(1, subflow(20))];
        assert_eq!(choose(&subflows, 1000, &Knobbed::default()), Ok(1));
    }

    #[test]
    fn a_dearer_one_takes_what_would_wait_too_long() {
        // 14000 bytes in 10 ms are 70000 in the 50 ms of patience.
        let subflows = [of_cost(0, full(10)), of_cost(1, subflow(10))];
        let knobs = Knobbed::default();
        assert_eq!(choose(&subflows, 70_000, &knobs), Err(Wait::Cheaper));
        assert_eq!(choose(&subflows, 70_001, &knobs), Ok(1));
        // What is queued on it counts.
        let queued = Subflow {
            unsent: 20_000,
            ..full(10)
        };
        let subflows = [of_cost(0, queued), of_cost(1, subflow(10))];
        assert_eq!(choose(&subflows, 50_000, &knobs), Err(Wait::Cheaper));
        assert_eq!(choose(&subflows, 50_001, &knobs), Ok(1));
    }

    #[test]
    fn without_patience_it_takes_all_the_others_have_no_room_for() {
        let knobs = Knobbed(vec![(knob::SCHED_PRIORITY_PATIENCE, 0)]);
        let subflows = [of_cost(0, full(10)), of_cost(1, subflow(10))];
        assert_eq!(choose(&subflows, 1, &knobs), Ok(1));
    }

    #[test]
    fn a_standby_waits_until_the_others_are_gone() {
        let knobs = Knobbed(vec![(knob::SCHED_PRIORITY_STANDBY, 1)]);
        let mut subflows = [of_cost(0, full(10)), of_cost(1, subflow(10))];
        assert_eq!(choose(&subflows, 1 << 30, &knobs), Err(Wait::Cheaper));
        subflows[0].active = false;
        assert_eq!(choose(&subflows, 1 << 30, &knobs), Ok(1));
        // And steps back when one is there again.
        subflows[0] = of_cost(0, subflow(10));
        assert_eq!(choose(&subflows, 1 << 30, &knobs), Ok(0));
    }

    #[test]
    fn a_path_that_has_carried_enough_is_off() {
        let mut cheap = of_cost(0, subflow(10));
        cheap.path.exhausted = true;
        let subflows = [cheap, of_cost(9, subflow(10))];
        assert_eq!(choose(&subflows, 1000, &Knobbed::default()), Ok(1));
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(connection in any_connection(), subflows in any_subflows()) {
            check_contract::<Priority>(&mut (), &connection, &subflows);
        }

        #[test]
        fn a_cheaper_one_with_room_is_never_passed_over(
            connection in any_connection(),
            subflows in any_subflows(),
            patience in 0..10_000u64,
        ) {
            let knobs = Knobbed(vec![(knob::SCHED_PRIORITY_PATIENCE, patience)]);
            let view = View::new(&connection, &subflows, &knobs);
            if let Ok(grant) = Priority::send(&mut (), &view) {
                let chosen = subflows[grant.subflow as usize];
                for (_, other) in view.candidates().filter(|(_, it)| it.can_send()) {
                    prop_assert!(chosen.path.cost <= other.path.cost);
                }
            }
        }
    }
}
