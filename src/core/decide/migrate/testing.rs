// SPDX-License-Identifier: GPL-2.0

//! Groups of listeners for the tests of the policies.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test may panic"
)]

#[cfg(test)]
use super::Policies;
use super::{
    choose, Choice, Config, Guard, Listener, Members, Policy, Reason, Request, Settings, Stage,
    LOOKS,
};
use core::cell::RefCell;
#[cfg(test)]
use proptest::prelude::*;

/// An idle listener.
pub fn listener() -> Listener {
    Listener {
        limit: 128,
        ..Listener::default()
    }
}

/// A request that the hash gives to the first member.
#[cfg(test)]
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
pub struct Group {
    /// Its members; some are none any more.
    pub members: Vec<Option<Listener>>,
    /// Their settings.
    pub settings: Vec<Settings>,
    /// Position of the one that the group takes for the newest.
    pub newest: Option<u32>,
    /// The listener that is closed.
    pub closing: Listener,
    /// Its settings.
    pub closing_settings: Settings,
    /// For [`chosen`].
    #[cfg(test)]
    pub(super) respect_backlog: bool,
    looked_at: RefCell<Vec<u32>>,
}

/// A group of idle members.
pub fn group(number: usize) -> Group {
    Group {
        members: vec![Some(listener()); number],
        settings: vec![Settings::default(); number],
        newest: None,
        closing: listener(),
        closing_settings: Settings::default(),
        #[cfg(test)]
        respect_backlog: false,
        looked_at: RefCell::default(),
    }
}

impl Group {
    /// Looks at members so far.
    pub fn looks(&self) -> u32 {
        u32::try_from(self.looked_at().len()).expect("few")
    }

    /// Begins to count them anew.
    pub fn forget_looks(&self) {
        self.looked_at.borrow_mut().clear();
    }

    /// Where that was.
    pub fn looked_at(&self) -> Vec<u32> {
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

/// Checks what holds for every choice.
pub fn check(config: &Config, group: &Group, request: &Request) -> Choice {
    let choice = choose(config, group, request);
    // The first policy may look at two before all are looked at.
    assert!(group.looks() <= LOOKS + 2, "{} looks", group.looks());
    let live = group.members.iter().flatten().count();
    match choice {
        Choice::KernelDecides => {
            assert!(config.policies.iter().any(|it| it == Policy::Off));
        }
        Choice::Member {
            position,
            policy,
            differs,
        } => {
            let place = position as usize;
            let member = group.members[place].expect("a member");
            let differing = group.settings[place].differs(&group.closing_settings);
            match config.guard {
                Guard::Off => assert_eq!(differs, None),
                Guard::Warn => assert_eq!(differs, differing),
                Guard::Enforce => assert_eq!(differing, None),
            }
            if config.respect_backlog && request.stage == Stage::AcceptQueue {
                assert!(!member.is_full());
            }
            let fits = |policy: Policy| policy.rank(&member, &group.closing, request).fits();
            assert!(fits(policy));
            let before = config.policies.iter().take_while(|it| *it != policy);
            assert!(before.filter(|it| fits(*it)).count() == 0);
        }
        Choice::Nobody(Reason::NoMember) => {
            assert!(live == 0 || group.members.len() > LOOKS as usize);
        }
        Choice::Nobody(Reason::Refused) => {
            assert!(config.policies.iter().any(|it| it == Policy::Refuse));
        }
        Choice::Nobody(Reason::Guard) => assert_eq!(config.guard, Guard::Enforce),
        Choice::Nobody(Reason::Full) => assert!(config.respect_backlog),
    }
    choice
}

/// The position that a list of policies chooses, if it chooses one. No guard.
#[cfg(test)]
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

#[cfg(test)]
fn any_small() -> impl Strategy<Value = u32> {
    prop_oneof![0..4u32, any::<u32>()]
}

/// Listeners that have much in common.
#[cfg(test)]
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
#[cfg(test)]
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

#[cfg(test)]
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

#[cfg(test)]
pub(super) fn any_policies() -> impl Strategy<Value = Policies> {
    let names = prop::sample::subsequence(&Policy::ALL[..], 1..=4).prop_shuffle();
    names.prop_filter_map("a list", |policies| {
        let names = policies.iter().map(|it| it.name().to_str().expect("UTF-8"));
        Policies::parse(names.collect::<Vec<_>>().join(",").as_bytes()).ok()
    })
}

#[cfg(test)]
pub(super) fn any_config() -> impl Strategy<Value = Config> {
    let guard = prop::sample::select(&Guard::ALL[..]);
    (any_policies(), guard, any::<bool>()).prop_map(|(policies, guard, respect_backlog)| Config {
        policies,
        guard,
        respect_backlog,
    })
}
