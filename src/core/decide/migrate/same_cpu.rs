// SPDX-License-Identifier: GPL-2.0

//! `same_cpu`: a member that asked for the CPU on which the packets of the connection come in.
//!
//! A listener says with `SO_INCOMING_CPU` which CPU that is; one that did not say does not fit.

use super::{Listener, Preference, Rank, Request};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct SameCpu;

impl Preference for SameCpu {
    const NAME: &'static CStr = c"same_cpu";

    const DESCRIPTION: &'static CStr =
        c"One whose SO_INCOMING_CPU is the CPU the packets come in on.";

    fn rank(member: &Listener, _closing: &Listener, request: &Request) -> Rank {
        Rank::fit_if(member.cpu == Some(request.cpu))
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
            cpu: 3,
            ..request()
        };
        for (cpu, fits) in [(None, false), (Some(0), false), (Some(3), true)] {
            member.cpu = cpu;
            assert_eq!(SameCpu::rank(&member, &listener(), &request).fits(), fits);
        }
    }
}
