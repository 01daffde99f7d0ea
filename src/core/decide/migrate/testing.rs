// SPDX-License-Identifier: GPL-2.0

//! Groups of listeners for the tests of the policies.

use super::{
    choose, Choice, Config, Guard, Listener, Members, Policies, Policy, Request, Settings, Stage,
};
use core::cell::RefCell;
use proptest::prelude::*;

/// An idle listener.
pub(super) fn listener() -> Listener {
    Listener {
        limit: 128,
        ..Listener::default()
    }
}

/// A request that the hash gives to the first member.
pub(super) fn request() -> Request {
    Request {
        hash: 0,
        cpu: 0,
        node: 0,
        random: 1 << 63,
        stage: Stage::AcceptQueue,
    }
}

/// A group that knows which of its members were looked at.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) members: Vec<Option<Listener>>,
    pub(super) settings: Vec<Settings>,
    pub(super) newest: Option<u32>,
    pub(super) closing: Listener,
    pub(super) closing_settings: Settings,
    /// For [`chosen`].
    pub(super) respect_backlog: bool,
    looked_at: RefCell<Vec<u32>>,
}

/// A group of idle members.
pub(super) fn group(number: usize) -> Group {
    Group {
        members: vec![Some(listener()); number],
        settings: vec![Settings::default(); number],
        newest: None,
        closing: listener(),
        closing_settings: Settings::default(),
        respect_backlog: false,
        looked_at: RefCell::default(),
    }
}

impl Group {
    /// Looks at members so far.
    pub(super) fn looks(&self) -> u32 {
        u32::try_from(self.looked_at().len()).expect("few")
    }

    /// Where that was.
    pub(super) fn looked_at(&self) -> Vec<u32> {
        self.looked_at.borrow().clone()
    }
}

impl Members for Group {
    fn number(&self) -> u32 {
        u32::try_from(self.members.len()).expect("few")
    }

    fn get(&self, position: u32) -> Option<Listener> {
        self.looked_at.borrow_mut().push(position);
        *self.members.get(usize::try_from(position).expect("few"))?
    }

    fn settings(&self, position: u32) -> Option<Settings> {
        self.settings
            .get(usize::try_from(position).expect("few"))
            .copied()
    }

    fn newest(&self) -> Option<u32> {
        self.newest
    }

    fn closing(&self) -> Listener {
        self.closing
    }

    fn closing_settings(&self) -> Settings {
        self.closing_settings
    }
}

/// The position that a list of policies chooses, if it chooses one. No guard.
pub(super) fn chosen(policies: &str, group: &Group, request: &Request) -> Option<u32> {
    let config = Config {
        policies: Policies::parse(policies.as_bytes()).expect("a list"),
        guard: Guard::Off,
        respect_backlog: group.respect_backlog,
    };
    match choose(&config, group, request) {
        Choice::Member { position, .. } => Some(position),
        _ => None,
    }
}

fn any_small() -> impl Strategy<Value = u32> {
    prop_oneof![0..4u32, any::<u32>()]
}

/// Listeners that have much in common.
pub(super) fn any_listener() -> impl Strategy<Value = Listener> {
    (
        (any_small(), any_small(), any_small()),
        prop_oneof![0..4u64, any::<u64>()],
        prop::option::of(0..3u32),
        prop::option::of(0..2u32),
        0..3u32,
        0..3u64,
    )
        .prop_map(
            |((queued, handshakes, limit), generation, cpu, node, mark, cgroup)| Listener {
                queued,
                handshakes,
                limit,
                generation,
                cpu,
                node,
                mark,
                cgroup,
            },
        )
}

/// Settings that are often equal.
pub(super) fn any_settings() -> impl Strategy<Value = Settings> {
    let rare = || prop::bool::weighted(0.1);
    (rare(), rare(), rare(), prop::option::weighted(0.1, 0..2u32)).prop_map(
        |(save_syn, fast_open, mptcp, receive_buffer)| Settings {
            save_syn: save_syn.into(),
            fast_open,
            mptcp,
            receive_buffer,
            ..Settings::default()
        },
    )
}

pub(super) fn any_request() -> impl Strategy<Value = Request> {
    let stage = prop::sample::select(&[Stage::AcceptQueue, Stage::Timer, Stage::FinalAck][..]);
    (any::<u32>(), 0..3u32, 0..2u32, any::<u64>(), stage).prop_map(
        |(hash, cpu, node, random, stage)| Request {
            hash,
            cpu,
            node,
            random,
            stage,
        },
    )
}

pub(super) fn any_policies() -> impl Strategy<Value = Policies> {
    let names = prop::sample::subsequence(&Policy::ALL[..], 1..=4).prop_shuffle();
    names.prop_filter_map("a list", |policies| {
        let names = policies.iter().map(|it| it.name().to_str().expect("UTF-8"));
        Policies::parse(names.collect::<Vec<_>>().join(",").as_bytes()).ok()
    })
}

pub(super) fn any_config() -> impl Strategy<Value = Config> {
    let guard = prop::sample::select(&Guard::ALL[..]);
    (any_policies(), guard, any::<bool>()).prop_map(|(policies, guard, respect_backlog)| Config {
        policies,
        guard,
        respect_backlog,
    })
}
