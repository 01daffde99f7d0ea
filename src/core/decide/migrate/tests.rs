// SPDX-License-Identifier: GPL-2.0

//! Tests of whole decisions.

use super::testing::{
    any_config, any_listener, any_request, any_settings, check, chosen, group, listener, request,
    Group,
};
use super::*;
use proptest::prelude::*;

fn policies(text: &str) -> Policies {
    Policies::parse(text.as_bytes()).expect("a list")
}

fn config(text: &str) -> Config {
    Config {
        policies: policies(text),
        guard: Guard::Off,
        respect_backlog: false,
    }
}

fn decide(text: &str, group: &Group) -> Choice {
    choose(&config(text), group, &request())
}

fn member(position: u32, policy: Policy) -> Choice {
    Choice::Member {
        position,
        policy,
        differs: None,
    }
}

/// A group whose members differ in what `change` makes of their position.
fn changed(number: usize, mut change: impl FnMut(u32, &mut Listener)) -> Group {
    let mut group = group(number);
    for (position, member) in (0..).zip(group.members.iter_mut().flatten()) {
        change(position, member);
    }
    group
}

#[test]
fn off_leaves_it_to_the_kernel_and_refuse_to_nobody() {
    for number in [0, 1, 100] {
        let group = group(number);
        assert_eq!(decide("off", &group), Choice::KernelDecides);
        assert_eq!(decide("refuse", &group), Choice::Nobody(Reason::Refused));
        assert_eq!(group.looks(), 0);
    }
}

#[test]
fn without_members_there_is_nobody() {
    let empty = group(0);
    let mut gone = group(3);
    gone.members.fill(None);
    for text in [
        "hash",
        "shortest",
        "newest",
        "label",
        "label,refuse",
        "label,off",
    ] {
        assert_eq!(decide(text, &empty), Choice::Nobody(Reason::NoMember));
        assert_eq!(decide(text, &gone), Choice::Nobody(Reason::NoMember));
    }
}

#[test]
fn the_next_policy_breaks_ties() {
    // 1 and 3 have the mark, 3 is the shorter of them; 0 is the shortest of all.
    let group = changed(4, |position, member| {
        member.mark = [0, 7, 0, 7][position as usize];
        member.queued = [0, 9, 5, 3][position as usize];
    });
    let mut group = group;
    group.closing.mark = 7;
    assert_eq!(decide("label,shortest", &group), member(3, Policy::Label));
    assert_eq!(
        decide("shortest,label", &group),
        member(0, Policy::Shortest)
    );
}

#[test]
fn the_next_policy_steps_in() {
    let mut group = changed(3, |position, member| member.queued = 3 - position);
    group.closing.mark = 7;
    assert_eq!(
        decide("label,shortest", &group),
        member(2, Policy::Shortest)
    );
    assert_eq!(decide("label,hash", &group), member(0, Policy::Hash));
    // The hash steps in of itself: nothing is lost.
    assert_eq!(decide("label", &group), member(0, Policy::Hash));
    assert_eq!(
        decide("label,refuse", &group),
        Choice::Nobody(Reason::Refused)
    );
    assert_eq!(decide("label,off", &group), Choice::KernelDecides);
}

#[test]
fn refuse_breaks_no_ties() {
    let mut group = group(3);
    group.closing.mark = 0;
    assert_eq!(decide("label,refuse", &group), member(0, Policy::Label));
}

#[test]
fn what_is_left_is_decided_evenly_by_the_hash() {
    // The members with the mark are beside each other, behind a gap.
    let mut group = changed(10, |position, member| {
        member.mark = u32::from(position >= 7)
    });
    group.closing.mark = 1;
    let mut hits = [0u32; 10];
    for hash in 0..3000u32 {
        let request = Request {
            hash: hash.wrapping_mul(0x9e37_79b9),
            ..request()
        };
        let position = chosen("label", &group, &request).expect("a member");
        hits[position as usize] += 1;
    }
    assert_eq!(hits[..7], [0; 7]);
    assert!(
        hits[7..].iter().all(|hits| (990..=1010).contains(hits)),
        "{hits:?}"
    );
}

#[test]
fn a_full_accept_queue_gets_no_more_if_that_is_to_be_respected() {
    let group = changed(3, |position, member| {
        member.queued = 5;
        member.limit = [4, 4, 9][position as usize];
        member.mark = [0, 0, 1][position as usize];
    });
    let mut config = config("label");
    let choose = |config: &Config, group: &Group, stage| {
        choose(config, group, &Request { stage, ..request() })
    };
    for stage in [Stage::AcceptQueue, Stage::Timer, Stage::FinalAck] {
        config.respect_backlog = false;
        assert_eq!(choose(&config, &group, stage), member(0, Policy::Label));
        config.respect_backlog = true;
        assert_eq!(choose(&config, &group, stage), member(2, Policy::Hash));
    }
    let full = changed(3, |_, member| {
        member.queued = 5;
        member.limit = 4;
    });
    let nobody = Choice::Nobody(Reason::Full);
    assert_eq!(choose(&config, &full, Stage::AcceptQueue), nobody);
    // The client tries again.
    assert_eq!(
        choose(&config, &full, Stage::Timer),
        member(0, Policy::Label)
    );
    assert_eq!(
        choose(&config, &full, Stage::FinalAck),
        member(0, Policy::Label)
    );
}

#[test]
fn the_guard_warns_or_leaves_out() {
    let mut group = group(2);
    group.settings[0].save_syn = 1;
    let mut config = config("hash");
    assert_eq!(choose(&config, &group, &request()), member(0, Policy::Hash));
    config.guard = Guard::Warn;
    assert_eq!(
        choose(&config, &group, &request()),
        Choice::Member {
            position: 0,
            policy: Policy::Hash,
            differs: Some(Field::SaveSyn),
        }
    );
    config.guard = Guard::Enforce;
    assert_eq!(choose(&config, &group, &request()), member(1, Policy::Hash));
    group.settings[1].device = 3;
    assert_eq!(
        choose(&config, &group, &request()),
        Choice::Nobody(Reason::Guard)
    );
}

#[test]
fn in_a_large_group_a_run_of_members_is_found() {
    // A 32nd of the members is alike, and beside each other.
    let mut group = changed(4096, |position, member| {
        member.mark = u32::from((1000..1128).contains(&position));
    });
    group.closing.mark = 1;
    let mut request = request();
    for number in 0..1000u64 {
        request.random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let position = chosen("label,refuse", &group, &request);
        assert!(position.is_some_and(|it| (1000..1128).contains(&it)));
    }
}

#[test]
fn in_a_large_group_no_member_is_looked_at_twice() {
    for number in [65, 100, 127, 128, 1000, 32_768] {
        let mut request = request();
        for seed in 0..100u64 {
            request.random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let group = group(number);
            assert!(chosen("label", &group, &request).is_some());
            let mut looked_at = group.looked_at();
            looked_at.sort_unstable();
            looked_at.dedup();
            assert_eq!(looked_at.len(), LOOKS as usize);
        }
    }
}

#[test]
fn in_a_large_group_no_period_hides_members() {
    // Every 4th of 256 is alike: a sample at even steps would see all of them or none.
    for phase in 0..4 {
        let mut group = changed(256, |position, member| {
            member.mark = u32::from(position % 4 == phase);
        });
        group.closing.mark = 1;
        let mut request = request();
        for number in 0..1000u64 {
            request.random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            assert!(chosen("label,refuse", &group, &request).is_some());
        }
    }
}

fn any_group(most: usize) -> impl Strategy<Value = Group> {
    let member = (any_listener(), any_settings(), any::<bool>());
    let newest = prop::option::of(0..most as u32);
    let closing = (any_listener(), any_settings());
    (prop::collection::vec(member, 0..most), newest, closing).prop_map(
        |(members, newest, closing)| {
            let mut group = group(members.len());
            for (position, (member, settings, there)) in members.into_iter().enumerate() {
                group.members[position] = there.then_some(member);
                group.settings[position] = settings;
            }
            group.newest = newest;
            (group.closing, group.closing_settings) = closing;
            group
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_chosen_may_be(
        group in any_group(150),
        config in any_config(),
        request in any_request(),
    ) {
        check(&config, &group, &request);
    }

    #[test]
    fn in_a_small_group_nothing_better_is_left(
        group in any_group(LOOKS as usize + 1),
        config in any_config(),
        request in any_request(),
    ) {
        // No two join at once, and the one that the group takes for the newest is.
        let mut group = group;
        for (place, member) in (1..).zip(&mut group.members) {
            if let Some(it) = member.as_mut().filter(|it| it.generation != 0) {
                it.generation = it.generation % 1000 * 100 + place;
            }
        }
        let generation = |place: &usize| group.members[*place].map_or(0, |it| it.generation);
        let newest = (0..group.members.len()).max_by_key(generation);
        group.newest = newest.and_then(|place| u32::try_from(place).ok());
        let Choice::Member { position, .. } = choose(&config, &group, &request) else {
            return Ok(());
        };
        let key = |place: usize| {
            let member = group.members[place]?;
            let differs = group.settings[place].differs(&group.closing_settings).is_some();
            if config.guard == Guard::Enforce && differs {
                return None;
            }
            let ranks = config.policies.iter();
            let ranks = ranks.map(|it| it.rank(&member, &group.closing, &request));
            Some((config.respect_backlog && member.is_full(), ranks.collect::<Vec<_>>()))
        };
        let chosen = key(position as usize).expect("a candidate");
        for place in 0..group.members.len() {
            prop_assert!(key(place).is_none_or(|key| key >= chosen));
        }
    }

    #[test]
    fn it_finds_somebody_in_a_small_group_if_there_is_anybody(
        group in any_group(LOOKS as usize + 1),
        request in any_request(),
        mut config in any_config(),
    ) {
        config.guard = Guard::Off;
        config.respect_backlog = false;
        if !config.policies.iter().any(|it| matches!(it, Policy::Off | Policy::Refuse)) {
            let is_member =
                matches!(choose(&config, &group, &request), Choice::Member { .. });
            prop_assert_eq!(is_member, group.members.iter().any(Option::is_some));
        }
    }

    #[test]
    fn a_listener_is_full_as_the_kernel_has_it(queued: u32, limit: u32) {
        let listener = Listener { queued, limit, ..listener() };
        prop_assert_eq!(listener.is_full(), queued > limit);
    }
}
