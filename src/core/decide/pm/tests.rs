// SPDX-License-Identifier: GPL-2.0

//! What a manager does in a [network that is simulated](super::testing).

use super::{cap::Meter, health::Demote, remotes::Inbox, testing::*, *};
use proptest::prelude::*;
use std::collections::HashMap;

#[test]
fn without_a_policy_there_is_nothing_to_do() {
    let policy = Policy::default();
    assert!(!policy.is_any() && !policy.opens());
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    let (actions, wait) = net.run(&mut Manager::default(), &policy, &announced(&[1]), false);
    assert_eq!((actions, wait), (0, Wait::default()));
}

#[test]
fn fullmesh_connects_each_with_each() {
    let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 64, 8);
    net.open(Mesh::Fullmesh, &[1, 2]);
    let all: Vec<_> = (0..3).flat_map(|l| (0..3).map(move |r| (l, r))).collect();
    assert_eq!(net.pairs(), all);
}

#[test]
fn fullmesh_heeds_the_limits() {
    let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 3, 1);
    net.open(Mesh::Fullmesh, &[1, 2]);
    assert_eq!(net.subflows.len(), 4);
    assert!(net.pairs().iter().all(|&(_, remote)| remote < 2));
}

#[test]
fn ndiffports_opens_a_number_between_the_first_two_addresses() {
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    net.open(Mesh::Ndiffports, &[1]);
    assert_eq!(net.pairs(), [(0, 0); 4]);
}

#[test]
fn one_for_each_interface() {
    let mut second = endpoint(2, SUBFLOW);
    second.interface = 2;
    let mut down = endpoint(3, SUBFLOW);
    down.up = false;
    let mut net = Net::new(
        vec![endpoint(1, SUBFLOW), second, down, endpoint(4, SUBFLOW)],
        8,
        8,
    );
    net.open(Mesh::Interface, &[1]);
    assert_eq!(net.pairs(), [(0, 0), (1, 0), (4, 0)]);
}

#[test]
fn a_short_connection_has_one_subflow() {
    let policy = Policy {
        after_bytes: 100 * 1024,
        after_ms: 5000,
        ..Policy::default()
    };
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    let mut manager = Manager::default();
    net.facts.bytes = 64 * 1024;
    let (actions, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(actions, 0);
    assert_eq!(wait.bytes, Some(100 * 1024));
    assert_eq!(wait.ms, Some(5000));
    net.facts.bytes = 100 * 1024;
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(net.pairs(), [(0, 0), (1, 0)]);
}

#[test]
fn a_long_connection_has_more_after_some_time() {
    let policy = Policy {
        after_ms: 5000,
        ..Policy::default()
    };
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    let mut manager = Manager::default();
    net.run(&mut manager, &policy, &Inbox::default(), false);
    net.facts.now_ms += 4999;
    let (actions, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!((actions, wait.ms), (0, Some(1)));
    net.facts.now_ms += 1;
    let (actions, _) = net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(actions, 1);
}

#[test]
fn a_lost_subflow_is_opened_again_later_each_time() {
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    let mut manager = Manager::default();
    net.run(&mut manager, &RETRY, &Inbox::default(), false);
    net.refuses = vec![0];
    net.subflows.retain(|it| it.local_id == 0);
    let mut waits = Vec::new();
    for _ in 0..6 {
        // That it was refused is an event of its own.
        net.run(&mut manager, &RETRY, &Inbox::default(), false);
        let (_, wait) = net.run(&mut manager, &RETRY, &Inbox::default(), false);
        let ms = wait.ms.expect("it waits for the next time");
        waits.push(ms);
        net.facts.now_ms += u64::from(ms);
    }
    assert_eq!(waits, [1000, 2000, 4000, 8000, 8000, 8000]);
}

#[test]
fn a_link_that_comes_back_is_used_at_once() {
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    let mut manager = Manager::default();
    net.run(&mut manager, &RETRY, &Inbox::default(), false);
    net.facts.now_ms += 100_000;
    net.set_link(2, false);
    net.run(&mut manager, &RETRY, &Inbox::default(), true);
    assert_eq!(net.pairs(), [(0, 0)], "what is on a dead link is closed");
    net.facts.now_ms += 100_000;
    net.set_link(2, true);
    net.run(&mut manager, &RETRY, &Inbox::default(), true);
    assert_eq!(net.pairs(), [(0, 0), (1, 0)]);
}

#[test]
fn the_initial_subflow_comes_back_as_well() {
    let mut net = Net::new(vec![endpoint(0, 0), endpoint(1, SUBFLOW)], 8, 8);
    let mut manager = Manager::default();
    net.run(&mut manager, &RETRY, &Inbox::default(), false);
    net.set_link(1, false);
    net.run(&mut manager, &RETRY, &Inbox::default(), true);
    assert_eq!(net.pairs(), [(1, 0)]);
    net.set_link(1, true);
    net.run(&mut manager, &RETRY, &Inbox::default(), true);
    assert_eq!(net.pairs(), [(0, 0), (1, 0)]);
}

#[test]
fn an_address_waits_for_its_turn_if_it_is_remembered() {
    for remember in [false, true] {
        let policy = Policy {
            remember,
            ..mesh(Mesh::Fullmesh)
        };
        let mut net = Net::new(vec![], 8, 1);
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &announced(&[1, 2]), false);
        assert_eq!(net.pairs(), [(0, 0), (0, 1)]);
        let mut inbox = Inbox::default();
        inbox.remove(1);
        net.subflows.retain(|it| it.remote.id != 1);
        net.run(&mut manager, &policy, &inbox, false);
        let second = if remember {
            vec![(0, 0), (0, 2)]
        } else {
            vec![(0, 0)]
        };
        assert_eq!(net.pairs(), second);
    }
}

#[test]
fn disjoint_pairs_come_first() {
    for disjoint in [false, true] {
        let policy = Policy {
            disjoint,
            ..mesh(Mesh::Fullmesh)
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 1, 8);
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &announced(&[1]), false);
        let second = if disjoint { (1, 1) } else { (0, 1) };
        assert_eq!(net.pairs(), [(0, 0), second]);
    }
}

#[test]
fn a_peer_that_denies_its_first_address_is_left_alone_there() {
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 0);
    net.facts.deny_id0 = true;
    let mut manager = Manager::default();
    net.run(&mut manager, &mesh(Mesh::Fullmesh), &announced(&[1]), false);
    assert_eq!(net.pairs(), [(0, 0), (0, 1), (1, 1)]);
}

#[test]
fn a_server_opens_subflows_to_announced_addresses_only() {
    for mesh_of in Mesh::ALL {
        let policy = Policy {
            retry_ms: 100,
            ..mesh(mesh_of)
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 0);
        net.facts.deny_id0 = true;
        net.facts.server = true;
        net.run(&mut Manager::default(), &policy, &announced(&[1]), false);
        assert_eq!(net.pairs(), [(0, 0)], "nothing may be used");
        net.facts.accepted_max = 1;
        net.run(&mut Manager::default(), &policy, &announced(&[1]), false);
        assert!(net.pairs().iter().skip(1).all(|&(_, remote)| remote == 1));
    }
}

#[test]
fn the_endpoints_decide_unless_something_else_is_wanted() {
    let policy = Policy {
        remember: true,
        ..Policy::default()
    };
    let mut net = Net::new(
        vec![
            endpoint(1, SUBFLOW),
            endpoint(2, SUBFLOW | FULLMESH),
            endpoint(3, SIGNAL),
        ],
        64,
        8,
    );
    let mut manager = Manager::default();
    net.run(&mut manager, &policy, &announced(&[1, 2]), false);
    assert_eq!(net.pairs(), [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]);

    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 64, 8);
    let mut manager = Manager::default();
    net.run(&mut manager, &policy, &announced(&[1, 2]), false);
    assert_eq!(net.pairs(), [(0, 0), (0, 1), (0, 2), (1, 0)]);

    let mut net = Net::new(vec![endpoint(1, LAMINAR), endpoint(2, LAMINAR)], 64, 8);
    let mut manager = Manager::default();
    net.run(&mut manager, &policy, &announced(&[1, 2, 3]), false);
    assert_eq!(net.pairs(), [(0, 0), (1, 1), (2, 2)]);
}

fn demoting() -> (Net, Manager, Policy) {
    let policy = Policy {
        demote: Demote {
            rtt_us: 100_000,
            loss: 100,
            for_ms: 1000,
        },
        ..Policy::default()
    };
    let mut net = Net::new(vec![], 8, 8);
    net.add(v4(1), 1, 2, remote(0), true);
    (net, Manager::default(), policy)
}

fn tick(net: &mut Net, manager: &mut Manager, policy: &Policy, times: u32) {
    for _ in 0..times {
        net.facts.now_ms += 250;
        net.facts.bytes += 1000;
        net.run(manager, policy, &Inbox::default(), false);
    }
}

#[test]
fn a_slow_subflow_becomes_a_backup_and_comes_back() {
    let (mut net, mut manager, policy) = demoting();
    net.subflows[1].srtt_us = 150_000;
    tick(&mut net, &mut manager, &policy, 3);
    assert!(!net.subflows[1].backup, "not at once");
    tick(&mut net, &mut manager, &policy, 3);
    assert!(net.subflows[1].backup);
    net.subflows[1].srtt_us = 90_000;
    tick(&mut net, &mut manager, &policy, 10);
    assert!(net.subflows[1].backup, "90 % of the limit is not good");
    net.subflows[1].srtt_us = 50_000;
    tick(&mut net, &mut manager, &policy, 6);
    assert!(!net.subflows[1].backup);
}

#[test]
fn a_backup_that_tells_nothing_is_tried_again_more_and_more_seldom() {
    let (mut net, mut manager, policy) = demoting();
    net.subflows[1].srtt_us = 150_000;
    let mut changes = Vec::new();
    let mut was = false;
    for step in 0..400u32 {
        // While it is a backup nobody hears of it.
        net.subflows[1].heard_ms = if net.subflows[1].backup { 60_000 } else { 0 };
        tick(&mut net, &mut manager, &policy, 1);
        if net.subflows[1].backup != was {
            was = !was;
            changes.push(step);
        }
    }
    let lengths: Vec<_> = changes
        .windows(2)
        .step_by(2)
        .map(|it| it[1] - it[0])
        .collect();
    assert!(lengths.len() >= 3 && lengths.len() < 8, "{changes:?}");
    assert!(
        lengths.windows(2).all(|it| it[1] >= it[0] * 2 - 1),
        "{lengths:?}"
    );
}

#[test]
fn a_subflow_with_losses_becomes_a_backup() {
    let (mut net, mut manager, policy) = demoting();
    for _ in 0..8 {
        net.subflows[1].sent += 30;
        net.subflows[1].lost += 6;
        tick(&mut net, &mut manager, &policy, 1);
    }
    assert!(net.subflows[1].backup && !net.subflows[0].backup);
}

#[test]
fn the_last_good_subflow_is_never_demoted() {
    let (mut net, mut manager, policy) = demoting();
    for it in &mut net.subflows {
        it.srtt_us = 500_000;
    }
    tick(&mut net, &mut manager, &policy, 100);
    assert_eq!(net.subflows.iter().filter(|it| !it.backup).count(), 1);
}

#[test]
fn without_limits_there_are_no_backups_any_more() {
    let (mut net, mut manager, policy) = demoting();
    net.subflows[1].srtt_us = 150_000;
    tick(&mut net, &mut manager, &policy, 6);
    assert!(net.subflows[1].backup);
    tick(&mut net, &mut manager, &Policy::default(), 1);
    assert!(!net.subflows[1].backup);
}

#[test]
fn a_connection_that_carries_nothing_is_left_alone() {
    let (mut net, mut manager, policy) = demoting();
    net.run(&mut manager, &policy, &Inbox::default(), false);
    let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(
        wait,
        Wait {
            ms: None,
            bytes: Some(1)
        }
    );
}

fn capping(capped: Capped) -> (Net, Manager, Policy) {
    let policy = Policy {
        capped,
        retry_ms: 100,
        retry_max_ms: 100,
        ..Policy::default()
    };
    let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 8);
    net.allowances.insert(2, 1_000_000);
    let mut manager = Manager::default();
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(net.pairs(), [(0, 0), (1, 0)]);
    (net, manager, policy)
}

#[test]
fn a_path_that_has_carried_what_it_may_is_a_backup_until_it_may_again() {
    let (mut net, mut manager, policy) = capping(Capped::Demote);
    net.allowances.insert(2, 0);
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert!(net.subflows[1].backup && !net.subflows[0].backup);
    net.allowances.insert(2, 1);
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert!(!net.subflows[1].backup);
    net.allowances.insert(1, 0);
    net.allowances.insert(2, 0);
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert!(
        net.subflows.iter().all(|it| !it.backup),
        "there is nothing better"
    );
}

#[test]
fn a_path_that_has_carried_what_it_may_is_closed_and_not_opened_again() {
    let (mut net, mut manager, policy) = capping(Capped::Close);
    net.allowances.insert(2, 0);
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(net.pairs(), [(0, 0)]);
    net.facts.now_ms += 10_000;
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(net.pairs(), [(0, 0)]);
    net.allowances.insert(2, 1000);
    net.run(&mut manager, &policy, &Inbox::default(), false);
    assert_eq!(net.pairs(), [(0, 0), (1, 0)]);
}

#[test]
fn the_nearer_the_cap_the_sooner_it_is_looked_at() {
    for (left, step) in [(1 << 30, 256 << 10), (100 << 10, 100 << 10), (1, 16 << 10)] {
        let (mut net, mut manager, policy) = capping(Capped::Demote);
        net.allowances.insert(2, left);
        let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(wait.bytes, Some(step));
    }
}

#[test]
fn each_byte_is_charged_once() {
    let (mut net, ..) = capping(Capped::Demote);
    let mut meter = Meter::default();
    let mut charged = HashMap::new();
    for bytes in [0, 10, 10, 500] {
        net.subflows[1].bytes = bytes;
        meter.read(&net, |it, more| *charged.entry(it.id).or_insert(0) += more);
    }
    assert_eq!(charged, HashMap::from([(2, 500)]));
}

#[test]
fn no_more_is_kept_than_there_is_room_for() {
    let mut inbox = Inbox::default();
    for id in 1..=255 {
        inbox.add(remote(id));
    }
    assert_eq!(
        inbox.dropped(),
        255 - u32::try_from(remotes::WAITING).unwrap()
    );
    let policy = Policy {
        remember: true,
        ..mesh(Mesh::Fullmesh)
    };
    let mut net = Net::new(vec![], 64, 64);
    let mut manager = Manager::default();
    for first in (1..=240u8).step_by(remotes::WAITING) {
        let last = first + u8::try_from(remotes::WAITING).unwrap();
        let ids: Vec<u8> = (first..last).collect();
        net.run(&mut manager, &policy, &announced(&ids), false);
    }
    assert!(net.subflows.len() <= 1 + remotes::KEPT);
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (1..5i32, any::<bool>()).prop_map(|(link, up)| Happening::Link(link, up)),
        prop::collection::vec(1..12u8, 0..10).prop_map(Happening::Announce),
        (1..12u8).prop_map(Happening::Remove),
        (0..8usize).prop_map(Happening::Lose),
        prop::collection::vec(0..4u8, 0..3).prop_map(Happening::Refuse),
        prop::sample::select(&[Outcome::Done, Outcome::Done, Outcome::Failed, Outcome::Full][..])
            .prop_map(Happening::End),
        (0..8usize, any::<bool>()).prop_map(|(which, backup)| Happening::Backup(which, backup)),
        (0..12usize).prop_map(Happening::Limit),
        (0..100_000u64).prop_map(Happening::Bytes),
        (0..8usize, 0..400_000u32).prop_map(|(which, rtt)| Happening::Slow(which, rtt)),
        (0..5000u64).prop_map(Happening::Pass),
        (1..5i32, prop_oneof![Just(0), Just(100_000u64)])
            .prop_map(|(link, left)| Happening::Allow(link, left)),
    ]
}

prop_compose! {
    fn any_policy()(
        mesh in prop::sample::select(&Mesh::ALL[..]),
        ndiffports in 1..6u8,
        after_bytes in prop_oneof![Just(0), 1..200_000u64],
        after_ms in prop_oneof![Just(0), 1..10_000u32],
        retry_ms in prop_oneof![Just(0), 1..3000u32],
        retry_max_ms in 1..60_000u32,
        remember: bool,
        disjoint: bool,
        rtt_us in prop_oneof![Just(0), Just(100_000u32)],
        capped in prop::sample::select(&Capped::ALL[..]),
    ) -> Policy {
        Policy {
            mesh, ndiffports, after_bytes, after_ms, retry_ms, retry_max_ms, remember, disjoint,
            demote: Demote { rtt_us, loss: 0, for_ms: 500 },
            capped,
            paths: OnPaths::default(),
        }
    }
}

prop_compose! {
    fn any_net()(
        flags in prop::collection::vec(
            prop::sample::select(&[SUBFLOW, SUBFLOW | FULLMESH, SIGNAL, LAMINAR, FULLMESH][..]), 0..5),
        limit in 0..12usize,
        accepted in 0..5u32,
        deny: bool,
    ) -> Net {
        let endpoints = (1..).zip(flags).map(|(id, flags)| endpoint(id, flags)).collect();
        let mut net = Net::new(endpoints, limit, accepted);
        net.facts.deny_id0 = deny;
        net
    }
}

proptest! {
    /// Whatever happens: what [`Net`] asserts.
    #[test]
    fn whatever_happens_it_converges_within_the_limits(
        policy in any_policy(),
        mut net in any_net(),
        paths in prop::collection::vec((1..5i32, any_policy()), 0..3),
        happenings in prop::collection::vec(any_happening(), 0..60),
    ) {
        let mut policy = policy;
        for (interface, its) in paths {
            net.want(&mut policy, interface, its);
        }
        let mut manager = Manager::default();
        for happening in happenings {
            net.happen(&mut manager, &policy, happening);
        }
    }

    /// However a link flaps, a pair is tried no more often than its first wait allows.
    #[test]
    fn a_flapping_link_makes_no_storm(
        retry_ms in 10..2000u32,
        flaps in prop::collection::vec(0..50u64, 1..200),
    ) {
        let policy = Policy { retry_ms, ..RETRY };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 8);
        let mut manager = Manager::default();
        let begin = net.facts.now_ms;
        let mut up = true;
        for pause in flaps {
            up = !up;
            net.set_link(2, up);
            net.run(&mut manager, &policy, &Inbox::default(), true);
            net.facts.now_ms += pause;
        }
        let elapsed = net.facts.now_ms - begin;
        let mut number = HashMap::new();
        for (_, pair) in &net.opened {
            *number.entry(pair.local.id).or_insert(0u64) += 1;
        }
        for (id, number) in number {
            prop_assert!(
                number <= 1 + elapsed / u64::from(retry_ms) + 1,
                "{} times from {} in {} ms", number, id, elapsed
            );
        }
    }

    #[test]
    fn an_inbox_is_as_good_as_its_last_word(
        words in prop::collection::vec((1..6u8, any::<bool>()), 0..30),
    ) {
        let mut inbox = Inbox::default();
        let mut last = HashMap::new();
        for (id, adds) in words {
            if adds {
                inbox.add(remote(id));
            } else {
                inbox.remove(id);
            }
            last.insert(id, adds);
        }
        let policy = Policy { remember: true, ..mesh(Mesh::Fullmesh) };
        let mut net = Net::new(vec![], 64, 64);
        net.run(&mut Manager::default(), &policy, &inbox, false);
        let mut wanted: Vec<_> = last.iter().filter(|(_, &adds)| adds).map(|(&id, _)| (0, id)).collect();
        wanted.push((0, 0));
        wanted.sort_unstable();
        prop_assert_eq!(net.pairs(), wanted);
    }
}
