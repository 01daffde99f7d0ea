// SPDX-License-Identifier: GPL-2.0

//! `same_node`: a member that asked for a CPU of the NUMA node on which the packets of the
//! connection come in.
//!
//! A listener says with `SO_INCOMING_CPU` which CPU that is; one that did not say does not fit.

use super::{Listener, Preference, Rank, Request};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct SameNode;

impl Preference for SameNode {
    const NAME: &'static CStr = c"same_node";

    const DESCRIPTION: &'static CStr =
        c"One whose SO_INCOMING_CPU is of the node the packets come in on.";

    fn rank(member: &Listener, _closing: &Listener, request: &Request) -> Rank {
        Rank::fit_if(member.node == Some(request.node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::{listener, request};

    #[test]
    fn a_member_has_to_say_which_cpu() {
        let mut member = listener();
        let request = Request {
            node: 1,
            ..request()
        };
        for (node, fits) in [(None, false), (Some(0), false), (Some(1), true)] {
            member.node = node;
            assert_eq!(SameNode::rank(&member, &listener(), &request).fits(), fits);
        }
    }
}
