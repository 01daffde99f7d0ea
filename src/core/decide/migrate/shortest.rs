// SPDX-License-Identifier: GPL-2.0

//! `shortest`: the member with the fewest connections in its accept queue and in handshakes.
//!
//! Requests that are handed over come to the accept queue soon, so they count with it. A full
//! member comes behind all that have room.
//!
//! In a large group it is the better of two that are drawn at random: that leaves the longest
//! queue only a little longer than the mean, for the price of two looks (M. Mitzenmacher, "The
//! Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001).

use super::{Listener, Preference, Rank, Request, Walk};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct Shortest;

impl Preference for Shortest {
    const NAME: &'static CStr = c"shortest";

    const DESCRIPTION: &'static CStr =
        c"The one with the shortest accept queue, counting handshakes in flight.";

    const WALK: Walk = Walk::Pair;

    fn rank(member: &Listener, _closing: &Listener, _request: &Request) -> Rank {
        let load = u64::from(member.load());
        if member.is_full() {
            Rank::unfit(load)
        } else {
            Rank::fit(load)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::{
        testing::{any_listener, any_request, chosen, group, request},
        LOOKS,
    };
    use proptest::prelude::*;

    #[test]
    fn handshakes_count() {
        let mut group = group(3);
        for (member, (queued, handshakes)) in group.members.iter_mut().zip([(5, 0), (1, 3), (0, 6)])
        {
            let member = member.as_mut().expect("a member");
            member.queued = queued;
            member.handshakes = handshakes;
        }
        assert_eq!(chosen("shortest", &group, &request()), Some(1));
    }

    #[test]
    fn a_full_one_comes_behind_a_longer_one_with_room() {
        let mut group = group(2);
        for (member, (queued, limit)) in group.members.iter_mut().zip([(2, 1), (100, 100)]) {
            let member = member.as_mut().expect("a member");
            member.queued = queued;
            member.limit = limit;
        }
        assert_eq!(chosen("shortest", &group, &request()), Some(1));
        group.members[1] = None;
        assert_eq!(chosen("shortest", &group, &request()), Some(0));
    }

    /// Puts 30 connections a member into a group by its choices alone, and returns the length of
    /// the longest queue.
    fn longest(policy: &str, number: usize) -> u32 {
        let mut group = group(number);
        let mut request = request();
        let mut state = 1u64;
        for _ in 0..number * 30 {
            // xorshift64*
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            request.random = state.wrapping_mul(0x2545_f491_4f6c_dd1d);
            request.hash = request.random as u32;
            let position = chosen(policy, &group, &request).expect("a member");
            let member = &mut group.members[usize::try_from(position).expect("few")];
            member.as_mut().expect("a member").queued += 1;
        }
        let queues = group.members.iter().flatten().map(|member| member.queued);
        queues.max().expect("a member")
    }

    #[test]
    fn queues_stay_even() {
        assert_eq!(longest("shortest", 4), 30);
        assert_eq!(longest("shortest", 64), 30);
        // Two choices: at most a few above the mean.
        assert!(longest("shortest", 65) <= 35);
        assert!(longest("shortest", 1000) <= 35);
        // By hash alone it is much worse.
        assert!(longest("hash", 1000) >= 40);
    }

    #[test]
    fn two_choices_are_fair() {
        // All alike: each of 100 members is chosen 200 times in 20,000, give or take a third.
        let group = group(100);
        let mut hits = [0u32; 100];
        let mut request = request();
        for number in 0..20_000u64 {
            request.random = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            request.random ^= request.random >> 29;
            request.random = request.random.wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let position = chosen("shortest", &group, &request).expect("a member");
            hits[usize::try_from(position).expect("few")] += 1;
        }
        assert!(
            hits.iter().all(|hits| (134..=266).contains(hits)),
            "{hits:?}"
        );
    }

    proptest! {
        #[test]
        fn never_a_full_one_while_another_has_room(
            members in prop::collection::vec(any_listener(), 1..=64),
            request in any_request(),
        ) {
            let mut group = group(0);
            group.members = members.iter().copied().map(Some).collect();
            let position = chosen("shortest", &group, &request).expect("a member");
            let it = members[usize::try_from(position).expect("few")];
            prop_assert!(!it.is_full() || members.iter().all(Listener::is_full));
            prop_assert!(members
                .iter()
                .all(|other| other.load() >= it.load() || other.is_full() > it.is_full()));
        }

        #[test]
        fn in_a_large_group_two_are_looked_at(number in 65..5000usize, request in any_request()) {
            let group = group(number);
            prop_assert!(chosen("shortest", &group, &request).is_some());
            prop_assert!(matches!(group.looked_at()[..], [one, other] if one != other));
        }

        #[test]
        fn in_a_large_group_a_sample_is_looked_at_if_both_are_full(
            number in 65..5000usize,
            request in any_request(),
        ) {
            let mut group = group(number);
            for member in group.members.iter_mut().flatten() {
                member.queued = member.limit + 1;
            }
            prop_assert!(chosen("shortest", &group, &request).is_some());
            prop_assert_eq!(group.looks(), LOOKS + 2);
        }
    }
}
