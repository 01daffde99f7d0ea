// SPDX-License-Identifier: GPL-2.0

//! `other_cgroup`: a member that was made in another cgroup than the listener that is closed.
//!
//! For a service whose new version runs in a cgroup of its own: the listeners of the old one, which
//! are about to close too, are passed over.

use super::{Listener, Preference, Rank, Request};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct OtherCgroup;

impl Preference for OtherCgroup {
    const NAME: &'static CStr = c"other_cgroup";

    const DESCRIPTION: &'static CStr = c"One that was made in another cgroup.";

    fn rank(member: &Listener, closing: &Listener, _request: &Request) -> Rank {
        Rank::fit_if(member.cgroup != closing.cgroup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::{listener, request};

    #[test]
    fn cgroups_have_to_differ() {
        let mut member = listener();
        let mut closing = listener();
        for (one, other, fits) in [(0, 0, false), (7, 7, false), (7, 8, true)] {
            member.cgroup = one;
            closing.cgroup = other;
            assert_eq!(
                OtherCgroup::rank(&member, &closing, &request()).fits(),
                fits
            );
        }
    }
}
