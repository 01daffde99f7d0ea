// SPDX-License-Identifier: GPL-2.0

//! `label`: a member with the mark of the listener that is closed.
//!
//! The mark (`SO_MARK`) is a label that a service gives to its listeners, which takes privilege. One
//! that was never set is 0, which is as good a label as any.

use super::{Listener, Preference, Rank, Request};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct Label;

impl Preference for Label {
    const NAME: &'static CStr = c"label";

    const DESCRIPTION: &'static CStr = c"One that has the same mark (SO_MARK).";

    fn rank(member: &Listener, closing: &Listener, _request: &Request) -> Rank {
        Rank::fit_if(member.mark == closing.mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::{listener, request};

    #[test]
    fn marks_have_to_be_equal() {
        let mut member = listener();
        let mut closing = listener();
        for (one, other, fits) in [(0, 0, true), (7, 7, true), (7, 8, false), (0, 7, false)] {
            member.mark = one;
            closing.mark = other;
            assert_eq!(Label::rank(&member, &closing, &request()).fits(), fits);
        }
    }
}
