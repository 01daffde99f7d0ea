// SPDX-License-Identifier: GPL-2.0

//! `hash`: the member that the kernel would choose.
//!
//! The hash of the connection, scaled to the number of members, is a position
//! (`reuseport_select_sock_by_hash()`, `net/core/sock_reuseport.c`). If that member is out of
//! question, the next one behind it is asked. Where members have set `SO_INCOMING_CPU`, the kernel
//! prefers those of the CPU it runs on: that is `same_cpu,hash`.

use super::{Listener, Preference, Rank, Request, Walk};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct Hash;

impl Preference for Hash {
    const NAME: &'static CStr = c"hash";

    const DESCRIPTION: &'static CStr = c"The one that the hash of the connection says.";

    const WALK: Walk = Walk::Probe;

    fn rank(_member: &Listener, _closing: &Listener, _request: &Request) -> Rank {
        Rank::fit(0)
    }
}

/// A number of all 32 bits, scaled to one below `end`: `reciprocal_scale()` of the kernel. 0 if
/// `end` is 0.
pub(super) fn scale(number: u32, end: u32) -> u32 {
    let product = u64::from(number).wrapping_mul(u64::from(end));
    // Less than `end`.
    u32::try_from(product >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::{any_request, chosen, group, Group};
    use proptest::prelude::*;

    #[test]
    fn the_upper_bits_say_which() {
        assert_eq!(scale(0, 4), 0);
        assert_eq!(scale(0x3fff_ffff, 4), 0);
        assert_eq!(scale(0x4000_0000, 4), 1);
        assert_eq!(scale(u32::MAX, 4), 3);
        assert_eq!(scale(u32::MAX, u32::MAX), u32::MAX - 1);
        assert_eq!(scale(u32::MAX, 0), 0);
    }

    /// As the loop of the kernel goes: from the position on, and around.
    fn of_the_kernel(group: &Group, hash: u32) -> Option<u32> {
        let number = u64::try_from(group.members.len()).expect("few");
        let first = usize::try_from((u64::from(hash) * number) >> 32).expect("few");
        let members = 0..group.members.len();
        let mut around = members.clone().skip(first).chain(members.take(first));
        let position = around.find(|&position| group.members[position].is_some())?;
        Some(u32::try_from(position).expect("few"))
    }

    proptest! {
        #[test]
        fn it_is_the_choice_of_the_kernel(
            alive in prop::collection::vec(any::<bool>(), 0..=64),
            request in any_request(),
        ) {
            let mut group = group(alive.len());
            for (member, alive) in group.members.iter_mut().zip(alive) {
                *member = member.filter(|_| alive);
            }
            let expected = of_the_kernel(&group, request.hash);
            prop_assert_eq!(chosen("hash", &group, &request), expected);
        }

        #[test]
        fn it_looks_once_if_the_first_one_is_there(
            number in 1..5000usize,
            request in any_request(),
        ) {
            let group = group(number);
            let expected = of_the_kernel(&group, request.hash);
            prop_assert_eq!(chosen("hash", &group, &request), expected);
            prop_assert_eq!(group.looks(), 1);
        }
    }
}
