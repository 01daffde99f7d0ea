// SPDX-License-Identifier: GPL-2.0

//! Paths whose allowance is used up.
//!
//! What a path may carry, and has carried, is kept for all connections together; a connection
//! tells what it has added to that each time its worker runs, which is often enough that no more
//! than a window goes beyond.

use super::{Action, Policy, Subflow, View, Wait};
use core::ffi::CStr;

/// Subflows whose bytes are read.
pub const KEPT: usize = 66;
/// The least and the most that a connection carries until its worker runs again.
const STEP: (u64, u64) = (16 << 10, 256 << 10);

/// What becomes of subflows on a path whose allowance is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capped {
    /// Nothing: that is for the scheduler.
    #[default]
    Ignore,
    /// They become backups, as long as there is one that is none.
    Demote,
    /// They are closed, as long as there is another one, and none is opened.
    Close,
}

impl Capped {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Ignore, Self::Demote, Self::Close];

    /// The name of it, as a value of the knob `pm.capped`.
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Ignore => c"ignore",
            Self::Demote => c"demote",
            Self::Close => c"close",
        }
    }
}

/// How much of each subflow was charged to its path.
#[derive(Clone, Debug)]
pub struct Meter {
    kept: [Option<(u32, u64)>; KEPT],
}

impl Default for Meter {
    fn default() -> Self {
        Self { kept: [None; KEPT] }
    }
}

impl Meter {
    /// Hands to `charge` each subflow with the bytes that it has carried since.
    pub fn read<V: View>(&mut self, view: &V, mut charge: impl FnMut(&Subflow, u64)) {
        for place in &mut self.kept {
            if place.is_some_and(|(id, _)| !view.subflows().any(|it| it.id == id)) {
                *place = None;
            }
        }
        for subflow in view.subflows() {
            let is_it = |it: &&mut Option<(u32, u64)>| it.is_some_and(|(id, _)| id == subflow.id);
            let place = match self.kept.iter_mut().find(is_it) {
                None => self.kept.iter_mut().find(|it| it.is_none()),
                known => known,
            };
            let Some(place) = place else {
                continue;
            };
            let before = place.map_or(0, |(_, bytes)| bytes);
            let more = subflow.bytes.saturating_sub(before);
            if more > 0 {
                charge(&subflow, more);
            }
            *place = Some((subflow.id, subflow.bytes));
        }
    }
}

/// A subflow that is to be closed since the allowance of its path is used up.
pub(super) fn next<V: View>(view: &V, policy: &Policy) -> Option<Action> {
    let over = |it: &Subflow| over(view, policy, it);
    let other = view
        .subflows()
        .any(|it| it.up && !it.connecting && over(&it).is_none());
    view.subflows()
        .find(|it| other && over(it) == Some(Capped::Close))
        .map(|it| Action::Close {
            id: it.id,
            why: super::Closed::Capped,
            withdraw: None,
        })
}

/// Has the worker run in time.
pub(super) fn wait<V: View>(view: &V, policy: &Policy, wait: &mut Wait) {
    let least = view
        .subflows()
        .filter(|it| view.policy_of(policy, it).capped != Capped::Ignore)
        .filter_map(|it| allowance(view, &it))
        .filter(|&it| it > 0)
        .min();
    if let Some(least) = least {
        let step = least.clamp(STEP.0, STEP.1);
        wait.for_bytes(view.facts().bytes.saturating_add(step));
    }
}

/// What becomes of a subflow whose path has carried what it may, if it has, and anything does.
pub(super) fn over<V: View>(view: &V, policy: &Policy, subflow: &Subflow) -> Option<Capped> {
    let capped = view.policy_of(policy, subflow).capped;
    (capped != Capped::Ignore && allowance(view, subflow) == Some(0)).then_some(capped)
}

/// What the path of a subflow may still carry, if there is a limit.
fn allowance<V: View>(view: &V, subflow: &Subflow) -> Option<u64> {
    let remote = &subflow.remote.address;
    view.allowance(subflow.route, Some(&subflow.local), remote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::pm::{
        remotes::Inbox,
        testing::{endpoint, Net},
        Manager, Mesh, SUBFLOW,
    };

    /// Two paths besides the first, of which the second has carried what it may.
    fn net() -> (Net, Policy) {
        let policy = Policy {
            mesh: Mesh::Endpoints,
            ..Policy::default()
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 0);
        for interface in [2, 3] {
            net.allowances.insert(interface, 100_000);
        }
        (net, policy)
    }

    fn capped(capped: Capped) -> Policy {
        Policy {
            capped,
            ..Policy::default()
        }
    }

    #[test]
    fn each_path_has_a_say_of_its_own() {
        let (mut net, mut policy) = net();
        net.want(&mut policy, 2, capped(Capped::Close));
        net.want(&mut policy, 3, capped(Capped::Demote));
        assert!(policy.opens() && policy.heeds_caps());
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(net.pairs(), [(0, 0), (1, 0), (2, 0)]);
        net.allowances.insert(2, 0);
        net.allowances.insert(3, 0);
        net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(net.pairs(), [(0, 0), (2, 0)]);
        assert!(net
            .subflows
            .iter()
            .all(|it| it.backup == (it.local_id == 2)));
    }

    #[test]
    fn a_path_that_is_the_business_of_the_scheduler_is_one_to_go_on_with() {
        let (mut net, mut policy) = net();
        net.want(&mut policy, 2, capped(Capped::Close));
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &Inbox::default(), false);
        net.subflows.retain(|it| it.local_id != 0);
        net.allowances.insert(2, 0);
        net.allowances.insert(3, 0);
        net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(net.pairs(), [(2, 0)]);
    }

    #[test]
    fn only_paths_whose_cap_is_heeded_are_waited_for() {
        let (mut net, mut policy) = net();
        net.want(&mut policy, 3, capped(Capped::Close));
        let mut manager = Manager::default();
        net.allowances.insert(2, 20_000);
        let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(wait.bytes, Some(100_000));
    }
}
