// SPDX-License-Identifier: GPL-2.0

//! `newest`: the member that joined its group last.
//!
//! In a rolling restart the old listeners close one after another. Whoever inherits from the first
//! of them by hash hands on most of it when its own turn comes; the newest one stays.

use super::{Listener, Preference, Rank, Request, Walk};
use core::ffi::CStr;

/// See the [module](self).
pub(super) struct Newest;

impl Preference for Newest {
    const NAME: &'static CStr = c"newest";

    const DESCRIPTION: &'static CStr = c"The one that joined last.";

    const WALK: Walk = Walk::Newest;

    fn rank(member: &Listener, _closing: &Listener, _request: &Request) -> Rank {
        match member.generation {
            0 => Rank::unfit(0),
            generation => Rank::fit(u64::MAX.wrapping_sub(generation)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::decide::migrate::{
        testing::{any_request, chosen, group, request, Group},
        Stage,
    };
    use proptest::prelude::*;

    fn generations(of: &[u64]) -> Group {
        let mut group = group(of.len());
        for (member, generation) in group.members.iter_mut().flatten().zip(of) {
            member.generation = *generation;
        }
        group
    }

    #[test]
    fn the_highest_generation_is_the_newest_wherever_it_is() {
        assert_eq!(
            chosen("newest", &generations(&[7, 9, 8]), &request()),
            Some(1)
        );
    }

    #[test]
    fn one_of_no_known_age_is_older_than_any() {
        assert_eq!(
            chosen("newest", &generations(&[0, 1, 0]), &request()),
            Some(1)
        );
    }

    #[test]
    fn the_next_policy_decides_among_those_of_no_known_age() {
        let mut group = generations(&[0, 0, 0]);
        for (member, queued) in group.members.iter_mut().flatten().zip([3, 2, 1]) {
            member.queued = queued;
        }
        assert_eq!(chosen("newest,shortest", &group, &request()), Some(2));
        assert_eq!(chosen("newest,refuse", &group, &request()), None);
    }

    proptest! {
        #[test]
        fn one_look_is_enough_where_the_group_knows(
            number in 1..5000usize,
            which: prop::sample::Index,
            request in any_request(),
        ) {
            let mut group = group(number);
            let which = which.index(number);
            group.members[which].as_mut().expect("a member").generation = 5000;
            group.newest = Some(u32::try_from(which).expect("few"));
            prop_assert_eq!(chosen("newest", &group, &request), group.newest);
            prop_assert_eq!(group.looks(), 1);
        }

        #[test]
        fn the_newest_one_that_may_be_chosen(
            of in prop::collection::vec(0..100u64, 1..=64),
            full in prop::collection::vec(any::<bool>(), 64),
            mut request in any_request(),
        ) {
            request.stage = Stage::AcceptQueue;
            let mut group = generations(&of);
            group.newest = Some(0);
            group.respect_backlog = true;
            for (member, full) in group.members.iter_mut().flatten().zip(&full) {
                member.queued = if *full { member.limit + 1 } else { 0 };
            }
            group.members[0] = None;
            let room = group.members.iter().flatten().filter(|it| !it.is_full());
            let highest = room.map(|it| it.generation).max();
            let found = chosen("newest", &group, &request)
                .and_then(|position| group.members[usize::try_from(position).expect("few")])
                .map(|it| it.generation);
            prop_assert_eq!(found, highest);
        }
    }
}
