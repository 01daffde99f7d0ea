// SPDX-License-Identifier: GPL-2.0

//! What a policy that ranks members is.

use super::{Listener, Request};
use core::ffi::CStr;

/// How well a policy likes a member: the lowest is the best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// The member is not what the policy looks for. It comes behind all that are.
    unfit: bool,
    /// Among those that are alike in this.
    value: u64,
}

impl Rank {
    /// The rank of a member that fits; of several, the lowest value is the best.
    pub const fn fit(value: u64) -> Self {
        Self {
            unfit: false,
            value,
        }
    }

    /// The rank of a member that does not fit; if none does, the lowest value is the best.
    pub const fn unfit(value: u64) -> Self {
        Self { unfit: true, value }
    }

    /// The rank of a member that fits if something holds, and is as good as any other then.
    pub const fn fit_if(holds: bool) -> Self {
        Self {
            unfit: !holds,
            value: 0,
        }
    }

    /// Whether the member is what the policy looks for.
    pub const fn fits(self) -> bool {
        !self.unfit
    }
}

/// Which members have to be looked at for a policy that comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// The one at the position that the hash says. If it is out of question, those behind it.
    Probe,
    /// The one that joined last. If it is out of question, as [`All`](Self::All).
    Newest,
    /// In a large group, two at random. If both are out of question, as [`All`](Self::All).
    Pair,
    /// All of them, or in a large group a sample.
    All,
}

/// A policy that ranks members.
pub trait Preference {
    /// Its name in `net.heddle.migrate.policy`.
    const NAME: &'static CStr;

    /// Whom it chooses, in a sentence for people.
    const DESCRIPTION: &'static CStr;

    /// Which members have to be looked at if it comes first.
    const WALK: Walk = Walk::All;

    /// How well it likes a member. `closing` is the listener that is closed.
    fn rank(member: &Listener, closing: &Listener, request: &Request) -> Rank;
}
