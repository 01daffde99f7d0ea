// SPDX-License-Identifier: GPL-2.0

//! Paths whose allowance is used up.
//!
//! What a path may carry, and has carried, is kept for all connections together; a connection
//! tells what it has added to that each time its worker runs, which is often enough that no more
//! than a window goes beyond.

use super::{Action, Subflow, View, Wait};
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
pub(super) fn next<V: View>(view: &V, capped: Capped) -> Option<Action> {
    if capped != Capped::Close {
        return None;
    }
    let is_over = |it: &Subflow| allowance(view, it) == Some(0);
    let other = view
        .subflows()
        .any(|it| it.up && !it.connecting && !is_over(&it));
    view.subflows()
        .find(|it| other && is_over(it))
        .map(|it| Action::Close {
            id: it.id,
            why: super::Closed::Capped,
            withdraw: None,
        })
}

/// Has the worker run in time.
pub(super) fn wait<V: View>(view: &V, capped: Capped, wait: &mut Wait) {
    if capped == Capped::Ignore {
        return;
    }
    let least = view
        .subflows()
        .filter_map(|it| allowance(view, &it))
        .filter(|&it| it > 0)
        .min();
    if let Some(least) = least {
        let step = least.clamp(STEP.0, STEP.1);
        wait.for_bytes(view.facts().bytes.saturating_add(step));
    }
}

/// What the path of a subflow may still carry, if there is a limit.
pub(super) fn allowance<V: View>(view: &V, subflow: &Subflow) -> Option<u64> {
    let remote = &subflow.remote.address;
    view.allowance(subflow.route, Some(&subflow.local), remote)
}
