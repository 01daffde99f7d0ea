// SPDX-License-Identifier: GPL-2.0

//! `same_cgroup`: a member that was made in the cgroup of the listener that is closed.
//!
//! Two services of one user can share a port. This keeps the connections of one from the other.

use super::{Listener, Preference, Rank, Request};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct SameCgroup;

impl Preference for SameCgroup {
    const NAME: &'static CStr = c"same_cgroup";

    const DESCRIPTION: &'static CStr = c"One that was made in the same cgroup.";

    fn rank(member: &Listener, closing: &Listener, _request: &Request) -> Rank {
        Rank::fit_if(member.cgroup == closing.cgroup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::{listener, request};

    #[test]
    fn cgroups_have_to_be_equal() {
        let mut member = listener();
        let mut closing = listener();
        for (one, other, fits) in [(0, 0, true), (7, 7, true), (7, 8, false)] {
            member.cgroup = one;
            closing.cgroup = other;
            assert_eq!(SameCgroup::rank(&member, &closing, &request()).fits(), fits);
        }
    }
}
